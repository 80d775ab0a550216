//! Forgetting who a customer was (GDPR, article 17). What was sold, for how much and when stays: the books must.
//!
//! Names and addresses are replaced everywhere they lie; a test walks all text of the schema after it. The goods stay open for who
//! has the order's link, and license keys go on working: what was bought was paid.

use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute, is_sqlite, retried, statement};
use crate::entities::customer;
use crate::{Error, Result, Shop};
use domain::customer::ERASED_HOST;
use domain::id::Id;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

/// What stands where a text spoke of the customer.
const ERASED: &str = "erased";

/// The orders of the customer, those that were never paid among them. `$1` is the customer, `$2` the address.
const ORDERS: &str =
    "SELECT id FROM orders WHERE customer_id = $1 OR (store_id = (SELECT store_id FROM customers WHERE id = $1) AND email_normalized = $2)";

/// How the audit log names a customer: never by the address, which it could not forget.
pub(super) fn log_name(id: Id) -> String {
    let id = id.simple().to_string();
    format!("customer {}", &id[id.len() - 8..])
}

/// Replaces name and address of a customer everywhere, for ever. Erasing again changes nothing.
///
/// # Errors
/// `NotFound` where the store has no such customer; 409 while a payment of theirs is under way.
pub async fn erase(shop: &Shop, by: &Actor, id: &str) -> Result<()> {
    let customer = super::find(shop, id).await?;
    if customer.erased_at.is_some() {
        return Ok(());
    }
    // Stripe's news are large and many: they are looked through before anything is locked.
    let events = events_of(shop, &customer).await?;
    retried(|| write(shop, by, &customer, &events)).await?;
    tracing::info!(customer = %customer.id, "customer erased");
    Ok(())
}

async fn write(shop: &Shop, by: &Actor, customer: &customer::Model, events: &[String]) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let own: [Value; 2] = [customer.id.into(), customer.email_normalized.clone().into()];
    let sql = format!("SELECT id FROM orders WHERE status = 'processing' AND id IN ({ORDERS}) LIMIT 1");
    if tx.query_one_raw(statement(&tx, sql, own.clone())).await?.is_some() {
        return Err(Error::conflict(
            "payment_under_way",
            "A payment of this customer is under way, and its mail needs the address. Erase the customer when it has arrived or failed.",
        ));
    }
    let addresses = addresses(&tx, customer, own.clone()).await?;
    redact_texts(&tx, &addresses).await?;
    // What hangs on the orders is forgotten before the orders forget whose they are.
    for sql in [
        "UPDATE order_notes SET body = 'erased' WHERE order_id IN (ORDERS)",
        "DELETE FROM free_orders WHERE order_id IN (ORDERS)",
        "UPDATE refunds SET reason = NULL WHERE reason NOT IN ('duplicate', 'fraudulent', 'requested_by_customer') AND order_id IN (ORDERS)",
        "UPDATE download_log SET ip = '', user_agent = '' WHERE session_id IN \
         (SELECT s.id FROM download_sessions s JOIN entitlements e ON e.id = s.entitlement_id WHERE e.order_id IN (ORDERS))",
        "UPDATE download_sessions SET ip = '', user_agent = '' WHERE entitlement_id IN (SELECT id FROM entitlements WHERE order_id IN (ORDERS))",
        "UPDATE activations SET name = '' WHERE license_id IN \
         (SELECT l.id FROM licenses l JOIN entitlements e ON e.id = l.entitlement_id WHERE e.order_id IN (ORDERS))",
        "UPDATE jobs SET last_error = NULL WHERE state = 'done' AND order_id IN (ORDERS)",
    ] {
        execute(&tx, &sql.replace("ORDERS", ORDERS), own.clone()).await?;
    }
    let placeholder = format!("erased-{}@{ERASED_HOST}", customer.id.simple());
    let replaced: [Value; 3] = [customer.id.into(), customer.email_normalized.clone().into(), placeholder.clone().into()];
    for sql in [
        "UPDATE entitlements SET email_normalized = $3 WHERE order_id IN (ORDERS)",
        "UPDATE promotion_uses SET customer_key = $3 WHERE order_id IN (ORDERS)",
        "UPDATE orders SET email = $3, email_normalized = $3, idempotency_key = NULL, request_hash = NULL WHERE id IN (ORDERS)",
    ] {
        execute(&tx, &sql.replace("ORDERS", ORDERS), replaced.clone()).await?;
    }
    for id in events {
        execute(&tx, "UPDATE inbox_events SET raw = $2 WHERE id = $1", [id.clone().into(), Vec::<u8>::new().into()]).await?;
    }
    execute(&tx, "DELETE FROM sessions WHERE customer_id = $1", [customer.id.into()]).await?;
    let sql = "UPDATE customers SET email = $2, email_normalized = $2, name = '', password_hash = NULL, locale = 'en', erased_at = $3 WHERE id = $1";
    execute(&tx, sql, [customer.id.into(), placeholder.into(), shop.clock.now_ms().into()]).await?;
    audit::note(&tx, shop, by, Deed { act: "erased", kind: "customer", id: Some(customer.id), name: &log_name(customer.id) }).await?;
    Ok(tx.commit().await?)
}

/// Every spelling of the customer's address that was typed, in lower case.
async fn addresses(tx: &DatabaseTransaction, customer: &customer::Model, own: [Value; 2]) -> Result<Vec<String>> {
    let sql = format!("SELECT DISTINCT LOWER(email) AS email FROM orders WHERE id IN ({ORDERS})");
    let mut all = vec![customer.email.to_lowercase(), customer.email_normalized.clone()];
    for row in tx.query_all_raw(statement(tx, sql, own)).await? {
        all.push(row.try_get("", "email")?);
    }
    // The longer first: `a+b@c.d` ends like `b@c.d`.
    all.sort_by_key(|address| std::cmp::Reverse(address.len()));
    all.dedup();
    Ok(all)
}

/// The texts that anything may stand in, by table, key and column.
const TEXTS: [(&str, &str, &str); 7] = [
    ("jobs", "id", "payload"),
    ("jobs", "id", "last_error"),
    ("inbox_events", "id", "last_error"),
    ("order_events", "id", "detail"),
    ("refunds", "id", "failure"),
    ("fraud_signals", "id", "reason"),
    ("order_notes", "id", "body"),
];

#[derive(FromQueryResult)]
struct TextRow {
    id: Id,
    text: String,
}

#[derive(FromQueryResult)]
struct NamedTextRow {
    id: String,
    text: String,
}

/// Takes the addresses out of texts, whoever wrote them.
async fn redact_texts(tx: &DatabaseTransaction, addresses: &[String]) -> Result<()> {
    for address in addresses {
        let pattern: Value = format!("%{}%", address.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")).into();
        // Whatever was typed into a form that was refused is gone in a day, and now.
        execute(tx, "DELETE FROM drafts WHERE LOWER(body) LIKE $1 ESCAPE '\\' OR LOWER(message) LIKE $1 ESCAPE '\\'", [pattern.clone()])
            .await?;
        execute(tx, "UPDATE carts SET email = NULL WHERE LOWER(email) = $1", [address.clone().into()]).await?;
        for (table, key, column) in TEXTS {
            let sql = format!("SELECT {key} AS id, {column} AS text FROM {table} WHERE LOWER({column}) LIKE $1 ESCAPE '\\'");
            let found = statement(tx, sql, [pattern.clone()]);
            let rows: Vec<(Value, String)> = if table == "inbox_events" {
                NamedTextRow::find_by_statement(found).all(tx).await?.into_iter().map(|row| (row.id.into(), row.text)).collect()
            } else {
                TextRow::find_by_statement(found).all(tx).await?.into_iter().map(|row| (row.id.into(), row.text)).collect()
            };
            for (id, text) in rows {
                let sql = format!("UPDATE {table} SET {column} = $2 WHERE {key} = $1");
                execute(tx, &sql, [id, without(&text, address).into()]).await?;
            }
        }
    }
    Ok(())
}

/// A text without an address in it, whatever its case. Addresses are ASCII.
fn without(text: &str, address: &str) -> String {
    let mut rest = text;
    let mut out = String::new();
    while let Some(at) = rest.to_ascii_lowercase().find(address) {
        out.push_str(&rest[..at]);
        out.push_str(ERASED);
        rest = &rest[at + address.len()..];
    }
    out + rest
}

#[derive(FromQueryResult)]
struct EventRow {
    id: String,
}

/// What Stripe sent about the customer: the news of their orders, and any in which an address of theirs stands.
async fn events_of(shop: &Shop, customer: &customer::Model) -> Result<Vec<String>> {
    let own: [Value; 2] = [customer.id.into(), customer.email_normalized.clone().into()];
    let sql = format!(
        "SELECT id FROM inbox_events WHERE object_id IN (\
         SELECT checkout_session_id FROM orders WHERE checkout_session_id IS NOT NULL AND id IN ({ORDERS}) UNION \
         SELECT payment_intent_id FROM orders WHERE payment_intent_id IS NOT NULL AND id IN ({ORDERS}) UNION \
         SELECT provider_id FROM payments WHERE order_id IN ({ORDERS}) UNION \
         SELECT charge_id FROM payments WHERE charge_id IS NOT NULL AND order_id IN ({ORDERS}) UNION \
         SELECT provider_id FROM refunds WHERE provider_id IS NOT NULL AND order_id IN ({ORDERS}) UNION \
         SELECT provider_id FROM disputes WHERE order_id IN ({ORDERS}) UNION \
         SELECT provider_id FROM fraud_signals WHERE order_id IN ({ORDERS}))"
    );
    let mut ids: Vec<String> =
        EventRow::find_by_statement(statement(&shop.db, sql, own.clone())).all(&shop.db).await?.into_iter().map(|row| row.id).collect();
    let sql = format!("SELECT DISTINCT email AS id FROM orders WHERE id IN ({ORDERS})");
    let spellings = EventRow::find_by_statement(statement(&shop.db, sql, own)).all(&shop.db).await?;
    let mut spellings: Vec<String> = spellings.into_iter().map(|row| row.id).collect();
    spellings.extend([customer.email.clone(), customer.email_normalized.clone()]);
    spellings.sort();
    spellings.dedup();
    let sql = if is_sqlite(&shop.db) {
        "SELECT id FROM inbox_events WHERE instr(raw, $1) > 0"
    } else {
        "SELECT id FROM inbox_events WHERE position($1 IN raw) > 0"
    };
    for spelling in spellings {
        let found = EventRow::find_by_statement(statement(&shop.db, sql, [spelling.into_bytes().into()])).all(&shop.db).await?;
        ids.extend(found.into_iter().map(|row| row.id));
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn an_address_goes_out_of_a_text_in_any_case() {
        assert_eq!(without("550 <Ada@Example.com>: no; ada@example.com", "ada@example.com"), "550 <erased>: no; erased");
        assert_eq!(without("nothing of it", "ada@example.com"), "nothing of it");
        assert_eq!(without("Ä ada@example.com ß", "ada@example.com"), "Ä erased ß");
    }
}
