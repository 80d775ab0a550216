//! From a cart to a payment page: a quote of our own, an order with frozen prices, a session at Stripe.

use crate::carts::{self, CartToken};
use crate::catalog::{Offer, load_offer};
use crate::database::{begin_write, execute, is_duplicate};
use crate::entities::{order, order_item};
use crate::stripe::{Failure, NewSession};
use crate::{Error, Result, Shop, chance, fulfillment, orders, promotions, secret, world};
use domain::cart::{MAX_LINES, Quantity};
use domain::email::Email;
use domain::id::PublicId;
use domain::money::{Currency, MAX_CHARGE};
use domain::order::OrderStatus;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// What somebody wants to buy.
#[derive(Clone, Debug)]
pub struct CheckoutItem {
    pub product: String,
    /// The first tier when absent.
    pub variant: Option<String>,
    pub quantity: i64,
}

/// A wish to pay.
#[derive(Clone, Debug)]
pub struct StartCheckout {
    pub items: Vec<CheckoutItem>,
    pub email: String,
    pub promotion_code: Option<String>,
    /// One attempt to buy is one order, however often it is sent.
    pub idempotency_key: Option<String>,
    /// Emptied once the order is paid.
    pub cart: Option<CartToken>,
}

/// An order that waits for its payment, or needs none.
#[derive(Clone, Debug)]
pub struct StartedCheckout {
    pub public_id: String,
    pub access_key: String,
    pub status: OrderStatus,
    pub amount_total: i64,
    pub currency: Currency,
    /// Where to pay; `None` when nothing is due.
    pub checkout_url: Option<String>,
}

/// How long a payment page stays open. A reserved promotion is held no longer.
const SESSION_MS: i64 = 60 * 60 * 1000;
/// Stripe opens no page for less than 30 minutes; one more for clocks that differ.
const SHORTEST_SESSION_MS: i64 = 31 * 60 * 1000;
/// The reconciler first asks after an order when its webhook is this late.
const FIRST_CHECK_MS: i64 = 2 * 60 * 1000;

/// Makes the order and its payment page. Safe to repeat with the same idempotency key.
///
/// # Errors
/// Refuses bad quantities, e-mails, products, promotions and amounts; `Unavailable` when Stripe did not answer:
/// the order is kept, and the same call goes on where it stopped.
pub async fn start(shop: &Shop, wish: StartCheckout) -> Result<StartedCheckout> {
    let email = Email::parse(&wish.email)?;
    let lines = priced_lines(shop, &wish.items).await?;
    let key = wish.idempotency_key.as_deref().map(idempotency_key).transpose()?;
    let request_hash = request_hash(&lines, &email, wish.promotion_code.as_deref());
    if let Some(order) = find_by_key(shop, key.as_deref()).await? {
        return go_on(shop, order, &request_hash).await;
    }
    match insert_order(shop, &wish, &email, &lines, key.as_deref(), &request_hash).await {
        Ok(order) => pay(shop, order).await,
        // Somebody else sent the same attempt a moment earlier: it is their order that counts.
        Err(Error::Conflict(_)) => match find_by_key(shop, key.as_deref()).await? {
            Some(order) => go_on(shop, order, &request_hash).await,
            None => Err(Error::conflict("checkout_in_progress", "This checkout is being made. Please try again in a moment.")),
        },
        Err(other) => Err(other),
    }
}

/// Opens a payment page for an order that is not paid yet.
pub async fn resume(shop: &Shop, public_id: &str, access_key: &str) -> Result<StartedCheckout> {
    let order = orders::load_authorized(shop, public_id, access_key).await?;
    let order = orders::refresh(shop, order).await?;
    pay(shop, order).await
}

struct Line {
    offer: Offer,
    quantity: i64,
}

async fn priced_lines(shop: &Shop, items: &[CheckoutItem]) -> Result<Vec<Line>> {
    if items.is_empty() {
        return Err(Error::refused("cart_empty", "There is nothing to buy yet. Put something into the cart first."));
    }
    if items.len() > MAX_LINES {
        return Err(Error::refused("cart_full", format!("An order holds at most {MAX_LINES} different things.")));
    }
    let mut lines: Vec<Line> = Vec::with_capacity(items.len());
    for item in items {
        let quantity = Quantity::parse(item.quantity)?.get();
        let offer = load_offer(shop, &item.product, item.variant.as_deref().filter(|key| !key.is_empty())).await?;
        match lines.iter_mut().find(|line| line.offer.variant_id == offer.variant_id) {
            Some(line) => line.quantity = Quantity::parse(line.quantity + quantity)?.get(),
            None => lines.push(Line { offer, quantity }),
        }
    }
    if lines.iter().any(|line| line.offer.currency != lines[0].offer.currency) {
        return Err(Error::refused("currency_mixed", "These products are sold in different currencies. Please buy them one by one."));
    }
    Ok(lines)
}

fn subtotal(lines: &[Line]) -> Result<i64> {
    lines
        .iter()
        .try_fold(0i64, |sum, line| sum.checked_add(line.offer.amount.checked_mul(line.quantity)?))
        .filter(|sum| *sum <= MAX_CHARGE)
        .ok_or_else(|| Error::refused("amount_too_large", "This order costs more than can be charged at once."))
}

fn idempotency_key(text: &str) -> Result<String> {
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| text.to_owned())
        .ok_or_else(|| Error::refused("idempotency_key_invalid", "The Idempotency-Key must be 1 to 255 visible ASCII characters."))
}

/// What makes two requests the same: goods, address and code. Not the prices, which may have changed in between.
fn request_hash(lines: &[Line], email: &Email, code: Option<&str>) -> String {
    let mut text = format!("{}\n{}\n", email.as_str(), code.unwrap_or_default().trim().to_uppercase());
    for line in lines {
        text.push_str(&format!("{}\t{}\n", line.offer.variant_id, line.quantity));
    }
    secret::token_text(&secret::sha256(text.as_bytes()))
}

async fn find_by_key(shop: &Shop, key: Option<&str>) -> Result<Option<order::Model>> {
    let Some(key) = key else { return Ok(None) };
    Ok(order::Entity::find()
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::IdempotencyKey.eq(key))
        .one(&shop.db)
        .await?)
}

async fn go_on(shop: &Shop, order: order::Model, request_hash: &str) -> Result<StartedCheckout> {
    if order.request_hash.as_deref() != Some(request_hash) {
        return Err(Error::conflict("idempotency_key_reused", "This Idempotency-Key was used for another order. Send a new key."));
    }
    pay(shop, order).await
}

/// One transaction: the order, its lines with frozen prices, and the promotion it holds.
async fn insert_order(
    shop: &Shop,
    wish: &StartCheckout,
    email: &Email,
    lines: &[Line],
    key: Option<&str>,
    request_hash: &str,
) -> Result<order::Model> {
    let currency = lines[0].offer.currency.clone();
    let amount_subtotal = subtotal(lines)?;
    let discount = match wish.promotion_code.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => Some(promotions::find_discount(shop, code, amount_subtotal, &currency).await?),
        None => None,
    };
    let amount_discount = discount.as_ref().map_or(0, |discount| discount.amount);
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let tx = begin_write(&shop.db).await?;
    let cart_id = match &wish.cart {
        Some(token) => carts::find(&tx, shop, token).await?,
        None => None,
    };
    let row = order::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        public_id: Set(PublicId::from_chance(chance()).as_str().to_owned()),
        access_nonce: Set(chance::<16>().to_vec()),
        status: Set(OrderStatus::Pending.as_str().to_owned()),
        livemode: Set(shop.settings.livemode),
        email: Set(email.as_str().to_owned()),
        email_normalized: Set(email.normalized()),
        customer_id: Set(None),
        currency: Set(currency),
        amount_subtotal: Set(amount_subtotal),
        amount_discount: Set(amount_discount),
        amount_tax: Set(0),
        amount_total: Set(amount_subtotal - amount_discount),
        amount_paid: Set(0),
        amount_refunded: Set(0),
        refund_reserved: Set(0),
        checkout_session_id: Set(None),
        checkout_url: Set(None),
        checkout_expires_at: Set(Some(now + SESSION_MS)),
        checkout_attempt: Set(1),
        payment_intent_id: Set(None),
        idempotency_key: Set(key.map(str::to_owned)),
        request_hash: Set(Some(request_hash.to_owned())),
        cart_id: Set(cart_id),
        version: Set(0),
        created_at: Set(now),
        paid_at: Set(None),
        checked_at: Set(None),
        next_check_at: Set(Some(now + FIRST_CHECK_MS)),
    };
    let order = match row.insert(&tx).await {
        Ok(order) => order,
        Err(error) if is_duplicate(&error) => return Err(Error::conflict("checkout_in_progress", "This checkout is being made already.")),
        Err(error) => return Err(error.into()),
    };
    insert_items(&tx, shop, &order, lines, amount_discount).await?;
    if let Some(discount) = &discount {
        promotions::reserve(&tx, shop, discount, id, email).await?;
    }
    orders::note(&tx, shop, id, "created", "").await?;
    tx.commit().await?;
    tracing::info!(order = %order.public_id, "order created");
    Ok(order)
}

async fn insert_items(
    tx: &sea_orm::DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    lines: &[Line],
    amount_discount: i64,
) -> Result<()> {
    // The discount is shared out by the lines' weight; the last line takes what rounding left.
    let mut left = amount_discount;
    for (position, line) in lines.iter().enumerate() {
        let line_amount = line.offer.amount * line.quantity;
        let share = if position + 1 == lines.len() || order.amount_subtotal == 0 {
            left
        } else {
            (i128::from(amount_discount) * i128::from(line_amount) / i128::from(order.amount_subtotal)) as i64
        };
        left -= share;
        order_item::ActiveModel {
            id: Set(world::new_id()),
            store_id: Set(shop.settings.store_id),
            order_id: Set(order.id),
            product_id: Set(line.offer.product_id),
            variant_id: Set(line.offer.variant_id),
            product_slug: Set(line.offer.slug.clone()),
            product_title: Set(line.offer.title.clone()),
            variant_key: Set(line.offer.key.clone()),
            variant_name: Set(line.offer.name.clone()),
            terms: Set(line.offer.terms.clone()),
            quantity: Set(line.quantity),
            unit_amount: Set(line.offer.amount),
            amount_discount: Set(share),
            amount_tax: Set(0),
            download_limit: Set(line.offer.download_limit),
            has_license: Set(line.offer.has_license),
            license_activation_limit: Set(line.offer.license_activation_limit),
            license_expires_after_days: Set(line.offer.license_expires_after_days),
            position: Set(position as i64),
        }
        .insert(tx)
        .await?;
    }
    Ok(())
}

/// Settles a free order, or makes sure that the order has an open payment page.
async fn pay(shop: &Shop, order: order::Model) -> Result<StartedCheckout> {
    let status = OrderStatus::parse(&order.status).unwrap_or(OrderStatus::Pending);
    if status.was_paid() || status == OrderStatus::Processing {
        return started(shop, &order, None);
    }
    if order.amount_total == 0 {
        fulfillment::settle_free(shop, order.id).await?;
        return started(shop, &orders::reload(shop, order.id).await?, None);
    }
    let now = shop.clock.now_ms();
    let expires_at = order.checkout_expires_at.unwrap_or(0);
    if status == OrderStatus::Pending
        && expires_at > now
        && let Some(url) = order.checkout_url.clone()
    {
        return started(shop, &order, Some(url));
    }
    let is_fresh = status == OrderStatus::Pending && order.checkout_session_id.is_none() && expires_at >= now + SHORTEST_SESSION_MS;
    let order = if is_fresh { order } else { next_attempt(shop, order).await? };
    let session = open_session(shop, &order).await?;
    started(shop, &order, Some(session))
}

/// Ends the session of an attempt that came to nothing, and makes room for another.
async fn next_attempt(shop: &Shop, order: order::Model) -> Result<order::Model> {
    if let Some(session) = &order.checkout_session_id
        && let Err(failure) = shop.stripe.expire_session(session).await
    {
        // Refused means that it has ended already; otherwise two pages could be paid, so the attempt waits.
        if !matches!(failure, Failure::Refused { .. }) {
            return Err(payment_unavailable(&order, &failure));
        }
    }
    let now = shop.clock.now_ms();
    let sql = "UPDATE orders SET checkout_attempt = checkout_attempt + 1, checkout_session_id = NULL, checkout_url = NULL, checkout_expires_at = $3, next_check_at = $4, status = 'pending', version = version + 1 \
               WHERE id = $1 AND version = $2 AND status IN ('pending', 'failed', 'expired')";
    execute(&shop.db, sql, [order.id.into(), order.version.into(), (now + SESSION_MS).into(), (now + FIRST_CHECK_MS).into()]).await?;
    orders::reload(shop, order.id).await
}

async fn open_session(shop: &Shop, order: &order::Model) -> Result<String> {
    let items = order_item::Entity::find()
        .filter(order_item::Column::OrderId.eq(order.id))
        .order_by_asc(order_item::Column::Position)
        .all(&shop.db)
        .await?;
    let lines = if order.amount_discount == 0 {
        items.iter().map(|item| (line_name(item), item.unit_amount, item.quantity)).collect()
    } else {
        // A discounted order is charged line by line as a whole, so that Stripe's total is ours to the cent.
        items
            .iter()
            .map(|item| (format!("{} × {}", item.quantity, line_name(item)), item.unit_amount * item.quantity - item.amount_discount, 1))
            .collect()
    };
    let new = NewSession {
        idempotency_key: format!("cs:{}:{}", order.id.simple(), order.checkout_attempt),
        public_id: &order.public_id,
        email: &order.email,
        currency: &order.currency,
        lines,
        success_url: orders::order_url(shop, order),
        cancel_url: format!("{}/cart?canceled=1", shop.settings.base_url),
        // Planned with the attempt, so that a repeated call is the same call to the second.
        expires_at: order.checkout_expires_at.unwrap_or(0) / 1000,
    };
    let facts = match shop.stripe.create_session(new).await {
        Ok(facts) => facts,
        Err(failure) => {
            if matches!(failure, Failure::Broken { .. }) {
                // Stripe would repeat this very answer to the same key. Nobody was given the page of that attempt.
                execute(&shop.db, "UPDATE orders SET checkout_attempt = checkout_attempt + 1 WHERE id = $1 AND checkout_attempt = $2 AND checkout_session_id IS NULL", [order.id.into(), order.checkout_attempt.into()]).await?;
            }
            return Err(payment_unavailable(order, &failure));
        }
    };
    let sql = "UPDATE orders SET checkout_session_id = $2, checkout_url = $3, checkout_expires_at = $4, version = version + 1 WHERE id = $1 AND checkout_session_id IS NULL";
    execute(&shop.db, sql, [order.id.into(), facts.id.clone().into(), facts.url.clone().into(), (facts.expires_at * 1000).into()]).await?;
    facts.url.ok_or_else(|| Error::unavailable("payment_unavailable", "The payment page is closed already. Please reload your order."))
}

fn line_name(item: &order_item::Model) -> String {
    format!("{} — {}", item.product_title, item.variant_name)
}

fn payment_unavailable(order: &order::Model, failure: &Failure) -> Error {
    tracing::warn!(order = %order.public_id, %failure, "no payment page");
    match failure {
        Failure::Refused { .. } => {
            Error::unavailable("payment_refused", "The payment service refused this order. Nothing was charged. Please write to the shop.")
        }
        _ => Error::unavailable(
            "payment_unavailable",
            "The payment service did not answer. Nothing was charged. Please try again in a moment.",
        ),
    }
}

fn started(shop: &Shop, order: &order::Model, checkout_url: Option<String>) -> Result<StartedCheckout> {
    Ok(StartedCheckout {
        public_id: order.public_id.clone(),
        access_key: orders::access_key(shop, order),
        status: OrderStatus::parse(&order.status).unwrap_or(OrderStatus::Pending),
        amount_total: order.amount_total,
        currency: Currency::parse(&order.currency).unwrap_or(Currency::USD),
        checkout_url,
    })
}
