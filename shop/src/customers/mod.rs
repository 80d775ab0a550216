//! Customers: those who bought something. One is made with the first payment from an address.

mod data;
mod erase;
mod list;
mod mentions;
mod sql;
mod texts;

pub use data::data_of;
pub use domain::pages::customer::is_erased_address;
pub use erase::{Erased, erase, erase_at, go_on_erasing};
pub use list::{CustomerQuery, file, list};
pub use texts::Pace;

use crate::base::entities::{customer, order, session};
use crate::{Error, Result, Shop, base::world};
use domain::email::Email;
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// The customer of an order that is being paid.
pub(crate) async fn of_order(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<Id> {
    ensure_as(tx, shop, order.store_id, &order.email, &order.email_normalized).await
}

/// The customer of an address, made where there is none.
pub(crate) async fn ensure(tx: &DatabaseTransaction, shop: &Shop, store_id: Id, email: &Email) -> Result<Id> {
    ensure_as(tx, shop, store_id, email.as_str(), &email.normalized()).await
}

async fn ensure_as(tx: &DatabaseTransaction, shop: &Shop, store_id: Id, email: &str, normalized: &str) -> Result<Id> {
    use customer::{ActiveModel, Column, Entity};
    let id = world::new_id();
    let row = ActiveModel {
        id: Set(id),
        store_id: Set(store_id),
        email: Set(email.to_owned()),
        email_normalized: Set(normalized.to_owned()),
        created_at: Set(shop.clock.now_ms()),
        ..Default::default()
    };
    let known = OnConflict::columns([Column::StoreId, Column::EmailNormalized]).do_nothing().to_owned();
    if Entity::insert(row).on_conflict(known).exec_without_returning(tx).await? == 1 {
        return Ok(id);
    }
    let found = Entity::find().filter(Column::StoreId.eq(store_id)).filter(Column::EmailNormalized.eq(normalized)).one(tx).await?;
    Ok(found.ok_or(Error::NotFound)?.id)
}

/// Takes a customer away who was made by a mistyped address and has nothing.
pub(crate) async fn drop_if_empty(tx: &DatabaseTransaction, id: Id) -> Result<()> {
    let of_orders = order::Entity::find().select_only().column(order::Column::Id).filter(order::Column::CustomerId.eq(id));
    let of_sessions = session::Entity::find().select_only().column(session::Column::IdHash).filter(session::Column::CustomerId.eq(id));
    customer::Entity::delete_many()
        .filter(customer::Column::Id.eq(id))
        .filter(customer::Column::PasswordHash.is_null())
        .filter(Expr::not_exists(of_orders.into_query()))
        .filter(Expr::not_exists(of_sessions.into_query()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The store's customer of this id.
async fn find(shop: &Shop, id: &str) -> Result<customer::Model> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    customer::Entity::find_by_id(id)
        .filter(customer::Column::StoreId.eq(shop.settings.store_id))
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)
}
