//! What is bought, at the catalog's prices.

use super::{CheckoutItem, StartCheckout};
use crate::catalog::{self, Included, Offer, load_offer};
use crate::{
    Error, Result, Shop,
    base::{refusals, secret},
    checkout::promotions,
};
use domain::cart::{MAX_LINES, Quantity};
use domain::email::Email;
use domain::lines::LineAmounts;
use domain::money::{Currency, MAX_CHARGE, Money};
use domain::price::NotAPrice;

pub(super) struct Line {
    pub offer: Offer,
    pub quantity: i64,
    /// What a piece costs.
    pub unit_amount: i64,
    /// What comes with each piece.
    pub included: Vec<Included>,
}

impl Line {
    pub fn amounts(&self) -> LineAmounts {
        LineAmounts::of(self.unit_amount, self.quantity)
    }
}

/// An order has at most this many lines, bundle items included: Stripe has to keep them.
const MAX_ITEMS: usize = 200;

/// The lines of an order; the same tier twice is one line.
pub(super) async fn priced(shop: &Shop, items: &[CheckoutItem]) -> Result<Vec<Line>> {
    if items.is_empty() {
        return Err(refusals::CART_EMPTY.into());
    }
    if items.len() > MAX_LINES {
        return Err(Error::refused("cart_full", format!("An order holds at most {MAX_LINES} different products.")));
    }
    let mut lines: Vec<Line> = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let within = |error: Error| error.within(&format!("items.{i}"));
        let mut quantity = Quantity::parse(item.quantity).map_err(|error| within(error.into()))?.get();
        let variant = item.tier.variant.as_deref().filter(|key| !key.is_empty());
        let offer = load_offer(shop, &item.tier.product, variant).await.map_err(within)?;
        if !offer.delivers {
            return Err(within(catalog::nothing_to_deliver(&offer.title)));
        }
        let refused = |why: NotAPrice| within(Error::refused(why.code(), format!("{}: {why}", offer.title)).at("amount"));
        let unit_amount = offer.price().charge(item.amount).map_err(refused)?.amount;
        // Nobody needs two copies of what costs nothing.
        if unit_amount == 0 {
            quantity = 1;
        }
        match lines.iter_mut().find(|line| line.offer.variant_id == offer.variant_id) {
            Some(line) if line.unit_amount != unit_amount => {
                return Err(Error::refused("price_ambiguous", "One product can't have two prices in one order. Send it once."));
            }
            Some(line) if line.unit_amount == 0 => {}
            Some(line) => line.quantity = Quantity::parse(line.quantity + quantity)?.get(),
            None => lines.push(Line { offer, quantity, unit_amount, included: Vec::new() }),
        }
    }
    let bundles: Vec<_> = lines.iter().filter(|line| line.offer.is_bundle).map(|line| line.offer.variant_id).collect();
    let mut included = catalog::included(&shop.db, shop.clock.now_ms(), &bundles).await?;
    for line in &mut lines {
        line.included = included.remove(&line.offer.variant_id).unwrap_or_default();
    }
    if lines.iter().map(|line| 1 + line.included.len()).sum::<usize>() > MAX_ITEMS {
        return Err(Error::refused("cart_full", "Too many bundle items for one order. Please order the bundles separately."));
    }
    if lines.iter().any(|line| line.offer.currency != lines[0].offer.currency) {
        return Err(refusals::CURRENCIES_MIXED.into());
    }
    Ok(lines)
}

pub(super) fn subtotal(lines: &[Line]) -> Result<i64> {
    lines
        .iter()
        .try_fold(0i64, |sum, line| sum.checked_add(line.amounts().checked_subtotal()?))
        .filter(|sum| *sum <= MAX_CHARGE)
        .ok_or(refusals::AMOUNT_TOO_LARGE.into())
}

/// Refuses what Stripe would refuse, before anything is stored.
pub(super) fn check_total(total: i64, currency: Currency) -> Result<()> {
    let least = currency.least_charge();
    if total == 0 || total >= least {
        return Ok(());
    }
    let least = Money::new(least, currency);
    Err(Error::refused(
        "amount_too_small",
        format!("A payment is at least {least}. Add another product, or remove the promotion code if there is one."),
    ))
}

/// What makes two requests the same: goods, address, code, and prices that the customer named, as they were sent. Not our own
/// prices, which may change in between.
pub(super) fn request_hash(request: &StartCheckout, email: &Email) -> String {
    let mut text = format!("{}\n{}\n", email.as_str(), promotions::normalized(request.promotion_code.as_deref().unwrap_or_default()));
    for item in &request.items {
        let amount = item.amount.map(|amount| format!("\t{amount}")).unwrap_or_default();
        text.push_str(&format!("{}\t{}\t{}{amount}\n", item.tier.product, item.tier.variant.as_deref().unwrap_or_default(), item.quantity));
    }
    secret::token_text(&secret::sha256(text.as_bytes()))
}
