//! How many bodies one client may have under way at once, whether it comes by itself or through a proxy of ours.
//!
//! A connection is cheap; a body that does not end is memory and, behind a proxy, one of its connections to the shop.

use super::api::error::ApiError;
use super::client::ClientIp;
use super::page::{self, Stylesheet};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

/// What customers send is far smaller; what says that it is not larger is held by the dozen.
const SMALL_BYTES: u64 = 64 * 1024;

/// What a body is to become, and with it what it costs while it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// Held in memory, little of it.
    Small,
    /// Held in memory, or of unknown length.
    Large,
    /// A file on its way to the store, from somebody who is known before it is read.
    File,
}

impl Kind {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let is_file = path.contains("/uploads/") || ["/files", "/upload", "/logo"].iter().any(|end| path.ends_with(end));
        match request.body().size_hint().upper() {
            _ if is_file => Self::File,
            Some(n_bytes) if n_bytes <= SMALL_BYTES => Self::Small,
            _ => Self::Large,
        }
    }

    fn n_per_client(self) -> usize {
        match self {
            Self::Small => 32,
            Self::Large => 8,
            Self::File => 64,
        }
    }

    /// Of all clients together: 64 MB of forms.
    fn n_in_all(self) -> usize {
        match self {
            Self::Large => 128,
            Self::Small | Self::File => usize::MAX,
        }
    }
}

/// How many there are of a kind by client, and of all clients together.
type Counts = HashMap<(Kind, Option<IpAddr>), usize>;

/// The bodies under way; cheap to clone.
#[derive(Clone, Default)]
pub struct Bodies(Arc<Mutex<Counts>>);

/// Why another body is not taken.
enum Refusal {
    OfClient,
    OfAll,
}

impl Bodies {
    fn take(&self, kind: Kind, client: IpAddr) -> Result<Place, Refusal> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let n = |who: Option<IpAddr>| counts.get(&(kind, who)).copied().unwrap_or_default();
        if n(Some(client)) >= kind.n_per_client() {
            return Err(Refusal::OfClient);
        }
        if n(None) >= kind.n_in_all() {
            return Err(Refusal::OfAll);
        }
        for who in [Some(client), None] {
            *counts.entry((kind, who)).or_default() += 1;
        }
        Ok(Place { bodies: self.clone(), kind, client })
    }
}

/// One body under way; its place is free when this is dropped.
struct Place {
    bodies: Bodies,
    kind: Kind,
    client: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.bodies.0.lock().unwrap_or_else(PoisonError::into_inner);
        for who in [Some(self.client), None] {
            if let Some(n) = counts.get_mut(&(self.kind, who)) {
                *n -= 1;
                if *n == 0 {
                    counts.remove(&(self.kind, who));
                }
            }
        }
    }
}

/// Lets a request in when its client may send another body.
pub async fn layer(
    State(bodies): State<Bodies>,
    State(stylesheet): State<Stylesheet>,
    client: ClientIp,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (kind, is_api) = (Kind::of(&request), request.uri().path().starts_with("/api/"));
    match bodies.take(kind, client.bucket()) {
        Ok(place) => next.run(request.map(|body| Body::new(Counted { body, place: Some(place) }))).await,
        Err(refusal) => refuse(&stylesheet, is_api, &refusal),
    }
}

fn refuse(stylesheet: &str, is_api: bool, refusal: &Refusal) -> Response {
    let (status, code, text) = match refusal {
        Refusal::OfClient => (
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "Too much is on its way from your network already. Please wait a moment, then try again.",
        ),
        Refusal::OfAll => {
            (StatusCode::SERVICE_UNAVAILABLE, "busy", "The shop is very busy. Nothing was kept; please try again in a moment.")
        }
    };
    let mut response = if is_api {
        ApiError::new(status, code, text).into_response()
    } else {
        (status, page::refusal(stylesheet, "One moment, please", &[text])).into_response()
    };
    // What was sent is not read, so nothing can follow it on this connection.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A body that gives its place back at its end.
struct Counted {
    body: Body,
    place: Option<Place>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) || (frame.is_ready() && self.body.is_end_stream()) {
            self.place = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
