//! A folder on this machine. A file appears whole or not at all: temporary file, fsync, rename, fsync of the folder.

use super::{ByteRange, ByteStream, FileError, FileStore, Stored, key};
use async_trait::async_trait;
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

/// Large enough that the disk and not the calls decide, small enough for many slow readers.
const BUFFER_BYTES: u64 = 512 * 1024;

/// Files in a folder.
pub struct LocalFileStore {
    root: PathBuf,
}

impl LocalFileStore {
    /// Opens the folder, which is made when missing.
    pub async fn open(root: PathBuf) -> Result<Self, FileError> {
        fs::create_dir_all(root.join("incoming")).await?;
        restrict(&root, 0o700).await?;
        Ok(Self { root })
    }

    fn path(&self, object_key: &str) -> Result<PathBuf, FileError> {
        key::check(object_key)?;
        Ok(self.root.join(object_key))
    }

    async fn write(&self, path: &Path, mut body: ByteStream) -> Result<(i64, String), FileError> {
        let mut file = File::create(path).await?;
        restrict(path, 0o600).await?;
        let (mut hash, mut size_bytes) = (Sha256::new(), 0i64);
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            hash.update(&chunk);
            size_bytes += chunk.len() as i64;
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        Ok((size_bytes, data_encoding::HEXLOWER.encode(&hash.finalize())))
    }
}

#[async_trait]
impl FileStore for LocalFileStore {
    async fn put(&self, body: ByteStream, _media_type: &str) -> Result<Stored, FileError> {
        let object_key = key::new_object_key();
        let target = self.path(&object_key)?;
        let temporary = self.root.join("incoming").join(object_key.replace('/', "-"));
        let written = self.write(&temporary, body).await;
        let (size_bytes, sha256) = match written {
            Ok(written) => written,
            Err(error) => {
                remove(&temporary).await?;
                return Err(error);
            }
        };
        let folder = target.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).await?;
        fs::rename(&temporary, &target).await?;
        File::open(folder).await?.sync_all().await?;
        Ok(Stored { object_key, size_bytes, sha256 })
    }

    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        let mut file = File::open(self.path(object_key)?).await?;
        let size = file.metadata().await?.len();
        let (start, n_bytes) = range.map_or((0, size), |range| (range.start, range.n_bytes()));
        if start > 0 {
            file.seek(std::io::SeekFrom::Start(start)).await?;
        }
        let buffer = n_bytes.clamp(1, BUFFER_BYTES) as usize;
        file.set_max_buf_size(buffer);
        Ok(Box::pin(ReaderStream::with_capacity(file.take(n_bytes), buffer)))
    }

    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        match fs::metadata(self.path(object_key)?).await {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        remove(&self.path(object_key)?).await
    }

    async fn presign_get(&self, _object_key: &str, _file_name: &str, _media_type: &str, _ttl: Duration) -> Result<Option<String>, FileError> {
        Ok(None)
    }

    async fn check(&self) -> Result<(), FileError> {
        fs::metadata(self.root.join("incoming")).await?;
        Ok(())
    }
}

async fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(unix)]
async fn restrict(path: &Path, mode: u32) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).await?;
    Ok(())
}

#[cfg(not(unix))]
async fn restrict(_path: &Path, _mode: u32) -> Result<(), FileError> {
    Ok(())
}
