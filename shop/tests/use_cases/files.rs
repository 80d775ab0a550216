//! The contract of every file store, and what only one of them promises.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use shop::files::{ByteRange, ByteStream, FileError, FileStore, LocalFileStore, MemoryFileStore, S3FileStore, S3Options, stream_of};
use shop_testing::bucket::Bucket;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PDF: &str = "application/pdf";

/// A store and what lies behind it.
struct World {
    store: Box<dyn FileStore>,
    folder: Option<TempDir>,
    host: String,
}

impl World {
    async fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalFileStore::open(folder.path().join("files")).await.unwrap();
        Self { store: Box::new(store), folder: Some(folder), host: String::new() }
    }

    async fn memory() -> Self {
        Self { store: Box::new(MemoryFileStore::default()), folder: None, host: String::new() }
    }

    async fn s3() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Bucket::open(folder.path()).await.host;
        Self { store: Box::new(bucket(&host, "goods")), folder: Some(folder), host }
    }

    async fn put(&self, bytes: impl Into<Bytes>) -> String {
        self.store.put(stream_of(bytes), PDF).await.unwrap().object_key
    }

    async fn read(&self, key: &str, range: Option<(u64, u64)>) -> Result<Vec<u8>, FileError> {
        let range = range.map(|(start, end_inclusive)| ByteRange { start, end_inclusive });
        let chunks: Vec<Bytes> = self.store.get(key, range).await?.try_collect().await.unwrap();
        Ok(chunks.concat())
    }

    /// How many files the store keeps, half-done ones too.
    fn n_files(&self) -> usize {
        self.folder.as_ref().map_or(0, |folder| n_files(folder.path()))
    }

    async fn presigned(&self, key: &str, ttl: Duration) -> String {
        let url = self.store.presign_get(key, "Größe\r\nX: y.pdf", PDF, ttl).await.unwrap().unwrap();
        url.strip_prefix(&format!("http://{}", self.host)).unwrap().to_owned()
    }

    /// Status, head and body of a plain request.
    async fn fetch(&self, path: &str, headers: &str) -> (u16, String, Vec<u8>) {
        let mut socket = TcpStream::connect(&self.host).await.unwrap();
        socket
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", self.host).as_bytes())
            .await
            .unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let split = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..split]).to_lowercase();
        (head[9..12].parse().unwrap(), head, answer[split + 4..].to_vec())
    }
}

fn bucket(host: &str, bucket: &str) -> S3FileStore {
    S3FileStore::new(S3Options {
        bucket: bucket.to_owned(),
        prefix: "shop".to_owned(),
        endpoint: Some(format!("http://{host}")),
        region: "us-east-1".to_owned(),
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    })
}

fn n_files(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { n_files(&path) } else { 1 }).sum()
}

/// Bytes without a period that a part's border could hide in.
fn noise(n: usize) -> Bytes {
    let mut state = 1u32;
    (0..n)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect::<Vec<_>>()
        .into()
}

/// The bytes in chunks of an awkward size.
fn chunked(bytes: Bytes) -> ByteStream {
    let chunks: Vec<_> = bytes.chunks(100_003).map(Bytes::copy_from_slice).map(Ok).collect();
    Box::pin(futures::stream::iter(chunks))
}

fn broken_off(bytes: Bytes, kind: std::io::ErrorKind) -> ByteStream {
    Box::pin(chunked(bytes).chain(futures::stream::once(async move { Err(kind.into()) })))
}

macro_rules! contract {
    ($($store:ident)*) => { $(mod $store {
        use super::*;

        #[tokio::test]
        async fn a_stored_file_comes_back_byte_for_byte() {
            let world = World::$store().await;
            let bytes = noise(700_001);
            let stored = world.store.put(chunked(bytes.clone()), PDF).await.unwrap();
            assert_eq!((stored.size_bytes, stored.media_type.as_str()), (700_001, PDF));
            assert_eq!(stored.sha256, sha256(&bytes));
            assert_eq!(world.read(&stored.object_key, None).await.unwrap(), bytes);
            assert_eq!(world.store.head(&stored.object_key).await.unwrap(), Some(700_001));
        }

        #[tokio::test]
        async fn a_file_of_several_parts_comes_back_byte_for_byte() {
            let world = World::$store().await;
            for size in [8 << 20, (16 << 20) + 17] {
                let bytes = noise(size);
                let stored = world.store.put(chunked(bytes.clone()), PDF).await.unwrap();
                assert_eq!((stored.size_bytes as usize, stored.sha256), (size, sha256(&bytes)));
                assert!(world.read(&stored.object_key, None).await.unwrap() == bytes);
                let border = (8 << 20) - 3;
                let expected = bytes.slice(border as usize..size.min(border as usize + 6));
                assert_eq!(world.read(&stored.object_key, Some((border, border + 5))).await.unwrap(), expected);
            }
        }

        #[tokio::test]
        async fn an_empty_file_is_a_file() {
            let world = World::$store().await;
            let key = world.put("").await;
            assert_eq!(world.read(&key, None).await.unwrap(), b"");
            assert_eq!(world.store.head(&key).await.unwrap(), Some(0));
        }

        #[tokio::test]
        async fn a_part_of_a_file_is_what_there_is_of_it() {
            let world = World::$store().await;
            let key = world.put("0123456789").await;
            for (range, expected) in [
                ((0, 0), "0"),
                ((2, 5), "2345"),
                ((9, 9), "9"),
                ((8, 99), "89"),
                ((0, u64::from(u32::MAX)), "0123456789"),
                ((10, 12), ""),
                ((5, 2), ""),
            ] {
                assert_eq!(world.read(&key, Some(range)).await.unwrap(), expected.as_bytes(), "{range:?}");
            }
        }

        #[tokio::test]
        async fn a_missing_file_is_missing() {
            let world = World::$store().await;
            let key = world.put("x").await;
            world.store.delete(&key).await.unwrap();
            world.store.delete(&key).await.unwrap();
            assert!(matches!(world.read(&key, None).await, Err(FileError::Missing)));
            assert!(matches!(world.read(&key, Some((5, 2))).await, Err(FileError::Missing)));
            assert_eq!(world.store.head(&key).await.unwrap(), None);
        }

        #[tokio::test]
        async fn what_is_no_key_never_reaches_the_store() {
            let world = World::$store().await;
            for bad in [
                "",
                "/",
                "../goods",
                "ab/../../../../../../../../../etc",
                "/etc/passwd",
                "ab\0cdefghijklmnopqrstuvwxyz234567",
                "ab/CDEFGHIJKLMNOPQRSTUVWXYZ234567",
                "ab/%2e%2e%2fcdefghijklmnopqrstuvw",
                "incoming",
            ] {
                assert!(matches!(world.read(bad, None).await, Err(FileError::InvalidKey)), "{bad}");
                assert!(matches!(world.store.head(bad).await, Err(FileError::InvalidKey)), "{bad}");
                assert!(matches!(world.store.delete(bad).await, Err(FileError::InvalidKey)), "{bad}");
                let signed = world.store.presign_get(bad, "a", PDF, Duration::from_secs(9)).await;
                assert!(matches!(signed, Err(FileError::InvalidKey)), "{bad}");
            }
        }

        #[tokio::test]
        async fn keys_are_random() {
            let world = World::$store().await;
            let keys = [world.put("same").await, world.put("same").await];
            assert_ne!(keys[0], keys[1]);
            assert!(keys.iter().all(|key| key.len() <= 60));
        }

        #[tokio::test]
        async fn nothing_is_left_of_a_body_that_breaks_off() {
            let world = World::$store().await;
            // The kind of the sender's error must not read as the store's own.
            for (size, kind) in [(10, std::io::ErrorKind::NotFound), (9 << 20, std::io::ErrorKind::StorageFull)] {
                let result = world.store.put(broken_off(noise(size), kind), PDF).await;
                assert!(matches!(result, Err(FileError::Unavailable(_))), "{result:?}");
            }
            assert_eq!(world.n_files(), 0);
        }

        #[tokio::test]
        async fn nothing_is_left_of_an_upload_whose_sender_hangs_up() {
            let world = World::$store().await;
            let body = chunked(noise(9 << 20)).chain(futures::stream::pending());
            let put = tokio::time::timeout(Duration::from_secs(1), world.store.put(Box::pin(body), PDF)).await;
            assert!(put.is_err());
            for _ in 0..300 {
                if world.n_files() == 0 { return }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("{} files are left", world.n_files());
        }

        #[tokio::test]
        async fn bytes_without_a_type_are_looked_at() {
            let world = World::$store().await;
            let stored = world.store.put(stream_of("%PDF-1.7"), "application/octet-stream").await.unwrap();
            assert_eq!(stored.media_type, PDF);
        }

        #[tokio::test]
        async fn a_store_that_works_says_so() {
            World::$store().await.store.check().await.unwrap();
        }
    })* };
}

contract!(local memory s3);

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(bytes))
}

#[cfg(unix)]
#[tokio::test]
async fn a_local_file_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::local().await;
    let key = world.put("x").await;
    let root = world.folder.as_ref().unwrap().path().join("files");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&root), mode(&root.join("incoming")), mode(&root.join(&key[..2])), mode(&root.join(&key))),
        (0o700, 0o700, 0o700, 0o600)
    );
}

#[tokio::test]
async fn what_a_dead_process_left_is_cleared_away_and_a_running_upload_is_not() {
    let folder = tempfile::tempdir().unwrap();
    LocalFileStore::open(folder.path().into()).await.unwrap();
    let file = |name: &str| std::fs::File::create(folder.path().join("incoming").join(name)).unwrap();
    let now = std::time::UNIX_EPOCH + Duration::from_millis(shop::Clock::System.now_ms().unsigned_abs());
    file("old").set_modified(now - Duration::from_secs(3 * 86_400)).unwrap();
    file("new");
    LocalFileStore::open(folder.path().into()).await.unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path().join("incoming")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["new"]);
}

#[tokio::test]
async fn a_volume_that_is_gone_is_not_ready() {
    let world = World::local().await;
    std::fs::remove_dir_all(world.folder.as_ref().unwrap().path().join("files")).unwrap();
    assert!(matches!(world.store.check().await, Err(FileError::Unavailable(_))));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told_apart() {
    let error = tokio::fs::write("/dev/full", "x").await.unwrap_err();
    assert!(matches!(FileError::from(error), FileError::Full));
}

#[tokio::test]
async fn a_presigned_url_serves_the_file_and_its_parts() {
    let world = World::s3().await;
    let key = world.put("0123456789").await;
    let path = world.presigned(&key, Duration::from_secs(30)).await;
    let (status, head, body) = world.fetch(&path, "").await;
    assert_eq!((status, body.as_slice()), (200, &b"0123456789"[..]));
    assert!(head.contains("content-disposition: attachment; filename=\"gr__ex: y.pdf\""), "{head}");
    assert!(head.contains("content-type: application/pdf"), "{head}");
    let (status, _, body) = world.fetch(&path, "Range: bytes=2-4\r\n").await;
    assert_eq!((status, body.as_slice()), (206, &b"234"[..]));
}

#[tokio::test]
async fn a_presigned_url_that_was_touched_is_refused() {
    let world = World::s3().await;
    let (key, other) = (world.put("0123456789").await, world.put("other").await);
    let path = world.presigned(&key, Duration::from_secs(30)).await;
    let last = if path.ends_with('0') { "1" } else { "0" };
    for touched in [
        path.replace(&key, &other),
        path.replace("X-Amz-Expires=30", "X-Amz-Expires=3000"),
        path.replace("attachment", "inline"),
        format!("{}{last}", &path[..path.len() - 1]),
    ] {
        assert_ne!(touched, path);
        let (status, _, body) = world.fetch(&touched, "").await;
        assert_eq!(status, 403, "{touched} {}", String::from_utf8_lossy(&body));
    }
    let (anonymous, _) = path.split_once('?').unwrap();
    assert_eq!(world.fetch(anonymous, "").await.0, 403);
    assert_eq!(world.fetch("/goods?list-type=2", "").await.0, 403);
}

#[tokio::test]
async fn a_presigned_url_expires_and_never_lives_long() {
    let world = World::s3().await;
    let key = world.put("0123456789").await;
    assert!(world.presigned(&key, Duration::from_secs(86_400)).await.contains("X-Amz-Expires=60&"));
    let path = world.presigned(&key, Duration::from_secs(1)).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(world.fetch(&path, "").await.0, 403);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_not_ready() {
    let world = World::s3().await;
    assert!(matches!(bucket(&world.host, "nothere").check().await, Err(FileError::Unavailable(_))));
}

/// A server that answers every request with these bytes and hangs up.
async fn answering(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(&answer).await;
        }
    });
    host
}

#[tokio::test]
async fn a_transfer_that_is_cut_ends_with_an_error() {
    let mut answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\nContent-Type: application/pdf\r\n\r\n".to_vec();
    answer.extend(vec![b'x'; 1_000_000]);
    let store = bucket(&answering(answer).await, "goods");
    let mut body = store.get(&shop::files::new_object_key(), None).await.unwrap();
    let (mut n_bytes, mut has_failed) = (0, false);
    while let Some(chunk) = body.next().await {
        match chunk {
            Ok(chunk) => n_bytes += chunk.len(),
            Err(_) => {
                has_failed = true;
                break;
            }
        }
    }
    assert!(has_failed && n_bytes <= 1_000_000, "{n_bytes}");
}

#[tokio::test]
async fn a_store_that_fails_is_unavailable_and_its_file_not_missing() {
    let host = answering(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let key = shop::files::new_object_key();
    for host in [host.as_str(), "127.0.0.1:1"] {
        let store = bucket(host, "goods");
        assert!(matches!(store.get(&key, None).await.map(drop), Err(FileError::Unavailable(_))));
        assert!(matches!(store.head(&key).await, Err(FileError::Unavailable(_))));
    }
}

#[tokio::test]
async fn a_url_that_names_no_store_is_refused_in_words() {
    for (url, hint) in
        [("", "file:///"), ("ftp://x", "file:///"), ("file://relative/path", "absolute"), ("s3://", "bucket"), ("s3:///prefix", "bucket")]
    {
        let error = shop::files::open(url).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(hint), "{url}: {error}");
    }
}

/// How long a write that waits for another is watched to wait.
const A_WHILE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_part_that_comes_late_changes_no_finished_file() {
    let world = World::local().await;
    let root = world.folder.as_ref().unwrap().path().join("files");
    let upload = world.store.begin_parts(4).await.unwrap();
    let part = |bytes: &'static [u8]| world.store.put_part(&upload, 1, 0, Bytes::from_static(bytes));
    part(b"good").await.unwrap();
    let parts = root.join("parts").join(upload.object_key.replace('/', "-"));
    let opened = || std::fs::OpenOptions::new().write(true).open(&parts).unwrap();
    // Whoever finishes waits for a write that is under way.
    let writing = opened();
    writing.lock_shared().unwrap();
    let mut finishing = world.store.finish_parts(&upload, &[], 4);
    assert!(tokio::time::timeout(A_WHILE, &mut finishing).await.is_err());
    drop(writing);
    finishing.await.unwrap();
    assert!(matches!(part(b"evil").await, Err(FileError::Missing)));
    assert_eq!(world.read(&upload.object_key, None).await.unwrap(), b"good");

    // A write that was held while the file was finished writes nothing.
    let upload = world.store.begin_parts(4).await.unwrap();
    let part = |bytes: &'static [u8]| world.store.put_part(&upload, 1, 0, Bytes::from_static(bytes));
    part(b"good").await.unwrap();
    let parts = root.join("parts").join(upload.object_key.replace('/', "-"));
    let finisher = std::fs::File::open(&parts).unwrap();
    finisher.lock().unwrap();
    let mut late = part(b"evil");
    assert!(tokio::time::timeout(A_WHILE, &mut late).await.is_err());
    let sold = root.join("sold");
    std::fs::rename(&parts, &sold).unwrap();
    drop(finisher);
    assert!(matches!(late.await, Err(FileError::Missing)));
    assert_eq!(std::fs::read(&sold).unwrap(), b"good");
}
