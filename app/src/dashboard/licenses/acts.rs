//! What members do with a license.

use crate::error::AppError;
use crate::layout::request::{self, Acting};
use domain::entitlement::EntitlementState;
use domain::member::Permission;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shop::fulfillment::licenses::Change;

/// What was typed into one of the forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseForm {
    /// Which form it was.
    pub act: String,
    pub reason: String,
    pub days: String,
    pub activation_limit: String,
}

/// The name of the forms among those that were refused.
pub const FORM: &str = "license";

/// The page of a license, made of nothing that could mean something else in an address.
fn page_of(license: &str) -> String {
    let plain: String = license.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("{}/{plain}", super::LIST)
}

async fn changed(license: &str, typed: LicenseForm, notice: &str, change: shop::Result<Change>) -> Result<String, AppError> {
    let page = page_of(license);
    request::submit(Permission::HelpCustomers, FORM, &typed, &page, async |Acting { shop, by, .. }| {
        shop::fulfillment::licenses::change(&shop, &by, license, &change?).await?;
        Ok(request::with_notice(&page, notice))
    })
    .await
}

/// Lets a license be suspended, revoked or active again.
#[server(prefix = "/_fn", endpoint = "set_license_state")]
pub async fn set_license_state(license: String, state: String, #[server(default)] reason: String) -> Result<String, AppError> {
    let (state, notice) = match state.as_str() {
        "suspended" => (EntitlementState::Suspended, "license_suspended"),
        "revoked" => (EntitlementState::Revoked, "license_revoked"),
        _ => (EntitlementState::Active, "license_reinstated"),
    };
    let word: &str = state.into();
    let typed = LicenseForm { act: word.to_owned(), reason: reason.clone(), ..LicenseForm::default() };
    changed(&license, typed, notice, Ok(Change { state: Some(state), reason, ..Change::default() })).await
}

/// Lets a license that ends last longer.
#[server(prefix = "/_fn", endpoint = "extend_license")]
pub async fn extend_license(license: String, days: String) -> Result<String, AppError> {
    let typed = LicenseForm { act: "extend".to_owned(), days: days.clone(), ..LicenseForm::default() };
    let extend_by_days = Some(days.trim().parse().unwrap_or(0));
    changed(&license, typed, "license_changed", Ok(Change { extend_by_days, ..Change::default() })).await
}

/// Says on how many devices a license works; nothing for any number.
#[server(prefix = "/_fn", endpoint = "set_license_limit")]
pub async fn set_license_limit(license: String, #[server(default)] activation_limit: String) -> Result<String, AppError> {
    let typed = LicenseForm { act: "limit".to_owned(), activation_limit: activation_limit.clone(), ..LicenseForm::default() };
    let limit = match activation_limit.trim() {
        "" => None,
        text => Some(text.parse().unwrap_or(0)),
    };
    changed(&license, typed, "license_changed", Ok(Change { activation_limit: Some(limit), ..Change::default() })).await
}

/// Frees the seat of a device.
#[server(prefix = "/_fn", endpoint = "free_license_seat")]
pub async fn free_license_seat(license: String, instance: String) -> Result<String, AppError> {
    let page = page_of(&license);
    request::act(Permission::HelpCustomers, &page, "seat_free", async |Acting { shop, by, .. }| {
        shop::fulfillment::licenses::free_seat(&shop, &by, &license, &instance).await
    })
    .await
}

/// Frees all seats of a license.
#[server(prefix = "/_fn", endpoint = "reset_license_seats")]
pub async fn reset_license_seats(license: String) -> Result<String, AppError> {
    let page = page_of(&license);
    request::act(Permission::HelpCustomers, &page, "seats_reset", async |Acting { shop, by, .. }| {
        shop::fulfillment::licenses::reset_seats(&shop, &by, &license).await
    })
    .await
}

/// Replaces the key of a license, and mails the new one to its customer.
#[server(prefix = "/_fn", endpoint = "replace_key_for_customer")]
pub async fn replace_key_for_customer(license: String) -> Result<String, AppError> {
    let page = page_of(&license);
    request::act(Permission::HelpCustomers, &page, "license_key_mailed", async |Acting { shop, by, .. }| {
        shop::fulfillment::licenses::replace(&shop, &by, &license).await
    })
    .await
}
