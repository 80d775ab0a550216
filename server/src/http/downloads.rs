//! `GET|HEAD /downloads/{token}`: the bytes, or a page that says why not and what to do.

use super::client::ClientIp;
use super::{media, page};
use crate::state::AppState;
use app::checkout::find::FIND_ORDER;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use domain::download::DownloadRefusal;
use futures::StreamExt;
use maud::html;
use shop::files::{FileError, new_object_key};
use shop::fulfillment::downloads::{Grant, Visit, authorize, begin, find, flush, release};
use shop::{Delivery, Shop};
use std::future::Future;
use std::time::Duration;

/// How long a presigned URL works: the redirect is followed at once.
const PRESIGNED_TTL: Duration = Duration::from_secs(60);

/// What waits is written this often, and lost with the process that it waits in.
const FLUSH_EVERY: Duration = Duration::from_secs(3);

pub async fn fetch(
    State(state): State<AppState>,
    client: ClientIp,
    method: Method,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    let Ok(Path(token)) = path else { return refused(&state, DownloadRefusal::Unknown).await };
    let shop = &state.shop;
    let link = match find(shop, &token).await {
        Ok(Some(link)) => link,
        Ok(None) => return refused(&state, DownloadRefusal::Unknown).await,
        Err(error) => {
            tracing::error!(?error, "a download could not be found");
            return broken(&state).await;
        }
    };
    if let Err(retry_after_secs) = state.limits.downloads.check_key(&(client.bucket(), link.id())) {
        return too_many(&state, retry_after_secs).await;
    }
    let (ip, user_agent) =
        (client.0.to_string(), headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default());
    // An answer without bytes is no download: what it takes is decided before anything is charged. To charge and give back would
    // let a parallel request use what is given back.
    let n_bytes = media::n_wanted_bytes(&link.file(), &method, &headers);
    let grant = match authorize(shop, &link, Visit { n_bytes, ip: &ip, user_agent }).await {
        Ok(Ok(grant)) => grant,
        Ok(Err(refusal)) => return refused(&state, refusal).await,
        Err(error) => {
            tracing::error!(?error, "a download could not be authorized");
            return broken(&state).await;
        }
    };
    match deliver(shop, &grant, &method, &headers, n_bytes, &ip, user_agent).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(?error, file = %grant.file.id, "a file could not be read");
            if let Err(error) = release(shop, &grant).await {
                tracing::error!(?error, "a download could not be returned to its budget");
            }
            broken(&state).await
        }
    }
}

async fn deliver(
    shop: &Shop,
    grant: &Grant,
    method: &Method,
    headers: &HeaderMap,
    n_bytes: Option<u64>,
    ip: &str,
    user_agent: &str,
) -> Result<Response<Body>, FileError> {
    let file = &grant.file;
    if shop.settings.delivery == Delivery::Redirect
        && let Some(n_bytes) = n_bytes
        && let Some(url) = shop.files.presign_get(&file.object_key, &file.name, &file.media_type, PRESIGNED_TTL).await?
    {
        if shop.files.head(&file.object_key).await?.is_none() {
            return Err(FileError::Missing);
        }
        let location = HeaderValue::try_from(url).map_err(|error| FileError::Unavailable(error.into()))?;
        // What the store sends is not seen from here: it counts as what was asked for.
        let has_taken = begin(shop, grant, 0, ip, user_agent).is_none_or(|mut transfer| transfer.take(n_bytes));
        tracing::debug!(has_taken, "a download was redirected");
        return Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response());
    }
    let (response, start) = media::send(shop, file, method, headers).await?;
    let Some(mut transfer) = begin(shop, grant, start, ip, user_agent) else { return Ok(response) };
    Ok(response.map(|body| {
        let counted = body.into_data_stream().map(move |chunk| {
            let chunk = chunk.map_err(std::io::Error::other)?;
            // Many requests at once are each let in, and end together when the download has been given all that it may be.
            if transfer.take(chunk.len() as u64) { Ok(chunk) } else { Err(std::io::Error::other("this download has been given enough")) }
        });
        Body::from_stream(counted)
    }))
}

/// Writes down every few seconds what was sent, and once more at the end.
pub async fn keep_writing(shop: Shop, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        let is_over = tokio::select! {
            () = &mut stop => true,
            () = shop.transfers.has_news() => false,
            () = tokio::time::sleep(FLUSH_EVERY) => false,
        };
        write_down(&shop).await;
        if is_over {
            return;
        }
    }
}

/// Writes down what was sent.
pub async fn write_down(shop: &Shop) {
    if let Err(error) = flush(shop).await {
        tracing::warn!(?error, "what was downloaded is written down later");
    }
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

async fn refused(state: &AppState, refusal: DownloadRefusal) -> Response<Body> {
    let told = refusal.to_string();
    let (status, title, help) = match refusal {
        DownloadRefusal::Unknown => (
            StatusCode::NOT_FOUND,
            "This download link doesn't work",
            "It may be incomplete. Open your order and press Download there: that makes a new one.",
        ),
        DownloadRefusal::Expired => (
            StatusCode::GONE,
            "This link has expired",
            "Download links work for 48 hours. Open your order and press Download there: that makes a new one.",
        ),
        DownloadRefusal::Removed => (StatusCode::GONE, "This file is no longer offered", told.as_str()),
        DownloadRefusal::UsedUp => (StatusCode::FORBIDDEN, "All downloads are used up", "Write to the shop and it will add more."),
        DownloadRefusal::Revoked | DownloadRefusal::Suspended | DownloadRefusal::Closed => {
            (StatusCode::FORBIDDEN, "These files are not available", told.as_str())
        }
    };
    page(state, status, title, help).await
}

async fn broken(state: &AppState) -> Response<Body> {
    let help = "Nothing was counted against your downloads. Please try again in a few minutes.";
    page(state, StatusCode::SERVICE_UNAVAILABLE, "The file can't be sent right now", help).await
}

/// A person never sees this; a program that fetches a file in very many parts comes back after what it is told.
async fn too_many(state: &AppState, retry_after_secs: u64) -> Response<Body> {
    let help = "Too many requests for this file at once. Wait a moment, then go on. Larger parts need fewer requests.";
    let mut response = page(state, StatusCode::TOO_MANY_REQUESTS, "One moment, please", help).await;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_secs));
    response
}

/// One sentence, and the two ways on: to the order, and to the shop.
async fn page(state: &AppState, status: StatusCode, title: &str, help: &str) -> Response<Body> {
    // What can't be read now is left out.
    let store = shop::stores::shown_face(&state.shop).await.ok();
    let body = html! {
        div class="empty" {
            h1 { (title) }
            p { (help) }
            a class="button" href=(FIND_ORDER) { "Find your order" }
            @if let Some(email) = store.as_ref().and_then(|store| store.support_email.as_deref()) {
                p class="mt-4" { "Need help? Write to " a href={ "mailto:" (email) } { (email) } "." }
            }
        }
    };
    (status, page::framed(&state.stylesheet, store.as_ref(), title, &body)).into_response()
}
