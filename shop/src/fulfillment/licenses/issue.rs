//! A license for each copy that was bought.

use super::{history, key};
use crate::base::entities::license;
use crate::fulfillment::deliverable::Piece;
use crate::{Result, Shop, base::world};
use domain::entitlement::EntitlementState;
use domain::license::LicenseEvent;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};

pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Issues the license of an entitlement, once. Its key follows from the order and the piece, so that an order that is made
/// again after a loss has the keys that its customer knows.
pub(in crate::fulfillment) async fn issue(
    tx: &DatabaseTransaction,
    shop: &Shop,
    &Piece { order, item, unit_no, entitlement_id }: &Piece<'_>,
) -> Result<()> {
    let piece = [&order.access_nonce[..], &item.position.to_be_bytes(), &unit_no.to_be_bytes()].concat();
    let seed = shop.settings.secret_key.derive("license", &piece);
    let (id, now, policy) = (world::new_id(), shop.clock.now_ms(), &item.license_policy.0);
    let kept = key::make(shop, id, policy, &seed[..16])?;
    // 53 bits, so that JavaScript can hold it; it tells nothing of how much is sold.
    let number = seed[16..24].iter().fold(0i64, |number, byte| (number << 8 | i64::from(*byte)) & ((1 << 53) - 1));
    let in_days = |days: Option<i64>| days.map(|days| now + days.saturating_mul(DAY_MS));
    let row = license::ActiveModel {
        id: Set(id),
        store_id: Set(item.store_id),
        entitlement_id: Set(entitlement_id),
        number: Set(number),
        key_hmac: Set(kept.hmac),
        key_nonce: Set(kept.nonce),
        key_sealed: Set(Some(kept.sealed)),
        state: Set(EntitlementState::Active.into()),
        reason: Set(String::new()),
        activation_limit: Set(item.license_activation_limit),
        activation_usage: Set(0),
        expires_at: Set(in_days(item.license_expires_after_days)),
        updates_until: Set(in_days(policy.updates_days)),
        policy: Set(item.license_policy.clone()),
        last_validated_at: Set(None),
        created_at: Set(now),
    };
    let once = OnConflict::column(license::Column::EntitlementId).do_nothing().to_owned();
    if license::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await? == 1 {
        history::note(tx, shop, id, LicenseEvent::Issued, "").await?;
    }
    Ok(())
}
