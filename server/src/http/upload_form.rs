//! `POST /dashboard/products/{slug}/upload`: files in a plain form, where no script sends them in parts.

use crate::state::AppState;
use app::layout::request::{member_of, with_notice};
use app::layout::with_query;
use app::notices;
use axum::extract::multipart::{Field, MultipartRejection};
use axum::extract::rejection::PathRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::files::FileRole;
use domain::member::Permission;
use domain::slug::Slug;
use futures::SinkExt;
use futures::channel::mpsc::{Sender, channel};
use shop::Error;
use shop::accounts::audit::Actor;
use shop::files::uploads::{WholeFile, take as take_file};
use std::pin::pin;
use tower_sessions::Session;

/// The other fields are words.
const MAX_WORD_BYTES: usize = 1024;
/// More tiers than any product has.
const MAX_VARIANTS: usize = 100;

pub async fn take(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    session: Session,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Some(slug) = path.ok().and_then(|Path(slug)| Slug::parse(&slug).ok()) else { return StatusCode::NOT_FOUND.into_response() };
    let page = format!("/dashboard/products/{}/files", slug.as_str());
    let outcome = match member_of(&session).await {
        Ok(None) => return lead_to(&with_query("/sign-in", &[("next", &page)])),
        Ok(Some(member)) if !member.role.may(Permission::EditProducts) => Err(Error::Forbidden),
        Ok(Some(member)) => match form {
            Ok(form) => keep(&state, &(&member).into(), slug.as_str(), form).await,
            Err(_) => Err(broken()),
        },
        Err(error) => Err(error),
    };
    match outcome {
        Ok(1) => lead_to(&with_notice(&page, "file_added")),
        Ok(_) => lead_to(&with_notice(&page, "files_added")),
        Err(error) => lead_to(&with_notice(&page, trouble(&error))),
    }
}

/// The notice that tells why a file was not kept; an accident is logged.
pub(super) fn trouble(error: &Error) -> &'static str {
    if let Error::Unexpected(cause) = error {
        tracing::error!(?cause, "a file of a form could not be kept");
    }
    let (_, code, _) = error.answer();
    if notices::text(code).is_some() { code } else { "upload_refused" }
}

pub(super) fn lead_to(page: &str) -> Response {
    let location = HeaderValue::try_from(page).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

pub(super) fn broken() -> Error {
    Error::refused("upload_broken", "The form could not be read.")
}

/// Keeps the files of a form one after the other, and tells how many. What came before one that is refused stays.
async fn keep(state: &AppState, by: &Actor, slug: &str, mut form: Multipart) -> shop::Result<usize> {
    let (mut words, mut n_kept) = (Words::default(), 0);
    // A browser sends the fields in the order of the page, the files last.
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        match field.name() {
            // Where nothing was chosen, a browser sends a file without a name.
            Some("file") if field.file_name().is_none_or(str::is_empty) => {}
            Some("file") => {
                keep_one(state, by, slug, &words, field).await?;
                n_kept += 1;
            }
            _ => words.read(field).await?,
        }
    }
    if n_kept == 0 { Err(shop::base::refusals::FILE_NAME_INVALID.into()) } else { Ok(n_kept) }
}

async fn keep_one(state: &AppState, by: &Actor, slug: &str, words: &Words, field: Field<'_>) -> shop::Result<()> {
    let (mut pieces, body) = channel(1);
    let new = WholeFile {
        role: words.role.unwrap_or(FileRole::Good),
        name: field.file_name().unwrap_or_default().to_owned(),
        title: words.title.clone(),
        variants: words.variants.clone(),
        release: words.release.clone(),
        replaces: words.replaces.clone(),
        body: Box::pin(body),
    };
    let mut taking = pin!(take_file(&state.shop, by, slug, new));
    tokio::select! {
        early = &mut taking => return early.map(drop),
        () = send(field, &mut pieces) => {}
    }
    drop(pieces);
    taking.await.map(drop)
}

/// Hands the file on as it comes in, no faster than the store takes it; one that breaks off ends as an error.
pub(super) async fn send(mut field: Field<'_>, pieces: &mut Sender<std::io::Result<Bytes>>) {
    loop {
        let piece = match field.chunk().await {
            Ok(Some(chunk)) => Ok(chunk),
            Ok(None) => return,
            Err(error) => Err(std::io::Error::other(error.to_string())),
        };
        let is_over = piece.is_err();
        if pieces.send(piece).await.is_err() {
            // Nobody takes the rest: the refusal that says why is about to come from there.
            std::future::pending::<()>().await;
        }
        if is_over {
            return;
        }
    }
}

/// What a form says beside its file.
#[derive(Default)]
struct Words {
    role: Option<FileRole>,
    title: String,
    variants: Vec<String>,
    release: Option<String>,
    replaces: Option<String>,
}

impl Words {
    async fn read(&mut self, field: Field<'_>) -> shop::Result<()> {
        let name = field.name().unwrap_or_default().to_owned();
        let text = word(field).await?;
        let filled = Some(text.clone()).filter(|text| !text.is_empty());
        match name.as_str() {
            "role" => self.role = Some(text.parse::<FileRole>().ok().ok_or_else(broken)?),
            "title" => self.title = text,
            "variant" if self.variants.len() < MAX_VARIANTS => self.variants.extend(filled),
            "release" => self.release = filled,
            "replaces" => self.replaces = filled,
            _ => {}
        }
        Ok(())
    }
}

async fn word(mut field: Field<'_>) -> shop::Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| broken())? {
        if bytes.len() + chunk.len() > MAX_WORD_BYTES {
            return Err(broken());
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| broken())
}
