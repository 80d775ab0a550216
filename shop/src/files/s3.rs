//! A bucket of any store that speaks S3.
//!
//! Checksums are sent only where S3 requires them: many S3-compatible stores refuse the SDK's newer defaults.
//! An upload whose process dies leaves parts behind; a lifecycle rule of the bucket (abort incomplete uploads after
//! ten days: an upload that somebody may go on with lives for seven) removes those.

use super::{
    ByteRange, ByteStream, FileError, FileStore, PartUpload, Stored, TakenPart, broken_body, content_disposition, key, media_type,
};
use async_trait::async_trait;
use aws_sdk_s3::config::http::HttpResponse;
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

/// S3 takes parts from 5 MiB, and 10,000 of them: 80 GB with these. Each upload keeps one in memory.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const PART_BYTES: usize = 8 * 1024 * 1024;
/// A presigned URL can't be revoked, so it must not outlive the click it was made for.
const MAX_TTL: Duration = Duration::from_secs(60);

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
    /// Reads the usual variables once: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and where they are set
    /// `AWS_SESSION_TOKEN`, `AWS_REGION` and `AWS_ENDPOINT_URL_S3`.
    ///
    /// The credentials are static: profiles, instance roles and their renewal are not read.
    ///
    /// # Errors
    /// A sentence for the operator that names the variable that is missing.
    #[expect(clippy::disallowed_methods, reason = "the AWS_* variables belong to no SHOP_* struct")]
    pub fn from_env(bucket: &str, prefix: &str) -> anyhow::Result<Self> {
        let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let need = |name: &str| var(name).ok_or_else(|| anyhow::anyhow!("{name} is missing: files in s3:// need it"));
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
    /// Makes the client; no connection yet.
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
}

#[async_trait]
impl FileStore for S3FileStore {
    async fn put_at(&self, object_key: &str, body: ByteStream, media_type: &str) -> Result<Stored, FileError> {
        let key = self.key(object_key)?;
        let mut parts = Parts { body, rest: BytesMut::new(), hash: Sha256::new() };
        let first = parts.next().await?;
        let media_type = media_type::settled(media_type, &first);
        let size_bytes = if first.len() < PART_BYTES {
            let size_bytes = first.len() as i64;
            self.client
                .put_object()
                .bucket(&self.bucket)
                .key(key)
                .content_type(&media_type)
                .body(S3Body::from(first))
                .send()
                .await
                .map_err(failure)?;
            size_bytes
        } else {
            let mut upload = Upload::begin(&self.client, &self.bucket, key, &media_type).await?;
            match upload.send(first, &mut parts).await {
                Ok(size_bytes) => size_bytes,
                Err(error) => {
                    upload.abort().await;
                    return Err(error);
                }
            }
        };
        let sha256 = data_encoding::HEXLOWER.encode(&parts.hash.finalize());
        Ok(Stored { object_key: object_key.to_owned(), size_bytes, sha256, media_type })
    }

    async fn get(&self, object_key: &str, range: Option<ByteRange>) -> Result<ByteStream, FileError> {
        let key = self.key(object_key)?;
        // S3 answers a range that ends before it starts with the whole file.
        if range.is_some_and(|range| range.n_bytes() == 0) {
            return self.head(object_key).await?.map(|_| nothing()).ok_or(FileError::Missing);
        }
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end_inclusive));
        let object = match self.client.get_object().bucket(&self.bucket).key(key).set_range(range).send().await {
            Ok(object) => object,
            Err(error) if error.code() == Some("InvalidRange") => return Ok(nothing()),
            Err(error) => return Err(failure(error)),
        };
        Ok(Box::pin(futures::stream::try_unfold(object.body, |mut body| async move {
            let chunk = body.try_next().await.map_err(std::io::Error::other)?;
            Ok(chunk.map(|chunk| (chunk, body)))
        })))
    }

    async fn head(&self, object_key: &str) -> Result<Option<u64>, FileError> {
        match self.client.head_object().bucket(&self.bucket).key(self.key(object_key)?).send().await.map_err(failure) {
            Ok(head) => Ok(head.content_length.and_then(|length| u64::try_from(length).ok())),
            Err(FileError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn delete(&self, object_key: &str) -> Result<(), FileError> {
        match self.client.delete_object().bucket(&self.bucket).key(self.key(object_key)?).send().await.map_err(failure) {
            Ok(_) | Err(FileError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn presign_get(&self, object_key: &str, file_name: &str, media_type: &str, ttl: Duration) -> Result<Option<String>, FileError> {
        let config = PresigningConfig::expires_in(ttl.min(MAX_TTL)).map_err(|error| FileError::Unavailable(error.into()))?;
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(self.key(object_key)?)
            .response_content_type(media_type)
            .response_content_disposition(content_disposition(file_name));
        Ok(Some(request.presigned(config).await.map_err(failure)?.uri().to_owned()))
    }

    async fn begin_parts(&self, _size_bytes: u64) -> Result<PartUpload, FileError> {
        let object_key = key::new_object_key();
        let key = self.key(&object_key)?;
        let begun = self.client.create_multipart_upload().bucket(&self.bucket).key(key).content_type(media_type::UNKNOWN).send().await;
        let store_ref = begun.map_err(failure)?.upload_id.ok_or_else(nameless)?;
        Ok(PartUpload { object_key, store_ref })
    }

    async fn put_part(&self, upload: &PartUpload, number: u32, _offset: u64, bytes: Bytes) -> Result<String, FileError> {
        let sent = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(self.key(&upload.object_key)?)
            .upload_id(&upload.store_ref)
            .part_number(number.cast_signed())
            .body(S3Body::from(bytes))
            .send()
            .await
            .map_err(failure)?;
        Ok(sent.e_tag.unwrap_or_default())
    }

    async fn finish_parts(&self, upload: &PartUpload, parts: &[TakenPart], size_bytes: u64) -> Result<(), FileError> {
        let parts = parts.iter().map(|part| CompletedPart::builder().part_number(part.number.cast_signed()).e_tag(&part.tag).build());
        let finished = self
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(self.key(&upload.object_key)?)
            .upload_id(&upload.store_ref)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build())
            .send()
            .await
            .map_err(failure);
        match finished {
            Ok(_) => Ok(()),
            // It was finished before, and the answer was lost.
            Err(error) if self.head(&upload.object_key).await? != Some(size_bytes) => Err(error),
            Err(_) => Ok(()),
        }
    }

    async fn abort_parts(&self, upload: &PartUpload) -> Result<(), FileError> {
        let key = self.key(&upload.object_key)?;
        let aborted = self.client.abort_multipart_upload().bucket(&self.bucket).key(key).upload_id(&upload.store_ref).send().await;
        match aborted.map_err(failure) {
            Ok(_) | Err(FileError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn check(&self) -> Result<(), FileError> {
        match self.client.head_bucket().bucket(&self.bucket).send().await.map_err(failure) {
            Err(FileError::Missing) => Err(FileError::Unavailable(anyhow::anyhow!("there is no bucket {}", self.bucket))),
            other => other.map(drop),
        }
    }
}

/// An upload in parts. It is aborted when it is dropped half way: parts that nobody completes are kept and paid for.
struct Upload {
    client: aws_sdk_s3::Client,
    bucket: String,
    key: String,
    upload_id: String,
    is_over: bool,
}

impl Upload {
    async fn begin(client: &aws_sdk_s3::Client, bucket: &str, key: String, media_type: &str) -> Result<Self, FileError> {
        let begun = client.create_multipart_upload().bucket(bucket).key(&key).content_type(media_type).send().await.map_err(failure)?;
        let upload_id = begun.upload_id.ok_or_else(nameless)?;
        Ok(Self { client: client.clone(), bucket: bucket.to_owned(), key, upload_id, is_over: false })
    }

    async fn send(&mut self, first: Bytes, parts: &mut Parts) -> Result<i64, FileError> {
        let (mut done, mut part, mut size_bytes) = (Vec::new(), first, 0i64);
        while !part.is_empty() {
            let number = done.len() as i32 + 1;
            size_bytes += part.len() as i64;
            let sent = self
                .client
                .upload_part()
                .bucket(&self.bucket)
                .key(&self.key)
                .upload_id(&self.upload_id)
                .part_number(number)
                .body(S3Body::from(part))
                .send()
                .await
                .map_err(failure)?;
            done.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
            part = parts.next().await?;
        }
        let done = CompletedMultipartUpload::builder().set_parts(Some(done)).build();
        self.client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(&self.upload_id)
            .multipart_upload(done)
            .send()
            .await
            .map_err(failure)?;
        self.is_over = true;
        Ok(size_bytes)
    }

    async fn abort(&mut self) {
        self.is_over = true;
        abort(&self.client, &self.bucket, &self.key, &self.upload_id).await;
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (client, bucket, key, upload_id) =
                (self.client.clone(), std::mem::take(&mut self.bucket), std::mem::take(&mut self.key), std::mem::take(&mut self.upload_id));
            runtime.spawn(async move { abort(&client, &bucket, &key, &upload_id).await });
        }
    }
}

async fn abort(client: &aws_sdk_s3::Client, bucket: &str, key: &str, upload_id: &str) {
    if let Err(error) = client.abort_multipart_upload().bucket(bucket).key(key).upload_id(upload_id).send().await {
        tracing::warn!(error = ?failure(error), "an upload could not be aborted");
    }
}

/// A body in parts of one size, as some stores demand, and its hash.
struct Parts {
    body: ByteStream,
    rest: BytesMut,
    hash: Sha256,
}

impl Parts {
    /// The next [`PART_BYTES`]; fewer only at the end, nothing after it.
    async fn next(&mut self) -> Result<Bytes, FileError> {
        while self.rest.len() < PART_BYTES {
            let Some(chunk) = self.body.next().await else { break };
            let chunk = chunk.map_err(broken_body)?;
            self.hash.update(&chunk);
            self.rest.extend_from_slice(&chunk);
        }
        let n_bytes = self.rest.len().min(PART_BYTES);
        Ok(self.rest.split_to(n_bytes).freeze())
    }
}

fn nameless() -> FileError {
    FileError::Unavailable(anyhow::anyhow!("the store began an upload without an id"))
}

fn nothing() -> ByteStream {
    Box::pin(futures::stream::empty())
}

fn failure<E>(error: SdkError<E, HttpResponse>) -> FileError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (error.code(), status) {
        (Some("NoSuchKey" | "NoSuchUpload" | "NotFound"), _) | (None, Some(404)) => FileError::Missing,
        (Some("XMinioStorageFull" | "QuotaExceeded"), _) | (_, Some(507)) => FileError::Full,
        _ => FileError::Unavailable(error.into()),
    }
}
