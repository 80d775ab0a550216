//! Files in memory, for tests that are about something else.

use super::{ByteRange, ByteStream, FileError, FileStore, PartUpload, Stored, TakenPart, broken_body, key, media_type, stream_of};
use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Files that are gone with the process.
#[derive(Default)]
pub struct MemoryFileStore {
    objects: Mutex<HashMap<String, Bytes>>,
    /// Uploads in parts, by the keys that they will have.
    uploads: Mutex<HashMap<String, BTreeMap<u32, Bytes>>>,
}

impl MemoryFileStore {
    fn objects(&self) -> MutexGuard<'_, HashMap<String, Bytes>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn uploads(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<u32, Bytes>>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn object(&self, object_key: &str) -> Result<Option<Bytes>, FileError> {
        key::check(object_key)?;
        Ok(self.objects().get(object_key).cloned())
    }
}

#[async_trait]
impl FileStore for MemoryFileStore {
    async fn put_at(&self, object_key: &str, body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        key::check(object_key)?;
        let chunks: Vec<Bytes> = body.try_collect().await.map_err(broken_body)?;
        let bytes = Bytes::from(chunks.concat());
        let stored = Stored {
            object_key: object_key.to_owned(),
            size_bytes: bytes.len() as i64,
            sha256: data_encoding::HEXLOWER.encode(&crate::base::secret::sha256(&bytes)),
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

    async fn begin_parts(&self, _size_bytes: u64) -> Result<PartUpload, FileError> {
        let object_key = key::new_object_key();
        self.uploads().insert(object_key.clone(), BTreeMap::new());
        Ok(PartUpload { object_key, store_ref: String::new() })
    }

    async fn put_part(&self, upload: &PartUpload, number: u32, _offset: u64, bytes: Bytes) -> Result<String, FileError> {
        key::check(&upload.object_key)?;
        self.uploads().get_mut(&upload.object_key).ok_or(FileError::Missing)?.insert(number, bytes);
        Ok(String::new())
    }

    async fn finish_parts(&self, upload: &PartUpload, _parts: &[TakenPart], size_bytes: u64) -> Result<(), FileError> {
        let parts = self.uploads().remove(&upload.object_key);
        match parts {
            Some(parts) => {
                let bytes = Bytes::from(parts.into_values().collect::<Vec<_>>().concat());
                if bytes.len() as u64 != size_bytes {
                    return Err(FileError::Missing);
                }
                self.objects().insert(upload.object_key.clone(), bytes);
                Ok(())
            }
            None if self.head(&upload.object_key).await? == Some(size_bytes) => Ok(()),
            None => Err(FileError::Missing),
        }
    }

    async fn abort_parts(&self, upload: &PartUpload) -> Result<(), FileError> {
        key::check(&upload.object_key)?;
        self.uploads().remove(&upload.object_key);
        Ok(())
    }

    async fn check(&self) -> Result<(), FileError> {
        Ok(())
    }
}
