//! What the owner of a license key does on the order's page.

use super::order_acts::order_path;
use crate::error::AppError;
use crate::layout::request;
use leptos::prelude::*;

/// Gives the seat of a device back.
#[server(prefix = "/_fn", endpoint = "deactivate_seat")]
pub async fn deactivate_seat(
    id: String,
    key: String,
    license: String,
    instance: String,
    #[server(default)] has_cookie: bool,
) -> Result<String, AppError> {
    let page = order_path(&id, &key, has_cookie);
    let done = shop::fulfillment::licenses::deactivate_seat(&request::shop()?, &id, &key, &license, &instance).await;
    request::finish(done.map(|()| request::with_notice(&page, "seat_free")), &page)
}

/// Puts a new key in the place of the one that the page showed.
#[server(prefix = "/_fn", endpoint = "replace_license_key")]
pub async fn replace_license_key(
    id: String,
    key: String,
    license: String,
    license_key: String,
    #[server(default)] has_cookie: bool,
) -> Result<String, AppError> {
    let page = order_path(&id, &key, has_cookie);
    let done = shop::fulfillment::licenses::rotate(&request::shop()?, &id, &key, &license, &license_key).await;
    request::finish(done.map(|()| request::with_notice(&page, "license_key_new")), &page)
}
