//! Files in memory, for tests that are about something else.

use super::{ByteRange, ByteStream, FileError, FileStore, Stored, key, stream_of};
use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Files that are gone with the process.
#[derive(Default)]
pub struct MemoryFileStore {
    objects: Mutex<HashMap<String, Bytes>>,
}

impl MemoryFileStore {
    fn object(&self, object_key: &str) -> Option<Bytes> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).get(object_key).cloned()
    }
}

#[async_trait]
impl FileStore for MemoryFileStore {
    async fn put(&self, body: ByteStream, _media_type: &str) -> Result<Stored, FileError> {
        let chunks: Vec<Bytes> = body.try_collect().await?;
        let bytes = Bytes::from(chunks.concat());
        let stored = Stored { object_key: key::new_object_key(), size_bytes: bytes.len() as i64, sha256: data_encoding::HEXLOWER.encode(&crate::secret::sha256(&bytes)) };
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).insert(stored.object_key.clone(), bytes);
        Ok(stored)
    }

    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        let bytes = self.object(object_key).ok_or(FileError::Missing)?;
        let (start, end) = range.map_or((0, bytes.len()), |range| (range.start as usize, range.end_inclusive as usize + 1));
        Ok(stream_of(bytes.slice(start.min(bytes.len())..end.min(bytes.len()))))
    }

    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        Ok(self.object(object_key).map(|bytes| bytes.len() as u64))
    }

    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner).remove(object_key);
        Ok(())
    }

    async fn presign_get(&self, _object_key: &str, _file_name: &str, _media_type: &str, _ttl: Duration) -> Result<Option<String>, FileError> {
        Ok(None)
    }

    async fn check(&self) -> Result<(), FileError> {
        Ok(())
    }
}
