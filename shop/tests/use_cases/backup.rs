//! A backup is made while the shop sells, and what it restores is what its manifest says.

use crate::support::{Engine, TestShop};
use futures::TryStreamExt;
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use shop::accounts::audit::Actor;
use shop::base::backup::{Backup, BackupError, Manifest, Snapshot, run};
use shop::catalog::{FileRole, NewFile, add_file};
use shop::files::{FileStore, stream_of};
use shop_testing::bucket::Bucket;
use shop_testing::on_both_databases;
use shop_testing::postgres::new_database;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Makes a snapshot of the test's shop, and tells what was said.
async fn backup(test: &TestShop, to: &Path, without_missing: bool) -> (Result<Snapshot, BackupError>, Vec<String>) {
    let said = Mutex::default();
    let tell = |words: &str| Mutex::lock(&said).map(|mut said: std::sync::MutexGuard<Vec<String>>| said.push(words.to_owned())).unwrap();
    let files = test.shop.files.clone();
    let outcome = run(&Backup { database_url: &test.database_url, files, to, without_missing, tell: &tell }).await;
    (outcome, said.into_inner().unwrap())
}

fn hash_of(path: &Path) -> (u64, String) {
    let bytes = std::fs::read(path).unwrap();
    (bytes.len() as u64, data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)))
}

fn manifest_of(folder: &Path) -> Manifest {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

/// The copy of the database, opened as the documentation says.
async fn restored(engine: Engine, folder: &Path, target: &tempfile::TempDir) -> shop::base::database::Database {
    let url = match engine {
        Engine::Sqlite => {
            let path = target.path().join("restored.db");
            std::fs::copy(folder.join("shop.db"), &path).unwrap();
            format!("sqlite://{}", path.display())
        }
        Engine::Postgres => {
            let url = new_database().await;
            let dump = folder.join("shop.dump");
            let restore = std::process::Command::new("pg_restore")
                .args(["--exit-on-error", "--no-owner", &format!("--dbname={url}")])
                .arg(&dump)
                .status()
                .unwrap();
            assert!(restore.success());
            url
        }
    };
    let db = shop::base::database::connect(&url).await.unwrap();
    migration::migrate(db.writer()).await.unwrap();
    db
}

fn snapshots(to: &Path) -> usize {
    std::fs::read_dir(to.join("snapshots")).map_or(0, Iterator::count)
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_restored_is_what_the_manifest_says(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let to = tempfile::tempdir().unwrap();
    let is_over = AtomicBool::new(false);
    let selling = async {
        let mut n = 0;
        while !is_over.load(Ordering::SeqCst) || n == 0 {
            test.run(&format!(
                "INSERT INTO old_slugs (store_id, slug, product_id, created_at) SELECT store_id, 'was-{n}', id, 1 FROM \
                products WHERE slug = 'a-book'"
            ))
            .await;
            n += 1;
        }
        n
    };
    let making = async {
        let made = backup(&test, to.path(), false).await;
        is_over.store(true, Ordering::SeqCst);
        made
    };
    let ((made, said), n_written) = tokio::join!(making, selling);
    let snapshot = made.unwrap();
    assert!(n_written > 0 && said.iter().any(|words| words.contains("database")), "{said:?}");

    let manifest = manifest_of(&snapshot.folder);
    assert_eq!(manifest, snapshot.manifest);
    assert_eq!(manifest.migrations, migration::applied(&test.shop.db).await.unwrap());
    assert!(manifest.n_objects > 0 && manifest.missing.is_empty() && manifest.format == 1);
    for part in &manifest.parts {
        assert_eq!(hash_of(&snapshot.folder.join(&part.name)), (part.size_bytes, part.sha256.clone()), "{}", part.name);
    }
    let listed = std::fs::read_to_string(snapshot.folder.join("objects.jsonl")).unwrap();
    let objects: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), manifest.n_objects);
    for object in &objects {
        let (size, sha256) = hash_of(&to.path().join("objects").join(object["key"].as_str().unwrap()));
        assert_eq!((Some(size), Some(sha256.as_str())), (object["size_bytes"].as_u64(), object["sha256"].as_str()));
    }

    let target = tempfile::tempdir().unwrap();
    let db = restored(engine, &snapshot.folder, &target).await;
    for (table, n) in &manifest.counts {
        let row =
            db.query_one_raw(shop::base::database::statement(&db, format!("SELECT COUNT(*) AS n FROM \"{table}\""), [])).await.unwrap();
        assert_eq!(row.unwrap().try_get::<i64>("", "n").unwrap(), *n, "{table}");
    }
    assert!(manifest.counts["products"] == 2 && manifest.counts.contains_key("old_slugs"));
    assert_eq!(shop::stores::ensure(&db, &shop::Clock::System).await.unwrap(), test.shop.settings.store_id);
}

#[on_both_databases]
async fn a_second_run_copies_only_what_is_new_and_clears_what_a_killed_one_left(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let to = tempfile::tempdir().unwrap();
    let first = backup(&test, to.path(), false).await.0.unwrap();
    assert_eq!(first.n_copied, first.manifest.n_objects);
    let left = to.path().join("snapshots/20260101T000000Z-00000000");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("shop.db"), "half").unwrap();
    let second = backup(&test, to.path(), false).await.0.unwrap();
    assert_eq!((second.n_copied, second.manifest.n_objects), (0, first.manifest.n_objects));
    assert_eq!(snapshots(to.path()), 2);
    // A file that was cut on the target is copied again.
    let key: serde_json::Value =
        serde_json::from_str(std::fs::read_to_string(second.folder.join("objects.jsonl")).unwrap().lines().next().unwrap()).unwrap();
    std::fs::write(to.path().join("objects").join(key["key"].as_str().unwrap()), "").unwrap();
    assert_eq!(backup(&test, to.path(), false).await.0.unwrap().n_copied, 1);
}

#[on_both_databases]
async fn a_file_that_is_gone_or_damaged_leaves_no_manifest(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let to = tempfile::tempdir().unwrap();
    test.run("UPDATE files SET sha256 = 'damaged'").await;
    let refused = backup(&test, to.path(), false).await.0.unwrap_err();
    assert_eq!((refused.exit_code(), snapshots(to.path())), (1, 0), "{refused}");
    test.run("UPDATE files SET object_key = 'aa/000000000000000000000000000000' WHERE id = (SELECT id FROM files ORDER BY id LIMIT 1)")
        .await;
    let refused = backup(&test, to.path(), false).await.0.unwrap_err();
    assert!(refused.to_string().contains("aa/000000000000000000000000000000"), "{refused}");
    assert_eq!((refused.exit_code(), snapshots(to.path())), (1, 0));
    // Whoever lost a file for good still gets a backup of the rest.
    let without = backup(&test, to.path(), true).await.0.unwrap();
    assert!(without.manifest.missing.contains(&"aa/000000000000000000000000000000".to_owned()));
    assert_eq!(without.manifest.n_objects, 0);
}

#[tokio::test]
async fn a_target_that_is_in_use_or_no_folder_is_refused() {
    let test = TestShop::open(Engine::Sqlite).await;
    let to = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(to.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let refused = backup(&test, to.path(), false).await.0.unwrap_err();
    assert!(refused.exit_code() == 2 && refused.to_string().contains("under way"), "{refused}");
    let file = to.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let refused = backup(&test, &file, false).await.0.unwrap_err();
    assert!(refused.exit_code() == 2 && refused.to_string().contains("can't be written to"), "{refused}");
}

/// The files below a folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// A shop whose files are in a bucket, one of them of several parts.
async fn with_bucket(engine: Engine, folder: &Path) -> (TestShop, Bucket) {
    let bucket = Bucket::open(folder).await;
    let mut test = TestShop::open(engine).await;
    test.shop.files = Arc::new(bucket.store("shop"));
    test.stock().await;
    let mut film = b"%PDF-1.7 ".to_vec();
    film.extend((0..9 << 20).map(|n: u32| (n % 251) as u8));
    let good = NewFile { role: FileRole::Good, name: "film.pdf", title: "", head: b"%PDF-1.7", body: stream_of(film) };
    add_file(&test.shop, &Actor::operator(), "a-book", &[], good).await.unwrap();
    (test, bucket)
}

async fn read(store: &dyn FileStore, key: &str) -> Vec<u8> {
    let chunks: Vec<bytes::Bytes> = store.get(key, None).await.unwrap().try_collect().await.unwrap();
    chunks.concat()
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_comes_home_whole_and_goes_back(engine: Engine) {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (test, bucket) = with_bucket(engine, folder.path()).await;
    // A line that breaks in the middle of a file is no reason to begin the night again.
    bucket.break_after(4 << 20);
    let snapshot = backup(&test, to.path(), false).await.0.unwrap();
    assert!(bucket.has_broken());
    assert_eq!((snapshot.manifest.n_objects, snapshot.n_copied), (3, 3));
    assert_eq!(files_in(&to.path().join("objects")).len(), 3, "nothing half done is left");
    let listed = std::fs::read_to_string(snapshot.folder.join("objects.jsonl")).unwrap();
    let objects: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(objects.iter().any(|object| object["size_bytes"].as_u64().unwrap() > 9 << 20));
    // Back under another prefix, key by key, as the documentation says.
    for path in files_in(&to.path().join("objects")) {
        let place = folder.path().join("goods/restored").join(path.strip_prefix(to.path().join("objects")).unwrap());
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(&path, place).unwrap();
    }
    let restored = bucket.store("restored");
    for object in objects {
        let key = object["key"].as_str().unwrap();
        let bytes = read(&restored, key).await;
        assert_eq!(data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)), object["sha256"].as_str().unwrap());
        assert!(bytes == read(&*test.shop.files, key).await, "{key}");
    }
    assert_eq!(backup(&test, to.path(), false).await.0.unwrap().n_copied, 0);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_bucket_has_lost_or_changed_is_named(engine: Engine) {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (test, bucket) = with_bucket(engine, folder.path()).await;
    let kept: Vec<PathBuf> =
        files_in(&folder.path().join("goods")).into_iter().filter(|path| std::fs::metadata(path).unwrap().len() > 9 << 20).collect();
    let mut bytes = std::fs::read(&kept[0]).unwrap();
    bytes[5 << 20] ^= 1;
    std::fs::write(&kept[0], &bytes).unwrap();
    let refused = backup(&test, to.path(), false).await.0.unwrap_err();
    assert_eq!((refused.exit_code(), snapshots(to.path())), (1, 0), "{refused}");
    assert!(refused.to_string().contains(kept[0].file_name().unwrap().to_str().unwrap()), "{refused}");
    let without = backup(&test, to.path(), true).await.0.unwrap();
    assert_eq!((without.manifest.missing.len(), without.manifest.n_objects), (1, 2));
    drop(bucket);
}

#[tokio::test]
async fn a_bucket_out_of_reach_is_no_lost_file() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut test, bucket) = with_bucket(Engine::Sqlite, folder.path()).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let gone = Bucket { host: nobody, n_left: Arc::default() };
    test.shop.files = Arc::new(gone.store("shop"));
    // Not even whoever goes on without lost files takes them for lost.
    let broke_off = backup(&test, to.path(), true).await.0.unwrap_err();
    assert_eq!((broke_off.exit_code(), snapshots(to.path())), (3, 0), "{broke_off}");
    test.shop.files = Arc::new(bucket.store("shop"));
    assert_eq!(backup(&test, to.path(), false).await.0.unwrap().n_copied, 3);
}
