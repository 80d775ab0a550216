//! What the owner of a license does on the order's page: gives a seat back, replaces the key.

use super::activations::{Activation, activate, take_back};
use super::{check_out, history, key, lookup};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::base::entities::{license, order};
use crate::base::{refusals, world};
use crate::fulfillment::entitlements;
use crate::{Error, Result, Shop, customers, orders};
use domain::id::Id;
use domain::license::{LicenseCode, LicenseEvent};
use license_verifier::Challenge;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

fn id_of(text: &str) -> Result<Id> {
    uuid::Uuid::try_parse(text).map_err(|_| Error::NotFound)
}

/// The license of an order, locked.
async fn lock(tx: &DatabaseTransaction, order: &order::Model, license_id: Id) -> Result<license::Model> {
    let of_order = license::Entity::find_by_id(license_id)
        .filter(license::Column::EntitlementId.in_subquery(entitlements::ids_of_order(order.id)))
        .lock_exclusive();
    of_order.one(tx).await?.ok_or(Error::NotFound)
}

/// Gives the seat of a device back. A second time changes nothing.
///
/// # Errors
/// `NotFound` for a wrong access key, and for a license or a seat of another order.
pub async fn deactivate_seat(shop: &Shop, public_id: &str, access_key: &str, license_id: &str, instance_id: &str) -> Result<()> {
    let order = orders::load_authorized(shop, public_id, access_key).await?;
    let (license_id, instance_id) = (id_of(license_id)?, id_of(instance_id)?);
    retried(|| async {
        let tx = begin_write(&shop.db).await?;
        let license = lock(&tx, &order, license_id).await?;
        take_back(&tx, shop, license.id, instance_id).await?;
        Ok(tx.commit().await?)
    })
    .await
}

/// Replaces the key of a license: the old one is unknown at once, and devices keep their seats. The new one is mailed.
///
/// # Errors
/// `NotFound` as for [`deactivate_seat`]; 409 where the key may not be used any more, or was replaced a moment ago.
pub async fn rotate(shop: &Shop, public_id: &str, access_key: &str, license_id: &str, key_shown: &str) -> Result<()> {
    let order = orders::load_authorized(shop, public_id, access_key).await?;
    rotate_for(shop, &order, id_of(license_id)?, key_shown, None).await
}

/// As [`rotate`], for a member or for the owner.
pub(super) async fn rotate_for(shop: &Shop, order: &order::Model, license_id: Id, key_shown: &str, by: Option<&Actor>) -> Result<()> {
    retried(|| rotate_once(shop, order, license_id, key_shown, by)).await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

async fn rotate_once(shop: &Shop, order: &order::Model, license_id: Id, key_shown: &str, by: Option<&Actor>) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let license = lock(&tx, order, license_id).await?;
    // Two tabs, or two clicks: the key that somebody saw is replaced once.
    if key::lookup_hash(shop, key_shown).as_deref() != Some(&license.key_hmac) {
        return Err(refusals::LICENSE_KEY_REPLACED.into());
    }
    let found = lookup::find(&tx, shop, &license.key_hmac).await?.ok_or(Error::NotFound)?;
    if !matches!(found.code(shop), LicenseCode::Valid) {
        return Err(refusals::LICENSE_INACTIVE.into());
    }
    let kept = key::make(shop, license.id, &license.policy.0, &world::chance::<16>())?;
    license::Entity::update_many()
        .col_expr(license::Column::KeyHmac, Expr::value(kept.hmac))
        .col_expr(license::Column::KeyNonce, Expr::value(kept.nonce))
        .col_expr(license::Column::KeySealed, Expr::value(Some(kept.sealed)))
        .filter(license::Column::Id.eq(license.id))
        .filter(license::Column::KeyHmac.eq(license.key_hmac))
        .exec(&tx)
        .await?;
    history::note(&tx, shop, license.id, LicenseEvent::Rotated, "").await?;
    if !customers::is_erased_address(&order.email) {
        orders::mail_in(&tx, shop, order, &format!("rotated-{}", world::new_id())).await?;
    }
    if let Some(by) = by {
        let action = Action { act: "replaced_key", kind: "license", id: Some(license.id), name: &license.number.to_string() };
        audit::note(&tx, shop, by, action).await?;
    }
    tx.commit().await?;
    tracing::info!(order = %order.public_id, by_member = by.is_some(), "a license key was replaced");
    Ok(())
}

/// The machine file for a device that is never online: its owner carries the challenge of the program here, and the file back. The
/// device takes a seat.
///
/// # Errors
/// `NotFound` as for [`deactivate_seat`]; refuses what is no challenge, and says why the key can't be activated.
pub async fn offline_file(shop: &Shop, public_id: &str, access_key: &str, license_id: &str, challenge: &str) -> Result<String> {
    let order = orders::load_authorized(shop, public_id, access_key).await?;
    let of_order = license::Entity::find_by_id(id_of(license_id)?)
        .filter(license::Column::EntitlementId.in_subquery(entitlements::ids_of_order(order.id)));
    let license = of_order.one(&shop.db).await?.ok_or(Error::NotFound)?;
    let challenge = Challenge::parse(challenge).map_err(|_| Error::from(refusals::CHALLENGE_INVALID))?;
    let activation = Activation {
        key: key::read(shop, (&license).into())?,
        name: challenge.name,
        fingerprint: Some(challenge.fingerprint),
        ..Activation::default()
    };
    let outcome = activate(shop, activation).await?;
    let (Some(answer), Some(seat)) = (&outcome.answer, &outcome.instance) else {
        return Err(match outcome.code {
            LicenseCode::MachineLimitExceeded => refusals::SEATS_TAKEN.into(),
            _ => refusals::LICENSE_UNUSABLE.into(),
        });
    };
    let ttl = if license.policy.0.endless_files { None } else { Some(check_out::LONGEST_SECS) };
    let file = check_out::sign(shop, answer, Some(seat), ttl).await?;
    check_out::note(shop, license.id, &seat.name).await?;
    Ok(file.certificate)
}
