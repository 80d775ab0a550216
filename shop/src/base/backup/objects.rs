//! The files of a snapshot: each is read through the file store, hashed on its way, and named only when it is whole.

use super::{Backup, BackupError, Object, Result, make_folder, postgres, sqlite, sync_folder};
use crate::base::entities::file;
use crate::files::FileError;
use anyhow::anyhow;
use futures::{StreamExt, TryStreamExt};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt;

/// How many files are copied at a time.
const N_AT_ONCE: usize = 4;
/// A store that is far away hangs up now and then: a file is asked for so often, after a wait that grows.
const N_TRIES: u32 = 4;
const WAIT: Duration = Duration::from_millis(500);
/// How often it is said how far the copy is.
const TELL_EVERY: usize = 500;
/// More are not named in a message.
const N_NAMED: usize = 20;

#[derive(Default)]
pub(super) struct Done {
    pub n_copied: usize,
    /// Gone from the store, or of another size or hash than the database says.
    pub bad: Vec<Object>,
}

enum Outcome {
    WasThere,
    Copied,
    Bad,
}

/// Copies what is not there yet.
pub(super) async fn copy(backup: &Backup<'_>, objects: &[Object]) -> Result<Done> {
    let root = backup.to.join("objects");
    let mut outcomes = futures::stream::iter(objects)
        .map(|object| {
            let root = &root;
            async move { Ok::<_, BackupError>((object, copy_one(backup, root, object).await?)) }
        })
        .buffer_unordered(N_AT_ONCE);
    let (mut done, mut n_seen) = (Done::default(), 0);
    while let Some((object, outcome)) = outcomes.try_next().await? {
        match outcome {
            Outcome::WasThere => {}
            Outcome::Copied => done.n_copied += 1,
            Outcome::Bad => done.bad.push(object.clone()),
        }
        n_seen += 1;
        if n_seen % TELL_EVERY == 0 {
            (backup.tell)(&format!("{n_seen} of {} files looked at, {} of them copied", objects.len(), done.n_copied));
        }
    }
    Ok(done)
}

async fn copy_one(backup: &Backup<'_>, root: &Path, object: &Object) -> Result<Outcome> {
    let path = root.join(&object.object_key);
    // Under its name it has been whole and right once, and a file never changes.
    if fs::metadata(&path).await.is_ok_and(|found| found.len() == object.size_bytes.unsigned_abs()) {
        return Ok(Outcome::WasThere);
    }
    let folder = path.parent().unwrap_or(root);
    make_folder(folder)?;
    let unfinished = PathBuf::from(format!("{}.part", path.display()));
    for n in 1..=N_TRIES {
        match fetch(backup, object, &unfinished).await? {
            Fetched::Whole => break,
            Fetched::Wrong => {
                if fs::try_exists(&unfinished).await? {
                    fs::remove_file(&unfinished).await?;
                }
                return Ok(Outcome::Bad);
            }
            Fetched::BrokeOff(cause) if n == N_TRIES => {
                return Err(BackupError::BrokeOff(cause.context(format!("reading the file {}", object.object_key))));
            }
            Fetched::BrokeOff(_) => tokio::time::sleep(WAIT * n).await,
        }
    }
    fs::rename(&unfinished, &path).await?;
    sync_folder(folder)?;
    Ok(Outcome::Copied)
}

enum Fetched {
    Whole,
    /// Gone, or not what the database says.
    Wrong,
    /// The store did not answer, or not to the end.
    BrokeOff(anyhow::Error),
}

/// Reads a file from the store to this place, once. What goes wrong on the disk is an error at once.
async fn fetch(backup: &Backup<'_>, object: &Object, to: &Path) -> Result<Fetched> {
    let mut body = match backup.files.get(&object.object_key, None).await {
        Ok(body) => body,
        Err(FileError::Missing | FileError::InvalidKey) => return Ok(Fetched::Wrong),
        Err(error) => return Ok(Fetched::BrokeOff(anyhow!(error))),
    };
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(to).await?;
    let (mut hash, mut size) = (Sha256::new(), 0u64);
    loop {
        match body.try_next().await {
            Ok(Some(bytes)) => {
                hash.update(&bytes);
                size += bytes.len() as u64;
                file.write_all(&bytes).await?;
            }
            Ok(None) => break,
            Err(error) => return Ok(Fetched::BrokeOff(error.into())),
        }
    }
    file.flush().await?;
    file.sync_all().await?;
    let is_right = size == object.size_bytes.unsigned_abs() && data_encoding::HEXLOWER.encode(&hash.finalize()) == object.sha256;
    Ok(if is_right { Fetched::Whole } else { Fetched::Wrong })
}

/// How many of these files the shop itself has forgotten since its database was copied.
pub(super) async fn n_deleted(url: &str, bad: &[Object]) -> Result<usize> {
    let db = if url.starts_with("sqlite:") { sqlite::reader(url).await? } else { postgres::connect(url).await? };
    let mut n = 0;
    for object in bad {
        let known = file::Entity::find().filter(file::Column::ObjectKey.eq(&object.object_key)).count(&db).await?;
        n += usize::from(known == 0);
    }
    db.close().await?;
    Ok(n)
}

/// What the operator reads of files that are not what the database says.
pub(super) fn words_of(bad: &[Object]) -> String {
    let mut named: Vec<&str> = bad.iter().take(N_NAMED).map(|object| object.object_key.as_str()).collect();
    if bad.len() > N_NAMED {
        named.push("…");
    }
    format!(
        "{} files are gone from storage or damaged, so no snapshot was written: {}. Put them back (the dashboard's Health page says whose \
         they are), or add --without-missing to write one without them",
        bad.len(),
        named.join(", ")
    )
}
