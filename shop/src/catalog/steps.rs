//! The steps of a product beside what its form saves: all else that writes its row, its tiers and its prices.
//!
//! `version` rises with what its pages show, `revision` with what a form saves. Whoever changes files or pictures has taken the row
//! first (`touch`).

use super::sql;
use crate::Result;
use crate::base::database::{execute, word};
use crate::base::entities::product::{Column, Entity};
use crate::base::entities::{price, variant};
use domain::catalog::{ProductStatus, VariantStatus};
use domain::id::Id;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, UpdateMany};

fn row(id: Id) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

fn one_more(column: Column) -> Expr {
    Expr::col(column).add(1)
}

/// Takes the row for this transaction, and notes when it changed.
pub(crate) async fn touch(db: &impl ConnectionTrait, id: Id, now: i64) -> Result<bool> {
    take(db, row(id).col_expr(Column::UpdatedAt, Expr::value(now))).await
}

/// What its pages show has changed. Raises `version`.
pub(crate) async fn raise_version(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::Version, one_more(Column::Version))).await
}

/// Counts pieces that were sold.
pub(crate) async fn count_sold(db: &impl ConnectionTrait, id: Id, n: i64) -> Result<bool> {
    take(db, row(id).col_expr(Column::NSold, Expr::col(Column::NSold).add(n))).await
}

/// Writes what lists show of its prices. Raises `version`.
pub(super) async fn sum_up(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    Ok(execute(db, &sql::sum_up_prices(), [id.into()]).await? == 1)
}

/// Takes it out of the shop and frees its slug. Raises `version` and `revision`.
pub(super) async fn delete(db: &impl ConnectionTrait, id: Id, freed_slug: String, now: i64, by: &str) -> Result<bool> {
    let step = row(id)
        .col_expr(Column::DeletedAt, Expr::value(now))
        .col_expr(Column::DeletedSlug, Expr::col(Column::Slug))
        .col_expr(Column::DeletedStatus, Expr::col(Column::Status))
        .col_expr(Column::Status, Expr::value(word(ProductStatus::Archived)))
        .col_expr(Column::Slug, Expr::value(freed_slug))
        .col_expr(Column::Revision, one_more(Column::Revision))
        .col_expr(Column::Version, one_more(Column::Version))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .col_expr(Column::UpdatedBy, Expr::value(by));
    take(db, step).await
}

/// Gives it a cover.
pub(super) async fn set_cover(db: &impl ConnectionTrait, id: Id, file_id: Id, alt: &str) -> Result<bool> {
    take(db, row(id).col_expr(Column::CoverFileId, Expr::value(file_id)).col_expr(Column::CoverAlt, Expr::value(alt))).await
}

/// Says what its cover shows.
pub(super) async fn describe_cover(db: &impl ConnectionTrait, id: Id, alt: &str) -> Result<bool> {
    take(db, row(id).col_expr(Column::CoverAlt, Expr::value(alt))).await
}

/// Takes its cover away, unless it has another one by now.
pub(super) async fn remove_cover(db: &impl ConnectionTrait, id: Id, file_id: Id) -> Result<bool> {
    let step = row(id).col_expr(Column::CoverFileId, Expr::value(None::<Id>)).col_expr(Column::CoverAlt, Expr::value(""));
    take(db, step.filter(Column::CoverFileId.eq(file_id))).await
}

/// Takes all products out of a category that goes.
pub(super) async fn leave_category(db: &impl ConnectionTrait, category_id: Id) -> Result<()> {
    let step = Entity::update_many().col_expr(Column::CategoryId, Expr::value(None::<Id>)).filter(Column::CategoryId.eq(category_id));
    step.exec(db).await?;
    Ok(())
}

/// Sells the tiers of these keys no more.
pub(super) async fn archive_tiers(db: &impl ConnectionTrait, id: Id, keys: impl IntoIterator<Item = &str>) -> Result<()> {
    let step = variant::Entity::update_many().col_expr(variant::Column::Status, Expr::value(word(VariantStatus::Archived)));
    step.filter(variant::Column::ProductId.eq(id)).filter(variant::Column::Key.is_in(keys)).exec(db).await?;
    Ok(())
}

/// Ends the price of a tier, for another one to be written.
pub(super) async fn end_price(db: &impl ConnectionTrait, variant_id: Id) -> Result<()> {
    let step = price::Entity::update_many().col_expr(price::Column::IsActive, Expr::value(false));
    step.filter(price::Column::VariantId.eq(variant_id)).exec(db).await?;
    Ok(())
}
