//! Files in memory, for tests that are about something else.

use super::{ByteRange, ByteStream, FileError, FileStore, Stored, broken_body, key, media_type, stream_of};
use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Files that are gone with the process.
#[derive(Default)]
pub struct MemoryFileStore {
    objects: Mutex<HashMap<String, Bytes>>,
}

impl MemoryFileStore {
    fn objects(&self) -> MutexGuard<'_, HashMap<String, Bytes>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn object(&self, object_key: &str) -> Result<Option<Bytes>, FileError> {
        key::check(object_key)?;
        Ok(self.objects().get(object_key).cloned())
    }
}

#[async_trait]
impl FileStore for MemoryFileStore {
    async fn put(&self, body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        let chunks: Vec<Bytes> = body.try_collect().await.map_err(broken_body)?;
        let bytes = Bytes::from(chunks.concat());
        let stored = Stored {
            object_key: key::new_object_key(),
            size_bytes: bytes.len() as i64,
            sha256: data_encoding::HEXLOWER.encode(&crate::secret::sha256(&bytes)),
            media_type: media_type::settled(media_type, &bytes),
        };
        self.objects().insert(stored.object_key.clone(), bytes);
        Ok(stored)
    }

    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        let bytes = self.object(object_key)?.ok_or(FileError::Missing)?;
        let part = ByteRange::clamp(range, bytes.len() as u64);
        Ok(stream_of(bytes.slice(part.start as usize..part.end as usize)))
    }

    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        Ok(self.object(object_key)?.map(|bytes| bytes.len() as u64))
    }

    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        key::check(object_key)?;
        self.objects().remove(object_key);
        Ok(())
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

    async fn check(&self) -> Result<(), FileError> {
        Ok(())
    }
}
