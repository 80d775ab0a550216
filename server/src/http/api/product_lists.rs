//! Lists of products as the API shows them.

use super::instant::rfc3339;
use domain::pages::dashboard::ProductRow;
use domain::pages::storefront::ProductCard;
use domain::word::Word;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of published products.
#[derive(Serialize, ToSchema)]
pub struct ProductList {
    pub items: Vec<ProductItem>,
    pub next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ProductItem {
    slug: String,
    title: String,
    promise: String,
    kind: String,
    category: Option<String>,
    cover_url: Option<String>,
    /// Minor units of the cheapest variant.
    amount_from: i64,
    /// Whether that is the least of a price that the customer names; left out in a creator's list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_what_you_want: Option<bool>,
    /// Whether it is priced in the currency that the shop sells in.
    is_for_sale: bool,
    /// Whether a variant of it delivers something; nothing else can be bought.
    delivers: bool,
    currency: String,
    /// In a creator's list alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// When it appears, where that is still to come; in a creator's list alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    appears_at: Option<String>,
}

impl From<ProductCard> for ProductItem {
    fn from(card: ProductCard) -> Self {
        Self {
            slug: card.slug,
            title: card.title,
            promise: card.promise,
            kind: card.kind.as_str().to_owned(),
            category: card.category,
            cover_url: card.cover.map(|cover| cover.url),
            amount_from: card.price_from.amount,
            pay_what_you_want: Some(card.pay_what_you_want),
            is_for_sale: card.is_for_sale,
            delivers: card.delivers,
            currency: card.price_from.currency.code().to_owned(),
            status: None,
            appears_at: None,
        }
    }
}

impl From<ProductRow> for ProductItem {
    fn from(row: ProductRow) -> Self {
        Self {
            slug: row.slug,
            title: row.title,
            promise: row.promise,
            kind: row.kind.as_str().to_owned(),
            category: None,
            cover_url: None,
            amount_from: row.price_from.amount,
            pay_what_you_want: None,
            is_for_sale: row.is_for_sale,
            delivers: row.delivers,
            currency: row.price_from.currency.code().to_owned(),
            status: Some(row.status.as_str().to_owned()),
            appears_at: row.appears_at.map(rfc3339),
        }
    }
}
