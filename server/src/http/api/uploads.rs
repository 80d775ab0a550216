//! A file on its way from a creator's form to the store, never in memory as a whole.

use super::body::{PathName, creator};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use crate::state::AppState;
use axum::Json;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use domain::member::Permission;
use futures::channel::mpsc::{Sender, channel};
use futures::{SinkExt, StreamExt};
use serde::Serialize;
use shop::accounts::audit::Actor;
use shop::catalog::{FileRole, NewFile, add_file_once};
use shop::files::{ByteStream, StoredFile, stream_of};
use std::pin::pin;
use utoipa::ToSchema;

/// All that one request may bring.
pub const MAX_UPLOAD_BYTES: usize = 2 * 1024 * 1024 * 1024;
/// A file that comes before the fields that say what it is for is held until then; a larger one is on its way already.
const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;
/// The other fields are words.
const MAX_WORD_BYTES: usize = 1024;
/// More tiers than any product has.
const MAX_VARIANTS: usize = 100;
/// How many of the first bytes tell what kind of file it is.
const HEAD_BYTES: usize = 512;

/// A form of `multipart/form-data`, 2 GiB in all; what the file is for comes before a large one.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form is read part by part; this describes it")]
pub struct UploadForm {
    /// The tier that the file is for; may come several times, and is every tier when absent.
    variant: Option<String>,
    /// `good` or `preview`.
    kind: Option<String>,
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

#[derive(Serialize, ToSchema)]
pub struct UploadedFile {
    id: String,
    name: String,
    size_bytes: i64,
    sha256: String,
}

#[utoipa::path(
    post, path = "/products/{slug}/files", operation_id = "upload_file", tag = "uploads",
    params(
        ("slug" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key adds one file, however often it is sent"),
    ),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    security(("api_key" = [])),
    responses((status = 201, description = "The file as it is kept", body = UploadedFile)),
)]
pub async fn upload(
    State(state): State<AppState>,
    PathName(slug): PathName,
    headers: HeaderMap,
    key: Result<IdempotencyKey, ApiError>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<UploadedFile>), ApiError> {
    let by = Actor::from(&creator(&state, &headers, Permission::EditProducts).await?);
    let key = key?.into_request_key();
    let mut form = form.map_err(|_| ApiError::malformed("Send multipart/form-data with a field named file."))?;
    let mut words = Words::default();
    let mut field = loop {
        match form.next_field().await.map_err(unreadable)? {
            Some(field) if field.name() == Some("file") => break field,
            Some(field) => words.read(field).await?,
            None => return Err(ApiError::malformed("The field named file is missing.")),
        }
    };
    let name = field.file_name().unwrap_or("file").to_owned();
    let (mut held, mut is_whole) = (Vec::new(), false);
    while !is_whole && held.len() <= MAX_HELD_BYTES {
        match field.chunk().await.map_err(unreadable)? {
            Some(chunk) => held.extend_from_slice(&chunk),
            None => is_whole = true,
        }
    }
    let head = held[..held.len().min(HEAD_BYTES)].to_vec();
    let new = |role: Option<FileRole>, body: ByteStream| {
        let role = role.unwrap_or(FileRole::Good);
        NewFile { role, name: &name, title: &name, head: &head, body }
    };
    let file = if is_whole {
        drop(field);
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            words.read(field).await?;
        }
        add_file_once(&state.shop, &by, &slug, &words.variants, new(words.role, stream_of(held)), key).await?
    } else {
        let (mut pieces, rest) = channel(1);
        let body = Box::pin(stream_of(held).chain(rest));
        let mut adding = pin!(add_file_once(&state.shop, &by, &slug, &words.variants, new(words.role, body), key));
        tokio::select! {
            // Before its last piece it ends by a refusal alone.
            early = &mut adding => return Ok(uploaded(early?)),
            sent = send(field, &mut pieces) => sent?,
        }
        // The store has the file once `pieces` ends. Until the form is read to its end it does not, and nothing is left when
        // that fails.
        while let Some(field) = form.next_field().await.map_err(unreadable)? {
            if matches!(field.name(), Some("variant" | "kind" | "file")) {
                return Err(ApiError::malformed("Send the fields variant and kind before a large file, and one file a request."));
            }
        }
        drop(pieces);
        adding.await?
    };
    Ok(uploaded(file))
}

fn uploaded(file: StoredFile) -> (StatusCode, Json<UploadedFile>) {
    let file = UploadedFile { id: file.id.to_string(), name: file.name, size_bytes: file.size_bytes, sha256: file.sha256 };
    (StatusCode::CREATED, Json(file))
}

/// What a form says beside its file.
#[derive(Default)]
struct Words {
    variants: Vec<String>,
    role: Option<FileRole>,
}

impl Words {
    async fn read(&mut self, field: Field<'_>) -> Result<(), ApiError> {
        match field.name().unwrap_or_default() {
            "variant" if self.variants.len() == MAX_VARIANTS => return Err(ApiError::malformed("The form names too many variants.")),
            "variant" => self.variants.push(word(field).await?),
            "kind" => {
                self.role = Some(match word(field).await?.as_str() {
                    "good" => FileRole::Good,
                    "preview" => FileRole::Sample,
                    _ => return Err(shop::Error::refused("kind_invalid", "The kind is good or preview.").at("kind").into()),
                });
            }
            "file" => return Err(ApiError::malformed("Send one file a request.")),
            _ => {}
        }
        Ok(())
    }
}

async fn word(mut field: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > MAX_WORD_BYTES {
            return Err(ApiError::malformed("A field of the form is too long."));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| ApiError::malformed("A field of the form is no text."))
}

/// Hands the file on as it comes in, no faster than the store takes it.
async fn send(mut field: Field<'_>, pieces: &mut Sender<std::io::Result<Bytes>>) -> Result<(), ApiError> {
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        if pieces.send(Ok(chunk)).await.is_err() {
            // Nobody takes the rest: the refusal that says why is about to come from there.
            std::future::pending::<()>().await;
        }
    }
    Ok(())
}

fn unreadable(error: MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "One request brings 2 GiB at most."),
        _ => ApiError::malformed("The form could not be read."),
    }
}
