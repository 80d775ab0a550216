//! How the owner hears of sales: by a mail for each order, or one for each day.

use super::{Kind, enqueue, enqueue_later};
use crate::base::database::{begin_write, retried, shared_now_ms};
use crate::base::entities::order;
use crate::stores::calendar::{Calendar, iso};
use crate::{Result, Shop, accounts, stores};
use domain::id::Id;
use domain::pages::settings::SaleMails;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

/// The customer's mail goes first.
const WAIT_MS: i64 = 10_000;
/// A day is told of a quarter of an hour after its end, when all that was paid on it is written.
const GRACE_MS: i64 = 15 * 60 * 1000;
/// After a longer absence, only the last days are told of.
const MAX_DAYS: i64 = 7;

/// Where mails to the owner go: the address for alerts, or that of the first owner.
pub async fn recipient(shop: &Shop) -> Result<Option<String>> {
    match &shop.settings.alert_email {
        Some(address) => Ok(Some(address.clone())),
        None => accounts::first_owner(shop).await,
    }
}

/// Has the owner told of an order that was paid or given for nothing, in the transaction that delivers it.
pub(crate) async fn tell(tx: &DatabaseTransaction, shop: &Shop, order_id: Id) -> Result<()> {
    if stores::sale_mails(tx, shop.settings.store_id).await? == SaleMails::EachOrder {
        let key = format!("sale:{order_id}");
        enqueue_later(tx, shop, Kind::SaleMail, &key, &order_id.to_string(), Some(order_id), WAIT_MS).await?;
    }
    Ok(())
}

/// Has the owner told of the days that are over since the last mail, each on which something was sold by one mail; part of the rounds.
pub(super) async fn tell_days(shop: &Shop) -> Result<()> {
    let store = stores::load(shop).await?;
    if *store.sale_mails != SaleMails::Daily {
        return Ok(());
    }
    let calendar = Calendar::named(&store.time_zone);
    let last = calendar.day_of(shared_now_ms(&shop.db, shop).await? - GRACE_MS) - 1;
    let first = store.sales_mailed_day.map_or(last, |day| (day + 1).max(last - MAX_DAYS + 1));
    for day in first..=last {
        retried(|| tell_day(shop, &calendar, day)).await?;
    }
    Ok(())
}

async fn tell_day(shop: &Shop, calendar: &Calendar, day: i64) -> Result<()> {
    let (store_id, span) = (shop.settings.store_id, calendar.span(day..day + 1));
    let tx = begin_write(&shop.db).await?;
    if !stores::steps::take_sales_day(&tx, store_id, day).await? {
        return Ok(());
    }
    let sold = order::Entity::find().filter(order::Column::StoreId.eq(store_id)).filter(order::Column::PaidAt.gte(span.start));
    let sold = sold.filter(order::Column::PaidAt.lt(span.end)).select_only().column(order::Column::Id);
    if sold.into_tuple::<Id>().one(&tx).await?.is_some() {
        let day = iso(day);
        enqueue(&tx, shop, Kind::DailySalesMail, &format!("sales-of-day:{store_id}:{day}"), &day, None).await?;
    }
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}
