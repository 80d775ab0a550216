//! What the customer gets: entitlements, licenses, the mail. Each once.

use super::deliverable::{Deliverable, Piece};
use super::sql;
use crate::base::database::{begin_write, retried, statement};
use crate::base::entities::{order, order_item};
use crate::{
    Result, Shop, catalog,
    checkout::{carts, promotions},
    customers,
    fulfillment::entitlements,
    jobs::mail::templates::Trouble,
    jobs::{self, sale_mails},
    orders,
    payments::ledger,
};
use domain::id::{Id, order_number};
use domain::timeline::Step;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};
use std::collections::BTreeMap;

/// Everything that comes with the payment of an order, in its transaction.
pub(super) async fn deliver(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    let customer_id = customers::of_order(tx, shop, order).await?;
    orders::steps::belongs_to(tx, order.id, customer_id).await?;
    let items = grant(tx, shop, order, Pieces::First).await?;
    if let Some(cart_id) = order.cart_id {
        carts::take_out(tx, cart_id, order.id).await?;
    }
    enqueue_mail(tx, shop, order.id).await?;
    sale_mails::tell(tx, shop, order.id).await?;
    tell_empty(tx, shop, order, &items).await?;
    orders::note_both(tx, shop, order.id, [Step::Paid, Step::Entitled]).await?;
    promotions::redeem(tx, shop, order).await?;
    count_sold(tx, &items).await
}

/// Tells the owner of lines that were bought and have nothing to deliver, as where the last file went after the order was placed.
async fn tell_empty(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, items: &[order_item::Model]) -> Result<()> {
    // What comes with a bundle is a line of its own.
    let is_bundle = |item: &order_item::Model| items.iter().any(|part| part.part_of_id == Some(item.id));
    let by_files: Vec<&order_item::Model> = items.iter().filter(|item| !item.has_license && !is_bundle(item)).collect();
    if by_files.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id> = by_files.iter().map(|item| item.variant_id).collect();
    let empty = catalog::without_files(tx, &ids).await?;
    let lines = by_files.into_iter().filter(|item| empty.contains(&item.variant_id));
    let lines: Vec<String> = lines.map(|item| format!("\u{201c}{}\u{201d} ({})", item.product_title, item.variant_name)).collect();
    if lines.is_empty() {
        return Ok(());
    }
    tracing::warn!(order = %order.public_id, "an order was delivered of which a line has no files");
    let text = Trouble {
        what: &format!("An order was bought, and there is nothing to deliver for {}: it has no files.", lines.join(", ")),
        order: Some(&order_number(&order.public_id)),
        to_do: "Add the files in the dashboard. The customer finds them on the order's page at once.",
    }
    .to_string();
    jobs::alert(tx, shop, &format!("nothing-to-deliver:{}", order.id), &text).await
}

/// Which pieces of an order are handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pieces {
    /// All of them, for the first time.
    First,
    Missing,
}

async fn grant(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, pieces: Pieces) -> Result<Vec<order_item::Model>> {
    let items = order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id)).all(tx).await?;
    for item in &items {
        // Nobody can close a line that was never open.
        let closed_at = if pieces == Pieces::Missing { entitlements::closed_since(tx, item.id).await? } else { None };
        for unit_no in 1..=item.quantity {
            let entitlement_id = entitlements::grant(tx, shop, order, item, unit_no, closed_at).await?;
            let piece = Piece { order, item, unit_no, entitlement_id };
            for deliverable in Deliverable::of(item) {
                deliverable.hand_over(tx, shop, &piece).await?;
            }
        }
    }
    Ok(items)
}

async fn enqueue_mail(tx: &DatabaseTransaction, shop: &Shop, order_id: Id) -> Result<()> {
    jobs::enqueue(tx, shop, jobs::Kind::OrderMail, &format!("order-mail:{order_id}"), &order_id.to_string(), Some(order_id)).await
}

/// Rows that orders share are locked last and in one order, so that two orders of the same goods wait for each other briefly, and never
/// both.
async fn count_sold(tx: &DatabaseTransaction, items: &[order_item::Model]) -> Result<()> {
    let mut n_sold: BTreeMap<Id, i64> = BTreeMap::new();
    for item in items.iter().filter(|item| item.part_of_id.is_none()) {
        *n_sold.entry(item.product_id).or_default() += item.quantity;
    }
    for (product_id, n) in n_sold {
        catalog::steps::count_sold(tx, product_id, n).await?;
    }
    Ok(())
}

/// How far back it is looked for deliveries that were not finished: three days.
const LOOK_BACK_MS: i64 = 3 * 24 * 60 * 60 * 1000;

#[derive(FromQueryResult)]
struct UnfinishedRow {
    id: Id,
    public_id: String,
    paid_at: i64,
}

/// Finishes deliveries of paid orders that lack a piece or their mail, whatever took it away. There should be none: a
/// delivery is one transaction.
pub(crate) async fn complete_unfinished(shop: &Shop) -> Result<()> {
    for (id, ..) in unfinished(shop).await? {
        // One order in trouble must not keep the others waiting.
        if let Err(error) = complete(shop, id).await {
            tracing::error!(order = %id, ?error, "a delivery could not be finished; the next round tries again");
        }
    }
    Ok(())
}

/// Paid orders of the last days that were not delivered whole: id, public id, and when they were paid.
pub(crate) async fn unfinished(shop: &Shop) -> Result<Vec<(Id, String, i64)>> {
    let values = [shop.settings.store_id.into(), (shop.clock.now_ms() - LOOK_BACK_MS).into()];
    let rows = UnfinishedRow::find_by_statement(statement(&shop.db, sql::unfinished(), values)).all(&shop.db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.public_id, row.paid_at)).collect())
}

/// Whether an order is paid and lacks a piece.
pub(crate) async fn is_unfinished(shop: &Shop, order_id: Id) -> Result<bool> {
    Ok(shop.db.query_one_raw(statement(&shop.db, sql::is_unfinished(), [order_id.into()])).await?.is_some())
}

/// Hands over what an order lacks. Running it again changes nothing.
pub(crate) async fn complete(shop: &Shop, order_id: Id) -> Result<()> {
    retried(|| complete_once(shop, order_id)).await
}

async fn complete_once(shop: &Shop, order_id: Id) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order_id).await?;
    grant(&tx, shop, &order, Pieces::Missing).await?;
    enqueue_mail(&tx, shop, order.id).await?;
    orders::note(&tx, shop, order.id, Step::Completed, "").await?;
    ledger::follow(&tx, shop, &order).await?;
    tx.commit().await?;
    tracing::error!(order = %order.public_id, "a delivery that was not finished is finished now");
    metrics::counter!("deliveries_completed_total").increment(1);
    shop.wake.jobs.notify_one();
    Ok(())
}
