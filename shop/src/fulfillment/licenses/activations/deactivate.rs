//! A device gives its seat back.

use super::seats;
use crate::base::entities::activation;
use crate::fulfillment::licenses::answer::Outcome;
use crate::fulfillment::licenses::{key, lookup};
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::license::{LicenseCode, LicenseEvent};
use futures::FutureExt;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// Gives a seat back. A second time changes nothing.
pub async fn deactivate(shop: &Shop, key: &str, instance_id: &str) -> Result<Outcome> {
    let Some(hmac) = key::lookup_hash(shop, key) else { return Ok(Outcome::not_found()) };
    if lookup::find(&shop.db, shop, &hmac).await?.is_none() {
        return Ok(Outcome::not_found());
    }
    let Ok(instance_id) = uuid::Uuid::try_parse(instance_id) else { return Ok(Outcome::refused(LicenseCode::InstanceNotFound, None)) };
    let shop = shop.clone();
    let db = shop.db.clone();
    let asked = (shop, hmac);
    db.change(move |tx| {
        let (shop, hmac) = asked.clone();
        async move { leave(tx, &shop, &hmac, instance_id).await }.boxed()
    })
    .await
}

async fn leave(tx: &DatabaseTransaction, shop: &Shop, hmac: &[u8], instance_id: Id) -> Result<Outcome> {
    let Some(license) = super::lock(tx, shop, hmac).await? else { return Ok(Outcome::not_found()) };
    let of_license = activation::Entity::find_by_id(instance_id).filter(activation::Column::LicenseId.eq(license.id));
    let Some(seat) = of_license.one(tx).await? else { return Ok(Outcome::refused(LicenseCode::InstanceNotFound, None)) };
    seats::give_back(tx, shop, vec![seat], LicenseEvent::Deactivated).await?;
    let Some(found) = lookup::find(tx, shop, hmac).await? else { return Ok(Outcome::not_found()) };
    let usage = found.standing().activation_usage;
    Ok(Outcome::valid(found.answer(shop, usage)?, None))
}

/// Gives the seat of a device back, for whoever may do so with its license; tells whether it was in use. The license is locked.
///
/// # Errors
/// `NotFound` for a seat of another license.
pub(in crate::fulfillment::licenses) async fn take_back(
    tx: &DatabaseTransaction,
    shop: &Shop,
    license_id: Id,
    instance_id: Id,
) -> Result<bool> {
    let seat = activation::Entity::find_by_id(instance_id).filter(activation::Column::LicenseId.eq(license_id)).one(tx).await?;
    Ok(seats::give_back(tx, shop, vec![seat.ok_or(Error::NotFound)?], LicenseEvent::Deactivated).await? > 0)
}
