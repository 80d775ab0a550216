//! From a cart to a payment page: a quote of our own, an order with frozen prices, a session at Stripe.

mod attempt;
mod lines;
mod placement;

use crate::carts::{self, CartToken};
use crate::database::retried;
use crate::entities::order;
use crate::{Error, Result, Shop, fulfillment, orders, torture};
use domain::email::Email;
use domain::money::Currency;
use domain::order::OrderStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// What somebody wants to buy.
#[derive(Clone, Debug, Default)]
pub struct CheckoutItem {
    pub product: String,
    /// The first tier when absent.
    pub variant: Option<String>,
    pub quantity: i64,
    /// What a piece is to cost where the customer names the price; the least of it when absent.
    pub amount: Option<i64>,
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

fn first_check_ms() -> i64 {
    torture::haste_ms().unwrap_or(FIRST_CHECK_MS)
}

/// Makes the order and its payment page. Safe to repeat with the same idempotency key.
///
/// # Errors
/// Refuses bad quantities, e-mails, products, promotions and amounts; `Unavailable` when Stripe did not answer:
/// the order is kept, and the same call goes on where it stopped.
pub async fn start(shop: &Shop, wish: StartCheckout) -> Result<StartedCheckout> {
    let email = Email::parse(&wish.email)?;
    let key = wish.idempotency_key.as_deref().map(idempotency_key).transpose()?;
    let request_hash = lines::request_hash(&wish, &email);
    // What was sent before counts as it was then, even if the product is no longer on sale.
    if let Some(order) = find_by_key(shop, key.as_deref()).await? {
        return go_on(shop, order, &request_hash).await;
    }
    let lines = lines::priced(shop, &wish.items).await?;
    if let Some(token) = &wish.cart
        && let Some(cart) = carts::find(&shop.db, shop, token).await?
    {
        attempt::supersede(shop, cart.id, &email.normalized(), key.as_deref()).await?;
    }
    let placed = retried(|| placement::place(shop, &wish, &email, &lines, key.as_deref(), &request_hash)).await;
    match placed {
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

fn idempotency_key(text: &str) -> Result<String> {
    // Longer than callers may send, because each door puts its name before the key.
    let fits = (1..=270).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| text.to_owned())
        .ok_or_else(|| Error::refused("idempotency_key_invalid", "The Idempotency-Key must be 1 to 255 visible ASCII characters."))
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

/// Makes sure that an order which is not paid has an open payment page.
async fn pay(shop: &Shop, order: order::Model) -> Result<StartedCheckout> {
    if order.amount_total == 0 {
        // As a rule it was delivered when it was placed.
        fulfillment::settle_free(shop, order.id).await?;
        return started(shop, &orders::reload(shop, order.id).await?, None);
    }
    let now = shop.clock.now_ms();
    let has_begun = |order: &order::Model| match status(order) {
        OrderStatus::Pending => order.checkout_url.clone().filter(|_| order.checkout_expires_at.is_some_and(|at| at > now)).map(Some),
        OrderStatus::Failed | OrderStatus::Expired => None,
        _ => Some(None),
    };
    if let Some(url) = has_begun(&order) {
        return started(shop, &order, url);
    }
    let is_fresh = status(&order) == OrderStatus::Pending
        && order.checkout_session_id.is_none()
        && order.checkout_expires_at.is_some_and(|at| at >= now + SHORTEST_SESSION_MS);
    let order = if is_fresh {
        order
    } else {
        let ended = attempt::end_session(shop, &order).await?;
        if let Some(url) = has_begun(&ended).filter(Option::is_none) {
            return started(shop, &ended, url);
        }
        let next = attempt::begin(shop, &ended).await?;
        // Somebody else may have been faster.
        if let Some(url) = has_begun(&next) {
            return started(shop, &next, url);
        }
        next
    };
    let url = attempt::open_session(shop, &order).await?;
    started(shop, &order, Some(url))
}

fn status(order: &order::Model) -> OrderStatus {
    OrderStatus::parse(&order.status).unwrap_or(OrderStatus::Pending)
}

fn started(shop: &Shop, order: &order::Model, checkout_url: Option<String>) -> Result<StartedCheckout> {
    Ok(StartedCheckout {
        public_id: order.public_id.clone(),
        access_key: orders::access_key(shop, order),
        status: status(order),
        amount_total: order.amount_total,
        currency: Currency::parse(&order.currency).unwrap_or(Currency::USD),
        checkout_url,
    })
}
