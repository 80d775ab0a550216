//! A key takes a seat for a device.

use super::seats::{self, fingerprint_hash, hash_of};
use crate::base::entities::activation;
use crate::fulfillment::licenses::answer::Outcome;
use crate::fulfillment::licenses::lookup::{self, Found};
use crate::fulfillment::licenses::{history, key};
use crate::{Error, Result, Shop, base::world};
use domain::id::Id;
use domain::license::{LEASE_SECS, LicenseCode, LicenseEvent};
use futures::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// Which key is to work on which device.
#[derive(Clone, Debug, Default)]
pub struct Activation {
    pub key: String,
    /// What its owner calls the device.
    pub name: String,
    /// What the device is recognized by. The same one takes one seat, however often it asks.
    pub fingerprint: Option<String>,
    /// Of which product the key must be: a number, an id or a slug.
    pub product: Option<String>,
    /// The same for a request that is sent again, where there is no fingerprint.
    pub request_key: Option<String>,
}

/// More devices than these have no seat on one license, though it be for any number.
const MAX_SEATS: i64 = 10_000;

/// Takes a seat, or finds the one that the device has.
pub async fn activate(shop: &Shop, activation: Activation) -> Result<Outcome> {
    let Some(hmac) = key::lookup_hash(shop, &activation.key) else { return Ok(Outcome::not_found()) };
    // Who has mistyped a key keeps no writer busy.
    if lookup::find(&shop.db, shop, &hmac).await?.is_none_or(|found| !found.is_of(activation.product.as_deref())) {
        return Ok(Outcome::not_found());
    }
    let shop = shop.clone();
    let db = shop.db.clone();
    let asked = (shop, hmac, activation);
    db.change(move |tx| {
        let (shop, hmac, activation) = asked.clone();
        async move { take_seat(tx, &shop, &hmac, &activation).await }.boxed()
    })
    .await
}

async fn take_seat(tx: &DatabaseTransaction, shop: &Shop, hmac: &[u8], activation: &Activation) -> Result<Outcome> {
    if super::lock(tx, shop, hmac).await?.is_none() {
        return Ok(Outcome::not_found());
    }
    let Some(found) = lookup::find(tx, shop, hmac).await? else { return Ok(Outcome::not_found()) };
    let (code, usage) = (found.code(shop), found.standing().activation_usage);
    if code != LicenseCode::Valid {
        return Ok(Outcome::refused(code, Some(found.answer(shop, usage)?)));
    }
    let hash = match (&activation.fingerprint, &activation.request_key) {
        (Some(fingerprint), _) => hash_of(shop, fingerprint),
        (None, Some(request_key)) => fingerprint_hash(shop, "request", request_key),
        // Each request is a device of its own.
        (None, None) => world::chance::<32>().to_vec(),
    };
    let lease_until = found.policy().is_floating.then(|| shop.clock.now_ms() + LEASE_SECS * 1000);
    if let Some(seat) = seats::live(found.id()).filter(activation::Column::FingerprintHash.eq(hash.clone())).one(tx).await? {
        let seat = seen(tx, shop, seat, lease_until).await?;
        return Ok(Outcome::valid(found.answer(shop, usage)?, Some(seats::view(seat))));
    }
    let n_over = end_leases(tx, shop, found.id()).await?;
    let usage = usage - i64::try_from(n_over).unwrap_or(0);
    if usage >= found.activation_limit().unwrap_or(MAX_SEATS) || !seats::take(tx, found.id()).await? {
        return Ok(Outcome::refused(LicenseCode::MachineLimitExceeded, Some(found.answer(shop, usage)?)));
    }
    let seat = sit_down(tx, shop, &found, activation, hash, lease_until).await?;
    history::note(tx, shop, found.id(), LicenseEvent::Activated, &seat.name).await?;
    Ok(Outcome::valid(found.answer(shop, usage + 1)?, Some(seats::view(seat))))
}

/// Floating seats whose devices are silent are free again.
async fn end_leases(tx: &DatabaseTransaction, shop: &Shop, license_id: Id) -> Result<u64> {
    let over = seats::live(license_id).filter(activation::Column::LeaseUntil.lt(shop.clock.now_ms())).all(tx).await?;
    seats::give_back(tx, shop, over, LicenseEvent::LeaseEnded).await
}

/// The seat's device is there again.
async fn seen(tx: &DatabaseTransaction, shop: &Shop, mut seat: activation::Model, lease_until: Option<i64>) -> Result<activation::Model> {
    (seat.seen_at, seat.lease_until) = (shop.clock.now_ms(), lease_until);
    activation::Entity::update_many()
        .col_expr(activation::Column::SeenAt, Expr::value(seat.seen_at))
        .col_expr(activation::Column::LeaseUntil, Expr::value(seat.lease_until))
        .filter(activation::Column::Id.eq(seat.id))
        .exec(tx)
        .await?;
    Ok(seat)
}

async fn sit_down(
    tx: &DatabaseTransaction,
    shop: &Shop,
    found: &Found,
    activation: &Activation,
    hash: Vec<u8>,
    lease_until: Option<i64>,
) -> Result<activation::Model> {
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let row = activation::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        license_id: Set(found.id()),
        name: Set(activation.name.clone()),
        fingerprint_hash: Set(hash),
        fingerprint: Set(activation.fingerprint.clone().unwrap_or_default()),
        lease_until: Set(lease_until),
        created_at: Set(now),
        seen_at: Set(now),
        deactivated_at: Set(None),
    };
    activation::Entity::insert(row).exec_without_returning(tx).await?;
    activation::Entity::find_by_id(id).one(tx).await?.ok_or(Error::NotFound)
}
