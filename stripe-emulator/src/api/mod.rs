//! The API: one function a route, and around it authorization, idempotency, faults and headers.

mod access;
mod answer;
mod catalog;
mod disputes;
mod events;
mod idempotency;
mod intents;
mod methods;
mod pages;
mod params;
mod present;
mod refunds;
mod routes;
mod sessions;

pub use methods::{add as add_method, check_cvc};
pub use present::public;

use crate::Emulator;
use crate::clock::new_id;
use crate::error::ApiError;
use crate::event::Cause;
use crate::faults::Fault;
use crate::form;
use crate::objects::API_VERSION;
use answer::Answer;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State as Extract;
use axum::http::request::Parts;
use axum::http::{Method, Request, header};
use axum::response::Response;
use idempotency::Claim;
use serde_json::Value;

/// Larger bodies are no API requests.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A request as a route sees it.
struct Call<'a> {
    method: &'a str,
    path: Vec<&'a str>,
    params: Value,
    /// Where the hosted page is found.
    origin: String,
}

/// Any request to the API.
pub async fn handle(Extract(emulator): Extract<Emulator>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = new_id("req_", 14);
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return Answer::error(&ApiError::new(413, "invalid_request_error", "The request is too large.")).respond(
            &request_id,
            None,
            API_VERSION,
        );
    };
    let path = parts.uri.path().to_owned();
    let route = format!("{} {path}", parts.method);
    *emulator.lock().requests.entry(access::route_name(&route)).or_default() += 1;
    if let Err(error) = access::authorize(&parts.headers) {
        return Answer::error(&error).respond(&request_id, None, API_VERSION);
    }
    let version = match access::version(&parts.headers) {
        Ok(version) => version.to_owned(),
        Err(error) => return Answer::error(&error).respond(&request_id, None, API_VERSION),
    };
    // Keys count on POST alone.
    let key =
        parts.headers.get("idempotency-key").filter(|_| parts.method == Method::POST).and_then(|key| key.to_str().ok()).map(str::to_owned);
    let params = decode(&parts, &body);
    let fault = emulator.faults().take(&route);
    let answer = perform(&emulator, &parts, &path, params, key.as_deref(), &request_id, fault.as_ref()).await;
    // Failing afterwards is what a client sees when the answer is lost on its way.
    if let Some(fault) = fault.filter(|fault| !fault.before)
        && let Some(broken) = suffer(&fault).await
    {
        return broken.respond(&request_id, key.as_deref(), &version);
    }
    answer.respond(&request_id, key.as_deref(), &version)
}

async fn perform(
    emulator: &Emulator,
    parts: &Parts,
    path: &str,
    params: Result<Value, ApiError>,
    key: Option<&str>,
    request_id: &str,
    fault: Option<&Fault>,
) -> Answer {
    let params = match params {
        Ok(params) => params,
        Err(error) => return Answer::error(&error),
    };
    let fingerprint = idempotency::fingerprint(&parts.method, path, &params);
    let _busy = match key.map(|key| idempotency::claim(emulator, key, &fingerprint)) {
        None => None,
        Some(Claim::Free(busy)) => Some(busy),
        Some(Claim::Answered(answer)) => return answer,
    };
    if let Some(fault) = fault.filter(|fault| fault.before)
        && let Some(broken) = suffer(fault).await
    {
        if let Some(key) = key.filter(|_| fault.keep) {
            emulator.change(|state| idempotency::keep(state, key, &fingerprint, &broken, request_id));
        }
        return broken;
    }
    let origin = access::origin(&parts.headers);
    emulator.change(|state| {
        state.begin(Cause { request_id: request_id.to_owned(), idempotency_key: key.map(str::to_owned) });
        let path: Vec<&str> = path.trim_matches('/').split('/').collect();
        let answer = match routes::dispatch(state, &Call { method: parts.method.as_str(), path, params, origin }) {
            Ok(value) => Answer::ok(&public(&value)),
            Err(error) => Answer::error(&error),
        };
        // What was refused before anything was done may be sent again with the same key.
        let is_carried_out = matches!(answer.status, 200 | 402 | 500..);
        state.end(!is_carried_out);
        if let Some(key) = key.filter(|_| is_carried_out) {
            idempotency::keep(state, key, &fingerprint, &answer, request_id);
        }
        answer
    })
}

async fn suffer(fault: &Fault) -> Option<Answer> {
    if let Some(wait) = fault.wait {
        tokio::time::sleep(wait).await;
    }
    let status = fault.status?;
    let (kind, code) = if status == 429 { ("invalid_request_error", Some("rate_limit")) } else { ("api_error", None) };
    let error = ApiError::new(status, kind, "A fault that was asked for.");
    let answer = Answer::error(&match code {
        Some(code) => error.code(code),
        None => error,
    });
    Some(answer.should_retry(status != 429))
}

fn decode(parts: &Parts, body: &Bytes) -> Result<Value, ApiError> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") && !body.is_empty() {
        return Err(ApiError::invalid("Invalid request (check that your POST content type is application/x-www-form-urlencoded)."));
    }
    let text = std::str::from_utf8(body).map_err(|_| ApiError::invalid("Invalid UTF-8."))?;
    let query = parts.uri.query().unwrap_or_default();
    form::decode(&[query, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&"))
}
