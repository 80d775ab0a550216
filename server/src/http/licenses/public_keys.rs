//! `GET /v1/licenses/public-keys`: what license files are verified with.

use super::answer::{Refusal, instant};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shop::fulfillment::licenses::key_ring::{self, PublicKeyView};
use utoipa::ToSchema;

/// Keys change once in years, and an old one stays listed.
const MAY_BE_KEPT: &str = "public, max-age=300";

#[derive(Serialize, ToSchema)]
pub struct PublicKeys {
    keys: Vec<PublicKey>,
}

/// A key that license files are verified with.
#[derive(Serialize, ToSchema)]
pub struct PublicKey {
    kid: String,
    /// `ed25519`.
    alg: &'static str,
    /// 32 bytes as hexadecimal digits.
    public_key: String,
    not_before: String,
    /// Since when it signs no more; files that it signed are good until they end.
    retired_at: Option<String>,
}

impl From<PublicKeyView> for PublicKey {
    fn from(key: PublicKeyView) -> Self {
        Self {
            kid: key.kid,
            alg: "ed25519",
            public_key: key.public_key,
            not_before: instant(key.not_before),
            retired_at: key.retired_at.map(instant),
        }
    }
}

/// List the public keys
///
/// Build them into your software: a license file is good if one of them has signed it.
#[utoipa::path(
    get, path = "/public-keys", operation_id = "list_license_public_keys", tag = "license keys",
    responses((status = 200, description = "The key that signs, and those before it", body = PublicKeys)),
)]
pub async fn list(State(state): State<AppState>) -> Response {
    match key_ring::public_keys(&state.shop).await {
        Ok(keys) => {
            let keys = PublicKeys { keys: keys.into_iter().map(PublicKey::from).collect() };
            ([(header::CACHE_CONTROL, MAY_BE_KEPT)], Json(keys)).into_response()
        }
        Err(error) => Refusal::from(error).plainly(),
    }
}
