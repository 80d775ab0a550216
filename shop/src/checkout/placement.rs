//! An order with frozen prices, placed in one transaction.

use super::lines::{Line, check_total, subtotal};
use super::{SESSION_MS, StartCheckout, check_currency, first_check_ms, free, one_cart, replay};
use crate::base::database::begin_write;
use crate::base::entities::{order, order_item};
use crate::catalog::{self, Offer};
use crate::checkout::promotions::{Discount, Piece};
use crate::orders::{self, steps};
use crate::{
    Error, Result, Shop,
    base::{refusals, world},
    chance,
    checkout::{carts, promotions},
    fulfillment, stores,
};
use domain::email::Email;
use domain::id::{Id, PublicId};
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::tier::TierRef;
use domain::timeline::Step;
use sea_orm::DatabaseTransaction;

/// What came of placing an order.
pub(super) enum Placed {
    New(Box<order::Model>),
    /// Another order of the same cart is open; nothing was written.
    CartHasOrder,
    /// The same attempt has an order already.
    KeyIsTaken,
    /// The address has had all of it already, for nothing.
    OrderedBefore,
}

/// Writes the order, its lines, and the promotion that it holds. An order over nothing is delivered in the same transaction.
///
/// # Errors
/// `total_changed` when it costs something else than the buyer was shown; `nothing_to_deliver`.
pub(super) async fn place(
    shop: &Shop,
    request: &StartCheckout,
    email: &Email,
    lines: &[Line],
    key: Option<&str>,
    request_hash: &str,
) -> Result<Placed> {
    let mut gone = Vec::new();
    loop {
        let discount = find_discount(shop, request, email, lines, &gone).await?;
        let automatic = discount.as_ref().filter(|discount| discount.is_automatic()).map(|discount| discount.promotion_id);
        match (place_with(shop, request, email, lines, key, request_hash, discount.as_ref()).await, automatic) {
            // The last use of one that applies by itself went to another: nobody asked for it, so the next best does.
            (Err(Error::Refused(refusal)), Some(id)) if refusal.code == promotions::REFUSED => gone.push(id),
            (outcome, _) => return outcome,
        }
    }
}

/// # Errors
/// `total_changed` when the buyer was shown another total, `currency_changed` when it was in another currency.
pub(super) fn check_shown(request: &StartCheckout, amount_total: i64, currency: Currency) -> Result<()> {
    if let Some(shown) = request.currency {
        check_currency(currency, shown)?;
    }
    let Some(shown) = request.shown.filter(|shown| !shown.allows(amount_total)) else { return Ok(()) };
    let money = |amount: i64| Money::new(amount, currency);
    let text = format!(
        "The total has changed: it was {} and is {} now. Nothing was charged. Please look at the order again, then go on.",
        money(shown.amount),
        money(amount_total)
    );
    Err(Error::conflict("total_changed", text))
}

async fn find_discount(shop: &Shop, request: &StartCheckout, email: &Email, lines: &[Line], without: &[Id]) -> Result<Option<Discount>> {
    let pieces: Vec<Piece> = lines
        .iter()
        .map(|line| Piece { product_id: line.offer.product_id, variant_id: line.offer.variant_id, amount: line.amounts().subtotal() })
        .collect();
    subtotal(lines)?;
    let request = promotions::DiscountRequest {
        pieces: &pieces,
        currency: *lines[0].offer.currency,
        code: request.promotion_code.as_deref(),
        customer: Some(email),
        cart_id: None,
        without,
    };
    // A code that takes nothing off is not used up by it.
    Ok(promotions::find_discount(shop, &request).await?.filter(|discount| discount.amount > 0))
}

async fn place_with(
    shop: &Shop,
    request: &StartCheckout,
    email: &Email,
    lines: &[Line],
    key: Option<&str>,
    request_hash: &str,
    discount: Option<&Discount>,
) -> Result<Placed> {
    let currency = *lines[0].offer.currency;
    let amount_subtotal = subtotal(lines)?;
    let amount_discount = discount.map_or(0, |discount| discount.amount);
    let amount_total = amount_subtotal - amount_discount;
    check_total(amount_total, currency)?;
    check_shown(request, amount_total, currency)?;
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let tx = begin_write(&shop.db).await?;
    let cart = match &request.cart {
        Some(token) => carts::find(&tx, shop, token).await?,
        None => None,
    };
    let cart_purchase = match &cart {
        Some(cart) => match one_cart::claim(&tx, shop, cart.id, None, key).await? {
            Some(purchase) => Some(purchase),
            None => return Ok(Placed::CartHasOrder),
        },
        None => None,
    };
    if let Some(cart) = &cart {
        let bought: Vec<(Id, i64)> = lines.iter().map(|line| (line.offer.variant_id, line.quantity)).collect();
        if !carts::holds(&tx, cart.id, &bought).await? {
            return Err(refusals::CART_CHANGED.into());
        }
    }
    check_delivers(&tx, request, lines).await?;
    if amount_total == 0 {
        free::check(&tx, shop, email, lines).await?;
    }
    if let Some(key) = key {
        replay::free_old_key(&tx, shop, key).await?;
    }
    let row = order::Model {
        id,
        store_id: shop.settings.store_id,
        public_id: PublicId::from_chance(chance()).as_str().to_owned(),
        access_nonce: chance::<16>().to_vec(),
        status: OrderStatus::Pending.into(),
        livemode: shop.settings.livemode,
        email: email.as_str().to_owned(),
        email_normalized: email.normalized(),
        customer_id: None,
        currency: currency.into(),
        amount_subtotal,
        amount_discount,
        amount_tax: 0,
        amount_total,
        amount_paid: 0,
        amount_refunded: 0,
        refund_reserved: 0,
        checkout_session_id: None,
        checkout_url: None,
        checkout_expires_at: Some(now + SESSION_MS),
        checkout_attempt: 1,
        payment_intent_id: None,
        idempotency_key: key.map(str::to_owned),
        request_hash: Some(request_hash.to_owned()),
        cart_id: cart.as_ref().map(|cart| cart.id),
        cart_purchase,
        duplicate_of_id: None,
        version: 0,
        created_at: now,
        paid_at: None,
        seen_at: None,
        checked_at: None,
        next_check_at: Some(now + first_check_ms()),
        referrer: cart.map(|cart| cart.referrer).unwrap_or_default(),
        country: String::new(),
    };
    let Some(order) = steps::place(&tx, row).await? else { return Ok(Placed::KeyIsTaken) };
    insert_items(&tx, shop, &order, lines, discount).await?;
    orders::note(&tx, shop, id, Step::Created, "").await?;
    if let Some(discount) = discount {
        promotions::reserve(&tx, shop, discount, id, email).await?;
    }
    if amount_total == 0 {
        if !free::claim(&tx, shop, &order, email, lines).await? {
            return Ok(Placed::OrderedBefore);
        }
        fulfillment::deliver_free(&tx, shop, &order).await?;
    }
    // Until now the store's currency may have changed; from here on it waits for the order.
    check_currency(stores::hold_currency(&tx, shop.settings.store_id).await?, *order.currency)?;
    tx.commit().await?;
    tracing::info!(order = %order.public_id, "order created");
    Ok(Placed::New(Box::new(order)))
}

/// Refuses an order of which a line would deliver nothing: the last file may have gone since its price was read.
///
/// # Errors
/// `nothing_to_deliver`.
async fn check_delivers(tx: &DatabaseTransaction, request: &StartCheckout, lines: &[Line]) -> Result<()> {
    let ids: Vec<Id> = lines.iter().map(|line| line.offer.variant_id).collect();
    let empty = catalog::empty_of(tx, &ids).await?;
    let Some(line) = lines.iter().find(|line| empty.contains(&line.offer.variant_id)) else { return Ok(()) };
    let is_meant = |tier: &TierRef| {
        tier.product == line.offer.slug && tier.variant.as_deref().is_none_or(|key| key.is_empty() || key == line.offer.key)
    };
    let refused = catalog::nothing_to_deliver(&line.offer.title);
    Err(match request.items.iter().position(|item| is_meant(&item.tier)) {
        Some(i) => refused.within(&format!("items.{i}")),
        None => refused,
    })
}

/// Writes the lines of an order: what is sold, and behind each what comes with it.
async fn insert_items(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    lines: &[Line],
    discount: Option<&Discount>,
) -> Result<()> {
    let mut items: Vec<order_item::Model> = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let amount_discount = discount.map_or(0, |discount| discount.by_line[i]);
        let sold = item(shop, order, &line.offer, line.quantity, items.len());
        let part_of_id = Some(sold.id);
        items.push(order_item::Model { unit_amount: line.unit_amount, amount_discount, ..sold });
        for included in &line.included {
            let part = item(shop, order, &included.offer, line.quantity, items.len());
            items.push(order_item::Model { part_of_id, ..part });
        }
    }
    steps::add_lines(tx, items).await
}

/// A line that hands over what a tier promises, without a price.
fn item(shop: &Shop, order: &order::Model, offer: &Offer, quantity: i64, position: usize) -> order_item::Model {
    order_item::Model {
        id: world::new_id(),
        store_id: shop.settings.store_id,
        order_id: order.id,
        product_id: offer.product_id,
        variant_id: offer.variant_id,
        product_slug: offer.slug.clone(),
        product_title: offer.title.clone(),
        variant_key: offer.key.clone(),
        variant_name: offer.name.clone(),
        terms: (*offer.terms).into(),
        quantity,
        unit_amount: 0,
        amount_discount: 0,
        amount_tax: 0,
        download_limit: offer.download_limit,
        has_license: offer.has_license,
        license_activation_limit: offer.license_activation_limit,
        license_expires_after_days: offer.license_expires_after_days,
        license_policy: offer.license_policy.clone(),
        position: position as i64,
        terms_id: offer.terms_id,
        part_of_id: None,
    }
}
