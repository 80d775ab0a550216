//! Licenses, for the seller's own software.

use super::body::{ApiQuery, Creator, JsonBody, PathName, PathNames};
use super::error::ApiError;
use super::instant::{Instant, rfc3339};
use super::patch::Patch;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::entitlement::EntitlementState;
use domain::member::Permission;
use domain::pages::license::{LicenseFile, LicenseRow, LicenseStep, SeatRow};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::fulfillment::licenses::{self, Change, LicenseQuery};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LicenseFilter {
    /// A whole key, in any spelling.
    key: Option<String>,
    /// The address of who bought it.
    email: Option<String>,
    /// A key, the number of an order, or the beginning of an email address.
    q: Option<String>,
    /// active, inactive, expired or disabled.
    status: Option<String>,
    /// The slug of a product.
    product: Option<String>,
    /// From `next_cursor`.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Licenses {
    items: Vec<License>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct License {
    /// The number that software knows it by.
    id: String,
    key: String,
    /// active, inactive, expired or disabled.
    status: String,
    product: String,
    variant: String,
    email: String,
    order: String,
    /// `null`: any number of devices.
    activation_limit: Option<i64>,
    activation_usage: i64,
    /// `null`: never.
    expires_at: Option<String>,
    created_at: String,
}

impl From<LicenseRow> for License {
    fn from(license: LicenseRow) -> Self {
        Self {
            id: license.id,
            key: license.key,
            status: license.status.as_str().to_owned(),
            product: license.title,
            variant: license.variant_name,
            email: license.email,
            order: license.order.0,
            activation_limit: license.activation_limit,
            activation_usage: license.activation_usage,
            expires_at: license.expires_at.map(rfc3339),
            created_at: rfc3339(license.created_at),
        }
    }
}

/// A license with all that is known of it.
#[derive(Serialize, ToSchema)]
pub struct OneLicense {
    #[serde(flatten)]
    license: License,
    /// What software knows the product and the variant by: `meta.product_id` and `meta.variant_id` of `/v1/licenses`.
    product_id: String,
    variant_id: String,
    /// Why a member has suspended or revoked it.
    reason: String,
    updates_until: Option<String>,
    last_validated_at: Option<String>,
    features: Vec<String>,
    max_version: Option<String>,
    trial: bool,
    floating: bool,
    instances: Vec<LicenseDevice>,
    /// What happened to it, the latest first.
    history: Vec<LicenseEvent>,
}

/// A device that uses a license.
#[derive(Serialize, ToSchema)]
pub struct LicenseDevice {
    id: String,
    name: String,
    created_at: String,
    last_seen_at: String,
}

/// Something that happened to a license.
#[derive(Serialize, ToSchema)]
pub struct LicenseEvent {
    /// issued, activated, deactivated, lease_ended, file_issued, rotated, suspended, reinstated, revoked, extended, limit_changed or
    /// seats_reset.
    event: String,
    detail: String,
    at: String,
}

impl From<LicenseFile> for OneLicense {
    fn from(file: LicenseFile) -> Self {
        Self {
            license: file.row.into(),
            product_id: file.product_number,
            variant_id: file.variant_number,
            reason: file.reason,
            updates_until: file.updates_until.map(rfc3339),
            last_validated_at: file.last_validated_at.map(rfc3339),
            features: file.policy.features,
            max_version: file.policy.max_version,
            trial: file.policy.is_trial,
            floating: file.policy.is_floating,
            instances: file.seats.into_iter().map(LicenseDevice::from).collect(),
            history: file.steps.into_iter().map(LicenseEvent::from).collect(),
        }
    }
}

impl From<SeatRow> for LicenseDevice {
    fn from(seat: SeatRow) -> Self {
        Self { id: seat.id, name: seat.name, created_at: rfc3339(seat.since), last_seen_at: rfc3339(seat.seen_at) }
    }
}

impl From<LicenseStep> for LicenseEvent {
    fn from(step: LicenseStep) -> Self {
        Self { event: step.event.as_str().to_owned(), detail: step.detail, at: rfc3339(step.at) }
    }
}

/// List licenses
#[utoipa::path(
    get, path = "/licenses", operation_id = "list_licenses", tag = "licenses",
    params(LicenseFilter),
    security(("api_key" = [])),
    responses((status = 200, description = "Licenses, the latest first", body = Licenses)),
)]
pub async fn list(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<LicenseFilter>,
) -> Result<Json<Licenses>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let status = filter.status.as_deref().map(|status| {
        status
            .parse()
            .map_err(|_| shop::Error::refused("status_invalid", "A license is active, inactive, expired or disabled.").at("status"))
    });
    let query = LicenseQuery {
        key: filter.key,
        email: filter.email,
        q: filter.q,
        status: status.transpose()?,
        product: filter.product,
        cursor: filter.cursor,
    };
    let found = licenses::list(&state.shop, &query).await?;
    Ok(Json(Licenses { items: found.items.into_iter().map(License::from).collect(), next_cursor: found.next_cursor }))
}

async fn one(state: &AppState, id: &str) -> Result<Json<OneLicense>, ApiError> {
    Ok(Json(licenses::one(&state.shop, id).await?.into()))
}

/// Show a license
#[utoipa::path(
    get, path = "/licenses/{id}", operation_id = "get_license", tag = "licenses",
    params(("id" = String, Path, description = "Its number or its id")),
    security(("api_key" = [])),
    responses((status = 200, description = "The license, its devices and its history", body = OneLicense)),
)]
pub async fn show(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<Json<OneLicense>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    one(&state, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeLicense {
    /// `enabled`, `disabled` (until it is enabled again) or `revoked`.
    status: Option<String>,
    /// Why, for the members of the shop.
    reason: Option<String>,
    /// `null`: any number of devices.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    activation_limit: Patch<i64>,
    /// RFC 3339; `null`: never.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    expires_at: Patch<Instant>,
    /// From its end on, or from now where that has passed.
    extend_by_days: Option<i64>,
}

/// Change a license
///
/// Suspends, revokes or reinstates it, and changes its limit and its end.
#[utoipa::path(
    patch, path = "/licenses/{id}", operation_id = "update_license", tag = "licenses",
    params(("id" = String, Path, description = "Its number or its id")),
    request_body = ChangeLicense,
    security(("api_key" = [])),
    responses((status = 200, description = "The license as it is now", body = OneLicense), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangeLicense>,
) -> Result<Json<OneLicense>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    let status = match body.status.as_deref() {
        None => None,
        Some("enabled") => Some(EntitlementState::Active),
        Some("disabled") => Some(EntitlementState::Suspended),
        Some("revoked") => Some(EntitlementState::Revoked),
        Some(_) => {
            return Err(shop::Error::refused("status_invalid", "A license is made enabled, disabled or revoked.").at("status").into());
        }
    };
    let change = Change {
        state: status,
        reason: body.reason.unwrap_or_default(),
        activation_limit: body.activation_limit.into(),
        expires_at: body.expires_at.map(Instant::millis).into(),
        extend_by_days: body.extend_by_days,
    };
    licenses::change(&state.shop, &Actor::from(&holder), &id, &change).await?;
    one(&state, &id).await
}

/// Free the seat of a device
#[utoipa::path(
    delete, path = "/licenses/{id}/instances/{instance}", operation_id = "delete_license_instance", tag = "licenses",
    params(("id" = String, Path), ("instance" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "The seat is free")),
)]
pub async fn free_seat(
    State(state): State<AppState>,
    PathNames((id, instance)): PathNames<(String, String)>,
    Creator(holder): Creator,
) -> Result<StatusCode, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    licenses::free_seat(&state.shop, &Actor::from(&holder), &id, &instance).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Free all seats of a license
#[utoipa::path(
    post, path = "/licenses/{id}/reset", operation_id = "reset_license", tag = "licenses",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "The license as it is now", body = OneLicense)),
)]
pub async fn reset(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<Json<OneLicense>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    licenses::reset_seats(&state.shop, &Actor::from(&holder), &id).await?;
    one(&state, &id).await
}

/// Replace the key of a license
///
/// The old key is unknown at once, devices keep their seats, and the customer is mailed the new key.
#[utoipa::path(
    post, path = "/licenses/{id}/rotate", operation_id = "rotate_license", tag = "licenses",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "The license with its new key", body = OneLicense), (status = 409)),
)]
pub async fn rotate(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<Json<OneLicense>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    licenses::replace(&state.shop, &Actor::from(&holder), &id).await?;
    one(&state, &id).await
}
