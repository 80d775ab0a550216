//! The license keys of an order, for who has its access key.

use super::body::{Bearer, JsonBody, PathName, PathNames};
use super::error::ApiError;
use super::instant::rfc3339;
use crate::http::client::ClientIp;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::order::{OwnedLicense, OwnedSeat};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::fulfillment::licenses;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct OrderLicenses {
    items: Vec<OrderLicense>,
}

/// A license key that was bought.
#[derive(Serialize, ToSchema)]
pub struct OrderLicense {
    id: String,
    key: String,
    /// inactive, active, expired or disabled.
    status: String,
    /// `null`: any number of devices.
    activation_limit: Option<i64>,
    activation_usage: i64,
    /// RFC 3339, UTC; `null`: never.
    expires_at: Option<String>,
    /// Until when new versions are included; `null`: for ever.
    updates_until: Option<String>,
    /// Whether it is a key to try the software with.
    trial: bool,
    instances: Vec<OrderInstance>,
}

/// A device that a key is activated on.
#[derive(Serialize, ToSchema)]
pub struct OrderInstance {
    id: String,
    name: String,
    created_at: String,
}

impl From<OwnedLicense> for OrderLicense {
    fn from(license: OwnedLicense) -> Self {
        Self {
            id: license.id.to_string(),
            key: license.key,
            status: license.status.as_str().to_owned(),
            activation_limit: license.activation_limit,
            activation_usage: license.activation_usage,
            expires_at: license.expires_at.map(rfc3339),
            updates_until: license.updates_until.map(rfc3339),
            trial: license.is_trial,
            instances: license.seats.into_iter().map(OrderInstance::from).collect(),
        }
    }
}

impl From<OwnedSeat> for OrderInstance {
    fn from(seat: OwnedSeat) -> Self {
        Self { id: seat.id.to_string(), name: seat.name, created_at: rfc3339(seat.since) }
    }
}

async fn of_order(state: &AppState, id: &str, key: &str) -> Result<Json<OrderLicenses>, ApiError> {
    let order = shop::orders::load(&state.shop, id, key).await?;
    let items = order.items.into_iter().flat_map(|line| line.licenses).map(OrderLicense::from).collect();
    Ok(Json(OrderLicenses { items }))
}

/// List the license keys of an order
#[utoipa::path(
    get, path = "/orders/{id}/licenses", operation_id = "list_order_licenses", tag = "orders",
    params(("id" = String, Path)),
    security(("access_key" = [])),
    responses((status = 200, description = "The keys, and the devices that use them", body = OrderLicenses)),
)]
pub async fn list(State(state): State<AppState>, PathName(id): PathName, Bearer(key): Bearer) -> Result<Json<OrderLicenses>, ApiError> {
    of_order(&state, &id, &key).await
}

/// Deactivate a device
///
/// Gives its seat back. A second time changes nothing.
#[utoipa::path(
    delete, path = "/orders/{id}/licenses/{license}/instances/{instance}", operation_id = "delete_order_instance", tag = "orders",
    params(("id" = String, Path), ("license" = String, Path), ("instance" = String, Path)),
    security(("access_key" = [])),
    responses((status = 204, description = "The seat is free"), (status = 429)),
)]
pub async fn deactivate(
    State(state): State<AppState>,
    client: ClientIp,
    PathNames((id, license, instance)): PathNames<(String, String, String)>,
    Bearer(key): Bearer,
) -> Result<StatusCode, ApiError> {
    state.limits.links.check(client).map_err(ApiError::too_many)?;
    licenses::deactivate_seat(&state.shop, &id, &key, &license, &instance).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateLicense {
    /// The key that is to be replaced, so that a request which is sent twice replaces it once.
    license_key: String,
}

/// Replace a license key
///
/// The old key is unknown at once, and devices keep their seats. The new key is mailed to the customer.
#[utoipa::path(
    post, path = "/orders/{id}/licenses/{license}/rotate", operation_id = "rotate_order_license", tag = "orders",
    params(("id" = String, Path), ("license" = String, Path)),
    request_body = RotateLicense,
    security(("access_key" = [])),
    responses((status = 200, description = "The keys of the order", body = OrderLicenses), (status = 409), (status = 429)),
)]
pub async fn rotate(
    State(state): State<AppState>,
    client: ClientIp,
    PathNames((id, license)): PathNames<(String, String)>,
    Bearer(key): Bearer,
    JsonBody(body): JsonBody<RotateLicense>,
) -> Result<Json<OrderLicenses>, ApiError> {
    state.limits.resends.check(client).map_err(ApiError::too_many)?;
    licenses::rotate(&state.shop, &id, &key, &license, &body.license_key).await?;
    of_order(&state, &id, &key).await
}
