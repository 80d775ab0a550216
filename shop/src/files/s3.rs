//! A bucket of any store that speaks S3.
//!
//! Checksums are sent only where S3 requires them: many S3-compatible stores refuse the SDK's newer defaults.

use super::{ByteRange, ByteStream, FileError, FileStore, Stored, content_disposition, key};
use async_trait::async_trait;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream as S3Body;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio_util::io::ReaderStream;

/// S3 takes no smaller part but the last; larger ones only cost memory.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// How to reach a bucket.
pub struct S3Options {
    pub bucket: String,
    /// Without a slash at its ends; empty for the bucket's root.
    pub prefix: String,
    /// Another store than Amazon's; addressed by path.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

impl S3Options {
    /// Reads the usual `AWS_*` variables.
    #[expect(clippy::disallowed_methods, reason = "the AWS_* variables belong to no SHOP_* struct")]
    pub fn from_env(bucket: &str, prefix: &str) -> anyhow::Result<Self> {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let need = |name: &str| var(name).ok_or_else(|| anyhow::anyhow!("{name} is missing: s3:// needs it"));
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: var("AWS_ENDPOINT_URL_S3").or_else(|| var("AWS_ENDPOINT_URL")),
            region: var("AWS_REGION").or_else(|| var("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned()),
            access_key_id: need("AWS_ACCESS_KEY_ID")?,
            secret_access_key: need("AWS_SECRET_ACCESS_KEY")?,
            session_token: var("AWS_SESSION_TOKEN"),
        })
    }
}

/// Files in a bucket.
pub struct S3FileStore {
    client: aws_sdk_s3::Client,
    bucket: String,
    prefix: String,
}

impl S3FileStore {
    pub fn new(options: S3Options) -> Self {
        let credentials = Credentials::new(options.access_key_id, options.secret_access_key, options.session_token, None, "environment");
        let http = aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(options.region))
            .credentials_provider(credentials)
            .http_client(http)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = options.endpoint {
            config = config.endpoint_url(endpoint).force_path_style(true);
        }
        Self { client: aws_sdk_s3::Client::from_conf(config.build()), bucket: options.bucket, prefix: options.prefix }
    }

    fn key(&self, object_key: &str) -> Result<String, FileError> {
        key::check(object_key)?;
        Ok(if self.prefix.is_empty() { object_key.to_owned() } else { format!("{}/{object_key}", self.prefix) })
    }

    async fn put_whole(&self, key: &str, media_type: &str, bytes: Bytes) -> Result<(), FileError> {
        self.client.put_object().bucket(&self.bucket).key(key).content_type(media_type).body(S3Body::from(bytes)).send().await.map_err(failure)?;
        Ok(())
    }

    async fn put_parts(&self, key: &str, upload_id: &str, first: Bytes, body: &mut ByteStream, hash: &mut Sha256) -> Result<i64, FileError> {
        let (mut parts, mut part, mut size_bytes) = (Vec::new(), first, 0i64);
        loop {
            let number = parts.len() as i32 + 1;
            size_bytes += part.len() as i64;
            let sent = self.client.upload_part().bucket(&self.bucket).key(key).upload_id(upload_id).part_number(number).body(S3Body::from(part)).send().await.map_err(failure)?;
            parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
            part = next_part(body, hash).await?;
            if part.is_empty() {
                break;
            }
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        self.client.complete_multipart_upload().bucket(&self.bucket).key(key).upload_id(upload_id).multipart_upload(parts).send().await.map_err(failure)?;
        Ok(size_bytes)
    }
}

#[async_trait]
impl FileStore for S3FileStore {
    async fn put(&self, mut body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        let object_key = key::new_object_key();
        let key = self.key(&object_key)?;
        let mut hash = Sha256::new();
        let first = next_part(&mut body, &mut hash).await?;
        let size_bytes = if first.len() < PART_BYTES {
            let size_bytes = first.len() as i64;
            self.put_whole(&key, media_type, first).await?;
            size_bytes
        } else {
            let upload = self.client.create_multipart_upload().bucket(&self.bucket).key(&key).content_type(media_type).send().await.map_err(failure)?;
            let upload_id = upload.upload_id.unwrap_or_default();
            match self.put_parts(&key, &upload_id, first, &mut body, &mut hash).await {
                Ok(size_bytes) => size_bytes,
                Err(error) => {
                    // Parts that nobody completes would be kept and paid for.
                    if let Err(abort) = self.client.abort_multipart_upload().bucket(&self.bucket).key(&key).upload_id(&upload_id).send().await {
                        tracing::warn!(error = ?failure(abort), "an upload could not be aborted");
                    }
                    return Err(error);
                }
            }
        };
        Ok(Stored { object_key, size_bytes, sha256: data_encoding::HEXLOWER.encode(&hash.finalize()) })
    }

    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end_inclusive));
        let object = self.client.get_object().bucket(&self.bucket).key(self.key(object_key)?).set_range(range).send().await.map_err(failure)?;
        Ok(Box::pin(ReaderStream::with_capacity(object.body.into_async_read(), 256 * 1024)))
    }

    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        match self.client.head_object().bucket(&self.bucket).key(self.key(object_key)?).send().await.map_err(failure) {
            Ok(head) => Ok(head.content_length.and_then(|length| u64::try_from(length).ok())),
            Err(FileError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        self.client.delete_object().bucket(&self.bucket).key(self.key(object_key)?).send().await.map_err(failure)?;
        Ok(())
    }

    async fn presign_get(&self, object_key: &str, file_name: &str, media_type: &str, ttl: Duration) -> Result<Option<String>, FileError> {
        let config = PresigningConfig::expires_in(ttl).map_err(|error| FileError::Unavailable(error.into()))?;
        let request = self.client.get_object().bucket(&self.bucket).key(self.key(object_key)?).response_content_type(media_type).response_content_disposition(content_disposition(file_name));
        Ok(Some(request.presigned(config).await.map_err(failure)?.uri().to_owned()))
    }

    async fn check(&self) -> Result<(), FileError> {
        self.client.head_bucket().bucket(&self.bucket).send().await.map_err(failure)?;
        Ok(())
    }
}

/// The next bytes, as many as a part takes; fewer only at the end.
async fn next_part(body: &mut ByteStream, hash: &mut Sha256) -> Result<Bytes, FileError> {
    let mut part = BytesMut::new();
    while part.len() < PART_BYTES {
        let Some(chunk) = body.next().await else { break };
        let chunk = chunk?;
        hash.update(&chunk);
        part.extend_from_slice(&chunk);
    }
    Ok(part.freeze())
}

fn failure<E, R>(error: SdkError<E, R>) -> FileError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.code() {
        Some("NoSuchKey" | "NotFound") => FileError::Missing,
        Some("XMinioStorageFull" | "QuotaExceeded") => FileError::Full,
        _ => FileError::Unavailable(error.into()),
    }
}
