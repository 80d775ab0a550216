//! Where the bytes of goods, covers and samples lie: a folder, or a bucket that speaks S3.
//!
//! Objects have random keys and no public URL; names and types live in the database.

pub(crate) mod archives;
pub mod check;
mod disposition;
mod key;
mod local;
mod media_type;
mod memory;
pub(crate) mod pictures;
mod s3;
pub(crate) mod steps;
pub(crate) mod tombstones;
pub mod uploads;

pub use disposition::content_disposition;
pub use key::new_object_key;
pub use local::LocalFileStore;
pub use media_type::{media_type_of, text_charset};
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
    /// How many bytes it asks for: none when it ends before it starts.
    pub fn n_bytes(&self) -> u64 {
        self.end_inclusive.saturating_add(1).saturating_sub(self.start)
    }

    /// What there is of a range in a file of `size` bytes; the whole file without a range.
    fn clamp(range: Option<Self>, size: u64) -> std::ops::Range<u64> {
        let Some(range) = range else { return 0..size };
        let start = range.start.min(size);
        start..range.end_inclusive.saturating_add(1).min(size).max(start)
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
    /// The given one; where that was `application/octet-stream`, what the first bytes tell.
    pub media_type: String,
}

/// An upload in parts that a store has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartUpload {
    /// Where the whole will lie.
    pub object_key: String,
    /// What the store calls it.
    pub store_ref: String,
}

/// A part that a store has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenPart {
    /// From 1.
    pub number: u32,
    /// What the store calls it.
    pub tag: String,
}

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing lies under this key.
    #[error("there is no such object")]
    Missing,
    /// The disk or the quota is full.
    #[error("there is no space left")]
    Full,
    /// The key was not issued by this shop; the store was not asked.
    #[error("this is no object key")]
    InvalidKey,
    /// Anything else: the network, the disk, the credentials, or a body that broke off. The cause says which.
    #[error("the file store can't do this now")]
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

/// A body that ended with an error is not the store's: its kind must not read as a missing file or a full disk.
fn broken_body(error: std::io::Error) -> FileError {
    FileError::Unavailable(anyhow::Error::new(error).context("the body broke off"))
}

/// A place for bytes. All implementations pass the same contract tests (`tests/files.rs`).
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Keeps the bytes under a new key; see [`FileStore::put_at`].
    async fn put(&self, body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        self.put_at(&new_object_key(), body, media_type).await
    }
    /// Keeps the bytes under a key that was never used, and answers once they are durable. Nothing is left of a body that breaks off.
    ///
    /// # Errors
    /// [`FileError::InvalidKey`], [`FileError::Full`], [`FileError::Unavailable`].
    async fn put_at(&self, object_key: &str, body: ByteStream, media_type: &str) -> Result<Stored, FileError>;
    /// The bytes of an object, or what there is of a part of them.
    ///
    /// # Errors
    /// [`FileError::Missing`], [`FileError::InvalidKey`], [`FileError::Unavailable`]; the stream itself fails when it breaks off.
    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError>;
    /// The size of an object in bytes; `None` when there is none.
    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError>;
    /// Removes an object; one that is gone is fine.
    async fn delete(&self, object_key: &str) -> Result<(), FileError>;
    /// A URL that serves the object as an attachment for `ttl`, 60 seconds at most; `None` where the store can't make one.
    ///
    /// Such a URL works any number of times and can't be taken back.
    async fn presign_get(&self, object_key: &str, file_name: &str, media_type: &str, ttl: Duration) -> Result<Option<String>, FileError>;
    /// Begins an upload of `size_bytes` that comes in parts, in any order, over days. It is there until it is finished or aborted.
    async fn begin_parts(&self, size_bytes: u64) -> Result<PartUpload, FileError>;
    /// Keeps a part that begins at `offset`, and answers with what it is called once it is durable. A part may be sent again.
    ///
    /// # Errors
    /// [`FileError::Missing`] when there is no such upload (any more).
    async fn put_part(&self, upload: &PartUpload, number: u32, offset: u64, bytes: Bytes) -> Result<String, FileError>;
    /// Makes one object of all parts, in the order of their numbers. To do so again is the same.
    ///
    /// # Errors
    /// [`FileError::Missing`] when there is no such upload, or parts of it are gone.
    async fn finish_parts(&self, upload: &PartUpload, parts: &[TakenPart], size_bytes: u64) -> Result<(), FileError>;
    /// Throws away the parts of an upload; one that is gone or finished is fine.
    async fn abort_parts(&self, upload: &PartUpload) -> Result<(), FileError>;
    /// Whether the store can be used now.
    async fn check(&self) -> Result<(), FileError>;
}

/// Opens `file:///dir` or `s3://bucket/prefix`; the latter with the credentials of [`S3Options::from_env`].
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
        anyhow::ensure!(!bucket.is_empty(), "s3:// takes a bucket, such as s3://goods/shop");
        return Ok(Arc::new(S3FileStore::new(S3Options::from_env(bucket, prefix)?)));
    }
    anyhow::bail!("the files URL begins with file:/// or s3://")
}

/// A stream over bytes that are in memory already.
pub fn stream_of(bytes: impl Into<Bytes>) -> ByteStream {
    let bytes = bytes.into();
    Box::pin(futures::stream::once(async move { Ok(bytes) }))
}
