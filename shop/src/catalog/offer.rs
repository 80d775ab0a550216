//! A tier as it can be bought this minute.

use super::{reprice, sql};
use crate::base::database::{JsonText, Stored, statement};
use crate::base::entities::{price, variant};
use crate::{Error, Result, Shop, base::refusals};
use domain::id::Id;
use domain::license::LicensePolicy;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::slug::Slug;
use domain::terms::LicenseTerms;
use sea_orm::FromQueryResult;

/// What a cart or an order takes from the catalog; frozen into the order.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Offer {
    pub product_id: Id,
    pub variant_id: Id,
    pub slug: String,
    pub title: String,
    pub key: String,
    pub name: String,
    pub terms: Stored<LicenseTerms, variant::Entity>,
    /// The store's own words of these terms.
    pub terms_id: Option<Id>,
    /// The price; the least of it where the customer names it.
    pub amount: i64,
    pub pay_what_you_want: bool,
    pub suggested_amount: Option<i64>,
    pub currency: Stored<Currency, price::Entity>,
    /// Whether it is the one that the store sells in.
    pub is_in_currency: bool,
    pub download_limit: Option<i64>,
    pub has_license: bool,
    pub license_activation_limit: Option<i64>,
    pub license_expires_after_days: Option<i64>,
    pub license_policy: JsonText<LicensePolicy>,
    /// Whether other tiers come with it.
    pub is_bundle: bool,
    /// Whether who buys it gets something.
    pub delivers: bool,
}

impl Offer {
    pub fn price(&self) -> Price {
        Price {
            amount: Money::new(self.amount, *self.currency),
            pay_what_you_want: self.pay_what_you_want,
            suggested_amount: self.suggested_amount,
        }
    }
}

/// The tier of a published product; the first one when none is named.
///
/// # Errors
/// `NotFound` as a refusal with the code `product_not_found`; `currency_not_sold` where it is priced in another currency than the
/// store's.
pub async fn load_offer(shop: &Shop, slug: &str, variant: Option<&str>) -> Result<Offer> {
    let missing = || Error::from(refusals::PRODUCT_NOT_FOUND);
    if Slug::parse(slug).is_err() || variant.is_some_and(|key| Slug::parse(key).is_err()) {
        return Err(missing());
    }
    let values = [shop.settings.store_id.into(), slug.into(), variant.unwrap_or("").into(), shop.clock.now_ms().into()];
    let offer = Offer::find_by_statement(statement(&shop.db, sql::offer(), values)).one(&shop.db).await?.ok_or_else(missing)?;
    if offer.is_in_currency { Ok(offer) } else { Err(reprice::not_sold(&offer.title)) }
}
