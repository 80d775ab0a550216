//! What happened to an order and when: the health of its delivery, step by step.

use crate::database::{execute, statement};
use crate::{Result, Shop, world};
use domain::id::Id;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A step: `created`, `processing`, `paid`, `entitled`, `mailed`, `seen`, `fetched`; `failed`, `expired`; `refund_requested`,
/// `refund_made`, `refund_refused`, `refund_failed`; `dispute`, `review`, `early_fraud_warning`; `restored`, `completed`, `reinstated`;
/// `noted`, `downloads_added`, `downloads_reset`, `extended`, `email_corrected`, `link_renewed`, `access_closed`, `access_opened`, `delivery_retried`; and the
/// status that the order took.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct TimelineEntry {
    pub kind: String,
    /// The file that was fetched, the amount that went back, the status of a dispute.
    pub detail: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// Writes a line into the order's timeline, in the caller's transaction.
pub(crate) async fn note(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, kind: &str, detail: &str) -> Result<()> {
    let sql = "INSERT INTO order_events (id, store_id, order_id, kind, detail, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let detail: String = detail.chars().take(500).collect();
    execute(
        db,
        sql,
        [world::new_id().into(), shop.settings.store_id.into(), order_id.into(), kind.into(), detail.into(), shop.clock.now_ms().into()],
    )
    .await?;
    Ok(())
}

/// As [`note`], for two steps that are one.
pub(crate) async fn note_both(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, kinds: [&str; 2]) -> Result<()> {
    let sql = "INSERT INTO order_events (id, store_id, order_id, kind, detail, created_at) VALUES ($1, $3, $4, $5, '', $7), ($2, $3, $4, $6, '', $7)";
    let values = [
        world::new_id().into(),
        world::new_id().into(),
        shop.settings.store_id.into(),
        order_id.into(),
        kinds[0].into(),
        kinds[1].into(),
        shop.clock.now_ms().into(),
    ];
    execute(db, sql, values).await?;
    Ok(())
}

/// All steps of an order, oldest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<TimelineEntry>> {
    let sql = "SELECT kind, detail, created_at FROM order_events WHERE order_id = $1 ORDER BY id";
    Ok(TimelineEntry::find_by_statement(statement(db, sql, [order_id.into()])).all(db).await?)
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
