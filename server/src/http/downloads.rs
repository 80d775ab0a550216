//! `GET|HEAD /downloads/{token}`: the bytes, or a page that says why not and what to do.

use super::client::ClientIp;
use super::{media, page};
use crate::router::AppState;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use domain::download::DownloadRefusal;
use shop::downloads::{Grant, Visit, authorize, record, release};
use shop::files::{FileError, new_object_key};
use shop::{Delivery, Shop};
use std::time::Duration;

/// How long a presigned URL works: the redirect is followed at once.
const PRESIGNED_TTL: Duration = Duration::from_secs(60);

pub async fn fetch(
    State(state): State<AppState>,
    client: ClientIp,
    method: Method,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    let Ok(Path(token)) = path else { return refused(&state, DownloadRefusal::Unknown) };
    let shop = &state.shop;
    let (ip, user_agent) =
        (client.0.to_string(), headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default());
    let visit = Visit { token: &token, is_head: method == Method::HEAD, ip: &ip, user_agent };
    let grant = match authorize_bytes(shop, visit, &headers).await {
        Ok(Ok(grant)) => grant,
        Ok(Err(refusal)) => return refused(&state, refusal),
        Err(error) => {
            tracing::error!(?error, "a download could not be authorised");
            return broken(&state);
        }
    };
    match deliver(shop, &grant, &method, &headers).await {
        Ok((response, sent)) => {
            if method != Method::HEAD
                && sent.n_bytes > 0
                && let Err(error) = record(shop, &grant, sent.start as i64, sent.n_bytes as i64, &ip, user_agent).await
            {
                tracing::error!(?error, "a download could not be written down");
            }
            response
        }
        Err(error) => {
            tracing::error!(?error, file = %grant.file.id, "a file could not be read");
            if let Err(error) = release(shop, &grant).await {
                tracing::error!(?error, "a download could not be given back");
            }
            broken(&state)
        }
    }
}

/// An answer without bytes, such as 304 or 416, is no download: what it takes is decided before anything is charged. To
/// charge and give back would let a parallel request use what is given back.
async fn authorize_bytes(shop: &Shop, visit: Visit<'_>, headers: &HeaderMap) -> shop::Result<Result<Grant, DownloadRefusal>> {
    if headers.contains_key(header::IF_NONE_MATCH) || headers.contains_key(header::RANGE) {
        let look = authorize(shop, Visit { is_head: true, ..visit.clone() }).await?;
        if !look.as_ref().is_ok_and(|grant| media::has_wanted_bytes(&grant.file, headers)) {
            return Ok(look);
        }
    }
    authorize(shop, visit).await
}

async fn deliver(shop: &Shop, grant: &Grant, method: &Method, headers: &HeaderMap) -> Result<(Response<Body>, media::Sent), FileError> {
    let file = &grant.file;
    if shop.settings.delivery == Delivery::Redirect
        && *method == Method::GET
        && media::has_wanted_bytes(file, headers)
        && let Some(url) = shop.files.presign_get(&file.object_key, &file.name, &file.media_type, PRESIGNED_TTL).await?
    {
        if shop.files.head(&file.object_key).await?.is_none() {
            return Err(FileError::Missing);
        }
        let location = HeaderValue::try_from(url).map_err(|error| FileError::Unavailable(error.into()))?;
        let response = (StatusCode::FOUND, [(header::LOCATION, location)]).into_response();
        return Ok((response, media::Sent { start: 0, n_bytes: file.size_bytes.max(0) as u64 }));
    }
    media::send(shop, file, method, headers).await
}

/// A URL such as downloads are redirected to; `None` where this program sends the bytes itself.
///
/// # Errors
/// When the store can't make one.
pub async fn redirect_url(shop: &Shop) -> Result<Option<String>, FileError> {
    if shop.settings.delivery == Delivery::Stream {
        return Ok(None);
    }
    shop.files.presign_get(&new_object_key(), "file", "application/octet-stream", PRESIGNED_TTL).await
}

fn refused(state: &AppState, refusal: DownloadRefusal) -> Response<Body> {
    let (status, title) = match refusal {
        DownloadRefusal::Unknown => (StatusCode::NOT_FOUND, "This link is not known"),
        DownloadRefusal::Expired => (StatusCode::GONE, "This link has expired"),
        DownloadRefusal::UsedUp => (StatusCode::FORBIDDEN, "All downloads are used up"),
        DownloadRefusal::Revoked | DownloadRefusal::Suspended | DownloadRefusal::Closed => {
            (StatusCode::FORBIDDEN, "These files are not available")
        }
    };
    let help = match refusal {
        DownloadRefusal::Unknown => "It may be incomplete. Open your order with the button in our mail and press Download there.",
        DownloadRefusal::Expired => {
            "Links work for 48 hours. Open your order with the button in our mail and press Download: that makes a new one."
        }
        DownloadRefusal::UsedUp | DownloadRefusal::Revoked | DownloadRefusal::Suspended | DownloadRefusal::Closed => {
            "Answer the mail that brought your order if you think this is wrong."
        }
    };
    page(state, status, title, &refusal.to_string(), help)
}

fn broken(state: &AppState) -> Response<Body> {
    page(
        state,
        StatusCode::SERVICE_UNAVAILABLE,
        "The file can't be sent right now",
        "Nothing was counted against your downloads.",
        "Please try again in a few minutes.",
    )
}

fn page(state: &AppState, status: StatusCode, title: &str, text: &str, help: &str) -> Response<Body> {
    (status, page::refusal(&state.stylesheet, title, &[text, help])).into_response()
}
