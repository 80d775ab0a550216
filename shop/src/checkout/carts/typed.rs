//! What stands in the fields of the cart's page when one of its buttons is pressed. Whichever it is, nothing typed is lost.

use super::{CartToken, is_named, set_price, set_quantity};
use crate::base::entities::cart;
use crate::{Error, Result, Shop};
use domain::cart::{Quote, QuoteLine};
use domain::money::Money;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QueryFilter};
use std::collections::HashMap;

/// The fields as they were sent; those of lines by [`QuoteLine::name`].
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Nothing where the form had no such field.
    pub email: Option<String>,
    pub quantities: HashMap<String, String>,
    pub prices: HashMap<String, String>,
}

/// A change of a line that was refused.
#[derive(Debug)]
pub struct RefusedChange {
    /// As [`QuoteLine::name`] has it.
    pub line: String,
    pub typed: String,
    pub why: Error,
}

/// The longest address that is kept; a longer one is none.
const MAX_EMAIL: usize = 254;

/// Keeps what was typed where it differs from what the cart has. Tells whether a line changed.
///
/// # Errors
/// The first change that was refused; those before it are kept. An address is kept as it is, and judged by the checkout.
pub async fn keep_typed(shop: &Shop, token: &CartToken, quote: &Quote, typed: &Typed) -> std::result::Result<bool, RefusedChange> {
    let refused = |line: &str, typed: &str, why| RefusedChange { line: line.to_owned(), typed: typed.to_owned(), why };
    if let Some(email) = &typed.email {
        keep_email(shop, token, quote, email).await.map_err(|why| refused("", "", why))?;
    }
    let mut has_changed = false;
    for line in &quote.lines {
        let name = line.name();
        if let Some(price) = typed.prices.get(&name).filter(|price| is_other_price(line, price)) {
            set_price(shop, token, &line.product, &line.variant, price).await.map_err(|why| refused(&name, price, why))?;
            has_changed = true;
        }
        if let Some(text) = typed.quantities.get(&name).filter(|text| pieces(text) != line.quantity) {
            set_quantity(shop, token, &line.product, &line.variant, pieces(text)).await.map_err(|why| refused(&name, text, why))?;
            has_changed = true;
        }
    }
    Ok(has_changed)
}

/// A number of pieces; what is no number is no quantity either.
pub fn pieces(text: &str) -> i64 {
    text.trim().parse().unwrap_or(-1)
}

fn is_other_price(line: &QuoteLine, typed: &str) -> bool {
    line.pay_what_you_want && Money::parse(typed, line.unit_price.currency) != Some(line.unit_price)
}

async fn keep_email(shop: &Shop, token: &CartToken, quote: &Quote, typed: &str) -> Result<()> {
    let plain: String = typed.trim().chars().filter(|c| !c.is_control()).collect();
    let email = Some(plain).filter(|text| !text.is_empty() && text.len() <= MAX_EMAIL);
    if email == quote.email {
        return Ok(());
    }
    let kept = cart::Entity::update_many()
        .col_expr(cart::Column::Email, Expr::value(email))
        .col_expr(cart::Column::UpdatedAt, Expr::value(shop.clock.now_ms()));
    kept.filter(is_named(shop, token)).exec(&shop.db).await?;
    Ok(())
}
