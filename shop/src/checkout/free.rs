//! Orders over nothing. The address is whatever somebody typed, so that a free tier is ordered once by an address, and an address
//! is not flooded with mails that it did not ask for.

use super::lines::Line;
use super::{StartedCheckout, started};
use crate::base::database::begin_write;
use crate::base::entities::{free_order, order};
use crate::base::secret::hmac_sha256;
use crate::orders::{self, Orders};
use crate::{Error, Refusal, Result, Shop};
use domain::cart::MAX_QUANTITY;
use domain::email::Email;
use domain::id::Id;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};
use std::collections::BTreeSet;

const HOUR_MS: i64 = 60 * 60 * 1000;
/// How many orders over nothing are made for one address in an hour; each is a mail.
const MAX_ORDERS_AN_HOUR: u64 = 10;

/// Who an address is, for [`free_order`]: the table tells nobody's address.
fn address_hash(shop: &Shop, email_normalized: &str) -> Vec<u8> {
    hmac_sha256(&shop.settings.secret_key.derive("free orders", b""), &[email_normalized.as_bytes()]).to_vec()
}

/// The tiers of an order whose own price is nothing.
fn free_tiers(lines: &[Line]) -> impl Iterator<Item = Id> {
    lines.iter().filter(|line| line.unit_amount == 0).map(|line| line.offer.variant_id)
}

/// The orders by which an address has had all of these tiers for nothing; `None` when something is new, or has a price.
pub(super) async fn find_earlier(shop: &Shop, email: &Email, lines: &[Line]) -> Result<Option<Vec<order::Model>>> {
    if lines.iter().any(|line| line.unit_amount != 0) {
        return Ok(None);
    }
    let claims = free_order::Entity::find()
        .filter(free_order::Column::StoreId.eq(shop.settings.store_id))
        .filter(free_order::Column::AddressHash.eq(address_hash(shop, &email.normalized())))
        .filter(free_order::Column::VariantId.is_in(free_tiers(lines)))
        .all(&shop.db)
        .await?;
    if claims.len() < lines.len() {
        return Ok(None);
    }
    let orders: BTreeSet<Id> = claims.into_iter().map(|claim| claim.order_id).collect();
    Ok(Some(order::Entity::find().filter(order::Column::Id.is_in(orders)).all(&shop.db).await?).filter(|orders| !orders.is_empty()))
}

/// Mails orders again to the address that they belong to, at most once an hour each. Who asks is not shown their key: anybody may
/// have typed the address.
pub(super) async fn send_again(shop: &Shop, earlier: &[order::Model]) -> Result<StartedCheckout> {
    let hour = shop.clock.now_ms() / HOUR_MS;
    let tx = begin_write(&shop.db).await?;
    for order in earlier {
        orders::mail_in(&tx, shop, order, &format!("asked-again:{hour}")).await?;
    }
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    let first = earlier.first().ok_or(Error::NotFound)?;
    Ok(StartedCheckout { shows_key: false, ..started(shop, first, None)? })
}

/// # Errors
/// Refuses (429) when an address had many orders over nothing within the hour, and more pieces for nothing than an order may have
/// of one tier.
pub(super) async fn check(tx: &DatabaseTransaction, shop: &Shop, email: &Email, lines: &[Line]) -> Result<()> {
    if lines.iter().map(|line| line.quantity).sum::<i64>() > MAX_QUANTITY {
        return Err(Error::refused("cart_full", format!("An order that costs nothing has at most {MAX_QUANTITY} pieces.")));
    }
    let n_recent = order::Entity::find()
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::EmailNormalized.eq(email.normalized()))
        .filter(order::Column::AmountTotal.eq(0))
        .filter(order::Column::CreatedAt.gt(shop.clock.now_ms() - HOUR_MS))
        .count(tx)
        .await?;
    if n_recent < MAX_ORDERS_AN_HOUR {
        return Ok(());
    }
    let text = "This address has had many free orders within the last hour. Please look into its mailbox, or try again later.";
    Err(Error::Refused(Refusal::new("rate_limited", text).with_status(429)))
}

/// Notes which free tiers an address has by an order; tells whether any of it is new to the address, or has a price of its own.
pub(super) async fn claim(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, email: &Email, lines: &[Line]) -> Result<bool> {
    let n_free = free_tiers(lines).count();
    if n_free == 0 {
        return Ok(true);
    }
    let hash = address_hash(shop, &email.normalized());
    let n_new = insert(tx, order, &hash, free_tiers(lines)).await?;
    Ok(n_new > 0 || n_free < lines.len())
}

async fn insert(db: &impl ConnectionTrait, order: &order::Model, hash: &[u8], tiers: impl Iterator<Item = Id>) -> Result<u64> {
    let rows: Vec<_> = tiers
        .map(|variant_id| free_order::ActiveModel {
            store_id: Set(order.store_id),
            address_hash: Set(hash.to_vec()),
            variant_id: Set(variant_id),
            order_id: Set(order.id),
        })
        .collect();
    if rows.is_empty() {
        return Ok(0);
    }
    Ok(free_order::Entity::insert_many(rows).on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(db).await?)
}

/// Lets what an order brought for nothing belong to another address.
pub(crate) async fn move_to(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, email_normalized: &str) -> Result<()> {
    let claims = free_order::Entity::find().filter(free_order::Column::OrderId.eq(order.id)).all(tx).await?;
    free_order::Entity::delete_many().filter(free_order::Column::OrderId.eq(order.id)).exec(tx).await?;
    insert(tx, order, &address_hash(shop, email_normalized), claims.into_iter().map(|claim| claim.variant_id)).await?;
    Ok(())
}

/// Forgets what somebody had for nothing: the address may have it again.
pub(crate) async fn forget(tx: &DatabaseTransaction, orders: &Orders) -> Result<()> {
    free_order::Entity::delete_many().filter(orders.are_in(free_order::Column::OrderId)).exec(tx).await?;
    Ok(())
}
