//! A folder on this machine. A file appears whole or not at all: temporary file, fsync, rename, fsync of the folders.

use super::{ByteRange, ByteStream, FileError, FileStore, PartUpload, Stored, TakenPart, broken_body, key, media_type};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::{self, DirBuilder, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

/// Large enough that the disk and not the calls decide, small enough for many slow readers.
const BUFFER_BYTES: u64 = 256 * 1024;
/// Where files are while they arrive: the same file system, so that a rename is enough.
const INCOMING: &str = "incoming";
/// Where files are that come in parts: each as large as it will be, with holes where parts are missing.
const PARTS: &str = "parts";
/// What lies in [`INCOMING`] for longer was left by a process that died; no upload takes so long.
const STALE_AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Files in a folder, for this user alone: 0600 in 0700.
pub struct LocalFileStore {
    root: PathBuf,
}

impl LocalFileStore {
    /// Opens the folder, which is made when missing, and clears away what a dead process left half done.
    ///
    /// # Errors
    /// [`FileError::Unavailable`] when the folder can't be made or read.
    pub async fn open(root: PathBuf) -> Result<Self, FileError> {
        let incoming = root.join(INCOMING);
        make_folder(&incoming).await?;
        make_folder(&root.join(PARTS)).await?;
        sweep(&incoming).await?;
        Ok(Self { root })
    }

    fn path(&self, object_key: &str) -> Result<PathBuf, FileError> {
        key::check(object_key)?;
        Ok(self.root.join(object_key))
    }

    /// Where an upload in parts lies until it is finished.
    fn parts_path(&self, object_key: &str) -> Result<PathBuf, FileError> {
        key::check(object_key)?;
        Ok(self.root.join(PARTS).join(object_key.replace('/', "-")))
    }

    /// Brings a file that is whole and durable to its place.
    async fn keep(&self, path: &Path, object_key: &str) -> Result<(), FileError> {
        let target = self.path(object_key)?;
        let folder = target.parent().unwrap_or(&self.root);
        make_folder(folder).await?;
        fs::rename(path, &target).await?;
        // The folder may be as new as the file in it.
        for folder in [folder, &self.root] {
            File::open(folder).await?.sync_all().await?;
        }
        Ok(())
    }
}

#[async_trait]
impl FileStore for LocalFileStore {
    async fn put_at(&self, object_key: &str, body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        key::check(object_key)?;
        let mut incoming = Incoming { path: self.root.join(INCOMING).join(object_key.replace('/', "-")), is_kept: false };
        let (size_bytes, sha256, media_type) = incoming.write(body, media_type).await?;
        self.keep(&incoming.path, object_key).await?;
        incoming.is_kept = true;
        Ok(Stored { object_key: object_key.to_owned(), size_bytes, sha256, media_type })
    }

    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        let mut file = File::open(self.path(object_key)?).await?;
        let part = ByteRange::clamp(range, file.metadata().await?.len());
        let n_bytes = part.end - part.start;
        if part.start > 0 {
            file.seek(std::io::SeekFrom::Start(part.start)).await?;
        }
        let buffer = n_bytes.clamp(1, BUFFER_BYTES) as usize;
        file.set_max_buf_size(buffer);
        Ok(Box::pin(ReaderStream::with_capacity(file.take(n_bytes), buffer)))
    }

    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        match fs::metadata(self.path(object_key)?).await {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        match fs::remove_file(self.path(object_key)?).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn presign_get(
        &self,
        object_key: &str,
        _file_name: &str,
        _media_type: &str,
        _ttl: Duration,
    ) -> Result<Option<String>, FileError> {
        key::check(object_key)?;
        Ok(None)
    }

    async fn begin_parts(&self, size_bytes: u64) -> Result<PartUpload, FileError> {
        let object_key = key::new_object_key();
        let path = self.parts_path(&object_key)?;
        let file = new_file(&path).await?;
        if let Err(error) = file.set_len(size_bytes).await {
            fs::remove_file(&path).await?;
            return Err(error.into());
        }
        file.sync_all().await?;
        File::open(self.root.join(PARTS)).await?.sync_all().await?;
        Ok(PartUpload { object_key, store_ref: String::new() })
    }

    async fn put_part(&self, upload: &PartUpload, _number: u32, offset: u64, bytes: Bytes) -> Result<String, FileError> {
        let path = self.parts_path(&upload.object_key)?;
        // On a thread of its own to its end: a write that goes on after its request is gone would be held by nobody.
        tokio::task::spawn_blocking(move || write_part(&path, offset, &bytes))
            .await
            .map_err(|error| FileError::Unavailable(error.into()))??;
        Ok(String::new())
    }

    async fn finish_parts(&self, upload: &PartUpload, _parts: &[TakenPart], size_bytes: u64) -> Result<(), FileError> {
        let path = self.parts_path(&upload.object_key)?;
        let whole = {
            let path = path.clone();
            tokio::task::spawn_blocking(move || hold_whole(&path, size_bytes))
                .await
                .map_err(|error| FileError::Unavailable(error.into()))?
        };
        // Held until the file has its place, so that no part is written into it after that.
        let _whole = match whole {
            Ok(whole) => whole,
            Err(FileError::Missing) if self.head(&upload.object_key).await? == Some(size_bytes) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.keep(&path, &upload.object_key).await
    }

    async fn abort_parts(&self, upload: &PartUpload) -> Result<(), FileError> {
        match fs::remove_file(self.parts_path(&upload.object_key)?).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    async fn check(&self) -> Result<(), FileError> {
        // A folder that is gone is no missing file: the volume is not mounted.
        fs::metadata(self.root.join(INCOMING)).await.map(drop).map_err(|error| FileError::Unavailable(error.into()))
    }
}

/// A file in the making. It goes with its upload, also when that is dropped half way because the sender hung up.
struct Incoming {
    path: PathBuf,
    is_kept: bool,
}

impl Incoming {
    async fn write(&self, mut body: ByteStream, media_type: &str) -> Result<(i64, String, String), FileError> {
        let mut file = new_file(&self.path).await?;
        let (mut hash, mut size_bytes, mut settled) = (Sha256::new(), 0i64, None);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(broken_body)?;
            settled.get_or_insert_with(|| media_type::settled(media_type, &chunk));
            hash.update(&chunk);
            size_bytes += chunk.len() as i64;
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        Ok((size_bytes, data_encoding::HEXLOWER.encode(&hash.finalize()), settled.unwrap_or_else(|| media_type::settled(media_type, &[]))))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(path = %self.path.display(), %error, "an unfinished upload could not be removed")
            }
            _ => {}
        }
    }
}

/// Writes a part to its place, while others write theirs, and never into a file that is finished.
fn write_part(path: &Path, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
    let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
    file.lock_shared()?;
    // Whoever finished it while this one waited has moved it away: what was opened is what is sold by now.
    if !is_same(&file, path)? {
        return Err(FileError::Missing);
    }
    file.seek(std::io::SeekFrom::Start(offset))?;
    file.write_all(bytes)?;
    // Whoever is told that a part is there doesn't send it again.
    file.sync_data()?;
    Ok(())
}

/// The file of all parts, once nobody writes to it any more, and so that nobody will.
///
/// # Errors
/// [`FileError::Missing`] where it is gone, or not as long as it should be.
fn hold_whole(path: &Path, size_bytes: u64) -> Result<std::fs::File, FileError> {
    let file = std::fs::File::open(path)?;
    file.lock()?;
    if !is_same(&file, path)? || file.metadata()?.len() != size_bytes {
        return Err(FileError::Missing);
    }
    file.sync_all()?;
    Ok(file)
}

/// Whether the path still leads to the file that was opened by it.
fn is_same(file: &std::fs::File, path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let opened = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (opened.dev(), opened.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a file for this user alone, where there is none.
async fn new_file(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    Ok(options.open(path).await?)
}

/// Makes a folder and those above it for this user alone; one that exists is left as it is.
async fn make_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    builder.mode(0o700);
    Ok(builder.create(path).await?)
}

async fn sweep(incoming: &Path) -> Result<(), FileError> {
    let mut entries = fs::read_dir(incoming).await?;
    while let Some(entry) = entries.next_entry().await? {
        // Another process may finish or remove it meanwhile, which is as good.
        let Ok(metadata) = entry.metadata().await else { continue };
        if metadata.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > STALE_AFTER) {
            tracing::info!(path = %entry.path().display(), "removing what an upload left behind");
            if let Err(error) = fs::remove_file(entry.path()).await {
                tracing::warn!(path = %entry.path().display(), %error, "it could not be removed");
            }
        }
    }
    Ok(())
}
