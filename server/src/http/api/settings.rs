//! The store's facts, read and changed with an API key.

use super::body::{Creator, JsonBody};
use super::error::ApiError;
use super::instant::rfc3339;
use super::patch::{Patch, put};
use crate::state::AppState;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use domain::pages::settings::{OldPrices, PricedGoods, SaleMails, StoreSettings};
use domain::word::Word;
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Settings {
    name: String,
    tagline: String,
    legal_name: String,
    address: String,
    tax_id: String,
    /// ISO 4217.
    currency: String,
    /// A name of the IANA time zone database.
    time_zone: String,
    support_email: Option<String>,
    sender_name: String,
    /// When the owner is mailed about sales: `each_order`, `daily` or `never`.
    sale_mails: &'static str,
    download_limit: Option<i64>,
    activation_limit: Option<i64>,
    /// Markdown, as are the next two.
    terms_text: String,
    privacy_text: String,
    refund_text: String,
    /// For how many days buyers have their money back, said beside every button that buys; null where nothing is said.
    refund_days: Option<i64>,
    /// A path of the shop; null where its name stands in place of a logo.
    logo_url: Option<String>,
    /// What is odd about the logo, such as that it moved and only its first frame is shown.
    logo_warning: Option<&'static str>,
    /// What is priced in other currencies than this one, and so not for sale.
    left_behind: LeftBehind,
    /// Counts the changes of all but the logo; a change may name it.
    revision: i64,
}

/// What a change of the currency left behind.
#[derive(Serialize, ToSchema)]
pub struct LeftBehind {
    /// Products that nobody can buy until they are priced in the shop's currency.
    products: i64,
    /// Promotions with an amount or a minimum that apply to nothing.
    promotions: i64,
}

impl Settings {
    async fn load(state: &AppState) -> shop::Result<Self> {
        let logo = shop::stores::face(&state.shop).await?.logo;
        let left = shop::stores::settings::priced_otherwise(&state.shop).await?;
        let logo_warning = shop::stores::logo::warning(&state.shop).await?;
        let (stands, revision) = shop::stores::settings::load_revision(&state.shop).await?;
        Ok(Self { logo_warning, ..Self::new(stands, revision, logo.map(|logo| logo.url), left) })
    }

    fn new(stands: StoreSettings, revision: i64, logo_url: Option<String>, left: PricedGoods) -> Self {
        Self {
            left_behind: LeftBehind { products: left.n_products, promotions: left.n_promotions },
            logo_url,
            logo_warning: None,
            revision,
            name: stands.name,
            tagline: stands.tagline,
            legal_name: stands.legal_name,
            address: stands.address,
            tax_id: stands.tax_id,
            currency: stands.currency,
            time_zone: stands.time_zone,
            support_email: stands.support_email,
            sender_name: stands.sender_name,
            sale_mails: stands.sale_mails.as_str(),
            download_limit: stands.download_limit,
            activation_limit: stands.activation_limit,
            terms_text: stands.terms_text,
            privacy_text: stands.privacy_text,
            refund_text: stands.refund_text,
            refund_days: stands.refund_days,
        }
    }
}

#[utoipa::path(
    get, path = "/settings", operation_id = "get_settings", tag = "settings",
    security(("api_key" = [])),
    responses((status = 200, description = "The store's facts", body = Settings)),
)]
pub async fn show(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<Settings>, ApiError> {
    holder.check(Permission::EditSettings)?;
    Ok(Json(Settings::load(&state).await?))
}

#[utoipa::path(
    put, path = "/settings/logo", operation_id = "set_logo", tag = "settings",
    request_body(
        content = Vec<u8>,
        content_type = "application/octet-stream",
        description = "A JPEG, PNG or WebP picture; it is drawn anew",
    ),
    security(("api_key" = [])),
    responses((status = 200, description = "The store's facts as they stand now", body = Settings)),
)]
pub async fn set_logo(State(state): State<AppState>, Creator(holder): Creator, body: Body) -> Result<Json<Settings>, ApiError> {
    holder.check(Permission::EditSettings)?;
    let body = body.into_data_stream().map_err(std::io::Error::other);
    shop::stores::logo::set(&state.shop, &(&holder).into(), "logo", Box::pin(body)).await?;
    Ok(Json(Settings::load(&state).await?))
}

#[utoipa::path(
    delete, path = "/settings/logo", operation_id = "remove_logo", tag = "settings",
    security(("api_key" = [])),
    responses((status = 204, description = "The name stands there again")),
)]
pub async fn remove_logo(State(state): State<AppState>, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditSettings)?;
    shop::stores::logo::remove(&state.shop, &(&holder).into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What changes; what is absent stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeSettings {
    name: Option<String>,
    tagline: Option<String>,
    legal_name: Option<String>,
    address: Option<String>,
    tax_id: Option<String>,
    /// Until something was sold. Payment pages that are open in the old one are closed.
    currency: Option<String>,
    /// What becomes of all products and promotions that are priced in other currencies: `leave` (the default; nobody can buy them),
    /// `same_numbers` (20.00 USD is 20.00 EUR; products whose price can't be charged so become drafts) or `draft`. Given without a
    /// currency it is done to what an earlier change left behind.
    old_prices: Option<String>,
    time_zone: Option<String>,
    /// Null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    support_email: Patch<String>,
    sender_name: Option<String>,
    /// `each_order`, `daily` or `never`.
    sale_mails: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    download_limit: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    activation_limit: Patch<i64>,
    terms_text: Option<String>,
    privacy_text: Option<String>,
    refund_text: Option<String>,
    /// 1 to 365, or null to say nothing.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    refund_days: Patch<i64>,
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    revision: Option<i64>,
}

impl ChangeSettings {
    fn put_into(self, settings: &mut StoreSettings, sale_mails: Option<SaleMails>) {
        put(&mut settings.name, self.name);
        put(&mut settings.tagline, self.tagline);
        put(&mut settings.legal_name, self.legal_name);
        put(&mut settings.address, self.address);
        put(&mut settings.tax_id, self.tax_id);
        put(&mut settings.currency, self.currency);
        put(&mut settings.time_zone, self.time_zone);
        self.support_email.apply(&mut settings.support_email);
        put(&mut settings.sender_name, self.sender_name);
        put(&mut settings.sale_mails, sale_mails);
        self.download_limit.apply(&mut settings.download_limit);
        self.activation_limit.apply(&mut settings.activation_limit);
        put(&mut settings.terms_text, self.terms_text);
        put(&mut settings.privacy_text, self.privacy_text);
        put(&mut settings.refund_text, self.refund_text);
        self.refund_days.apply(&mut settings.refund_days);
    }
}

#[utoipa::path(
    patch, path = "/settings", operation_id = "update_settings", tag = "settings",
    request_body = ChangeSettings,
    security(("api_key" = [])),
    responses((status = 200, description = "The store's facts as they stand now", body = Settings), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangeSettings>,
) -> Result<Json<Settings>, ApiError> {
    holder.check(Permission::EditSettings)?;
    let old_prices = match body.old_prices.as_deref() {
        None => None,
        Some(word) => Some(word.parse::<OldPrices>().map_err(|_| {
            shop::Error::refused("old_prices_invalid", "What becomes of old prices is leave, same_numbers or draft.").at("old_prices")
        })?),
    };
    let sale_mails = match body.sale_mails.as_deref() {
        None => None,
        Some(word) => Some(word.parse::<SaleMails>().map_err(|_| {
            shop::Error::refused("sale_mails_unknown", "The owner is mailed for each_order, daily or never.").at("sale_mails")
        })?),
    };
    let (revision, by) = (body.revision, (&holder).into());
    let alter = |settings: &mut StoreSettings| body.clone().put_into(settings, sale_mails);
    shop::stores::settings::change_with(&state.shop, &by, revision, old_prices, alter).await?;
    Ok(Json(Settings::load(&state).await?))
}

/// What was found when the way to Stripe was tried.
#[derive(Serialize, ToSchema)]
pub struct StripeCheck {
    /// Whether the key moves real money.
    is_live: bool,
    /// Null when Stripe takes the key, else why not.
    key_trouble: Option<String>,
    /// Null when the webhook's address leads to this shop, else what came instead.
    webhook_trouble: Option<String>,
    webhook_url: String,
    /// Null when the clock of this machine agrees with Stripe's and the database's, else what is wrong and what to do.
    clock_trouble: Option<String>,
    /// RFC 3339, UTC.
    last_webhook_at: Option<String>,
}

#[utoipa::path(
    post, path = "/settings/stripe-check", operation_id = "check_stripe", tag = "settings",
    security(("api_key" = [])),
    responses((status = 200, description = "What was found", body = StripeCheck)),
)]
pub async fn check_stripe(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<StripeCheck>, ApiError> {
    holder.check(Permission::EditSettings)?;
    let check = shop::stores::settings::check_stripe(&state.shop).await?;
    Ok(Json(StripeCheck {
        is_live: check.is_live,
        key_trouble: check.key_trouble,
        webhook_trouble: check.webhook_trouble,
        webhook_url: check.webhook_url,
        clock_trouble: check.clock_trouble,
        last_webhook_at: check.last_webhook_at.map(rfc3339),
    }))
}
