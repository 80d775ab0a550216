//! The endpoints.

use super::answer::{self, Allowance, Answered, Call, Instance, LicenseKey, Meta, Refusal, SignedFile};
use super::fields::Fields;
use crate::http::api::{LONG_KEY, idempotency_key};
use crate::http::client::ClientIp;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::response::Response;
use domain::license::{LicenseCode, normalized};
use sha2::{Digest, Sha256};
use shop::Shop;
use shop::fulfillment::licenses::{self, Activation, CheckOut, Outcome, Question, Ttl};
use utoipa::ToSchema;

/// Reads, counts, asks and answers, in this order: what is refused early costs the least.
async fn call(state: &AppState, client: ClientIp, call: Call, request: Request) -> Response {
    let limits = &state.limits.licenses;
    let mut allowance = match limits.clients.count(&client.bucket()) {
        Ok(remaining) => Allowance { limit: limits.clients.most(), remaining },
        Err(secs) => return refused(Refusal::too_many(secs), call, Allowance { limit: limits.clients.most(), remaining: 0 }),
    };
    match ask(state, client, call, request, &mut allowance).await {
        Ok(answered) => answer::with_allowance(answer::answer(call, answered), allowance),
        Err(refusal) => refused(refusal, call, allowance),
    }
}

fn refused(refusal: Refusal, call: Call, allowance: Allowance) -> Response {
    answer::with_allowance(refusal.answer(call), allowance)
}

async fn ask(state: &AppState, client: ClientIp, call: Call, request: Request, allowance: &mut Allowance) -> Result<Answered, Refusal> {
    let shop = &state.shop;
    let request_key = match idempotency_key(request.headers(), LONG_KEY) {
        Ok(key) => key,
        Err(message) => return Err(Refusal::header(&message)),
    };
    let mut fields = Fields::read(request).await?;
    let key = fields.license_key();
    let answered = match call {
        Call::Activate => {
            let (name, fingerprint, product) = (fields.instance_name(), fields.fingerprint(), fields.product());
            let nonce = fields.integer("nonce");
            fields.finish()?;
            count_key(state, &key, allowance)?;
            proven(shop, licenses::activate(shop, Activation { key, name, fingerprint, product, request_key }).await?, nonce).await?
        }
        Call::Validate => {
            let (instance_id, fingerprint, product) = (fields.instance_id(), fields.fingerprint(), fields.product());
            let nonce = fields.integer("nonce");
            fields.finish()?;
            count_key(state, &key, allowance)?;
            let question = Question {
                key: &key,
                product: product.as_deref(),
                instance_id: instance_id.as_deref(),
                fingerprint: fingerprint.as_deref(),
            };
            proven(shop, licenses::validate(shop, question).await?, nonce).await?
        }
        Call::CheckOut => {
            let (instance_id, fingerprint, ttl) = (fields.instance_id(), fields.fingerprint(), ttl(&mut fields));
            fields.finish()?;
            count_key(state, &key, allowance)?;
            let wanted = CheckOut { key: &key, instance_id: instance_id.as_deref(), fingerprint: fingerprint.as_deref(), ttl };
            let (outcome, file) = licenses::check_out(shop, wanted).await?;
            // What the license is stands in the file.
            let outcome = if file.is_some() { Outcome { answer: None, ..outcome } } else { outcome };
            Answered { outcome, proof: None, file }
        }
        Call::Deactivate | Call::Ping => {
            let instance_id = fields.required_instance_id();
            fields.finish()?;
            count_key(state, &key, allowance)?;
            let outcome = match call {
                Call::Ping => licenses::ping(shop, &key, &instance_id).await?,
                _ => licenses::deactivate(shop, &key, &instance_id).await?,
            };
            Answered { outcome, proof: None, file: None }
        }
    };
    // Whoever guesses is told no more, sooner than whoever asks for keys that there are.
    if answered.outcome.code == LicenseCode::NotFound {
        state.limits.licenses.misses.count(&client.bucket()).map_err(Refusal::too_many)?;
    }
    Ok(answered)
}

/// Signs an answer for whoever has sent a number.
async fn proven(shop: &Shop, outcome: Outcome, nonce: Option<i64>) -> Result<Answered, Refusal> {
    let proof = match nonce {
        Some(nonce) => licenses::prove(shop, &outcome, nonce).await?,
        None => None,
    };
    Ok(Answered { outcome, proof, file: None })
}

fn ttl(fields: &mut Fields) -> Ttl {
    if fields.is_null("ttl") {
        return Ttl::Endless;
    }
    fields.integer("ttl").map_or(Ttl::Usual, Ttl::Secs)
}

/// Counts a request for a key, whoever sends it.
fn count_key(state: &AppState, key: &str, allowance: &mut Allowance) -> Result<(), Refusal> {
    let limit = &state.limits.licenses.keys;
    let hash: [u8; 32] = Sha256::digest(normalized(key).unwrap_or_default().as_bytes()).into();
    let remaining = limit.count(&hash).map_err(|secs| {
        *allowance = Allowance { limit: limit.most(), remaining: 0 };
        Refusal::too_many(secs)
    })?;
    if remaining < allowance.remaining {
        *allowance = Allowance { limit: limit.most(), remaining };
    }
    Ok(())
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `Fields` reads")]
pub struct ActivateLicense {
    #[schema(max_length = 256)]
    license_key: String,
    /// What the owner calls the device.
    #[schema(max_length = 255)]
    instance_name: String,
    /// What the device is recognized by: the same one takes one seat, however often it asks. Without it each request is a new seat.
    #[schema(max_length = 4096)]
    fingerprint: Option<String>,
    /// Which product the key must be of: a number of `meta`, an id or a slug.
    #[schema(max_length = 255)]
    product_id: Option<String>,
    /// Any number: the answer is signed for it, as `proof`.
    nonce: Option<i64>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `Fields` reads")]
pub struct ValidateLicense {
    #[schema(max_length = 256)]
    license_key: String,
    /// The seat, as its activation named it.
    #[schema(max_length = 100)]
    instance_id: Option<String>,
    /// The device. Without `instance_id` its seat is looked for.
    #[schema(max_length = 4096)]
    fingerprint: Option<String>,
    /// Which product the key must be of.
    #[schema(max_length = 255)]
    product_id: Option<String>,
    /// Any number: the answer is signed for it, as `proof`.
    nonce: Option<i64>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `Fields` reads")]
pub struct CheckOutLicense {
    #[schema(max_length = 256)]
    license_key: String,
    /// The seat that the file is for. Without it and without a fingerprint the file is for any device.
    #[schema(max_length = 100)]
    instance_id: Option<String>,
    #[schema(max_length = 4096)]
    fingerprint: Option<String>,
    /// How long the file is good, in seconds: 30 days when absent, a year at most; `null` for ever, where the seller allows it.
    #[schema(minimum = 3600)]
    ttl: Option<i64>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `Fields` reads")]
pub struct LicenseInstance {
    #[schema(max_length = 256)]
    license_key: String,
    #[schema(max_length = 100)]
    instance_id: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `answer` writes")]
pub struct Activated {
    activated: bool,
    error: Option<String>,
    /// `VALID`.
    code: String,
    license_key: LicenseKey,
    instance: Instance,
    meta: Meta,
    /// The answer, signed for the request's nonce: `proof/payload.signature`.
    proof: Option<String>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `answer` writes")]
pub struct Validated {
    valid: bool,
    error: Option<String>,
    /// `VALID`.
    code: String,
    license_key: LicenseKey,
    instance: Option<Instance>,
    meta: Meta,
    /// The answer, signed for the request's nonce.
    proof: Option<String>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `answer` writes")]
pub struct Deactivated {
    deactivated: bool,
    error: Option<String>,
    code: String,
    license_key: LicenseKey,
    meta: Meta,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `answer` writes")]
pub struct Alive {
    alive: bool,
    error: Option<String>,
    code: String,
    license_key: LicenseKey,
    heartbeat: Heartbeat,
    meta: Meta,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `answer` writes")]
pub struct Heartbeat {
    /// `ALIVE`.
    status: String,
    /// Seconds between two pings.
    interval: i64,
    /// When the next one is due at the latest; `null` for a seat that stays.
    due_at: Option<String>,
}

/// Activate a license key on a device
///
/// Takes a seat of the key. The same fingerprint finds its seat again, so that a request whose answer was lost may be sent again; without
/// one, an `Idempotency-Key` does the same.
#[utoipa::path(
    post, path = "/activate", operation_id = "activate_license", tag = "license keys",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body(
        content(
            (ActivateLicense = "application/json"),
            (ActivateLicense = "application/x-www-form-urlencoded"),
            (ActivateLicense = "application/vnd.api+json"),
        ),
    ),
    responses((status = 200, description = "The key and the seat", body = Activated)),
)]
pub async fn activate(State(state): State<AppState>, client: ClientIp, request: Request) -> Response {
    call(&state, client, Call::Activate, request).await
}

/// Validate a license key
///
/// Tells whether the key may be used, and by which seat.
#[utoipa::path(
    post, path = "/validate", operation_id = "validate_license", tag = "license keys",
    request_body(
        content(
            (ValidateLicense = "application/json"),
            (ValidateLicense = "application/x-www-form-urlencoded"),
            (ValidateLicense = "application/vnd.api+json"),
        ),
    ),
    responses((status = 200, description = "The key is valid", body = Validated)),
)]
pub async fn validate(State(state): State<AppState>, client: ClientIp, request: Request) -> Response {
    call(&state, client, Call::Validate, request).await
}

/// Deactivate a license key on a device
///
/// Gives the seat back. A second time changes nothing.
#[utoipa::path(
    post, path = "/deactivate", operation_id = "deactivate_license", tag = "license keys",
    request_body(
        content(
            (LicenseInstance = "application/json"),
            (LicenseInstance = "application/x-www-form-urlencoded"),
            (LicenseInstance = "application/vnd.api+json"),
        ),
    ),
    responses((status = 200, description = "The seat is free", body = Deactivated)),
)]
pub async fn deactivate(State(state): State<AppState>, client: ClientIp, request: Request) -> Response {
    call(&state, client, Call::Deactivate, request).await
}

/// Keep a floating seat
///
/// Floating seats are free again when nothing is heard of their device for 630 seconds.
#[utoipa::path(
    post, path = "/ping", operation_id = "ping_license", tag = "license keys",
    request_body(
        content(
            (LicenseInstance = "application/json"),
            (LicenseInstance = "application/x-www-form-urlencoded"),
            (LicenseInstance = "application/vnd.api+json"),
        ),
    ),
    responses((status = 200, description = "The seat is kept", body = Alive)),
)]
pub async fn ping(State(state): State<AppState>, client: ClientIp, request: Request) -> Response {
    call(&state, client, Call::Ping, request).await
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `answer` writes")]
pub struct CheckedOut {
    error: Option<String>,
    code: String,
    license_file: SignedFile,
}

/// Check out a license file
///
/// A signed file that software keeps and verifies without a network. With a seat it is a machine file, for that device alone.
#[utoipa::path(
    post, path = "/check-out", operation_id = "check_out_license", tag = "license keys",
    request_body(
        content(
            (CheckOutLicense = "application/json"),
            (CheckOutLicense = "application/x-www-form-urlencoded"),
            (CheckOutLicense = "application/vnd.api+json"),
        ),
    ),
    responses((status = 200, description = "The file", body = CheckedOut)),
)]
pub async fn check_out(State(state): State<AppState>, client: ClientIp, request: Request) -> Response {
    call(&state, client, Call::CheckOut, request).await
}
