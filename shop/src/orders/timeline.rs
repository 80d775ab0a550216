//! What happened to an order and when: the health of its delivery, step by step.

use crate::base::entities::order_event;
use crate::{Result, Shop, base::world};
use domain::id::Id;
use domain::timeline::Step;
use domain::word::Word;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// A step, and when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    pub step: Step,
    /// The file that was fetched, the amount that went back, the status of a dispute.
    pub detail: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// Writes a line into the order's timeline, in the caller's transaction.
pub(crate) async fn note(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, step: Step, detail: &str) -> Result<()> {
    order_event::Entity::insert(row(shop, order_id, step, detail)).exec_without_returning(db).await?;
    Ok(())
}

/// As [`note`], for two steps that are one.
pub(crate) async fn note_both(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, steps: [Step; 2]) -> Result<()> {
    let rows = steps.map(|step| row(shop, order_id, step, ""));
    order_event::Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

fn row(shop: &Shop, order_id: Id, step: Step, detail: &str) -> order_event::ActiveModel {
    order_event::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        order_id: Set(order_id),
        kind: Set(step.as_str().to_owned()),
        detail: Set(detail.chars().take(500).collect()),
        created_at: Set(shop.clock.now_ms()),
    }
}

/// All steps of an order, oldest first. One that a newer release added, and this one doesn't know, is left out.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<TimelineEntry>> {
    let rows = order_event::Entity::find().filter(order_event::Column::OrderId.eq(order_id)).order_by_asc(order_event::Column::Id);
    let known = rows.all(db).await?.into_iter().filter_map(|row| match row.kind.parse() {
        Ok(step) => Some(TimelineEntry { step, detail: row.detail, created_at: row.created_at }),
        Err(_) => {
            tracing::warn!(event = %row.id, kind = row.kind, "this program does not know this order_events.kind; the step is left out");
            None
        }
    });
    Ok(known.collect())
}

/// What happened to the order, for who has its key.
///
/// # Errors
/// `NotFound` for an unknown order and for a wrong key alike.
pub async fn timeline(shop: &Shop, public_id: &str, access_key: &str) -> Result<Vec<TimelineEntry>> {
    let order = super::load_authorized(shop, public_id, access_key).await?;
    let mut entries = of_order(&shop.db, order.id).await?;
    entries.retain(|entry| !entry.step.is_kept_back());
    Ok(entries)
}
