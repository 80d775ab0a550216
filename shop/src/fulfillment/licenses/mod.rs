//! License keys: issued with the entitlement, derived from the secret key, recognized by an HMAC.

mod sql;

use super::deliverable::Piece;
use crate::base::database::{Stored, statement};
use crate::base::entities::{activation, entitlement, license};
use crate::base::secret::hmac_sha256;
use crate::orders::Orders;
use crate::{Error, Result, Shop, base::world, fulfillment::entitlements};
use domain::entitlement::EntitlementState;
use domain::id::{Id, order_number};
use domain::order::OwnedLicense;
use domain::pages::customer::LicenseRow;
use domain::text::typed;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait, Value,
};
use std::collections::HashMap;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Issues the license of an entitlement, once. Its key follows from the order and the piece, so that an order that is made
/// again after a loss has the keys that its customer knows.
pub(super) async fn issue(
    tx: &DatabaseTransaction,
    shop: &Shop,
    &Piece { order, item, unit_no, entitlement_id }: &Piece<'_>,
) -> Result<()> {
    let piece = [&order.access_nonce[..], &item.position.to_be_bytes(), &unit_no.to_be_bytes()].concat();
    let seed = shop.settings.secret_key.derive("license", &piece);
    let nonce = &seed[..16];
    let now = shop.clock.now_ms();
    let key_hmac = lookup_hash(shop, &key(shop, nonce));
    // 53 bits, so that JavaScript can hold it; it tells nothing of how much is sold.
    let number = seed[16..24].iter().fold(0i64, |number, byte| (number << 8 | i64::from(*byte)) & ((1 << 53) - 1));
    let row = license::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(item.store_id),
        entitlement_id: Set(entitlement_id),
        number: Set(number),
        key_hmac: Set(key_hmac),
        key_nonce: Set(nonce.to_vec()),
        state: Set(EntitlementState::Active.into()),
        activation_limit: Set(item.license_activation_limit),
        activation_usage: Set(0),
        expires_at: Set(item.license_expires_after_days.map(|days| now + days.saturating_mul(DAY_MS))),
        created_at: Set(now),
    };
    let once = OnConflict::column(license::Column::EntitlementId).do_nothing().to_owned();
    license::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// The key as the customer reads it: 128 bits as four groups of eight hexadecimal digits.
fn key(shop: &Shop, nonce: &[u8]) -> String {
    let bytes = shop.settings.secret_key.derive("license key", nonce);
    let hex = data_encoding::HEXUPPER.encode(&bytes[..16]);
    hex.as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// What the database keeps of a key: letters and digits in upper case, under an HMAC.
fn lookup_hash(shop: &Shop, key: &str) -> Vec<u8> {
    let normalized: String = typed(key).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hmac_sha256(&shop.settings.secret_key.derive("license lookup", b""), &[normalized.as_bytes()]).to_vec()
}

/// The licenses of an order by its lines.
pub(crate) async fn of_order(shop: &Shop, order_id: Id) -> Result<HashMap<Id, Vec<OwnedLicense>>> {
    let mut licenses: HashMap<Id, Vec<OwnedLicense>> = HashMap::new();
    for row in shop.db.query_all_raw(statement(&shop.db, sql::OF_ORDER, [order_id.into()])).await? {
        let nonce: Vec<u8> = row.try_get("", "key_nonce")?;
        let state: Stored<EntitlementState, license::Entity> = row.try_get("", "state")?;
        let entitlement: Stored<EntitlementState, entitlement::Entity> = row.try_get("", "entitlement_state")?;
        let (usage, expires_at): (i64, Option<i64>) = (row.try_get("", "activation_usage")?, row.try_get("", "expires_at")?);
        licenses.entry(row.try_get("", "order_item_id")?).or_default().push(OwnedLicense {
            key: key(shop, &nonce),
            status: status(*state, *entitlement, expires_at, usage, shop.clock.now_ms()).to_owned(),
            activation_limit: row.try_get("", "activation_limit")?,
            activation_usage: usage,
            expires_at,
        });
    }
    Ok(licenses)
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
        .filter(activation::Column::LicenseId.in_subquery(licenses))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which licenses: by their key, or by the address of who bought them.
#[derive(Clone, Debug, Default)]
pub struct LicenseQuery {
    pub key: Option<String>,
    pub email: Option<String>,
}

#[derive(FromQueryResult)]
struct SoldRow {
    key_nonce: Vec<u8>,
    state: Stored<EntitlementState, license::Entity>,
    entitlement_state: Stored<EntitlementState, entitlement::Entity>,
    activation_limit: Option<i64>,
    activation_usage: i64,
    expires_at: Option<i64>,
    created_at: i64,
    public_id: String,
    email: String,
    product_title: String,
}

/// Nobody has more of them than can be shown.
const N_SOLD: usize = 200;

/// The licenses of a key or of a customer, latest first.
///
/// # Errors
/// Refuses a question without either.
pub async fn find(shop: &Shop, query: &LicenseQuery) -> Result<Vec<LicenseRow>> {
    let (condition, wanted): (&str, Value) = match (query.key.as_deref(), query.email.as_deref()) {
        (Some(key), _) => ("l.key_hmac = $2", lookup_hash(shop, key).into()),
        (None, Some(email)) => ("e.email_normalized = $2", domain::email::Email::parse(email)?.normalized().into()),
        (None, None) => return Err(Error::refused("query_missing", "Say whose licenses: send key or email.")),
    };
    let sql = sql::sold(&format!("e.store_id = $1 AND {condition}"), N_SOLD);
    sold(shop, SoldRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into(), wanted])).all(&shop.db).await?)
}

/// The licenses that a customer bought, latest first.
pub(crate) async fn of_customer(shop: &Shop, customer_id: Id) -> Result<Vec<LicenseRow>> {
    let sql = sql::sold("o.customer_id = $1", N_SOLD);
    sold(shop, SoldRow::find_by_statement(statement(&shop.db, sql, [customer_id.into()])).all(&shop.db).await?)
}

fn sold(shop: &Shop, rows: Vec<SoldRow>) -> Result<Vec<LicenseRow>> {
    let now = shop.clock.now_ms();
    let shown = |row: SoldRow| LicenseRow {
        key: key(shop, &row.key_nonce),
        status: status(*row.state, *row.entitlement_state, row.expires_at, row.activation_usage, now).to_owned(),
        title: row.product_title,
        email: row.email,
        order: (row.public_id.clone(), order_number(&row.public_id)),
        activation_limit: row.activation_limit,
        activation_usage: row.activation_usage,
        expires_at: row.expires_at,
        created_at: row.created_at,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The word that the license API uses: disabled wins, then expired, then active if it is in use.
fn status(state: EntitlementState, entitlement: EntitlementState, expires_at: Option<i64>, usage: i64, now: i64) -> &'static str {
    if [state, entitlement].iter().any(|state| *state != EntitlementState::Active) {
        "disabled"
    } else if expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else if usage > 0 {
        "active"
    } else {
        "inactive"
    }
}
