//! What a member opens and closes for a customer: downloads, links, the goods themselves.

use super::line::{LineName, lines_named, unknown_line};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::base::entities::{order, order_item};
use crate::{
    Error, Result, Shop,
    base::{once, refusals},
    fulfillment::{downloads, entitlements, licenses},
    payments::ledger,
};
use domain::id::{Id, order_number};
use domain::timeline::Step;
use sea_orm::DatabaseTransaction;
use sea_orm::prelude::Uuid;
use serde::Serialize;

/// At most this many downloads are added at once.
const MAX_EXTRA: i64 = 1_000;
/// Links and licenses are extended by at most this many days at once.
const MAX_DAYS: i64 = 3_650;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Which file of an order: as [`domain::order::OwnedFile::id`] names it; all of them when absent.
type FileName<'a> = Option<&'a str>;

fn file_ids(file: FileName<'_>) -> Result<Option<(Id, Id)>> {
    let Some(name) = file else { return Ok(None) };
    let ids = name.split_once('.').and_then(|(e, f)| Some((Uuid::try_parse(e).ok()?, Uuid::try_parse(f).ok()?)));
    ids.map(Some).ok_or(refusals::FILE_UNKNOWN.into())
}

/// The order, locked, where it was paid.
pub(super) async fn lock_paid(tx: &DatabaseTransaction, order_id: Id) -> Result<order::Model> {
    let order = ledger::lock(tx, order_id).await?;
    if !order.status.was_paid() {
        return Err(Error::conflict("order_not_paid", "This order is not paid, so there is nothing to open or to close."));
    }
    Ok(order)
}

fn action<'a>(act: &'static str, order: &order::Model, name: &'a str) -> Action<'a> {
    Action { act, kind: "order", id: Some(order.id), name }
}

/// Adds downloads to a file of the order, or to each of its files. One key adds once.
///
/// # Errors
/// Refuses an invalid number, and a file that is not in the order; 409 where nothing was paid.
pub async fn add_downloads(shop: &Shop, by: &Actor, order: &str, file: FileName<'_>, extra: i64, request_key: Option<&str>) -> Result<()> {
    if !(1..=MAX_EXTRA).contains(&extra) {
        return Err(Error::refused("extra_invalid", format!("Add between 1 and {MAX_EXTRA} downloads.")).at("extra"));
    }
    let (file, order_id) = (file_ids(file)?, super::find(shop, order).await?.id);
    let tx = begin_write(&shop.db).await?;
    let order = lock_paid(&tx, order_id).await?;
    if !once::is_new(&tx, shop, request_key, &format!("downloads {order_id} {file:?} {extra}")).await? {
        return Ok(());
    }
    let names = downloads::add_extra(&tx, order.id, file, extra).await?;
    let what = said(&names, file.is_some())?;
    super::note(&tx, shop, order.id, Step::DownloadsAdded, &format!("{extra} for {what}, by {}", by.name)).await?;
    audit::record(&tx, shop, by, action("added_downloads", &order, &order_number(&order.public_id)), None, Some(&Added { extra, what }))
        .await?;
    Ok(tx.commit().await?)
}

#[derive(Serialize)]
struct Added {
    extra: i64,
    what: String,
}

/// Lets the downloads of a file, or of all files, count from nothing again.
///
/// # Errors
/// Refuses a file that is not in the order; 409 where nothing was paid.
pub async fn reset_downloads(shop: &Shop, by: &Actor, order: &str, file: FileName<'_>) -> Result<()> {
    let (file, order_id) = (file_ids(file)?, super::find(shop, order).await?.id);
    let tx = begin_write(&shop.db).await?;
    let order = lock_paid(&tx, order_id).await?;
    let what = said(&downloads::names(&tx, order.id, file).await?, file.is_some())?;
    if downloads::reset(&tx, order.id, file).await? == 0 {
        return Ok(());
    }
    super::note(&tx, shop, order.id, Step::DownloadsReset, &format!("{what}, by {}", by.name)).await?;
    audit::note(&tx, shop, by, action("reset_downloads", &order, &order_number(&order.public_id))).await?;
    Ok(tx.commit().await?)
}

/// The files as a person names them.
///
/// # Errors
/// Refuses where there is none.
fn said(names: &[String], is_one: bool) -> Result<String> {
    match names {
        [] => Err(refusals::FILE_UNKNOWN.into()),
        [name] if is_one => Ok(name.clone()),
        _ => Ok("all files".to_owned()),
    }
}

/// Lets the links that the customer has work for a number of days from now, and licenses that end as many days longer.
///
/// # Errors
/// Refuses an invalid number; 409 where nothing was paid.
pub async fn extend(shop: &Shop, by: &Actor, order: &str, days: i64, request_key: Option<&str>) -> Result<()> {
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Error::refused("days_invalid", format!("Extend by 1 to {MAX_DAYS} days.")).at("days"));
    }
    let order_id = super::find(shop, order).await?.id;
    let tx = begin_write(&shop.db).await?;
    let order = lock_paid(&tx, order_id).await?;
    if !once::is_new(&tx, shop, request_key, &format!("extend {order_id} {days}")).await? {
        return Ok(());
    }
    let now = shop.clock.now_ms();
    downloads::extend_links(&tx, order.id, now + days * DAY_MS).await?;
    licenses::extend(&tx, order.id, now, days * DAY_MS).await?;
    super::note(&tx, shop, order.id, Step::Extended, &format!("{days} days, by {}", by.name)).await?;
    audit::record(&tx, shop, by, action("extended", &order, &order_number(&order.public_id)), None, Some(&Extended { days })).await?;
    Ok(tx.commit().await?)
}

#[derive(Serialize)]
struct Extended {
    days: i64,
}

/// Closes an order or a line of it, whatever becomes of its money. Closing what is closed changes nothing.
///
/// # Errors
/// Refuses a line that is not in the order; 409 where nothing was paid.
pub async fn close_access(shop: &Shop, by: &Actor, order: &str, line: Option<&LineName>) -> Result<()> {
    turn(shop, by, order, line, true).await
}

/// Opens again what a member closed. What was given back, or is with a bank, stays as the money has it.
///
/// # Errors
/// Refuses a line that is not in the order; 409 where nothing was paid.
pub async fn open_access(shop: &Shop, by: &Actor, order: &str, line: Option<&LineName>) -> Result<()> {
    turn(shop, by, order, line, false).await
}

async fn turn(shop: &Shop, by: &Actor, order: &str, line: Option<&LineName>, is_closed: bool) -> Result<()> {
    let order_id = super::find(shop, order).await?.id;
    retried(|| turn_once(shop, by, order_id, line, is_closed)).await
}

async fn turn_once(shop: &Shop, by: &Actor, order_id: Id, line: Option<&LineName>, is_closed: bool) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = lock_paid(&tx, order_id).await?;
    let item = match line {
        Some(line) => Some(find_line(&tx, shop, &order, line).await?),
        None => None,
    };
    let since = is_closed.then(|| shop.clock.now_ms());
    if entitlements::set_closed(&tx, order.id, item.as_ref().map(|item| item.id), since).await? == 0 {
        return Ok(());
    }
    ledger::follow(&tx, shop, &order).await?;
    let (step, act) = if is_closed { (Step::AccessClosed, "closed_access") } else { (Step::AccessOpened, "opened_access") };
    let what = item.map_or_else(|| "the whole order".to_owned(), |item| item.product_title);
    super::note(&tx, shop, order.id, step, &format!("{what}, by {}", by.name)).await?;
    audit::record(&tx, shop, by, action(act, &order, &order_number(&order.public_id)), None, Some(&Turned { what })).await?;
    tx.commit().await?;
    tracing::info!(order = %order.public_id, is_closed, "access turned by a member");
    Ok(())
}

#[derive(Serialize)]
struct Turned {
    what: String,
}

async fn find_line(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, wanted: &LineName) -> Result<order_item::Model> {
    // What was bought by itself goes before what came with something else.
    let fitting = lines_named(tx, shop, order.id, wanted).await?;
    let (sold, parts): (Vec<_>, Vec<_>) = fitting.into_iter().partition(|item| item.part_of_id.is_none());
    let mut fitting = if sold.is_empty() { parts } else { sold }.into_iter();
    match (fitting.next(), fitting.next()) {
        (Some(item), None) => Ok(item),
        (Some(_), Some(_)) => {
            Err(Error::refused("item_ambiguous", "The order has several tiers of this product. Say which variant.").at("item"))
        }
        (None, _) => Err(unknown_line()),
    }
}
