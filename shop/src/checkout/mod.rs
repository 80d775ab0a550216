//! From a cart to a payment page: a quote of our own, an order with frozen prices, a session at Stripe.

mod attempt;
pub mod carts;
mod free;
mod lines;
mod one_cart;
mod placement;
pub mod promotions;
mod replay;

pub(crate) use free::{forget, move_to as move_free_order};
pub use one_cart::find_finished;
pub(crate) use one_cart::settle_purchase;

use crate::base::database::{retried, word};
use crate::base::entities::{order, order_item};
use crate::checkout::carts::CartToken;
use crate::{
    Error, Result, Shop,
    base::{once, refusals},
    catalog, fulfillment,
    jobs::torture,
    orders, stores,
};
use attempt::Opened;
use domain::email::Email;
use domain::id::Id;
use domain::money::Currency;
use domain::order::OrderStatus;
use domain::tier::TierRef;
use placement::Placed;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// What somebody wants to buy.
#[derive(Clone, Debug, Default)]
pub struct CheckoutItem {
    /// The first tier of a product where none is named.
    pub tier: TierRef,
    pub quantity: i64,
    /// What a piece is to cost where the customer names the price; the least of it when absent.
    pub amount: Option<i64>,
}

/// A request to buy.
#[derive(Clone, Debug, Default)]
pub struct StartCheckout {
    pub items: Vec<CheckoutItem>,
    pub email: String,
    pub promotion_code: Option<String>,
    /// One attempt to buy is one order, however often it is sent.
    pub idempotency_key: Option<String>,
    /// Emptied once the order is paid.
    pub cart: Option<CartToken>,
    /// What the buyer was told that the order costs.
    pub shown: Option<ShownTotal>,
    /// What that total and the amounts of items are in; not checked when absent.
    pub currency: Option<Currency>,
}

/// The total that the buyer saw. An order over anything else is refused, so that nobody pays what they were not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownTotal {
    /// Minor units.
    pub amount: i64,
    /// Whether a code came with the request that the total was shown without: then it may be less.
    pub may_be_less: bool,
}

impl ShownTotal {
    fn allows(self, amount: i64) -> bool {
        amount == self.amount || self.may_be_less && amount < self.amount
    }
}

/// An order that waits for its payment, or needs none.
#[derive(Clone, Debug)]
pub struct StartedCheckout {
    pub public_id: String,
    pub access_key: String,
    /// Whether who asked may be given the access key. Not where the order was made earlier and anybody may be asking.
    pub shows_key: bool,
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
/// How often an order is looked at again when another request changed it in between.
const MAX_TURNS: usize = 5;

fn first_check_ms() -> i64 {
    torture::haste_ms().unwrap_or(FIRST_CHECK_MS)
}

/// Makes the order and its payment page. Safe to repeat with the same idempotency key.
///
/// # Errors
/// Refuses bad quantities, emails, products, promotions and amounts; `nothing_to_deliver`; `total_changed` when the order costs
/// something else than the buyer was shown; `Unavailable` when Stripe did not answer: the order is kept, and the same call goes on
/// where it stopped.
pub async fn start(shop: &Shop, request: StartCheckout) -> Result<StartedCheckout> {
    let email = Email::parse(&request.email)?;
    let key = request.idempotency_key.clone();
    key.as_deref().map_or(Ok(()), once::check_key)?;
    let request_hash = lines::request_hash(&request, &email);
    // What was sent before counts as it was then, even if the product is no longer on sale.
    if let Some(order) = replay::find(shop, key.as_deref()).await? {
        return replay::go_on(shop, order, &request, &request_hash).await;
    }
    let lines = lines::priced(shop, &request.items).await?;
    if let Some(earlier) = free::find_earlier(shop, &email, &lines).await? {
        return free::send_again(shop, &earlier).await;
    }
    for _ in 0..MAX_TURNS {
        if let Some(token) = &request.cart
            && let Some(cart) = carts::find(&shop.db, shop, token).await?
            && let Some(bought) = one_cart::end_others(shop, cart.id, None, key.as_deref()).await?
        {
            return started(shop, &bought, None);
        }
        match retried(|| placement::place(shop, &request, &email, &lines, key.as_deref(), &request_hash)).await? {
            Placed::New(order) => return pay(shop, *order).await,
            // Another request with the same cart placed an order in between.
            Placed::CartHasOrder => {}
            Placed::KeyIsTaken => {
                if let Some(order) = replay::find(shop, key.as_deref()).await? {
                    return replay::go_on(shop, order, &request, &request_hash).await;
                }
            }
            Placed::OrderedBefore => {
                if let Some(earlier) = free::find_earlier(shop, &email, &lines).await? {
                    return free::send_again(shop, &earlier).await;
                }
            }
        }
    }
    Err(in_progress())
}

/// Opens a payment page for an order that is not paid yet.
pub async fn resume(shop: &Shop, public_id: &str, access_key: &str) -> Result<StartedCheckout> {
    let order = orders::load_authorized(shop, public_id, access_key).await?;
    let order = orders::refresh(shop, order).await?;
    pay(shop, order).await
}

/// Makes sure that an order which is not paid has an open payment page, and its cart no other.
async fn pay(shop: &Shop, mut order: order::Model) -> Result<StartedCheckout> {
    if order.amount_total == 0 {
        // It was delivered when it was placed, unless an older program placed it.
        fulfillment::settle_free(shop, order.id).await?;
        return started(shop, &orders::reload(shop, order.id).await?, None);
    }
    for _ in 0..MAX_TURNS {
        let now = shop.clock.now_ms();
        let status = *order.status;
        let is_open = status == OrderStatus::Pending;
        if !is_open && !matches!(status, OrderStatus::Failed | OrderStatus::Expired) {
            return started(shop, &order, None);
        }
        check_currency(stores::currency(shop).await?, *order.currency)?;
        if is_open
            && let Some(url) = order.checkout_url.clone()
            && order.checkout_expires_at.is_some_and(|at| at > now)
        {
            return started(shop, &order, Some(url));
        }
        let is_fresh =
            is_open && order.checkout_session_id.is_none() && order.checkout_expires_at.is_some_and(|at| at >= now + SHORTEST_SESSION_MS);
        if is_fresh {
            match attempt::open_session(shop, &order).await? {
                Opened::Page(url) => return started(shop, &order, Some(url)),
                Opened::Overtaken => {
                    order = orders::reload(shop, order.id).await?;
                    if matches!(*order.status, OrderStatus::Failed | OrderStatus::Expired) {
                        return Err(superseded());
                    }
                }
            }
            continue;
        }
        if let Some(cart_id) = order.cart_id
            && let Some(bought) = one_cart::end_others(shop, cart_id, Some(&order), None).await?
        {
            return started(shop, &bought, None);
        }
        let ended = attempt::end_session(shop, &order).await?;
        if matches!(*ended.status, OrderStatus::Pending | OrderStatus::Failed | OrderStatus::Expired) {
            check_still_delivers(shop, &ended).await?;
            // Where somebody else was faster, the next turn sees what they did.
            attempt::begin(shop, &ended).await?;
        }
        order = orders::reload(shop, order.id).await?;
    }
    Err(in_progress())
}

/// Refuses to open another payment page for an order of which a line delivers nothing by now.
async fn check_still_delivers(shop: &Shop, order: &order::Model) -> Result<()> {
    let items = order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id));
    let items = items.order_by_asc(order_item::Column::Position).all(&shop.db).await?;
    let ids: Vec<Id> = items.iter().map(|item| item.variant_id).collect();
    let empty = catalog::empty_of(&shop.db, &ids).await?;
    // The order's own lines say what comes with them, whatever the tier is today.
    let delivers = |item: &order_item::Model| item.has_license || !empty.contains(&item.variant_id);
    let comes_with = |part: &order_item::Model, item: &order_item::Model| part.part_of_id == Some(item.id) && delivers(part);
    let is_empty = |item: &&order_item::Model| !delivers(item) && !items.iter().any(|part| comes_with(part, item));
    match items.iter().filter(|item| item.part_of_id.is_none()).find(is_empty) {
        Some(item) => Err(catalog::nothing_to_deliver(&item.product_title)),
        None => Ok(()),
    }
}

fn started(shop: &Shop, order: &order::Model, checkout_url: Option<String>) -> Result<StartedCheckout> {
    Ok(StartedCheckout {
        public_id: order.public_id.clone(),
        access_key: orders::access_key(shop, order),
        shows_key: true,
        status: *order.status,
        amount_total: order.amount_total,
        currency: *order.currency,
        checkout_url,
    })
}

/// Refuses to sell in another currency than the store's.
fn check_currency(sold_in: Currency, currency: Currency) -> Result<()> {
    if sold_in == currency {
        return Ok(());
    }
    let text =
        format!("The shop sells in {sold_in} now, and no longer in {currency}. Nothing was charged. Please look at your cart again.");
    Err(Error::conflict("currency_changed", text))
}

/// Orders that may still be paid, in another currency than this one.
pub(crate) async fn open_in_another(db: &impl ConnectionTrait, shop: &Shop, currency: Currency) -> Result<Vec<order::Model>> {
    let open = [OrderStatus::Pending, OrderStatus::Processing].map(word);
    Ok(order::Entity::find()
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::Status.is_in(open))
        .filter(order::Column::AmountTotal.gt(0))
        .filter(order::Column::Currency.ne(word(currency)))
        .order_by_asc(order::Column::Id)
        .limit(MAX_ENDED)
        .all(db)
        .await?)
}

/// At most this many open orders are ended when the currency changes.
const MAX_ENDED: u64 = 200;

/// Closes the payment pages of orders that are in another currency than this one: at Stripe first, then here.
///
/// # Errors
/// `Unavailable` while Stripe doesn't say whether one of them was paid.
pub(crate) async fn end_open(shop: &Shop, currency: Currency) -> Result<()> {
    for order in open_in_another(&shop.db, shop, currency).await? {
        let order = attempt::end_session(shop, &order).await?;
        if order.status == OrderStatus::Pending {
            fulfillment::end_superseded(shop, &order).await?;
        }
    }
    Ok(())
}

fn in_progress() -> Error {
    refusals::CHECKOUT_IN_PROGRESS.into()
}

fn superseded() -> Error {
    refusals::CHECKOUT_SUPERSEDED.into()
}
