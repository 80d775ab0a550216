//! Customers: those who bought something. One is made with the first payment from an address.

mod data;
mod erase;
mod list;
mod mentions;
mod texts;

pub use data::data_of;
pub use domain::customer::is_erased_address;
pub use erase::{Erased, erase, erase_at, go_on_erasing};
pub use list::{CustomerQuery, file, list};
pub use texts::Pace;

use crate::database::{execute, statement};
use crate::entities::{customer, order};
use crate::{Error, Result, Shop, world};
use domain::email::Email;
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// The customer of an order that is being paid.
pub(crate) async fn of_order(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<Id> {
    ensure_as(tx, shop, order.store_id, &order.email, &order.email_normalized).await
}

/// The customer of an address, made where there is none.
pub(crate) async fn ensure(tx: &DatabaseTransaction, shop: &Shop, store_id: Id, email: &Email) -> Result<Id> {
    ensure_as(tx, shop, store_id, email.as_str(), &email.normalized()).await
}

async fn ensure_as(tx: &DatabaseTransaction, shop: &Shop, store_id: Id, email: &str, normalized: &str) -> Result<Id> {
    let sql = "INSERT INTO customers (id, store_id, email, email_normalized, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id, email_normalized) DO NOTHING RETURNING id";
    let values = [world::new_id().into(), store_id.into(), email.into(), normalized.into(), shop.clock.now_ms().into()];
    if let Some(new) = tx.query_one_raw(statement(tx, sql, values)).await? {
        return Ok(new.try_get("", "id")?);
    }
    let sql = "SELECT id FROM customers WHERE store_id = $1 AND email_normalized = $2";
    let row = tx.query_one_raw(statement(tx, sql, [store_id.into(), normalized.into()])).await?;
    Ok(row.ok_or(Error::NotFound)?.try_get("", "id")?)
}

/// Takes a customer away who was made by a mistyped address and has nothing.
pub(crate) async fn drop_if_empty(tx: &DatabaseTransaction, id: Id) -> Result<()> {
    let sql = "DELETE FROM customers WHERE id = $1 AND password_hash IS NULL AND NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = $1) \
               AND NOT EXISTS (SELECT 1 FROM sessions WHERE customer_id = $1)";
    execute(tx, sql, [id.into()]).await?;
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
