//! Where the bytes of goods, covers and samples lie: a folder, or a bucket that speaks S3.
//!
//! Objects have random keys and no public URL; names and types live in the database.

mod disposition;
mod key;
mod local;
mod media_type;
mod memory;
mod s3;

pub use disposition::content_disposition;
pub use key::new_object_key;
pub use local::LocalFileStore;
pub use media_type::media_type_of;
pub use memory::MemoryFileStore;
pub use s3::{S3FileStore, S3Options};

use async_trait::async_trait;
use bytes::Bytes;
use domain::id::Id;
use futures::Stream;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Bytes on their way.
pub type ByteStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// A part of a file; both ends count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    pub start: u64,
    pub end_inclusive: u64,
}

impl ByteRange {
    pub fn n_bytes(&self) -> u64 {
        (self.end_inclusive + 1).saturating_sub(self.start)
    }
}

/// A file as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub id: Id,
    pub object_key: String,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// Hexadecimal.
    pub sha256: String,
}

/// What a store tells of bytes that it has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub object_key: String,
    pub size_bytes: i64,
    /// Hexadecimal.
    pub sha256: String,
}

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("there is no such object")]
    Missing,
    #[error("there is no space left")]
    Full,
    #[error("this is no object key")]
    InvalidKey,
    #[error("the file store can't be reached")]
    Unavailable(#[source] anyhow::Error),
}

impl From<std::io::Error> for FileError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => FileError::Missing,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => FileError::Full,
            _ => FileError::Unavailable(error.into()),
        }
    }
}

/// A place for bytes. All implementations pass the same contract tests.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Keeps the bytes under a new key, and answers once they are durable.
    async fn put(&self, body: ByteStream, media_type: &str) -> Result<Stored, FileError>;
    /// The bytes of an object, or a part of them.
    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError>;
    /// The size of an object in bytes; `None` when there is none.
    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError>;
    /// Removes an object; one that is gone is fine.
    async fn delete(&self, object_key: &str) -> Result<(), FileError>;
    /// A URL that serves the object as an attachment for `ttl`; `None` where the store can't make one.
    async fn presign_get(&self, object_key: &str, file_name: &str, media_type: &str, ttl: Duration) -> Result<Option<String>, FileError>;
    /// Whether the store can be used now.
    async fn check(&self) -> Result<(), FileError>;
}

/// Opens `file:///dir` or `s3://bucket/prefix`.
///
/// # Errors
/// A sentence for the operator.
pub async fn open(url: &str) -> anyhow::Result<Arc<dyn FileStore>> {
    if let Some(path) = url.strip_prefix("file://") {
        anyhow::ensure!(path.starts_with('/'), "file:// takes an absolute folder, such as file:///var/lib/weightless/files");
        return Ok(Arc::new(LocalFileStore::open(path.into()).await?));
    }
    if let Some(rest) = url.strip_prefix("s3://") {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        return Ok(Arc::new(S3FileStore::new(S3Options::from_env(bucket, prefix)?)));
    }
    anyhow::bail!("the files URL begins with file:/// or s3://")
}

/// A stream over bytes that are in memory already.
pub fn stream_of(bytes: impl Into<Bytes>) -> ByteStream {
    let bytes = bytes.into();
    Box::pin(futures::stream::once(async move { Ok(bytes) }))
}
