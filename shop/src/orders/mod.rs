//! Orders: who may see one, and what its owner sees.

mod access;
mod correct;
mod filter;
mod find;
mod forget;
mod line;
pub(crate) mod lines;
mod link;
mod list;
mod lost;
mod notes;
mod pages;
mod restore;
mod retry;
mod several;
mod sql;
pub(crate) mod steps;
mod timeline;
mod typed;
mod unpaid;
mod walk;

pub use access::{add_downloads, close_access, extend, open_access, reset_downloads};
pub use correct::correct_email;
pub use filter::{Edge, PAID, instant, read as read_filter, status};
pub(crate) use find::found_with;
pub use find::{mail_links, request_links};
pub(crate) use forget::{EVENT_TEXTS, NOTE_TEXTS, forget, forget_unpaid};
pub use line::LineName;
pub(crate) use line::{lines_named, unknown_line};
pub use link::renew_link;
pub use list::{CompleteOrder, ListedOrder, OrderPage, OrderQuery, find_for_member, list};
pub(crate) use list::{Row as OrderRow, page};
pub(crate) use lost::are_found;
pub use lost::{LostGoods, LostTier};
pub(crate) use notes::of_customer as notes_of_customer;
pub use notes::{NoteView, add_note};
pub(crate) use pages::rows_of_customer;
pub use pages::{file, rows};
pub(crate) use restore::{Restored, STORE_KEY, kept, restore};
pub use retry::retry_delivery;
pub(crate) use several::Orders;
pub use timeline::{TimelineEntry, timeline};
pub(crate) use timeline::{note, note_both};
pub(crate) use typed::{beginning, begins, meant};
pub(crate) use unpaid::throw_away_unpaid;

use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::base::entities::{order, order_item};
use crate::base::secret::{equal, token_text};
use crate::catalog::Viewer;
use crate::fulfillment::entitlements::{LineAccess, Suspension};
use crate::{
    Error, Result, Shop,
    base::{at_once, refusals},
    catalog, customers,
    fulfillment::{self, downloads, entitlements, licenses},
    jobs, payments,
};
use domain::entitlement::EntitlementState;
use domain::id::{Id, PublicId, order_number};
use domain::money::Money;
use domain::order::{OrderLine, OrderStatus, OrderView, OwnedFile};
use domain::pages::several::{Outcome, SeveralAct};
use domain::timeline::Step;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{HashMap, HashSet};

/// The capability that opens an order without a session. Derived, so that a mail sent later can carry it.
pub(crate) fn access_key(shop: &Shop, order: &order::Model) -> String {
    token_text(&shop.settings.secret_key.derive("order access", &order.access_nonce)[..20])
}

/// The page of an order with its key.
pub(crate) fn order_url(shop: &Shop, order: &order::Model) -> String {
    format!("{}{}", shop.settings.base_url, order_path(shop, order))
}

/// As [`order_url`], within the shop.
pub(crate) fn order_path(shop: &Shop, order: &order::Model) -> String {
    format!("/orders/{}?key={}", order.public_id, access_key(shop, order))
}

/// The order as its owner sees it. While payment is open, Stripe itself is asked, so that a late webhook keeps nobody waiting.
///
/// # Errors
/// `NotFound` for an unknown order and for a wrong key alike.
pub async fn load(shop: &Shop, public_id: &str, access_key: &str) -> Result<OrderView> {
    let order = load_authorized(shop, public_id, access_key).await?;
    view(shop, &refresh(shop, order).await?).await
}

/// As [`load`], for the page that a person looks at: when a customer first saw the goods is evidence in a dispute.
///
/// # Errors
/// As [`load`].
pub async fn look(shop: &Shop, public_id: &str, access_key: &str) -> Result<OrderView> {
    let order = load_authorized(shop, public_id, access_key).await?;
    let order = refresh(shop, order).await?;
    if order.seen_at.is_none() && order.status.was_paid() {
        note_seen(shop, &order).await?;
    }
    view(shop, &order).await
}

/// Whether this key opens the order.
pub async fn is_key(shop: &Shop, public_id: &str, access_key: &str) -> Result<bool> {
    match load_authorized(shop, public_id, access_key).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keeps when the customer first saw the goods.
async fn note_seen(shop: &Shop, order: &order::Model) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    if steps::seen(&tx, order.id, shop.clock.now_ms()).await? {
        note(&tx, shop, order.id, Step::Seen, "").await?;
        tracing::info!(order = %order.public_id, "order seen by its customer");
    }
    tx.commit().await?;
    Ok(())
}

/// Mails the order again, for who has its key.
pub async fn resend(shop: &Shop, public_id: &str, access_key: &str) -> Result<()> {
    mail_again(shop, &load_authorized(shop, public_id, access_key).await?, None).await
}

/// Mails the order again, for a member who helps its customer.
pub async fn resend_for_member(shop: &Shop, by: &Actor, public_id: &str) -> Result<()> {
    mail_again(shop, &find(shop, public_id).await?, Some(by)).await
}

/// As [`resend_for_member`], for several orders; what one is refused for is in the outcome.
///
/// # Errors
/// Refuses none, and too many.
pub async fn resend_several(shop: &Shop, by: &Actor, public_ids: &[String]) -> Result<Outcome> {
    let mut outcome = at_once::begun(SeveralAct::Resend);
    for id in at_once::chosen(public_ids)? {
        let done = resend_for_member(shop, by, id).await;
        at_once::note(&mut outcome, id, order_number(id), done);
    }
    Ok(outcome)
}

async fn mail_again(shop: &Shop, order: &order::Model, by: Option<&Actor>) -> Result<()> {
    if !order.status.was_paid() {
        return Err(Error::conflict("order_not_paid", "This order is not paid yet, so there is nothing to send."));
    }
    if customers::is_erased_address(&order.email) {
        return Err(refusals::CUSTOMER_ERASED.into());
    }
    // A new minute is a new mail; within one, impatience is answered once.
    let minute = shop.clock.now_ms() / 60_000;
    let tx = begin_write(&shop.db).await?;
    mail_in(&tx, shop, order, &minute.to_string()).await?;
    if let Some(by) = by {
        audit::note(&tx, shop, by, Action { act: "mailed", kind: "order", id: Some(order.id), name: &order_number(&order.public_id) })
            .await?;
    }
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

/// Mails the order in the caller's transaction, once under a name.
pub(crate) async fn mail_in(db: &impl ConnectionTrait, shop: &Shop, order: &order::Model, name: &str) -> Result<()> {
    let key = format!("order-mail:{}:{name}", order.id);
    jobs::enqueue(db, shop, jobs::Kind::OrderMail, &key, &order.id.to_string(), Some(order.id)).await
}

/// The row behind a capability.
pub(crate) async fn load_authorized(shop: &Shop, public_id: &str, key: &str) -> Result<order::Model> {
    let order = find(shop, public_id).await?;
    if !equal(access_key(shop, &order).as_bytes(), key.as_bytes()) {
        return Err(Error::NotFound);
    }
    Ok(order)
}

/// The store's order of this public id; whoever asks has to be authorized.
pub(crate) async fn find(shop: &Shop, public_id: &str) -> Result<order::Model> {
    let public_id = PublicId::parse(public_id).ok_or(Error::NotFound)?;
    order::Entity::find()
        .filter(order::Column::PublicId.eq(public_id.as_str()))
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)
}

pub(crate) async fn reload(shop: &Shop, id: Id) -> Result<order::Model> {
    order::Entity::find_by_id(id).one(&shop.db).await?.ok_or(Error::NotFound)
}

/// Pages ask Stripe after an order at most this often.
const ASK_EVERY_MS: i64 = 3_000;

/// The order as Stripe knows it now, if it is worth asking.
pub(crate) async fn refresh(shop: &Shop, order: order::Model) -> Result<order::Model> {
    if order.amount_total == 0 && order.status == OrderStatus::Pending {
        fulfillment::settle_free(shop, order.id).await?;
        return reload(shop, order.id).await;
    }
    let Some(session) = order.checkout_session_id.clone() else { return Ok(order) };
    if !matches!(*order.status, OrderStatus::Pending | OrderStatus::Processing) {
        return Ok(order);
    }
    let now = shop.clock.now_ms();
    if !steps::checked(&shop.db, order.id, now, now - ASK_EVERY_MS).await? {
        return Ok(order);
    }
    match shop.stripe.retrieve_session(&session).await {
        Ok(facts) => {
            if let Err(error) = fulfillment::settle(shop, &facts).await {
                tracing::error!(order = %order.public_id, ?error, "settling from the page failed; the worker goes on");
            }
        }
        Err(failure) => tracing::warn!(order = %order.public_id, %failure, "Stripe could not be asked"),
    }
    reload(shop, order.id).await
}

/// How people name the order of an id.
async fn number_of(shop: &Shop, id: Option<Id>) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    let order = order::Entity::find_by_id(id).one(&shop.db).await?;
    Ok(order.map(|order| order_number(&order.public_id)))
}

/// The lines that are open and have no files yet. Asked only where a line is without, which hardly one is.
async fn awaited(shop: &Shop, order_id: Id, items: &[order_item::Model], files: &HashMap<Id, Vec<OwnedFile>>) -> Result<HashSet<Id>> {
    let is_bundle = |item: &order_item::Model| items.iter().any(|part| part.part_of_id == Some(item.id));
    let lacks = |item: &&order_item::Model| !item.has_license && !files.contains_key(&item.id) && !is_bundle(item);
    let lacking: HashSet<Id> = items.iter().filter(lacks).map(|item| item.id).collect();
    if lacking.is_empty() {
        return Ok(lacking);
    }
    let access = entitlements::access_of_order(&shop.db, order_id).await?;
    let is_open = |line: &LineAccess| line.state == EntitlementState::Active && lacking.contains(&line.item_id);
    Ok(access.iter().filter(|line| is_open(line)).map(|line| line.item_id).collect())
}

/// The order with its lines, files and licenses, as its customer sees it.
pub(crate) async fn view(shop: &Shop, order: &order::Model) -> Result<OrderView> {
    view_for(shop, order, Viewer::Customer).await
}

/// As [`view`], for who is to find the goods where they are now.
pub(super) async fn view_for(shop: &Shop, order: &order::Model, viewer: Viewer) -> Result<OrderView> {
    let status = *order.status;
    let items = order_item::Entity::find()
        .filter(order_item::Column::OrderId.eq(order.id))
        .order_by_asc(order_item::Column::Position)
        .all(&shop.db)
        .await?;
    let mut files = if status.was_paid() { downloads::owned_files(shop, order.id).await? } else { HashMap::new() };
    let awaited = if status.was_paid() { awaited(shop, order.id, &items, &files).await? } else { HashSet::new() };
    // Most orders are without a license key, which spares them a statement.
    let has_licenses = status.was_paid() && items.iter().any(|item| item.has_license);
    let mut licenses = if has_licenses { licenses::of_order(shop, order.id).await? } else { HashMap::new() };
    // Whoever has files waits for nothing, which spares the question.
    let suspension =
        if status.was_paid() && files.is_empty() { entitlements::suspension(&shop.db, order.id).await? } else { Suspension::default() };
    let amount_lost = if status == OrderStatus::ChargedBack { lines::of_order(&shop.db, order.id).await?.lost() } else { 0 };
    let terms = catalog::terms_of(shop, items.iter().filter_map(|item| item.terms_id).collect()).await?;
    let payment = payments::method::of_order(&shop.db, order).await?;
    let currency = *order.currency;
    let now = shop.clock.now_ms();
    let faces = catalog::faces_now(shop, items.iter().map(|item| item.product_id), viewer).await?;
    let titles: HashMap<Id, String> = items.iter().map(|item| (item.id, item.product_title.clone())).collect();
    Ok(OrderView {
        id: order.public_id.clone(),
        number: order_number(&order.public_id),
        status,
        email: order.email.clone(),
        currency,
        amount_subtotal: order.amount_subtotal,
        amount_discount: order.amount_discount,
        amount_tax: order.amount_tax,
        amount_total: order.amount_total,
        amount_refunded: order.amount_refunded,
        amount_lost,
        created_at: order.created_at,
        paid_at: order.paid_at,
        paid_with: payment.as_ref().and_then(payments::method::method),
        checkout_url: order
            .checkout_url
            .clone()
            .filter(|_| status == OrderStatus::Pending && order.checkout_expires_at.is_some_and(|at| at > now)),
        is_on_hold: suspension.has_suspended,
        is_closed: suspension.is_closed,
        duplicate_of: number_of(shop, order.duplicate_of_id).await?,
        items: items
            .into_iter()
            .map(|item| OrderLine {
                id: item.id,
                part_of: item.part_of_id.and_then(|id| titles.get(&id).cloned()),
                files: files.remove(&item.id).unwrap_or_default(),
                licenses: licenses.remove(&item.id).unwrap_or_default(),
                unit_price: Money::new(item.unit_amount, currency),
                line_total: Money::new(item.amounts().subtotal(), currency),
                terms: *item.terms,
                terms_words: item.terms_id.and_then(|id| terms.get(&id).cloned()).unwrap_or_else(|| item.terms.words()),
                is_awaited: awaited.contains(&item.id),
                product_now: faces.get(&item.product_id).and_then(|face| face.slug.clone()),
                cover: faces.get(&item.product_id).and_then(|face| face.cover.clone()),
                product: item.product_slug,
                variant: item.variant_key,
                title: item.product_title,
                variant_name: item.variant_name,
                quantity: item.quantity,
            })
            .collect(),
    })
}
