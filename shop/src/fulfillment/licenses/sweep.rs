//! What is kept of devices that use a license no more, and for how long.

use crate::base::database::word;
use crate::base::entities::{activation, license_event};
use crate::fulfillment::downloads::KEEP_MS;
use crate::jobs::SWEPT_AT_ONCE;
use crate::{Result, Shop};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

/// A device that gave its seat back may say so again for 30 days.
const KEEP_SEATS_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// At most this many batches of each kind a round.
const BATCHES: usize = 5;

/// Throws away old seats, and what devices did as long ago as the oldest download; part of the worker's rounds. What members did stays.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    for _ in 0..BATCHES {
        if seats(shop).await? + events(shop).await? < SWEPT_AT_ONCE {
            break;
        }
    }
    Ok(())
}

async fn seats(shop: &Shop) -> Result<u64> {
    use activation::{Column, Entity};
    let old = Entity::find().select_only().column(Column::Id).filter(Column::DeactivatedAt.lt(shop.clock.now_ms() - KEEP_SEATS_MS));
    let old = old.order_by_asc(Column::DeactivatedAt).limit(SWEPT_AT_ONCE).into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(&shop.db).await?.rows_affected)
}

async fn events(shop: &Shop) -> Result<u64> {
    use license_event::{Column, Entity};
    let old = Entity::find().select_only().column(Column::Id).filter(Column::CreatedAt.lt(shop.clock.now_ms() - KEEP_MS));
    let old = old.filter(Column::Kind.is_in(super::history::OF_DEVICES.map(word))).order_by_asc(Column::CreatedAt);
    let old = old.limit(SWEPT_AT_ONCE).into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(&shop.db).await?.rows_affected)
}
