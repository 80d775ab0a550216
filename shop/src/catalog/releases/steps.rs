//! The steps of a release: all that writes `releases` and `release_files`. The row of its product is taken first.

use crate::base::entities::{release, release_file};
use crate::{Result, Shop, base::world};
use domain::id::Id;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// What a new release is called.
pub(crate) struct New {
    pub version: String,
    pub notes: String,
    pub is_draft: bool,
}

/// Makes a release of a product.
pub(crate) async fn add(tx: &DatabaseTransaction, shop: &Shop, product_id: Id, new: New) -> Result<Id> {
    let id = world::new_id();
    let row = release::Model {
        id,
        store_id: shop.settings.store_id,
        product_id,
        version: new.version,
        notes: new.notes,
        created_at: shop.clock.now_ms(),
        is_draft: new.is_draft,
        revision: 1,
    };
    row.into_active_model().insert(tx).await?;
    Ok(id)
}

/// Gives it to customers.
pub(super) async fn publish(tx: &DatabaseTransaction, id: Id, now: i64) -> Result<()> {
    let step = release::Entity::update_many()
        .col_expr(release::Column::IsDraft, Expr::value(false))
        .col_expr(release::Column::CreatedAt, Expr::value(now));
    step.filter(release::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Describes it anew. Raises `revision`.
pub(super) async fn describe(tx: &DatabaseTransaction, id: Id, version: &str, notes: &str) -> Result<()> {
    let step = release::Entity::update_many()
        .col_expr(release::Column::Version, Expr::value(version))
        .col_expr(release::Column::Notes, Expr::value(notes))
        .col_expr(release::Column::Revision, Expr::col(release::Column::Revision).add(1));
    step.filter(release::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Throws it away with the places of its files.
pub(super) async fn delete(tx: &DatabaseTransaction, id: Id) -> Result<()> {
    release_file::Entity::delete_many().filter(release_file::Column::ReleaseId.eq(id)).exec(tx).await?;
    release::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Gives a file its place in a release, for each of these tiers; `None` is all of them.
pub(super) async fn place(
    tx: &DatabaseTransaction,
    shop: &Shop,
    release_id: Id,
    file_id: Id,
    tiers: &[Option<Id>],
    position: i64,
) -> Result<()> {
    let rows = tiers.iter().map(|variant_id| release_file::Model {
        id: world::new_id(),
        store_id: shop.settings.store_id,
        release_id,
        variant_id: *variant_id,
        file_id,
        position,
    });
    release_file::Entity::insert_many(rows.map(release_file::Model::into_active_model)).exec_without_returning(tx).await?;
    Ok(())
}

/// As [`place`], behind all others.
pub(crate) async fn place_last(tx: &DatabaseTransaction, shop: &Shop, release_id: Id, file_id: Id, tiers: &[Option<Id>]) -> Result<()> {
    let last = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(release_id));
    let last = last.order_by_desc(release_file::Column::Position).one(tx).await?;
    place(tx, shop, release_id, file_id, tiers, last.map_or(0, |last| last.position + 1)).await
}

/// Puts a file into the places of another, and tells whether that had any.
pub(crate) async fn replace(db: &impl ConnectionTrait, release_id: Id, before: Id, file_id: Id) -> Result<bool> {
    let step = release_file::Entity::update_many()
        .col_expr(release_file::Column::FileId, Expr::value(file_id))
        .filter(release_file::Column::ReleaseId.eq(release_id))
        .filter(release_file::Column::FileId.eq(before));
    Ok(step.exec(db).await?.rows_affected > 0)
}

/// Takes a file out of a release.
pub(super) async fn take_out(db: &impl ConnectionTrait, release_id: Id, file_id: Id) -> Result<()> {
    release_file::Entity::delete_many()
        .filter(release_file::Column::ReleaseId.eq(release_id))
        .filter(release_file::Column::FileId.eq(file_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Gives a release the files of another with their order, for the tiers that `tier` names; those of no tier are left out.
pub(crate) async fn take_over(tx: &DatabaseTransaction, from: Id, to: Id, tier: impl Fn(Option<Id>) -> Option<Option<Id>>) -> Result<()> {
    let files = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(from)).order_by_asc(release_file::Column::Id);
    let rows: Vec<_> = files
        .all(tx)
        .await?
        .into_iter()
        .filter_map(|row| Some(release_file::Model { id: world::new_id(), release_id: to, variant_id: tier(row.variant_id)?, ..row }))
        .map(release_file::Model::into_active_model)
        .collect();
    if !rows.is_empty() {
        release_file::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Whether a release has a file.
pub(super) async fn has_files(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    let files = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(id)).limit(1);
    Ok(files.one(db).await?.is_some())
}
