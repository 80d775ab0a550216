//! The store: the one seller that this shop has to begin with.

use crate::database::{execute, statement};
use crate::entities::store;
use crate::{Error, Result, Shop, world};
use domain::catalog::StoreFace;
use domain::id::Id;
use domain::money::Currency;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait, QueryOrder};

/// The id of the store, which is made when there is none.
pub async fn ensure(db: &DatabaseConnection, clock: &crate::Clock) -> Result<Id> {
    let tx = crate::database::begin_write(db).await?;
    if let Some(store) = store::Entity::find().order_by_asc(store::Column::Id).one(&tx).await? {
        return Ok(store.id);
    }
    let id = world::new_id();
    store::ActiveModel {
        id: Set(id),
        name: Set("Weightless".to_owned()),
        tagline: Set("Goods that weigh nothing".to_owned()),
        currency: Set("USD".to_owned()),
        time_zone: Set("UTC".to_owned()),
        support_email: Set(None),
        catalog_version: Set(0),
        created_at: Set(clock.now_ms()),
    }
    .insert(&tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// The store's row.
pub async fn load(shop: &Shop) -> Result<store::Model> {
    store::Entity::find_by_id(shop.settings.store_id).one(&shop.db).await?.ok_or(Error::NotFound)
}

/// The currency that the store counts in.
pub async fn currency(shop: &Shop) -> Result<Currency> {
    Ok(Currency::parse(&load(shop).await?.currency).unwrap_or(Currency::USD))
}

/// The store as its pages and mails name it.
pub async fn face(shop: &Shop) -> Result<StoreFace> {
    let store = load(shop).await?;
    Ok(StoreFace { name: store.name, tagline: store.tagline, support_email: store.support_email })
}

/// How often the catalog has changed, over all replicas.
pub async fn catalog_version(shop: &Shop) -> Result<i64> {
    let row = shop
        .db
        .query_one_raw(statement(&shop.db, "SELECT catalog_version FROM stores WHERE id = $1", [shop.settings.store_id.into()]))
        .await?;
    Ok(row.map(|row| row.try_get("", "catalog_version")).transpose()?.unwrap_or(0))
}

/// Notes in the caller's transaction that pages of the catalog have become stale.
pub async fn catalog_changed(db: &impl ConnectionTrait, store_id: Id) -> Result<()> {
    execute(db, "UPDATE stores SET catalog_version = catalog_version + 1 WHERE id = $1", [store_id.into()]).await?;
    Ok(())
}
