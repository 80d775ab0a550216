//! A device that holds a floating seat says that it is there.

use super::seats::{self, Found};
use crate::base::entities::activation;
use crate::fulfillment::licenses::answer::Outcome;
use crate::fulfillment::licenses::{key, lookup};
use crate::{Result, Shop};
use domain::license::{LEASE_SECS, LicenseCode};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// How often it is noted that a device is there that keeps its seat anyway.
const NOTE_EVERY_MS: i64 = 60 * 60 * 1000;

/// Keeps a floating seat for another while. A seat that was silent for too long is gone; its device activates the key again.
pub async fn ping(shop: &Shop, key: &str, instance_id: &str) -> Result<Outcome> {
    let Some(hmac) = key::lookup_hash(shop, key) else { return Ok(Outcome::not_found()) };
    let Some(found) = lookup::find(&shop.db, shop, &hmac).await? else { return Ok(Outcome::not_found()) };
    let (id, code, usage) = (found.id(), found.code(shop), found.standing().activation_usage);
    let is_floating = found.policy().is_floating;
    let answer = found.answer(shop, usage)?;
    if code != LicenseCode::Valid {
        return Ok(Outcome::refused(code, Some(answer)));
    }
    let mut seat = match seats::find(&shop.db, shop, id, Some(instance_id), None).await? {
        Found::Seat(seat) => seat,
        Found::NotAsked => return Ok(Outcome::refused(LicenseCode::InstanceNotFound, None)),
        Found::Refused(code) => return Ok(Outcome::refused(code, Some(answer))),
    };
    let now = shop.clock.now_ms();
    let lease_until = is_floating.then_some(now + LEASE_SECS * 1000);
    if lease_until.is_none() && seat.seen_at > now - NOTE_EVERY_MS {
        return Ok(Outcome::valid(answer, Some(seats::view(seat))));
    }
    let step = activation::Entity::update_many()
        .col_expr(activation::Column::SeenAt, Expr::value(now))
        .col_expr(activation::Column::LeaseUntil, Expr::value(lease_until))
        .filter(activation::Column::Id.eq(seat.id))
        .filter(activation::Column::DeactivatedAt.is_null());
    // Another device may have taken the seat of a silent one meanwhile.
    if step.exec(&shop.db).await?.rows_affected == 0 {
        return Ok(Outcome::refused(LicenseCode::HeartbeatDead, Some(answer)));
    }
    seat.lease_until = lease_until;
    Ok(Outcome::valid(answer, Some(seats::view(seat))))
}
