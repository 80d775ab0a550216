//! The steps of a store: what writes its row, but for what its settings save.

use crate::Result;
use crate::base::entities::store::{ActiveModel, Column, Entity};
use domain::id::Id;
use domain::money::Currency;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, UpdateMany};

fn row(id: Id) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Makes the main store, unless there is one.
pub(super) async fn add_main(db: &impl ConnectionTrait, id: Id, now: i64) -> Result<bool> {
    let store = ActiveModel {
        id: Set(id),
        name: Set("Weightless".to_owned()),
        tagline: Set("Goods that weigh nothing".to_owned()),
        currency: Set(Currency::USD.into()),
        created_at: Set(now),
        is_main: Set(Some(true)),
        ..Default::default()
    };
    let once = OnConflict::column(Column::IsMain).do_nothing().to_owned();
    Ok(Entity::insert(store).on_conflict(once).exec_without_returning(db).await? == 1)
}

/// Notes that pages of the catalog have become stale.
pub(crate) async fn catalog_changed(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::CatalogVersion, Expr::col(Column::CatalogVersion).add(1))).await
}

/// Takes the reading of Stripe's list for one worker, where it is due, and sets when it is due next.
pub(crate) async fn take_reading(db: &impl ConnectionTrait, id: Id, now: i64, next: i64) -> Result<bool> {
    let is_due = Column::EventsReadNext.is_null().or(Column::EventsReadNext.lte(now));
    take(db, row(id).col_expr(Column::EventsReadNext, Expr::value(next)).filter(is_due)).await
}

/// Lets the next round read the list again.
pub(crate) async fn give_reading_back(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::EventsReadNext, Expr::value(None::<i64>))).await
}

/// Notes up to when the list was read, unless it was read further; what is later than `most` was written by a clock that was ahead.
pub(crate) async fn events_read(db: &impl ConnectionTrait, id: Id, until: i64, most: i64) -> Result<bool> {
    let column = Column::EventsReadUntil;
    let is_further = column.is_null().or(column.lt(until)).or(column.gt(most));
    take(db, row(id).col_expr(column, Expr::value(until)).filter(is_further)).await
}

/// Takes a day for the one mail about its sales; of several workers one has it.
pub(crate) async fn take_sales_day(db: &impl ConnectionTrait, id: Id, day: i64) -> Result<bool> {
    let column = Column::SalesMailedDay;
    take(db, row(id).col_expr(column, Expr::value(day)).filter(column.is_null().or(column.lt(day)))).await
}

/// Sets the picture that stands in place of the name, or takes it away; tells whether that changes anything.
pub(crate) async fn set_logo(db: &impl ConnectionTrait, id: Id, file_id: Option<Id>) -> Result<bool> {
    let step = row(id).col_expr(Column::LogoFileId, Expr::value(file_id));
    take(db, if file_id.is_some() { step } else { step.filter(Column::LogoFileId.is_not_null()) }).await
}

/// Names a store.
pub(crate) async fn rename(db: &impl ConnectionTrait, id: Id, name: &str, tagline: &str) -> Result<bool> {
    take(db, row(id).col_expr(Column::Name, Expr::value(name)).col_expr(Column::Tagline, Expr::value(tagline))).await
}

/// What somebody says of a store that they claim.
pub(crate) struct Claim<'a> {
    pub name: &'a str,
    pub currency: Currency,
    pub time_zone: &'a str,
}

/// Gives a store to its first owner; of two who come at once the first has it.
pub(crate) async fn claim(db: &impl ConnectionTrait, id: Id, now: i64, claim: Option<Claim<'_>>) -> Result<bool> {
    let mut step = row(id).col_expr(Column::ClaimedAt, Expr::value(now)).filter(Column::ClaimedAt.is_null());
    if let Some(claim) = claim {
        step = step
            .col_expr(Column::Name, Expr::value(claim.name))
            .col_expr(Column::Currency, Expr::value(claim.currency.code()))
            .col_expr(Column::TimeZone, Expr::value(claim.time_zone))
            .col_expr(Column::CatalogVersion, Expr::col(Column::CatalogVersion).add(1));
    }
    take(db, step).await
}

/// Takes the row for this transaction; nothing changes.
pub(crate) async fn lock(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::ClaimedAt, Expr::col(Column::ClaimedAt))).await
}
