//! Everything that the shop keeps of a person, for that person to have (GDPR, articles 15 and 20).

use super::sql;
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::statement;
use crate::{Result, Shop, fulfillment::licenses};
use sea_orm::{FromQueryResult, JsonValue, Value};
use serde_json::{Map, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// All that is kept of a customer, as JSON; amounts in minor units, instants as RFC 3339. Where it `is_sent`, that it was taken out is
/// written down.
///
/// # Errors
/// `NotFound` where the store has no such customer.
pub async fn data_of(shop: &Shop, by: &Actor, id: &str, is_sent: bool) -> Result<JsonValue> {
    let customer = super::find(shop, id).await?;
    let name = super::erase::log_name(customer.id);
    if is_sent {
        audit::note(&shop.db, shop, by, Action { act: "exported", kind: "customer", id: Some(customer.id), name: &name }).await?;
    }
    let mut all = Map::new();
    all.insert("exported_at".to_owned(), instant(shop.clock.now_ms()));
    all.insert(
        "customer".to_owned(),
        json!({ "email": customer.email, "name": customer.name, "language": customer.locale, "created_at": instant(customer.created_at) }),
    );
    for (part, sql) in sql::PARTS {
        let values: [Value; 2] = [customer.id.into(), customer.email_normalized.clone().into()];
        let rows = JsonValue::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
        all.insert(part.to_owned(), rows.into_iter().map(with_instants).collect());
    }
    let licenses = licenses::of_customer(shop, customer.id).await?;
    let licenses = licenses.into_iter().map(|license| {
        json!({
            "order_id": license.order.0, "product": license.title, "key": license.key, "status": license.status,
            "expires_at": license.expires_at.map(instant),
        })
    });
    all.insert("licenses".to_owned(), licenses.collect());
    Ok(JsonValue::Object(all))
}

/// A row whose instants are as people write them.
fn with_instants(row: JsonValue) -> JsonValue {
    let JsonValue::Object(fields) = row else { return row };
    let read = |(name, value): (String, JsonValue)| {
        let value = match value.as_i64() {
            Some(at) if name.ends_with("_at") => instant(at),
            _ => value,
        };
        (name, value)
    };
    fields.into_iter().map(read).collect::<Map<_, _>>().into()
}

fn instant(at_ms: i64) -> JsonValue {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000).ok().and_then(|at| at.format(&Rfc3339).ok());
    at.map_or(JsonValue::Null, JsonValue::String)
}
