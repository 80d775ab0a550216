//! A copy of the shop that can be restored, made while the shop runs.
//!
//! The database first, then the files that the copy names: a file never changes under its key. What lies under the target:
//! `objects/{key}`, written once and shared by all snapshots, and `snapshots/{UTC}-{random}/` with the database, `objects.jsonl`
//! (key, size and SHA-256 of each file) and `manifest.json`, which is written last: without it a snapshot doesn't exist.

mod manifest;
mod objects;
mod postgres;
mod sql;
mod sqlite;

pub use manifest::{Manifest, Part};

use crate::Clock;
use crate::base::entities::file;
use crate::files::FileStore;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, DerivePartialModel, EntityTrait, QueryOrder, Statement};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The shop was read, and its files are not what its database says.
    #[error("{0}")]
    Wrong(String),
    /// Nothing was begun.
    #[error("{0}")]
    Refused(String),
    /// The disk, the network or the database; the files that were copied stay, and the next run goes on from them.
    #[error("the backup broke off: {0:#}. What was copied stays; the same command goes on from there")]
    BrokeOff(#[source] anyhow::Error),
}

impl BackupError {
    /// What the program ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            BackupError::Wrong(_) => 1,
            BackupError::Refused(_) => 2,
            BackupError::BrokeOff(_) => 3,
        }
    }
}

impl From<std::io::Error> for BackupError {
    fn from(error: std::io::Error) -> Self {
        BackupError::BrokeOff(error.into())
    }
}

impl From<sea_orm::DbErr> for BackupError {
    fn from(error: sea_orm::DbErr) -> Self {
        BackupError::BrokeOff(error.into())
    }
}

type Result<T> = std::result::Result<T, BackupError>;

/// What is backed up, and where to.
pub struct Backup<'a> {
    pub database_url: &'a str,
    pub files: Arc<dyn FileStore>,
    /// A folder, made when missing.
    pub to: &'a Path,
    /// Writes a manifest although files are gone from the store or damaged, and lists them there.
    pub without_missing: bool,
    /// Is told in plain words what is done.
    pub tell: &'a (dyn Fn(&str) + Sync),
}

/// A snapshot that is whole.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub folder: PathBuf,
    pub manifest: Manifest,
    /// How many files were copied by this run; the others were there.
    pub n_copied: usize,
}

/// The database as it was copied, and what it says.
struct Copied {
    file: &'static str,
    engine: &'static str,
    facts: Facts,
}

/// What a copy of the database says.
struct Facts {
    migrations: Vec<String>,
    counts: BTreeMap<String, i64>,
    objects: Vec<Object>,
}

/// A file as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq, DerivePartialModel)]
#[sea_orm(entity = "file::Entity")]
struct Object {
    object_key: String,
    size_bytes: i64,
    sha256: String,
}

/// How often the database is copied anew because a member deleted files while they were copied.
const N_TRIES: usize = 3;

/// Makes a snapshot.
///
/// # Errors
/// [`BackupError`]; then there is no manifest, and so no snapshot.
pub async fn run(backup: &Backup<'_>) -> Result<Snapshot> {
    let is_sqlite = backup.database_url.starts_with("sqlite:");
    if !is_sqlite {
        postgres::check_tool(backup.database_url).await?;
    }
    let refused = |error: std::io::Error| BackupError::Refused(format!("{} can't be written to: {error}", backup.to.display()));
    make_folder(backup.to).map_err(refused)?;
    let _turn = lock(backup.to)?;
    let snapshots = backup.to.join("snapshots");
    make_folder(&snapshots)?;
    make_folder(&backup.to.join("objects"))?;
    remove_unfinished(&snapshots)?;
    for n in 1..=N_TRIES {
        let made_at = Clock::System.now_ms();
        let folder = snapshots.join(name(made_at));
        make_folder(&folder)?;
        match attempt(backup, is_sqlite, &folder, made_at).await {
            Ok(Attempt::Whole(snapshot)) => return Ok(*snapshot),
            Ok(Attempt::DeletedMeanwhile(n_deleted)) if n < N_TRIES => {
                (backup.tell)(&format!("{n_deleted} files were deleted in the shop meanwhile; copying the database anew"));
                std::fs::remove_dir_all(&folder)?;
            }
            Ok(Attempt::DeletedMeanwhile(_)) => {
                std::fs::remove_dir_all(&folder)?;
                return Err(BackupError::BrokeOff(anyhow::anyhow!("files are deleted in the shop faster than they are copied")));
            }
            Err(error) => {
                std::fs::remove_dir_all(&folder)?;
                return Err(error);
            }
        }
    }
    Err(BackupError::BrokeOff(anyhow::anyhow!("no try was left")))
}

enum Attempt {
    Whole(Box<Snapshot>),
    DeletedMeanwhile(usize),
}

async fn attempt(backup: &Backup<'_>, is_sqlite: bool, folder: &Path, made_at: i64) -> Result<Attempt> {
    (backup.tell)("copying the database");
    let copied =
        if is_sqlite { sqlite::copy(backup.database_url, folder).await? } else { postgres::copy(backup.database_url, folder).await? };
    let Facts { migrations, counts, objects } = copied.facts;
    (backup.tell)(&format!("the database is copied; it names {} files", objects.len()));
    let done = objects::copy(backup, &objects).await?;
    if !done.bad.is_empty() {
        let n_gone = objects::n_deleted(backup.database_url, &done.bad).await?;
        if n_gone > 0 {
            return Ok(Attempt::DeletedMeanwhile(n_gone));
        }
        if !backup.without_missing {
            return Err(BackupError::Wrong(objects::words_of(&done.bad)));
        }
    }
    let mut lines = Vec::new();
    for object in objects.iter().filter(|object| done.bad.iter().all(|bad| bad.object_key != object.object_key)) {
        let line = serde_json::json!({ "key": object.object_key, "size_bytes": object.size_bytes, "sha256": object.sha256 });
        writeln!(lines, "{line}")?;
    }
    write_durably(&folder.join("objects.jsonl"), &lines)?;
    let manifest = Manifest {
        format: 1,
        made_at: manifest::rfc3339(made_at),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        engine: copied.engine.to_owned(),
        migrations,
        counts,
        parts: vec![manifest::part(folder, copied.file)?, manifest::part(folder, "objects.jsonl")?],
        n_objects: objects.len() - done.bad.len(),
        objects_bytes: objects.iter().map(|object| object.size_bytes).sum::<i64>() - done.bad.iter().map(|bad| bad.size_bytes).sum::<i64>(),
        missing: done.bad.into_iter().map(|bad| bad.object_key).collect(),
    };
    // The folders first, so that a manifest never outlives what it names.
    sync_folder(&backup.to.join("objects"))?;
    sync_folder(folder)?;
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| BackupError::BrokeOff(error.into()))?;
    let unfinished = folder.join("manifest.json.part");
    write_durably(&unfinished, &text)?;
    std::fs::rename(&unfinished, folder.join("manifest.json"))?;
    sync_folder(folder)?;
    Ok(Attempt::Whole(Box::new(Snapshot { folder: folder.to_owned(), manifest, n_copied: done.n_copied })))
}

/// A name that sorts by time, and that no other run makes.
fn name(made_at: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(made_at).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ");
    format!("{at}-{}", data_encoding::HEXLOWER.encode(&crate::chance::<4>()))
}

/// One run at a time writes to a target; the lock ends with the process.
fn lock(to: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(to.join(".lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(BackupError::Refused(format!("another backup to {} is under way; wait until it has ended", to.display())))
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Throws away what a killed run left: a folder without a manifest is no snapshot.
fn remove_unfinished(snapshots: &Path) -> Result<()> {
    for entry in std::fs::read_dir(snapshots)? {
        let path = entry?.path();
        if path.is_dir() && !path.join("manifest.json").exists() {
            std::fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// For this user alone, as the shop's own folders.
fn make_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What the database says, read from the copy or from the very transaction that is copied.
async fn facts(db: &impl ConnectionTrait, tables: &str) -> Result<Facts> {
    let versions = Query::select().column("version").from("seaql_migrations").order_by("version", Order::Asc).take();
    let rows = db.query_all(&versions).await?;
    let migrations = rows.iter().map(|row| row.try_get("", "version")).collect::<std::result::Result<_, DbErr>>()?;
    let mut counts = BTreeMap::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), tables)).await? {
        let table: String = row.try_get("", "name")?;
        let rows = Query::select().expr_as(Expr::col(Asterisk).count(), "n").from(table.clone()).take();
        let n = db.query_one(&rows).await?.map(|row| row.try_get("", "n")).transpose()?.unwrap_or_default();
        counts.insert(table, n);
    }
    let objects = file::Entity::find().order_by_asc(file::Column::ObjectKey).into_partial_model().all(db).await?;
    Ok(Facts { migrations, counts, objects })
}
