//! Addresses of customers are forgotten: of those who are erased, and of those who left a payment page.

use super::several::{self, Orders};
use super::steps;
use crate::base::database::begin_write;
use crate::base::entities::order_note;
use crate::base::texts::{Act, FreeText};
use crate::jobs::SWEPT_AT_ONCE;
use crate::{Result, Shop, checkout::promotions};
use domain::pages::customer::ERASED_HOST;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter};

/// Where a customer's address may stand in what members wrote.
pub(crate) const NOTE_TEXTS: &[FreeText] = &[FreeText { table: "order_notes", column: "body", act: Act::Redact }];

/// Where it may stand in what happened.
pub(crate) const EVENT_TEXTS: &[FreeText] = &[FreeText { table: "order_events", column: "detail", act: Act::Redact }];

/// Ninety days: an order that nobody paid needs its address no longer than questions may come.
const KEEP_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Puts an address in the place of the customer's, and forgets what members wrote of the orders.
pub(crate) async fn forget(tx: &DatabaseTransaction, orders: &Orders, address: &str) -> Result<()> {
    order_note::Entity::update_many()
        .col_expr(order_note::Column::Body, Expr::value("erased"))
        .filter(orders.are_in(order_note::Column::OrderId))
        .exec(tx)
        .await?;
    steps::forget_address(tx, orders, address).await
}

/// Replaces the addresses of orders that were never paid; part of the worker's rounds.
pub(crate) async fn forget_unpaid(shop: &Shop) -> Result<()> {
    let before = shop.clock.now_ms() - KEEP_MS;
    let address = format!("erased@{ERASED_HOST}");
    loop {
        let tx = begin_write(&shop.db).await?;
        let ids = several::with_address(&tx, before, SWEPT_AT_ONCE as usize).await?;
        let n = ids.len() as u64;
        if n > 0 {
            let orders = Orders::These(ids);
            promotions::forget(&tx, &orders, &address).await?;
            steps::forget_address(&tx, &orders, &address).await?;
        }
        tx.commit().await?;
        if n < SWEPT_AT_ONCE {
            return Ok(());
        }
    }
}
