//! Refunds: reserved before Stripe is called, carried out under a key of their own, followed wherever they were made.
//!
//! A crash between any two steps loses nothing: the row stands before the call, a job takes it up again, and Stripe keeps the
//! row's id with the refund, so that one whose answer was lost is found instead of made again.

mod carry_out;
mod follow;
mod request;
mod sql;
mod steps;

pub(crate) use carry_out::{Carried, carry_out};
pub(crate) use follow::{follow, follow_all};
pub use request::{RefundRequest, request};
pub(crate) use request::{refundable, request_surplus};
pub(crate) use steps::{TEXTS, forget};

use crate::base::database::{Stored, statement};
use crate::base::entities::{order, refund};
use crate::{Result, Shop};
use domain::id::Id;
use domain::ledger::RefundState;
use domain::money::Currency;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};
use sql::{FAILED, VIEW};

/// A refund as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundView {
    pub id: Id,
    pub state: RefundState,
    pub amount: i64,
    /// The line that it was for, by product and tier.
    pub item: Option<(String, String)>,
    pub reason: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    /// The member who asked for it; nothing where it was made elsewhere.
    pub by: Option<String>,
    pub created_at: i64,
}

#[derive(FromQueryResult)]
struct ViewRow {
    id: Id,
    state: Stored<RefundState, refund::Entity>,
    amount: i64,
    reason: Option<String>,
    failure: Option<String>,
    created_at: i64,
    product_slug: Option<String>,
    variant_key: Option<String>,
    by_member: Option<String>,
}

impl From<ViewRow> for RefundView {
    fn from(row: ViewRow) -> Self {
        Self {
            id: row.id,
            state: *row.state,
            amount: row.amount,
            item: row.product_slug.zip(row.variant_key),
            reason: row.reason,
            failure: row.failure,
            by: row.by_member,
            created_at: row.created_at,
        }
    }
}

/// The refunds of an order, oldest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<RefundView>> {
    let sql = format!("{VIEW} WHERE r.order_id = $1 ORDER BY r.id");
    let rows = ViewRow::find_by_statement(statement(db, sql, [order_id.into()])).all(db).await?;
    Ok(rows.into_iter().map(RefundView::from).collect())
}

/// A refund that did not reach its customer.
#[derive(FromQueryResult)]
pub(crate) struct FailedRow {
    pub public_id: String,
    pub currency: Stored<Currency, order::Entity>,
    pub amount: i64,
    pub reason: Option<String>,
    pub failure: Option<String>,
    pub updated_at: i64,
}

/// What failed longer ago than this was seen to: three months.
const FAILED_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Failed refunds and were not made up for by a later one of the same order, latest first.
pub(crate) async fn failed(shop: &Shop) -> Result<Vec<FailedRow>> {
    let values = [shop.settings.store_id.into(), (shop.clock.now_ms() - FAILED_MS).into()];
    Ok(FailedRow::find_by_statement(statement(&shop.db, FAILED, values)).all(&shop.db).await?)
}

async fn view(db: &impl ConnectionTrait, id: Id) -> Result<RefundView> {
    let sql = format!("{VIEW} WHERE r.id = $1");
    let row = ViewRow::find_by_statement(statement(db, sql, [id.into()])).one(db).await?;
    Ok(row.ok_or(crate::Error::NotFound)?.into())
}

async fn load(db: &impl ConnectionTrait, id: Id) -> Result<refund::Model> {
    refund::Entity::find_by_id(id).one(db).await?.ok_or(crate::Error::NotFound)
}

/// The name of the job that carries a refund out.
fn job_key(id: Id) -> String {
    format!("refund:{id}")
}
