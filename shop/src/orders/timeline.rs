//! What happened to an order and when: the health of its delivery, step by step.

use crate::entities::order_event;
use crate::{Result, Shop, world};
use domain::id::Id;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder};

/// A step: `created`, `processing`, `paid`, `entitled`, `mailed`, `seen`, `fetched`; `failed`, `expired`; `refund_requested`,
/// `refund_made`, `refund_refused`, `refund_failed`; `dispute`, `review`, `early_fraud_warning`; `restored`, `completed`, `reinstated`;
/// `noted`, `downloads_added`, `downloads_reset`, `extended`, `email_corrected`, `link_renewed`, `access_closed`, `access_opened`, `delivery_retried`; and the
/// status that the order took.
#[derive(Clone, Debug, PartialEq, Eq, DerivePartialModel)]
#[sea_orm(entity = "order_event::Entity")]
pub struct TimelineEntry {
    pub kind: String,
    /// The file that was fetched, the amount that went back, the status of a dispute.
    pub detail: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// Writes a line into the order's timeline, in the caller's transaction.
pub(crate) async fn note(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, kind: &str, detail: &str) -> Result<()> {
    order_event::Entity::insert(row(shop, order_id, kind, detail)).exec_without_returning(db).await?;
    Ok(())
}

/// As [`note`], for two steps that are one.
pub(crate) async fn note_both(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, kinds: [&str; 2]) -> Result<()> {
    let rows = kinds.map(|kind| row(shop, order_id, kind, ""));
    order_event::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

fn row(shop: &Shop, order_id: Id, kind: &str, detail: &str) -> order_event::ActiveModel {
    order_event::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        order_id: Set(order_id),
        kind: Set(kind.to_owned()),
        detail: Set(detail.chars().take(500).collect()),
        created_at: Set(shop.clock.now_ms()),
    }
}

/// All steps of an order, oldest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<TimelineEntry>> {
    let rows = order_event::Entity::find().filter(order_event::Column::OrderId.eq(order_id)).order_by_asc(order_event::Column::Id);
    Ok(rows.into_partial_model().all(db).await?)
}

/// Steps that are the creator's alone: a fraudster need not know that he was noticed, nor a customer what Stripe told us.
/// What members did names them.
const KEPT_BACK: [&str; 12] = [
    "noted",
    "review",
    "early_fraud_warning",
    "refund_refused",
    "downloads_added",
    "downloads_reset",
    "extended",
    "email_corrected",
    "link_renewed",
    "access_closed",
    "access_opened",
    "delivery_retried",
];

/// What happened to the order, for who has its key.
///
/// # Errors
/// `NotFound` for an unknown order and for a wrong key alike.
pub async fn timeline(shop: &Shop, public_id: &str, access_key: &str) -> Result<Vec<TimelineEntry>> {
    let order = super::load_authorized(shop, public_id, access_key).await?;
    let mut entries = of_order(&shop.db, order.id).await?;
    entries.retain(|entry| !KEPT_BACK.contains(&entry.kind.as_str()));
    Ok(entries)
}
