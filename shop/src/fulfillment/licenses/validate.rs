//! Whether a key may be used: the question that software asks most. It is answered by reading alone.

use super::activations::seats;
use super::answer::Outcome;
use super::{key, lookup};
use crate::base::entities::license;
use crate::{Result, Shop};
use domain::id::Id;
use domain::license::LicenseCode;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// What is asked of a key.
#[derive(Clone, Copy, Debug, Default)]
pub struct Question<'a> {
    pub key: &'a str,
    /// Of which product it must be: a number, an id or a slug.
    pub product: Option<&'a str>,
    /// The seat, as [`super::activate`] named it.
    pub instance_id: Option<&'a str>,
    /// The device.
    pub fingerprint: Option<&'a str>,
}

/// How often it is noted that a key was asked for.
const NOTE_EVERY_MS: i64 = 60 * 60 * 1000;

/// Answers whether a key may be used, and by which seat.
pub async fn validate(shop: &Shop, question: Question<'_>) -> Result<Outcome> {
    let Some(hmac) = key::lookup_hash(shop, question.key) else { return Ok(Outcome::not_found()) };
    let Some(found) = lookup::find(&shop.db, shop, &hmac).await? else { return Ok(Outcome::not_found()) };
    if !found.is_of(question.product) {
        return Ok(Outcome::not_found());
    }
    let (id, code, last_validated_at, usage) = (found.id(), found.code(shop), found.last_validated_at, found.standing().activation_usage);
    let answer = found.answer(shop, usage)?;
    if code != LicenseCode::Valid {
        return Ok(Outcome::refused(code, Some(answer)));
    }
    let seat = match seats::find(&shop.db, shop, id, question.instance_id, question.fingerprint).await? {
        seats::Found::Seat(seat) => Some(seat),
        seats::Found::NotAsked => None,
        seats::Found::Refused(code) => return Ok(Outcome::refused(code, Some(answer))),
    };
    note(shop, id, last_validated_at).await;
    Ok(Outcome::valid(answer, seat.map(seats::view)))
}

/// Notes that a key is in use. An answer never waits in vain for this.
async fn note(shop: &Shop, id: Id, last_validated_at: Option<i64>) {
    let now = shop.clock.now_ms();
    if last_validated_at.is_some_and(|at| at > now - NOTE_EVERY_MS) {
        return;
    }
    let column = license::Column::LastValidatedAt;
    let step = license::Entity::update_many().col_expr(column, Expr::value(now)).filter(license::Column::Id.eq(id));
    let is_older = column.is_null().or(column.lte(now - NOTE_EVERY_MS));
    if let Err(error) = step.filter(is_older).exec(&shop.db).await {
        tracing::warn!(?error, "it could not be noted that a license key is in use");
    }
}
