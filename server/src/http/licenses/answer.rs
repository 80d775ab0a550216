//! What software is answered.

use super::fields::FieldErrors;
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::license::{HEARTBEAT_SECS, LicenseCode};
use domain::word::Word;
use serde::Serialize;
use serde_json::{Map, Value, json};
use shop::fulfillment::licenses::{InstanceView, LicenseFile, LicenseView, MetaView, Outcome};
use time::OffsetDateTime;
use time::macros::format_description;
use utoipa::ToSchema;

pub const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
pub const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
/// When to ask again after "not at the moment".
const RETRY_AFTER_SECS: u64 = 5;

/// Which endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Activate,
    Validate,
    Deactivate,
    Ping,
    CheckOut,
}

impl Call {
    /// What says whether it was done.
    fn flag(self) -> Option<&'static str> {
        match self {
            Call::Activate => Some("activated"),
            Call::Validate => Some("valid"),
            Call::Deactivate => Some("deactivated"),
            Call::Ping => Some("alive"),
            Call::CheckOut => None,
        }
    }
}

/// What the shop says to a request.
pub struct Answered {
    pub outcome: Outcome,
    /// The answer, signed.
    pub proof: Option<String>,
    pub file: Option<LicenseFile>,
}

/// How many requests are left of how many.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    pub limit: u32,
    pub remaining: u32,
}

/// A request that no license was asked for.
pub struct Refusal {
    status: StatusCode,
    code: Option<LicenseCode>,
    message: String,
    errors: FieldErrors,
    retry_after_secs: Option<u64>,
}

impl Refusal {
    pub fn plain(status: StatusCode, message: &str) -> Self {
        Self { status, code: None, message: message.to_owned(), errors: FieldErrors::new(), retry_after_secs: None }
    }

    pub fn unreadable(message: &str) -> Self {
        Self { code: Some(LicenseCode::ParamInvalid), ..Self::plain(StatusCode::UNPROCESSABLE_ENTITY, message) }
    }

    pub fn fields(errors: FieldErrors) -> Self {
        let message = errors.values().flatten().next().cloned().unwrap_or_default();
        Self { errors, ..Self::unreadable(&message) }
    }

    pub fn too_many(retry_after_secs: u64) -> Self {
        Self {
            code: Some(LicenseCode::RateLimited),
            retry_after_secs: Some(retry_after_secs),
            ..Self::plain(StatusCode::TOO_MANY_REQUESTS, "Too many requests. Wait a little, then try again.")
        }
    }

    /// A header that can't be read.
    pub fn header(message: &str) -> Self {
        Self { code: Some(LicenseCode::ParamInvalid), ..Self::plain(StatusCode::BAD_REQUEST, message) }
    }

    /// Nothing is known of the key: an outage is never told as a refusal of it.
    fn unavailable() -> Self {
        Self {
            code: Some(LicenseCode::Unavailable),
            retry_after_secs: Some(RETRY_AFTER_SECS),
            ..Self::plain(StatusCode::SERVICE_UNAVAILABLE, "Licenses can't be looked up at the moment. Try again in a few seconds.")
        }
    }

    pub fn answer(self, call: Call) -> Response {
        self.flagged(call.flag())
    }

    /// Of an endpoint that does nothing.
    pub fn plainly(self) -> Response {
        self.flagged(None)
    }

    fn flagged(self, flag: Option<&str>) -> Response {
        let mut body = Map::new();
        if let Some(flag) = flag {
            body.insert(flag.to_owned(), false.into());
        }
        body.insert("error".to_owned(), self.message.into());
        if let Some(code) = self.code {
            body.insert("code".to_owned(), code.as_str().into());
        }
        if !self.errors.is_empty() {
            body.insert("errors".to_owned(), json!(self.errors));
        }
        let mut response = (self.status, Json(Value::Object(body))).into_response();
        if let Some(seconds) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<shop::Error> for Refusal {
    fn from(error: shop::Error) -> Self {
        match error {
            shop::Error::Refused(refusal) => Self::unreadable(&refusal.message),
            error => {
                tracing::error!(?error, "a license could not be looked up");
                Self::unavailable()
            }
        }
    }
}

/// The HTTP status of an answer, and what a person is told.
fn words(code: LicenseCode) -> (StatusCode, Option<&'static str>) {
    let refused = |text| (StatusCode::BAD_REQUEST, Some(text));
    match code {
        LicenseCode::Valid => (StatusCode::OK, None),
        LicenseCode::NotFound => (StatusCode::NOT_FOUND, Some("license_key not found.")),
        LicenseCode::InstanceNotFound => (StatusCode::NOT_FOUND, Some("instance_id not found.")),
        LicenseCode::Suspended => refused("This license key has been disabled."),
        LicenseCode::Revoked => refused("This license key has been revoked."),
        LicenseCode::Expired => refused("This license key has expired."),
        LicenseCode::MachineLimitExceeded => refused("This license key has reached the activation limit."),
        LicenseCode::FingerprintScopeMismatch => refused("This license key is not activated on this device."),
        LicenseCode::HeartbeatDead => refused("This device was silent for too long. Activate the license key again."),
        LicenseCode::CheckoutTtlInvalid => {
            refused("The ttl must be at least 3600 seconds. It may be null only where the seller allows it.")
        }
        LicenseCode::ParamInvalid => (StatusCode::UNPROCESSABLE_ENTITY, Some("The request can't be read.")),
        LicenseCode::RateLimited => (StatusCode::TOO_MANY_REQUESTS, Some("Too many requests.")),
        LicenseCode::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, Some("Try again in a few seconds.")),
    }
}

/// The answer of an endpoint.
pub fn answer(call: Call, answered: Answered) -> Response {
    let Answered { outcome, proof, file } = answered;
    let (status, error) = words(outcome.code);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    if let Some(flag) = call.flag() {
        put(flag, (outcome.code == LicenseCode::Valid).into());
    }
    put("error", error.into());
    put("code", outcome.code.as_str().into());
    if let Some(found) = outcome.answer {
        put("license_key", json!(LicenseKey::from(found.license)));
        match (call, outcome.instance) {
            (Call::Ping, Some(seat)) => {
                put("heartbeat", json!({ "status": "ALIVE", "interval": HEARTBEAT_SECS, "due_at": seat.lease_until.map(instant) }))
            }
            (Call::Activate, Some(seat)) => put("instance", json!(Instance::from(seat))),
            (Call::Validate, seat) => put("instance", json!(seat.map(Instance::from))),
            _ => {}
        }
        put("meta", json!(Meta::from(found.meta)));
    }
    if let Some(proof) = proof {
        put("proof", proof.into());
    }
    if let Some(file) = file {
        put("license_file", json!(SignedFile::from(file)));
    }
    (status, Json(Value::Object(body))).into_response()
}

pub async fn no_such_endpoint() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "There is no such endpoint." }))).into_response()
}

/// Adds how many requests are left.
pub fn with_allowance(mut response: Response, allowance: Allowance) -> Response {
    response.headers_mut().insert(LIMIT, HeaderValue::from(allowance.limit));
    response.headers_mut().insert(REMAINING, HeaderValue::from(allowance.remaining));
    response
}

/// As Lemon Squeezy writes an instant: `2021-01-24T14:15:07.000000Z`, from milliseconds since 1970.
pub fn instant(millis: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok();
    at.and_then(|at| at.format(format).ok()).unwrap_or_default()
}

/// An address by its first letter and its host: keys are posted in forums.
fn masked(email: &str) -> String {
    let (name, host) = email.rsplit_once('@').unwrap_or((email, ""));
    format!("{}***@{host}", name.chars().next().unwrap_or('*'))
}

#[derive(Serialize, ToSchema)]
pub struct LicenseKey {
    id: i64,
    /// `inactive`, `active`, `expired` or `disabled`.
    status: &'static str,
    key: String,
    /// `null`: any number of devices.
    activation_limit: Option<i64>,
    activation_usage: i64,
    created_at: String,
    /// `null`: never.
    expires_at: Option<String>,
    test_mode: bool,
    /// Until when new versions are included; `null`: for ever.
    updates_until: Option<String>,
    /// What the software unlocks.
    features: Vec<String>,
    /// The highest version that the key is for.
    max_version: Option<String>,
    /// Whether it is a key to try the software with.
    trial: bool,
}

impl From<LicenseView> for LicenseKey {
    fn from(license: LicenseView) -> Self {
        Self {
            id: license.number,
            status: license.status.as_str(),
            key: license.key,
            activation_limit: license.activation_limit,
            activation_usage: license.activation_usage,
            created_at: instant(license.created_at),
            expires_at: license.expires_at.map(instant),
            test_mode: license.is_test,
            updates_until: license.updates_until.map(instant),
            features: license.policy.features,
            max_version: license.policy.max_version,
            trial: license.policy.is_trial,
        }
    }
}

/// A device that a key is activated on.
#[derive(Serialize, ToSchema)]
pub struct Instance {
    id: String,
    name: String,
    created_at: String,
    fingerprint: Option<String>,
    /// When the next ping is due at the latest; `null` for a seat that stays.
    heartbeat_due_at: Option<String>,
}

impl From<InstanceView> for Instance {
    fn from(seat: InstanceView) -> Self {
        Self {
            id: seat.id.to_string(),
            name: seat.name,
            created_at: instant(seat.created_at),
            fingerprint: seat.fingerprint,
            heartbeat_due_at: seat.lease_until.map(instant),
        }
    }
}

/// A signed file, in Keygen's shape.
#[derive(Serialize, ToSchema)]
pub struct SignedFile {
    /// The file: a program keeps it and verifies it offline, with one of the public keys.
    certificate: String,
    /// `base64+ed25519`.
    algorithm: &'static str,
    /// Seconds; `null`: for ever.
    ttl: Option<i64>,
    issued: String,
    expiry: Option<String>,
}

impl From<LicenseFile> for SignedFile {
    fn from(file: LicenseFile) -> Self {
        Self {
            certificate: file.certificate,
            algorithm: "base64+ed25519",
            ttl: file.ttl,
            issued: instant(file.issued),
            expiry: file.expiry.map(instant),
        }
    }
}

/// What the key was bought as.
#[derive(Serialize, ToSchema)]
pub struct Meta {
    store_id: i64,
    order_id: i64,
    order_item_id: i64,
    product_id: i64,
    product_name: String,
    variant_id: i64,
    variant_name: String,
    customer_id: i64,
    /// The shop asks for no names.
    customer_name: String,
    /// The first letter and the host.
    customer_email: String,
}

impl From<MetaView> for Meta {
    fn from(meta: MetaView) -> Self {
        Self {
            store_id: meta.store_id,
            order_id: meta.order_id,
            order_item_id: meta.order_item_id,
            product_id: meta.product_id,
            product_name: meta.product_name,
            variant_id: meta.variant_id,
            variant_name: meta.variant_name,
            customer_id: meta.customer_id,
            customer_name: String::new(),
            customer_email: masked(&meta.customer_email),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_have_six_digits_behind_the_second() {
        assert_eq!(instant(1_611_497_707_000), "2021-01-24T14:15:07.000000Z");
        assert_eq!(instant(1), "1970-01-01T00:00:00.001000Z");
    }

    #[test]
    fn an_address_is_told_by_its_first_letter() {
        assert_eq!(masked("luke@example.com"), "l***@example.com");
        assert_eq!(masked("\u{e9}va@example.com"), "\u{e9}***@example.com");
        assert_eq!(masked(""), "****@");
    }
}
