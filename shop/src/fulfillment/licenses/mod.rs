//! License keys: issued with the entitlement, recognized by an HMAC, and kept sealed for those who may see them.

mod activations;
mod answer;
mod check_out;
mod history;
mod issue;
mod key;
pub mod key_ring;
mod list;
mod lookup;
mod member;
mod owner;
mod sql;
mod sweep;
mod validate;

pub use activations::{Activation, activate, deactivate, ping};
pub use answer::{Answer, InstanceView, LicenseView, MetaView, Outcome, number_of};
pub use check_out::{CheckOut, LicenseFile, Ttl, check_out, prove};
pub(crate) use list::of_customer;
pub use list::{LicenseQuery, list};
pub use member::{Change, change, free_seat, one, replace, reset_seats};
pub use owner::{deactivate_seat, offline_file, rotate};
pub use validate::{Question, validate};

pub(crate) use history::TEXTS;
pub(super) use issue::issue;
pub(crate) use sweep::sweep;

use crate::base::database::{JsonText, Stored, statement};
use crate::base::entities::{activation, entitlement, license};
use crate::orders::Orders;
use crate::{Result, Shop, fulfillment::entitlements};
use domain::entitlement::{Cause, EntitlementState};
use domain::id::Id;
use domain::license::{LicensePolicy, LicenseStatus, Standing};
use domain::order::{OwnedLicense, OwnedSeat};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::HashMap;

/// What is read of a license, wherever it is shown.
#[derive(FromQueryResult)]
struct KeptRow {
    id: Id,
    key_nonce: Vec<u8>,
    key_sealed: Option<Vec<u8>>,
    state: Stored<EntitlementState, license::Entity>,
    entitlement_state: Stored<EntitlementState, entitlement::Entity>,
    cause: Stored<Cause, entitlement::Entity>,
    activation_limit: Option<i64>,
    activation_usage: i64,
    expires_at: Option<i64>,
}

impl KeptRow {
    fn of(license: &license::Model, entitlement: &entitlement::Model) -> Self {
        Self {
            id: license.id,
            key_nonce: license.key_nonce.clone(),
            key_sealed: license.key_sealed.clone(),
            state: license.state,
            entitlement_state: Stored::from(*entitlement.state),
            cause: entitlement.cause,
            activation_limit: license.activation_limit,
            activation_usage: license.activation_usage,
            expires_at: license.expires_at,
        }
    }

    fn key(&self, shop: &Shop) -> Result<String> {
        key::read(shop, key::Source { license_id: self.id, nonce: &self.key_nonce, sealed: self.key_sealed.as_deref() })
    }

    fn standing(&self) -> Standing {
        Standing {
            license: *self.state,
            entitlement: *self.entitlement_state,
            cause: *self.cause,
            expires_at: self.expires_at,
            activation_usage: self.activation_usage,
        }
    }

    fn status(&self, shop: &Shop) -> LicenseStatus {
        self.standing().status(shop.clock.now_ms())
    }
}

#[derive(FromQueryResult)]
struct OwnedRow {
    order_item_id: Id,
    policy: JsonText<LicensePolicy>,
    updates_until: Option<i64>,
    #[sea_orm(nested)]
    kept: KeptRow,
}

/// More devices than these are not listed on a page.
const MAX_SEATS_SHOWN: u64 = 200;

/// The licenses of an order by its lines.
pub(crate) async fn of_order(shop: &Shop, order_id: Id) -> Result<HashMap<Id, Vec<OwnedLicense>>> {
    let mut licenses: HashMap<Id, Vec<OwnedLicense>> = HashMap::new();
    let rows = OwnedRow::find_by_statement(statement(&shop.db, sql::of_order(), [order_id.into()])).all(&shop.db).await?;
    let mut seats = seats_of(shop, rows.iter().filter(|row| row.kept.activation_usage > 0).map(|row| row.kept.id).collect()).await?;
    for row in rows {
        let status = row.kept.status(shop);
        let owned = OwnedLicense {
            id: row.kept.id,
            updates_until: row.updates_until,
            is_trial: row.policy.0.is_trial,
            is_replaceable: matches!(status, LicenseStatus::Active | LicenseStatus::Inactive),
            seats: seats.remove(&row.kept.id).unwrap_or_default(),
            key: row.kept.key(shop)?,
            status,
            activation_limit: row.kept.activation_limit,
            activation_usage: row.kept.activation_usage,
            expires_at: row.kept.expires_at,
        };
        licenses.entry(row.order_item_id).or_default().push(owned);
    }
    Ok(licenses)
}

/// The devices of some licenses.
async fn seats_of(shop: &Shop, license_ids: Vec<Id>) -> Result<HashMap<Id, Vec<OwnedSeat>>> {
    let mut seats: HashMap<Id, Vec<OwnedSeat>> = HashMap::new();
    if license_ids.is_empty() {
        return Ok(seats);
    }
    let live = activation::Entity::find().filter(activation::Column::LicenseId.is_in(license_ids));
    let live = live.filter(activation::Column::DeactivatedAt.is_null()).order_by_asc(activation::Column::Id).limit(MAX_SEATS_SHOWN);
    for seat in live.all(&shop.db).await? {
        let shown = OwnedSeat { id: seat.id, name: seat.name, since: seat.created_at, seen_at: seat.seen_at };
        seats.entry(seat.license_id).or_default().push(shown);
    }
    Ok(seats)
}

/// Lets the licenses of an order that end do so later: by so much from their end, or from now where that has passed.
pub(crate) async fn extend(tx: &DatabaseTransaction, order_id: Id, now: i64, by_ms: i64) -> Result<()> {
    let column = license::Column::ExpiresAt;
    let from: Expr = Expr::case(column.gt(now), Expr::col(column)).finally(now).into();
    license::Entity::update_many()
        .col_expr(column, from.add(by_ms))
        .filter(column.is_not_null())
        .filter(license::Column::EntitlementId.in_subquery(entitlements::ids_of_order(order_id)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets what the customers of some orders call their devices.
pub(crate) async fn forget(tx: &DatabaseTransaction, orders: &Orders) -> Result<()> {
    let licenses = license::Entity::find().filter(license::Column::EntitlementId.in_subquery(entitlements::ids_of(orders)));
    let licenses = licenses.select_only().column(license::Column::Id).into_query();
    activation::Entity::update_many()
        .col_expr(activation::Column::Name, Expr::value(""))
        .col_expr(activation::Column::Fingerprint, Expr::value(""))
        .filter(activation::Column::LicenseId.in_subquery(licenses.clone()))
        .exec(tx)
        .await?;
    history::forget(tx, licenses).await?;
    Ok(())
}
