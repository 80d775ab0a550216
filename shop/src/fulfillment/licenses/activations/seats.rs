//! The rows of seats, and how many of a license are in use.

use crate::base::entities::{activation, license};
use crate::base::secret::hmac_sha256;
use crate::fulfillment::licenses::answer::InstanceView;
use crate::fulfillment::licenses::history;
use crate::{Result, Shop};
use activation::{Column, Entity};
use domain::id::Id;
use domain::license::{LicenseCode, LicenseEvent};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, Select};

/// What a device is recognized by.
pub(super) fn fingerprint_hash(shop: &Shop, kind: &str, text: &str) -> Vec<u8> {
    hmac_sha256(&shop.settings.secret_key.derive("device", kind.as_bytes()), &[text.as_bytes()]).to_vec()
}

/// Of the fingerprint that software sent.
pub(super) fn hash_of(shop: &Shop, fingerprint: &str) -> Vec<u8> {
    fingerprint_hash(shop, "fingerprint", fingerprint)
}

/// The seats of a license that are in use, the oldest first.
pub(in crate::fulfillment::licenses) fn live(license_id: Id) -> Select<Entity> {
    Entity::find().filter(Column::LicenseId.eq(license_id)).filter(Column::DeactivatedAt.is_null()).order_by_asc(Column::Id)
}

/// What is found of a seat that software names.
pub(in crate::fulfillment::licenses) enum Found {
    Seat(activation::Model),
    /// No seat is named.
    NotAsked,
    Refused(LicenseCode),
}

/// The seat of an id, of a device, or of both.
pub(in crate::fulfillment::licenses) async fn find(
    db: &impl ConnectionTrait,
    shop: &Shop,
    license_id: Id,
    instance_id: Option<&str>,
    fingerprint: Option<&str>,
) -> Result<Found> {
    let hash = fingerprint.map(|text| hash_of(shop, text));
    let seat = match (instance_id, &hash) {
        (None, None) => return Ok(Found::NotAsked),
        (Some(id), _) => {
            let Ok(id) = uuid::Uuid::try_parse(id) else { return Ok(Found::Refused(LicenseCode::InstanceNotFound)) };
            let seat = live(license_id).filter(Column::Id.eq(id)).one(db).await?;
            let Some(seat) = seat else { return Ok(Found::Refused(LicenseCode::InstanceNotFound)) };
            seat
        }
        (None, Some(hash)) => {
            let seat = live(license_id).filter(Column::FingerprintHash.eq(hash.clone())).one(db).await?;
            let Some(seat) = seat else { return Ok(Found::Refused(LicenseCode::FingerprintScopeMismatch)) };
            seat
        }
    };
    if hash.is_some_and(|hash| hash != seat.fingerprint_hash) {
        return Ok(Found::Refused(LicenseCode::FingerprintScopeMismatch));
    }
    if seat.lease_until.is_some_and(|at| at < shop.clock.now_ms()) {
        return Ok(Found::Refused(LicenseCode::HeartbeatDead));
    }
    Ok(Found::Seat(seat))
}

/// As software sees it.
pub(in crate::fulfillment::licenses) fn view(seat: activation::Model) -> InstanceView {
    InstanceView {
        id: seat.id,
        name: seat.name,
        created_at: seat.created_at,
        fingerprint: Some(seat.fingerprint).filter(|text| !text.is_empty()),
        lease_until: seat.lease_until,
    }
}

/// Takes one more seat, while there is one; tells whether there was. The license is locked.
pub(super) async fn take(tx: &DatabaseTransaction, license_id: Id) -> Result<bool> {
    let (limit, usage) = (license::Column::ActivationLimit, license::Column::ActivationUsage);
    let step = license::Entity::update_many().col_expr(usage, Expr::col(usage).add(1)).filter(license::Column::Id.eq(license_id));
    let has_one = limit.is_null().or(Expr::col(usage).lt(Expr::col(limit)));
    Ok(step.filter(has_one).exec(tx).await?.rows_affected == 1)
}

/// Gives seats back that are in use; tells how many. The license is locked.
pub(in crate::fulfillment::licenses) async fn give_back(
    tx: &DatabaseTransaction,
    shop: &Shop,
    seats: Vec<activation::Model>,
    event: LicenseEvent,
) -> Result<u64> {
    let mut n = 0;
    for seat in seats {
        let step = Entity::update_many().col_expr(Column::DeactivatedAt, Expr::value(shop.clock.now_ms()));
        let step = step.filter(Column::Id.eq(seat.id)).filter(Column::DeactivatedAt.is_null());
        if step.exec(tx).await?.rows_affected == 0 {
            continue;
        }
        let usage = license::Column::ActivationUsage;
        let counted = license::Entity::update_many().col_expr(usage, Expr::col(usage).sub(1));
        counted.filter(license::Column::Id.eq(seat.license_id)).filter(usage.gt(0)).exec(tx).await?;
        history::note(tx, shop, seat.license_id, event, &seat.name).await?;
        n += 1;
    }
    Ok(n)
}
