//! What members do with a license: they see all of it, suspend and revoke it, let it last longer, and free its seats.

use super::activations::{seats, take_back};
use super::answer::number_of;
use super::{KeptRow, history, issue::DAY_MS, key, lookup};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::base::entities::{entitlement, license, license_event, order, order_item};
use crate::base::world;
use crate::{Error, Result, Shop};
use domain::entitlement::EntitlementState;
use domain::id::{Id, order_number};
use domain::license::LicenseEvent;
use domain::pages::license::{LicenseFile, LicenseRow, LicenseStep, SeatRow};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

/// A license is extended by at most this many days at once.
const MAX_DAYS: i64 = 3_650;
const MAX_REASON_CHARS: usize = 500;
const MAX_LIMIT: i64 = 1_000_000;
/// So much of its past is shown.
const N_STEPS: u64 = 200;

/// What changes; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub state: Option<EntitlementState>,
    /// Why it is suspended or revoked.
    pub reason: String,
    /// `Some(None)`: any number of devices.
    pub activation_limit: Option<Option<i64>>,
    /// Milliseconds since 1970; `Some(None)`: never.
    pub expires_at: Option<Option<i64>>,
    /// From its end on, or from now where that has passed.
    pub extend_by_days: Option<i64>,
}

/// As the audit log has it. The reason may name a customer, whom the log could not forget.
#[derive(Serialize)]
struct Facts {
    state: &'static str,
    activation_limit: Option<i64>,
    expires_at: Option<i64>,
}

impl From<&license::Model> for Facts {
    fn from(row: &license::Model) -> Self {
        Self { state: (*row.state).into(), activation_limit: row.activation_limit, expires_at: row.expires_at }
    }
}

/// The license of a number or an id.
async fn find(shop: &Shop, name: &str) -> Result<license::Model> {
    let by_name = match name.parse::<i64>() {
        Ok(number) => license::Column::Number.eq(number),
        Err(_) => license::Column::Id.eq(uuid::Uuid::try_parse(name).map_err(|_| Error::NotFound)?),
    };
    let found = license::Entity::find().filter(by_name).filter(license::Column::StoreId.eq(shop.settings.store_id));
    found.one(&shop.db).await?.ok_or(Error::NotFound)
}

async fn lock(tx: &DatabaseTransaction, id: Id) -> Result<license::Model> {
    license::Entity::find_by_id(id).lock_exclusive().one(tx).await?.ok_or(Error::NotFound)
}

/// A license with all that is known of it.
///
/// # Errors
/// `NotFound` for a number or an id that no license has.
pub async fn one(shop: &Shop, name: &str) -> Result<LicenseFile> {
    let row = find(shop, name).await?;
    let entitlement = entitlement::Entity::find_by_id(row.entitlement_id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let order = order::Entity::find_by_id(entitlement.order_id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let item = order_item::Entity::find_by_id(entitlement.order_item_id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let live = seats::live(row.id).limit(N_STEPS).all(&shop.db).await?;
    let steps = license_event::Entity::find()
        .filter(license_event::Column::LicenseId.eq(row.id))
        .order_by_desc(license_event::Column::Id)
        .limit(N_STEPS)
        .all(&shop.db)
        .await?;
    let kept = KeptRow::of(&row, &entitlement);
    let seat = |seat: crate::base::entities::activation::Model| SeatRow {
        id: seat.id.to_string(),
        name: seat.name,
        fingerprint: seat.fingerprint.chars().take(24).collect(),
        since: seat.created_at,
        seen_at: seat.seen_at,
        lease_until: seat.lease_until,
    };
    Ok(LicenseFile {
        row: LicenseRow {
            id: row.number.to_string(),
            key: kept.key(shop)?,
            status: kept.status(shop),
            title: item.product_title,
            variant_name: item.variant_name,
            email: order.email,
            order: (order.public_id.clone(), order_number(&order.public_id)),
            activation_limit: row.activation_limit,
            activation_usage: row.activation_usage,
            expires_at: row.expires_at,
            created_at: row.created_at,
        },
        customer: order.customer_id.map(|id| id.simple().to_string()),
        product_number: number_of(entitlement.product_id).to_string(),
        variant_number: number_of(entitlement.variant_id).to_string(),
        state: *row.state,
        entitlement_state: *entitlement.state,
        reason: row.reason,
        policy: row.policy.0,
        updates_until: row.updates_until,
        last_validated_at: row.last_validated_at,
        seats: live.into_iter().map(seat).collect(),
        steps: steps.into_iter().map(|step| LicenseStep { event: *step.kind, detail: step.detail, at: step.created_at }).collect(),
    })
}

/// Changes a license. Changing it to what it is changes nothing.
///
/// # Errors
/// Refuses what a license can't be, and a limit below the devices that use it.
pub async fn change(shop: &Shop, by: &Actor, name: &str, change: &Change) -> Result<()> {
    check(change)?;
    let id = find(shop, name).await?.id;
    retried(|| change_once(shop, by, id, change)).await
}

fn check(change: &Change) -> Result<()> {
    if change.reason.chars().count() > MAX_REASON_CHARS || change.reason.contains('\0') {
        let text = format!("The reason has at most {MAX_REASON_CHARS} characters.");
        return Err(Error::refused("reason_invalid", text).at("reason"));
    }
    if change.extend_by_days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
        return Err(Error::refused("days_invalid", format!("Extend by 1 to {MAX_DAYS} days.")).at("days"));
    }
    if change.activation_limit.flatten().is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
        let text = format!("A license is for 1 to {MAX_LIMIT} devices; leave it empty for any number.");
        return Err(Error::refused("limit_invalid", text).at("activation_limit"));
    }
    Ok(())
}

async fn change_once(shop: &Shop, by: &Actor, id: Id, change: &Change) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let before = lock(&tx, id).await?;
    let mut after = before.clone();
    let now = shop.clock.now_ms();
    if let Some(state) = change.state {
        after.state = state.into();
        after.reason = if state == EntitlementState::Active { String::new() } else { domain::text::tidy(&change.reason) };
    }
    if let Some(limit) = change.activation_limit {
        if limit.is_some_and(|limit| limit < before.activation_usage) {
            let n = before.activation_usage;
            let text = format!("{n} devices use this license. Deactivate some of them first, or reset all seats.");
            return Err(Error::conflict("limit_below_usage", text).at("activation_limit"));
        }
        after.activation_limit = limit;
    }
    if let Some(expires_at) = change.expires_at {
        after.expires_at = expires_at;
    }
    if let Some(days) = change.extend_by_days {
        let Some(ends) = before.expires_at else {
            return Err(Error::conflict("license_endless", "This license never ends, so there is nothing to extend.").at("days"));
        };
        after.expires_at = Some(ends.max(now) + days * DAY_MS);
    }
    if after == before {
        return Ok(());
    }
    license::Entity::update_many()
        .col_expr(license::Column::State, Expr::value(<&str>::from(*after.state)))
        .col_expr(license::Column::Reason, Expr::value(after.reason.as_str()))
        .col_expr(license::Column::ActivationLimit, Expr::value(after.activation_limit))
        .col_expr(license::Column::ExpiresAt, Expr::value(after.expires_at))
        .filter(license::Column::Id.eq(id))
        .exec(&tx)
        .await?;
    for (event, detail) in steps_of(&before, &after) {
        history::note(&tx, shop, id, event, &detail).await?;
    }
    let action = Action { act: "changed", kind: "license", id: Some(id), name: &before.number.to_string() };
    audit::record(&tx, shop, by, action, Some(&Facts::from(&before)), Some(&Facts::from(&after))).await?;
    Ok(tx.commit().await?)
}

/// What a change was, for the license's own history.
fn steps_of(before: &license::Model, after: &license::Model) -> Vec<(LicenseEvent, String)> {
    let mut steps = Vec::new();
    if (&before.state, &before.reason) != (&after.state, &after.reason) {
        let event = match *after.state {
            EntitlementState::Active => LicenseEvent::Reinstated,
            EntitlementState::Suspended => LicenseEvent::Suspended,
            EntitlementState::Revoked => LicenseEvent::Revoked,
        };
        steps.push((event, after.reason.clone()));
    }
    if before.activation_limit != after.activation_limit {
        let limit = after.activation_limit.map_or_else(|| "any number of devices".to_owned(), |limit| format!("{limit} devices"));
        steps.push((LicenseEvent::LimitChanged, limit));
    }
    if before.expires_at != after.expires_at {
        let until = after.expires_at.map_or_else(|| "for ever".to_owned(), |at| format!("until {}", world::date(at / 1000)));
        steps.push((LicenseEvent::Extended, until));
    }
    steps
}

/// Frees the seat of a device. A second time changes nothing.
///
/// # Errors
/// `NotFound` for a license or a seat that there is not.
pub async fn free_seat(shop: &Shop, by: &Actor, name: &str, instance_id: &str) -> Result<()> {
    let id = find(shop, name).await?.id;
    let instance_id = uuid::Uuid::try_parse(instance_id).map_err(|_| Error::NotFound)?;
    retried(|| async {
        let tx = begin_write(&shop.db).await?;
        let license = lock(&tx, id).await?;
        if take_back(&tx, shop, id, instance_id).await? {
            let action = Action { act: "freed_seat", kind: "license", id: Some(id), name: &license.number.to_string() };
            audit::note(&tx, shop, by, action).await?;
        }
        Ok(tx.commit().await?)
    })
    .await
}

/// Frees all seats of a license.
///
/// # Errors
/// `NotFound` for a license that there is not.
pub async fn reset_seats(shop: &Shop, by: &Actor, name: &str) -> Result<()> {
    let id = find(shop, name).await?.id;
    retried(|| async {
        let tx = begin_write(&shop.db).await?;
        let license = lock(&tx, id).await?;
        let all = seats::live(id).all(&tx).await?;
        if seats::give_back(&tx, shop, all, LicenseEvent::Deactivated).await? > 0 {
            history::note(&tx, shop, id, LicenseEvent::SeatsReset, "").await?;
            let action = Action { act: "reset_seats", kind: "license", id: Some(id), name: &license.number.to_string() };
            audit::note(&tx, shop, by, action).await?;
        }
        Ok(tx.commit().await?)
    })
    .await
}

/// Replaces the key of a license, as its owner may do. The customer is mailed the new one.
///
/// # Errors
/// As [`super::rotate`].
pub async fn replace(shop: &Shop, by: &Actor, name: &str) -> Result<()> {
    let row = find(shop, name).await?;
    let found = lookup::find(&shop.db, shop, &row.key_hmac).await?.ok_or(Error::NotFound)?;
    let order = order::Entity::find_by_id(found.order_id()).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let shown = key::read(shop, (&row).into())?;
    super::owner::rotate_for(shop, &order, row.id, &shown, Some(by)).await
}
