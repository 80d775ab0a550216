//! Events of paid orders whose goods are not here, as after a backup was restored: set aside with what they wait for, and tried again
//! once it was made again.

use super::steps;
use super::{EventRow, report};
use crate::base::database::{begin_write, is_literally};
use crate::base::entities::inbox_event::{Column, Entity};
use crate::jobs::EventState;
use crate::jobs::mail::templates::Trouble;
use crate::orders::{self, LostGoods};
use crate::{Result, Shop, jobs};
use domain::id::PublicId;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

/// Puts an event among what was given up, with what it waits for, and tells the owner of the order once.
pub(super) async fn set_aside(shop: &Shop, event: &EventRow, lost: &LostGoods, now: i64) -> Result<()> {
    let json = serde_json::to_string(lost).map_err(anyhow::Error::from)?;
    let tx = begin_write(&shop.db).await?;
    let text = Trouble { what: &lost.what(), order: None, to_do: &lost.to_do() }.to_string();
    // Of two events of one payment the second one waits here for the first, by the unique name of the mail.
    jobs::alert(&tx, shop, &format!("lost-goods:{}", lost.order), &text).await?;
    let others = Entity::find().filter(Column::LostGoods.eq(&json)).filter(is_literally(Column::State, EventState::Dead));
    let n_others = others.filter(Column::Id.ne(&event.id)).count(&tx).await?;
    // What follows a payment is no copy of its news: a refund has to be followed as well.
    let is_copy = n_others > 0 && (event.kind.starts_with("checkout.session.") || event.kind.starts_with("payment_intent."));
    let (state, json) = if is_copy { (EventState::Ignored, None) } else { (EventState::Dead, Some(json)) };
    let why = format!("{} {}", lost.what(), lost.to_do());
    if !steps::end_without_goods(&tx, &event.leased(), state, why, json, now).await? {
        tracing::warn!(event = %event.id, "the lease had run out; what another worker finds counts");
        return Ok(());
    }
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    let goods = lost.names();
    tracing::error!(event = %event.id, order = %lost.order, %goods, "a paid order can't be delivered: its goods are not here");
    report(event, state, now);
    Ok(())
}

/// How many events that wait for goods one round looks at.
const N_LOST: u64 = 200;

/// What waits, and that nobody has seen to.
fn waiting() -> Condition {
    Condition::all().add(Column::LostGoods.is_not_null()).add(Column::DismissedAt.is_null())
}

/// Tries again what waits for goods that were made again since. Part of the rounds.
pub(in crate::jobs) async fn find_again(shop: &Shop) -> Result<()> {
    let dead = Entity::find().filter(waiting()).filter(is_literally(Column::State, EventState::Dead));
    let rows: Vec<(String, Option<String>)> = dead
        .select_only()
        .columns([Column::Id, Column::LostGoods])
        .order_by_asc(Column::ReceivedAt)
        .limit(N_LOST)
        .into_tuple()
        .all(&shop.db)
        .await?;
    let mut n = 0;
    for (id, lost) in rows {
        let Ok(lost) = serde_json::from_str::<LostGoods>(&lost.unwrap_or_default()) else { continue };
        if orders::are_found(shop, &lost).await? {
            n += steps::revive(&shop.db, Condition::all().add(Column::Id.eq(id)), shop.clock.now_ms()).await?;
        }
    }
    if n > 0 {
        tracing::info!(n, "goods of paid orders are here again; the orders are tried again");
        shop.wake.events.notify_one();
    }
    Ok(())
}

/// Whether this order was paid and waits for goods that are not here.
pub async fn waits_for_goods(shop: &Shop, public_id: &str) -> Result<bool> {
    let Some(public_id) = PublicId::parse(public_id) else { return Ok(false) };
    let of_order = Column::LostGoods.contains(format!("\"order\":\"{}\"", public_id.as_str()));
    Ok(Entity::find().filter(waiting()).filter(of_order).count(&shop.db).await? > 0)
}
