//! The API: authorisation, idempotency, faults and headers around one function a route.

mod catalog;
mod events;
mod intents;
mod methods;
mod pages;
mod params;
mod present;
mod refunds;
mod sessions;

pub use methods::add_card;
pub use present::public;

use crate::Emulator;
use crate::clock::new_id;
use crate::error::ApiError;
use crate::faults::Fault;
use crate::form;
use crate::objects::API_VERSION;
use crate::state::{Kept, State};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
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
pub async fn handle(Extract(emulator): Extract<Emulator>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = new_id("req_", 14);
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return answer(413, &ApiError::invalid("The request is too large.").to_value().to_string(), &request_id, None, &[]);
    };
    let path = parts.uri.path().to_owned();
    let route = format!("{} {path}", parts.method);
    *emulator.lock().requests.entry(route_name(&route)).or_default() += 1;
    let fault = emulator.faults().take(&route);
    if let Some(fault) = fault.as_ref().filter(|fault| fault.before)
        && let Some(response) = suffer(fault, &request_id).await
    {
        return response;
    }
    let key =
        parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned).filter(|_| parts.method == Method::POST);
    let response =
        run(&emulator, &parts.method, &path, parts.uri.query().unwrap_or_default(), &parts.headers, &body, key.as_deref(), &request_id);
    if let Some(fault) = fault.filter(|fault| !fault.before)
        && let Some(broken) = suffer(&fault, &request_id).await
    {
        return broken;
    }
    response
}

/// The route without its ids, for counting.
fn route_name(route: &str) -> String {
    route
        .split('/')
        .map(|part| if part.contains('_') && part.len() > 12 && part.chars().any(|c| c.is_ascii_digit()) { "{id}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

async fn suffer(fault: &Fault, request_id: &str) -> Option<Response> {
    if let Some(wait) = fault.wait {
        tokio::time::sleep(wait).await;
    }
    let status = fault.status?;
    let error = ApiError::new(status, if status == 429 { "invalid_request_error" } else { "api_error" }, "A fault that was asked for.");
    let error = if status == 429 { error.code("rate_limit") } else { error };
    Some(answer(
        status,
        &error.to_value().to_string(),
        request_id,
        None,
        &[("stripe-should-retry", if status == 429 { "false" } else { "true" })],
    ))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one request")]
fn run(
    emulator: &Emulator,
    method: &Method,
    path: &str,
    query: &str,
    headers: &HeaderMap,
    body: &Bytes,
    key: Option<&str>,
    request_id: &str,
) -> Response {
    if let Err(error) = authorize(headers) {
        return answer(error.status, &error.to_value().to_string(), request_id, None, &[]);
    }
    let fingerprint = format!("{method} {path}\n{}", String::from_utf8_lossy(body));
    if let Some(key) = key {
        if key.is_empty() || key.len() > 255 {
            return answer(
                400,
                &ApiError::new(400, "idempotency_error", "Idempotency keys have 1 to 255 characters.").to_value().to_string(),
                request_id,
                None,
                &[],
            );
        }
        if let Some(kept) = emulator.lock().kept.get(key) {
            return replay(kept, &fingerprint, key, request_id);
        }
    }
    let result = emulator.change(|state| {
        let result = decode(headers, query, body).and_then(|params| {
            let path: Vec<&str> = path.trim_matches('/').split('/').collect();
            dispatch(state, Call { method: method.as_str(), path, params, origin: origin(headers) })
        });
        let (status, text) = match &result {
            Ok(value) => (200, present::public(value).to_string()),
            Err(error) => (error.status, present::public(&error.to_value()).to_string()),
        };
        // What was refused before anything was done may be sent again with the same key.
        if let Some(key) = key.filter(|_| matches!(status, 200 | 402 | 500..)) {
            state.kept.insert(
                key.to_owned(),
                Kept { request: fingerprint.clone(), answer: Some((status, text.clone())), request_id: request_id.to_owned() },
            );
            state.revision += 1;
        }
        (status, text)
    });
    answer(result.0, &result.1, request_id, key, &[("original-request", request_id)])
}

fn replay(kept: &Kept, fingerprint: &str, key: &str, request_id: &str) -> Response {
    if kept.request != fingerprint {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        return answer(400, &ApiError::new(400, "idempotency_error", message).to_value().to_string(), request_id, Some(key), &[]);
    }
    match &kept.answer {
        Some((status, text)) => {
            answer(*status, text, request_id, Some(key), &[("idempotent-replayed", "true"), ("original-request", &kept.request_id)])
        }
        None => answer(
            409,
            &ApiError::new(409, "idempotency_error", "There is currently another in-progress request using this key.")
                .code("idempotency_key_in_use")
                .to_value()
                .to_string(),
            request_id,
            Some(key),
            &[],
        ),
    }
}

fn authorize(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim().to_owned(),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = data_encoding::BASE64.decode(token.trim().as_bytes()).unwrap_or_default();
            String::from_utf8_lossy(&decoded).split(':').next().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    if key.is_empty() {
        return Err(ApiError::new(
            401,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        ));
    }
    if !(key.starts_with("sk_test_") || key.starts_with("rk_test_")) {
        return Err(ApiError::new(401, "invalid_request_error", "Invalid API Key provided. The emulator takes test keys: sk_test_…"));
    }
    Ok(())
}

fn decode(headers: &HeaderMap, query: &str, body: &Bytes) -> Result<Value, ApiError> {
    let is_json =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|value| value.starts_with("application/json"));
    if is_json && !body.is_empty() {
        return Err(ApiError::invalid("Invalid request: send parameters as application/x-www-form-urlencoded, not as JSON."));
    }
    let text = std::str::from_utf8(body).map_err(|_| ApiError::invalid("Invalid UTF-8."))?;
    form::decode(&[query, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("&"))
}

fn origin(headers: &HeaderMap) -> String {
    format!("http://{}", headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:12111"))
}

/// Every route of the API on one page.
fn dispatch(state: &mut State, call: Call<'_>) -> Result<Value, ApiError> {
    let result = match (call.method, call.path.as_slice()) {
        ("POST", ["v1", "products"]) => catalog::create_product(state, &call),
        ("POST", ["v1", "prices"]) => catalog::create_price(state, &call),
        ("POST", ["v1", "customers"]) => catalog::create_customer(state, &call),
        ("GET", ["v1", kind @ ("products" | "prices" | "customers" | "charges" | "disputes" | "webhook_endpoints")]) => {
            catalog::list(state, &call, kind)
        }
        (
            "GET",
            [
                "v1",
                kind @ ("products"
                | "prices"
                | "customers"
                | "charges"
                | "disputes"
                | "payment_methods"
                | "webhook_endpoints"
                | "balance_transactions"),
                id,
            ],
        ) => catalog::retrieve(state, kind, id),
        ("POST", ["v1", kind @ ("products" | "prices" | "customers" | "charges" | "payment_methods"), id]) => {
            catalog::update(state, &call, kind, id)
        }
        ("POST", ["v1", "checkout", "sessions"]) => sessions::create(state, &call),
        ("GET", ["v1", "checkout", "sessions"]) => sessions::list(state, &call),
        ("GET", ["v1", "checkout", "sessions", id]) => state.load_object("checkout.session", id, "session"),
        ("GET", ["v1", "checkout", "sessions", id, "line_items"]) => sessions::line_items(state, &call, id),
        ("POST", ["v1", "checkout", "sessions", id, "expire"]) => sessions::expire(state, id),
        ("POST", ["v1", "payment_intents"]) => intents::create(state, &call),
        ("GET", ["v1", "payment_intents"]) => intents::list(state, &call),
        ("GET", ["v1", "payment_intents", id]) => state.load_object("payment_intent", id, "intent"),
        ("POST", ["v1", "payment_intents", id]) => intents::update(state, &call, id),
        ("POST", ["v1", "payment_intents", id, "confirm"]) => intents::confirm(state, &call, id),
        ("POST", ["v1", "payment_intents", id, "cancel"]) => intents::cancel(state, &call, id),
        ("POST", ["v1", "payment_methods"]) => methods::create(state, &call),
        ("POST", ["v1", "payment_methods", id, "attach"]) => methods::attach(state, &call, id),
        ("POST", ["v1", "refunds"]) => refunds::create(state, &call),
        ("GET", ["v1", "refunds"]) => refunds::list(state, &call),
        ("GET", ["v1", "refunds", id]) => state.load_object("refund", id, "refund"),
        ("POST", ["v1", "refunds", id]) => catalog::update(state, &call, "refunds", id),
        ("POST", ["v1", "disputes", id]) => refunds::answer_dispute(state, &call, id),
        ("POST", ["v1", "disputes", id, "close"]) => refunds::close_dispute(state, id),
        ("GET", ["v1", "events"]) => events::list(state, &call),
        ("GET", ["v1", "events", id]) => state.load_object("event", id, "id"),
        ("POST", ["v1", "webhook_endpoints"]) => events::create_endpoint(state, &call),
        ("DELETE", ["v1", "webhook_endpoints", id]) => events::delete_endpoint(state, id),
        ("GET", ["v1", "payment_pages", id]) => pages::show(state, id),
        ("POST", ["v1", "payment_pages", id, "confirm"]) => pages::confirm(state, &call, id),
        (method, path) => {
            return Err(ApiError {
                status: 404,
                ..ApiError::invalid(format!(
                    "Unrecognized request URL ({method}: /{}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
                    path.join("/")
                ))
            });
        }
    }?;
    present::expand(state, result, &call.params)
}

fn answer(status: u16, body: &str, request_id: &str, key: Option<&str>, more: &[(&str, &str)]) -> Response {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fixed = [
        ("content-type", "application/json"),
        ("request-id", request_id),
        ("stripe-version", API_VERSION),
        ("cache-control", "no-cache, no-store"),
    ];
    let key = key.map(|key| ("idempotency-key", key));
    for (name, value) in fixed.into_iter().chain(key).chain(more.iter().copied()) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
