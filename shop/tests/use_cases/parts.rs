//! Files in parts: on both databases, in a folder and in a bucket.

use crate::support::{Engine, TestShop};
use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    files::{FileRole, UploadState},
    pages::files::UploadView,
};
use rstest::rstest;
use shop::accounts::audit::Actor;
use shop::files::uploads::{NewUpload, PART_BYTES, begin, cancel, find, finish, put_part};
use shop::files::{ByteRange, ByteStream, FileError, FileStore, LocalFileStore, PartUpload, Stored, TakenPart};
use shop::{Error, Shop};
use shop_testing::bucket::Bucket;
use shop_testing::on_both_databases;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Where the files are.
#[derive(Clone, Copy, Debug)]
enum Place {
    Folder,
    Bucket,
}

const WELL: u8 = 0;
const FULL: u8 = 1;
const UNREADABLE: u8 = 2;

/// A store that fails when it is told to.
struct Faulty {
    inner: Box<dyn FileStore>,
    fault: AtomicU8,
}

impl Faulty {
    fn check(&self, fault: u8) -> Result<(), FileError> {
        match self.fault.load(Ordering::SeqCst) {
            now if now != fault => Ok(()),
            FULL => Err(FileError::Full),
            _ => Err(FileError::Unavailable(std::io::Error::other("the cable is out").into())),
        }
    }
}

#[async_trait]
impl FileStore for Faulty {
    async fn put_at(&self, object_key: &str, body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        self.check(FULL)?;
        self.inner.put_at(object_key, body, media_type).await
    }
    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        self.check(UNREADABLE)?;
        self.inner.get(object_key, range).await
    }
    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        self.inner.head(object_key).await
    }
    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        self.inner.delete(object_key).await
    }
    async fn presign_get(&self, object_key: &str, name: &str, media_type: &str, ttl: Duration) -> Result<Option<String>, FileError> {
        self.inner.presign_get(object_key, name, media_type, ttl).await
    }
    async fn begin_parts(&self, size_bytes: u64) -> Result<PartUpload, FileError> {
        self.inner.begin_parts(size_bytes).await
    }
    async fn put_part(&self, upload: &PartUpload, number: u32, offset: u64, bytes: Bytes) -> Result<String, FileError> {
        self.check(FULL)?;
        self.inner.put_part(upload, number, offset, bytes).await
    }
    async fn finish_parts(&self, upload: &PartUpload, parts: &[TakenPart], size_bytes: u64) -> Result<(), FileError> {
        self.inner.finish_parts(upload, parts, size_bytes).await
    }
    async fn abort_parts(&self, upload: &PartUpload) -> Result<(), FileError> {
        self.inner.abort_parts(upload).await
    }
    async fn check(&self) -> Result<(), FileError> {
        self.inner.check().await
    }
}

/// A shop with two tiers of a book, and its files where the test wants them.
struct World {
    test: TestShop,
    shop: Shop,
    store: Arc<Faulty>,
    folder: tempfile::TempDir,
}

impl World {
    async fn open(engine: Engine, place: Place) -> Self {
        let test = TestShop::open(engine).await;
        test.stock().await;
        let folder = tempfile::tempdir().unwrap();
        let inner: Box<dyn FileStore> = match place {
            Place::Folder => Box::new(LocalFileStore::open(folder.path().to_owned()).await.unwrap()),
            Place::Bucket => Box::new(Bucket::open(folder.path()).await.store("")),
        };
        let store = Arc::new(Faulty { inner, fault: AtomicU8::new(WELL) });
        let shop = Shop { files: store.clone(), ..test.shop.clone() };
        Self { test, shop, store, folder }
    }

    fn break_down(&self, fault: u8) {
        self.store.fault.store(fault, Ordering::SeqCst);
    }

    async fn begin(&self, bytes: &Bytes) -> UploadView {
        begin(&self.shop, request(bytes.len() as i64)).await.unwrap()
    }

    async fn put(&self, upload: &UploadView, bytes: &Bytes, number: i64) -> Result<(), Error> {
        let part = part(bytes, number);
        put_part(&self.shop, &upload.id, number, &sha256(&part), part).await
    }

    async fn put_all(&self, bytes: &Bytes) -> UploadView {
        let upload = self.begin(bytes).await;
        for number in 1..=upload.n_parts() {
            self.put(&upload, bytes, number).await.unwrap();
        }
        upload
    }

    async fn finish(&self, upload: &UploadView) -> Result<UploadView, Error> {
        finish(&self.shop, &Actor::operator(), &upload.id, None).await
    }

    async fn n_rows(&self) -> i64 {
        self.test.count("files WHERE name = 'film.mp4'").await
    }

    /// Bytes that the store keeps, those of unfinished uploads too.
    fn n_bytes(&self) -> u64 {
        fn sum(folder: &Path) -> u64 {
            std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .map(|path| if path.is_dir() { sum(&path) } else { path.metadata().unwrap().len() })
                .sum()
        }
        sum(self.folder.path())
    }
}

/// Two parts and a little more, without a period that a border could hide in.
fn film() -> Bytes {
    static FILM: OnceLock<Bytes> = OnceLock::new();
    let make = || {
        let mut state = 1u32;
        let noise = (0..2 * PART_BYTES + 1234).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        noise.collect::<Vec<_>>().into()
    };
    FILM.get_or_init(make).clone()
}

fn part(bytes: &Bytes, number: i64) -> Bytes {
    let start = ((number - 1) * PART_BYTES) as usize;
    bytes.slice(start..bytes.len().min(start + PART_BYTES as usize))
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&shop::base::secret::sha256(bytes))
}

fn request(size_bytes: i64) -> NewUpload {
    NewUpload {
        product: "a-book".to_owned(),
        role: FileRole::Good,
        name: "film.mp4".to_owned(),
        title: String::new(),
        size_bytes,
        sha256: None,
        variants: vec!["rich".to_owned()],
        release: None,
        replaces: None,
        mark: Some("1700000000000".to_owned()),
    }
}

fn code<T>(outcome: Result<T, Error>) -> String {
    outcome.err().unwrap().answer().1.to_owned()
}

fn status<T>(outcome: Result<T, Error>) -> u16 {
    outcome.err().unwrap().answer().0
}

#[rstest]
#[tokio::test]
async fn a_file_comes_in_parts_in_any_order_and_twice(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let film = film();
    let upload = world.begin(&film).await;
    assert_eq!((upload.n_parts(), upload.parts.len(), upload.state), (3, 0, UploadState::Open));
    for number in [3, 1, 1] {
        world.put(&upload, &film, number).await.unwrap();
    }
    // Somebody comes back: the same file is found by its name, size and last change, with the parts that are there.
    let again = world.begin(&film).await;
    assert_eq!(again.id, upload.id);
    assert_eq!(again.parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(again.parts[1].sha256, sha256(&part(&film, 3)));
    assert_eq!(again.received_bytes, film.len() as i64 - PART_BYTES);
    let early = world.finish(&upload).await;
    assert_eq!((code(early), world.n_rows().await), ("parts_missing".to_owned(), 0));
    world.put(&upload, &film, 2).await.unwrap();
    let done = world.finish(&upload).await.unwrap();
    let file = done.file.clone().unwrap();
    assert_eq!((done.state, file.sha256.as_str(), file.size_bytes), (UploadState::Done, sha256(&film).as_str(), film.len() as i64));
    // Finished once more it is the same; a part more is refused, and it is no longer given up.
    assert_eq!(world.finish(&upload).await.unwrap().file, done.file);
    assert_eq!(world.n_rows().await, 1);
    assert_eq!(code(world.put(&upload, &film, 1).await), "upload_over");
    assert_eq!(code(cancel(&world.shop, &upload.id).await), "upload_finished");
    let rows = "release_files rf JOIN files f ON f.id = rf.file_id JOIN variants v ON v.id = rf.variant_id WHERE \
        f.name = 'film.mp4' AND v.key = 'rich'";
    assert_eq!(world.test.count(rows).await, 1);
    assert_eq!(world.test.count("audit_entries WHERE act = 'added' AND object_name = 'a-book: film.mp4'").await, 1);
    // The same file begins anew where the last is over.
    assert_ne!(world.begin(&film).await.id, upload.id);
}

#[rstest]
#[tokio::test]
async fn a_damaged_part_is_refused_and_asked_for_again(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let film = film();
    let upload = world.begin(&film).await;
    let first = part(&film, 1);
    let mut damaged = first.to_vec();
    damaged[77] ^= 1;
    let put = async |number, hash: &str, bytes: &[u8]| put_part(&world.shop, &upload.id, number, hash, Bytes::copy_from_slice(bytes)).await;
    assert_eq!(code(put(1, &sha256(&first), &damaged).await), "part_damaged");
    assert_eq!(code(put(1, &sha256(&first[1..]), &first[1..]).await), "part_size_wrong");
    assert_eq!(code(put(4, &sha256(b"x"), b"x").await), "part_unknown");
    assert_eq!(code(put(0, &sha256(b"x"), b"x").await), "part_unknown");
    assert_eq!(code(put(1, "abc", &first).await), "sha256_invalid");
    assert_eq!(find(&world.shop, &upload.id).await.unwrap().parts.len(), 0);
    put(1, &sha256(&first), &first).await.unwrap();
    assert_eq!(find(&world.shop, &upload.id).await.unwrap().parts.len(), 1);
    assert!(matches!(put_part(&world.shop, "nothing", 1, &sha256(&first), first).await, Err(Error::NotFound)));
}

#[rstest]
#[tokio::test]
async fn of_many_who_finish_one_makes_the_file(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let upload = world.put_all(&film()).await;
    let outcomes = futures::future::join_all((0..4).map(|_| world.finish(&upload))).await;
    let files: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap().file.unwrap().id).collect();
    assert!(files.iter().all(|id| *id == files[0]), "{files:?}");
    assert_eq!(world.n_rows().await, 1);
}

#[rstest]
#[tokio::test]
async fn what_died_between_the_last_part_and_the_file_is_finished_by_the_next(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let film = film();
    let upload = world.put_all(&film).await;
    // The store has put the parts together, and then the line is cut.
    world.break_down(UNREADABLE);
    assert_eq!(status(world.finish(&upload).await), 503);
    assert_eq!(world.n_rows().await, 0);
    world.break_down(WELL);
    // A process that dies says nothing: its lease ends by time.
    world.test.run(&format!("UPDATE uploads SET lease_until = {}", world.shop.clock.now_ms() + 60_000)).await;
    world.test.advance(60_001);
    let file = world.finish(&upload).await.unwrap().file.unwrap();
    assert_eq!((file.sha256, world.n_rows().await), (sha256(&film), 1));
}

#[rstest]
#[tokio::test]
async fn a_full_disk_is_told_and_forgotten_once_there_is_room(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let film = film();
    let upload = world.begin(&film).await;
    world.break_down(FULL);
    let refused = world.put(&upload, &film, 1).await;
    assert_eq!((status(refused), find(&world.shop, &upload.id).await.unwrap().parts.len()), (507, 0));
    assert_eq!(world.test.count("files WHERE name = 'film.mp4'").await, 0);
    world.break_down(WELL);
    let upload = world.put_all(&film).await;
    world.finish(&upload).await.unwrap();
    assert_eq!(world.n_rows().await, 1);
}

#[rstest]
#[tokio::test]
async fn what_is_left_alone_for_a_week_is_swept_with_its_parts(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let film = film();
    let kept = world.put_all(&film).await;
    world.finish(&kept).await.unwrap();
    let left = world.begin(&film).await;
    world.put(&left, &film, 1).await.unwrap();
    world.test.advance(6 * 24 * 60 * 60 * 1000);
    shop::jobs::sweep(&world.shop).await.unwrap();
    assert_eq!(find(&world.shop, &left.id).await.unwrap().parts.len(), 1);
    world.test.advance(2 * 24 * 60 * 60 * 1000);
    shop::jobs::sweep(&world.shop).await.unwrap();
    assert!(matches!(find(&world.shop, &left.id).await, Err(Error::NotFound)));
    assert_eq!(world.test.count("upload_parts").await, 0);
    assert_eq!(world.n_rows().await, 1);
    let n_bytes = world.n_bytes();
    assert!((film.len() as u64..film.len() as u64 + 20_000).contains(&n_bytes), "{n_bytes}");
    let given_up = world.begin(&film).await;
    world.put(&given_up, &film, 1).await.unwrap();
    cancel(&world.shop, &given_up.id).await.unwrap();
    assert!(matches!(find(&world.shop, &given_up.id).await, Err(Error::NotFound)));
    assert_eq!(world.put(&given_up, &film, 2).await.err().unwrap().answer().0, 404);
    assert!(world.n_bytes() < film.len() as u64 + 20_000);
}

#[on_both_databases]
async fn what_does_not_fit_is_refused_before_it_is_sent(engine: Engine) {
    let world = World::open(engine, Place::Folder).await;
    let tier = |key: &str| vec![key.to_owned()];
    for (new, expected) in [
        (NewUpload { size_bytes: 0, ..request(1) }, "file_empty"),
        (NewUpload { size_bytes: -1, ..request(1) }, "file_empty"),
        (NewUpload { size_bytes: i64::MAX, ..request(1) }, "too_large"),
        (NewUpload { size_bytes: 10 * 1024 * 1024 * 1024 + 1, ..request(1) }, "too_large"),
        (NewUpload { role: FileRole::Cover, variants: Vec::new(), size_bytes: 26 * 1024 * 1024, ..request(1) }, "picture_too_large"),
        (NewUpload { name: "  ".to_owned(), ..request(1) }, "file_name_invalid"),
        (NewUpload { name: "a/".to_owned(), ..request(1) }, "file_name_invalid"),
        (NewUpload { variants: tier("none"), ..request(1) }, "variant_unknown"),
        (NewUpload { role: FileRole::Sample, variants: tier("rich"), ..request(1) }, "role_invalid"),
        (NewUpload { release: Some("none".to_owned()), ..request(1) }, "release_unknown"),
        (NewUpload { replaces: Some("none".to_owned()), ..request(1) }, "release_needed"),
        (NewUpload { sha256: Some("none".to_owned()), ..request(1) }, "sha256_invalid"),
        (NewUpload { product: "none".to_owned(), ..request(1) }, "not_found"),
        (NewUpload { product: "../a-book".to_owned(), ..request(1) }, "not_found"),
    ] {
        assert_eq!(code(begin(&world.shop, new.clone()).await), expected, "{new:?}");
    }
    assert_eq!(world.test.count("uploads").await, 0);
    assert_eq!(world.n_bytes(), 0);
}

#[rstest]
#[tokio::test]
async fn a_file_that_is_not_what_was_said_leaves_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Place::Folder, Place::Bucket)] place: Place,
) {
    let world = World::open(engine, place).await;
    let bytes = Bytes::from_static(b"%PDF-1.7 short");
    let upload = begin(&world.shop, NewUpload { sha256: Some(sha256(b"another")), ..request(bytes.len() as i64) }).await.unwrap();
    world.put(&upload, &bytes, 1).await.unwrap();
    assert_eq!(code(world.finish(&upload).await), "sha256_wrong");
    assert_eq!(code(world.finish(&upload).await), "sha256_wrong", "it stays refused");
    assert_eq!((find(&world.shop, &upload.id).await.unwrap().state, world.n_rows().await), (UploadState::Refused, 0));
    assert!(world.n_bytes() < 20_000, "what the bucket notes beside its objects is all there is: {}", world.n_bytes());
    assert!(world.store.head(&key(&world, &upload).await).await.unwrap().is_none());
}

async fn key(world: &World, upload: &UploadView) -> String {
    use sea_orm::ConnectionTrait;
    let id = upload.id.parse::<sea_orm::prelude::Uuid>().unwrap();
    let sql = shop::base::database::statement(&world.shop.db, "SELECT object_key FROM uploads WHERE id = $1", [id.into()]);
    world.shop.db.query_one_raw(sql).await.unwrap().unwrap().try_get("", "object_key").unwrap()
}
