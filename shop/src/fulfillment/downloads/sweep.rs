//! What is kept of downloads, and for how long. Whole addresses help while a customer asks and a dispute may come; the rest is
//! evidence of delivery, and goes when no claim can be made any more.

use super::sql;
use crate::base::database::{begin_write, execute};
use crate::base::entities::{download_link, download_record, download_session};
use crate::jobs::SWEPT_AT_ONCE;
use crate::{Result, Shop, jobs};
use domain::id::Id;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Old links are thrown away this long after their end: 30 days, when nobody asks any more why one does not work.
const KEEP_LINKS_MS: i64 = 30 * DAY_MS;
/// Addresses and browsers are whole for 30 days.
const KEEP_ADDRESSES_MS: i64 = 30 * DAY_MS;
/// Downloads are kept for 18 months: the longest that a bank lets a payment be disputed, with a margin.
pub(crate) const KEEP_MS: i64 = 548 * DAY_MS;
/// At most this many batches of each kind a round: SQLite has one writer, and the next round is a minute away.
const BATCHES: usize = 5;

/// Throws away what is old of downloads; part of the worker's rounds.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    unused_links(shop).await?;
    for _ in 0..BATCHES {
        if shorten(shop).await? < SWEPT_AT_ONCE {
            break;
        }
    }
    for _ in 0..BATCHES {
        if forget(shop).await? < SWEPT_AT_ONCE {
            break;
        }
    }
    Ok(())
}

/// Throws away old links that nobody used; those that began a download are evidence, with its record.
async fn unused_links(shop: &Shop) -> Result<()> {
    let sql = sql::delete_unused_links(jobs::skip_locked(&shop.db));
    let before = shop.clock.now_ms() - KEEP_LINKS_MS;
    while execute(&shop.db, &sql, [before.into(), SWEPT_AT_ONCE.cast_signed().into()]).await? >= SWEPT_AT_ONCE {}
    Ok(())
}

/// Leaves the network of an address, and nothing of the browser; of the log neither.
async fn shorten(shop: &Shop) -> Result<u64> {
    use download_session::{Column, Entity};
    let before = shop.clock.now_ms() - KEEP_ADDRESSES_MS;
    let rows: Vec<(Id, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Ip])
        .filter(Column::StartedAt.lt(before))
        .filter(Expr::col(Column::IsShort).not())
        .limit(SWEPT_AT_ONCE)
        .into_tuple()
        .all(&shop.db)
        .await?;
    let n = rows.len() as u64;
    let mut by_network: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for (id, ip) in rows {
        by_network.entry(network(&ip)).or_default().push(id);
    }
    let log: Vec<Id> = download_record::Entity::find()
        .select_only()
        .column(download_record::Column::Id)
        .filter(download_record::Column::CreatedAt.lt(before))
        .filter(Expr::col(download_record::Column::IsShort).not())
        .limit(SWEPT_AT_ONCE)
        .into_tuple()
        .all(&shop.db)
        .await?;
    let n = Ord::max(n, log.len() as u64);
    if n == 0 {
        return Ok(0);
    }
    let tx = begin_write(&shop.db).await?;
    for (network, ids) in by_network {
        Entity::update_many()
            .col_expr(Column::Ip, Expr::value(network))
            .col_expr(Column::UserAgent, Expr::value(""))
            .col_expr(Column::IsShort, Expr::value(true))
            .filter(Column::Id.is_in(ids))
            .exec(&tx)
            .await?;
    }
    download_record::Entity::update_many()
        .col_expr(download_record::Column::Ip, Expr::value(""))
        .col_expr(download_record::Column::UserAgent, Expr::value(""))
        .col_expr(download_record::Column::IsShort, Expr::value(true))
        .filter(download_record::Column::Id.is_in(log))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(n)
}

/// The network of an address, as wide as a provider's: it still tells whether one purchase is fetched from many places.
fn network(ip: &str) -> String {
    match ip.parse() {
        Ok(IpAddr::V4(ip)) => format!("{}/24", Ipv4Addr::from_bits(ip.to_bits() & (u32::MAX << 8))),
        Ok(IpAddr::V6(ip)) => format!("{}/48", Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 80))),
        Err(_) => String::new(),
    }
}

/// Throws away downloads that nobody can ask about any more, with their log, and their links where those are over.
async fn forget(shop: &Shop) -> Result<u64> {
    use download_session::{Column, Entity};
    let now = shop.clock.now_ms();
    let old: Vec<(Id, Id)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::LinkId])
        .filter(Column::StoreId.eq(shop.settings.store_id))
        .filter(Column::StartedAt.lt(now - KEEP_MS))
        .order_by_asc(Column::StartedAt)
        .limit(SWEPT_AT_ONCE)
        .into_tuple()
        .all(&shop.db)
        .await?;
    let n = old.len() as u64;
    if n == 0 {
        return Ok(0);
    }
    let (sessions, links): (Vec<Id>, Vec<Id>) = old.into_iter().unzip();
    let tx = begin_write(&shop.db).await?;
    Entity::delete_many().filter(Column::Id.is_in(sessions)).exec(&tx).await?;
    let in_use: Vec<Id> =
        Entity::find().select_only().column(Column::LinkId).filter(Column::LinkId.is_in(links.clone())).into_tuple().all(&tx).await?;
    download_link::Entity::delete_many()
        .filter(download_link::Column::Id.is_in(links))
        .filter(download_link::Column::Id.is_not_in(in_use))
        .filter(download_link::Column::ExpiresAt.lt(now - KEEP_LINKS_MS))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_its_network_is_left() {
        assert_eq!(network("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert_eq!(network(""), "");
    }
}
