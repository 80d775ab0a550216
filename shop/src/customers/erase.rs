//! Forgetting who a customer was (GDPR, article 17). What was sold, for how much and when stays: the books must.
//!
//! What hangs on the customer by a key is forgotten at once, in one transaction. Texts that anybody may have written are looked through
//! after that, in steps (`texts`), by whoever asked and then by a job. A test walks all text of the schema after it. The goods stay
//! open for who has the order's link, and license keys go on working: what was bought was paid.

use super::texts::{self, Pace};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried, word};
use crate::base::entities::{customer, erasure, order};
use crate::jobs::{self, Kind};
use crate::orders::{self, Orders};
use crate::{
    Error, Result, Shop,
    accounts::sessions,
    checkout::{self, promotions},
    fulfillment::{downloads, entitlements, licenses},
    payments::{method, refunds},
};
use domain::id::Id;
use domain::order::OrderStatus;
use domain::pages::customer::ERASED_HOST;
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, Set};

/// How the audit log names a customer: never by the address, which it could not forget.
pub(super) fn log_name(id: Id) -> String {
    let id = id.simple().to_string();
    format!("customer {}", &id[id.len() - 8..])
}

/// How far an erasure came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// The address stands nowhere any more.
    Everywhere,
    /// The shop knows the customer no more; a job takes the address out of the rest of the texts.
    GoesOn,
}

/// Replaces name and address of a customer everywhere, for ever. Erasing again changes nothing.
///
/// # Errors
/// `NotFound` where the store has no such customer; 409 while a payment of theirs is under way.
pub async fn erase(shop: &Shop, by: &Actor, id: &str) -> Result<Erased> {
    erase_at(shop, by, id, Pace::USUAL).await
}

/// As [`erase`], at another pace than the usual.
pub async fn erase_at(shop: &Shop, by: &Actor, id: &str, pace: Pace) -> Result<Erased> {
    let customer = super::find(shop, id).await?;
    if customer.erased_at.is_none() {
        retried(|| forget(shop, by, &customer)).await?;
        tracing::info!(customer = %customer.id, "customer erased");
    }
    let erased = go_on(shop, customer.id, pace).await?;
    let job = job_key(customer.id);
    match erased {
        Erased::Everywhere => jobs::finish(&shop.db, shop, &job).await?,
        Erased::GoesOn => jobs::hasten(shop, &job).await?,
    }
    Ok(erased)
}

/// Goes on with an erasure, for a job; what is left then is left to another.
pub async fn go_on_erasing(shop: &Shop, customer: Id, pace: Pace) -> Result<()> {
    go_on(shop, customer, pace).await?;
    if let Some(left) = erasure::Entity::find_by_id(customer).one(&shop.db).await? {
        // Each begins where the last one stopped, which is its name.
        let key = format!("{}:{}:{}", job_key(customer), left.place, left.after_id);
        jobs::enqueue(&shop.db, shop, Kind::Erasure, &key, &customer.to_string(), None).await?;
        shop.wake.jobs.notify_one();
    }
    Ok(())
}

fn job_key(customer: Id) -> String {
    format!("erasure:{}", customer.simple())
}

async fn go_on(shop: &Shop, customer: Id, pace: Pace) -> Result<Erased> {
    for _ in 0..pace.n_steps {
        let Some(erasure) = erasure::Entity::find_by_id(customer).one(&shop.db).await? else { return Ok(Erased::Everywhere) };
        if !texts::step(shop, &erasure, pace.n_rows).await? {
            retried(|| end(shop, &erasure)).await?;
            return Ok(Erased::Everywhere);
        }
    }
    Ok(Erased::GoesOn)
}

/// The address as it stands from then on.
fn placeholder(customer: Id) -> String {
    format!("erased-{}@{ERASED_HOST}", customer.simple())
}

/// Forgets the customer and what hangs on them by a key, and notes what is still to be looked through.
async fn forget(shop: &Shop, by: &Actor, customer: &customer::Model) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let own = orders_of(customer.store_id, customer.id, &customer.email_normalized);
    let orders = order::Entity::find().filter(own.are_in(order::Column::Id));
    if orders.filter(order::Column::Status.eq(word(OrderStatus::Processing))).limit(1).one(&tx).await?.is_some() {
        return Err(Error::conflict(
            "payment_under_way",
            "A payment of this customer is under way, and its mail needs the address. Erase the customer when it has arrived or failed.",
        ));
    }
    let addresses = addresses(&tx, customer, &own).await?;
    // Orders before their customer, as whoever is paid locks them.
    forget_orders(&tx, &own, &placeholder(customer.id)).await?;
    if !forget_row(&tx, shop, customer.id).await? {
        return Ok(());
    }
    let erasure = erasure::ActiveModel {
        customer_id: Set(customer.id),
        store_id: Set(customer.store_id),
        addresses: Set(addresses.join("\n")),
        place: Set(String::new()),
        after_id: Set(String::new()),
        begun_at: Set(shop.clock.now_ms()),
    };
    erasure::Entity::insert(erasure).exec_without_returning(&tx).await?;
    let (key, payload) = (job_key(customer.id), customer.id.to_string());
    jobs::enqueue_later(&tx, shop, Kind::Erasure, &key, &payload, None, jobs::take_over_ms()).await?;
    sessions::forget(&tx, customer.id).await?;
    audit::note(&tx, shop, by, Action { act: "erased", kind: "customer", id: Some(customer.id), name: &log_name(customer.id) }).await?;
    Ok(tx.commit().await?)
}

/// Replaces name and address in the customer's own row; `false` where that was done.
async fn forget_row(tx: &DatabaseTransaction, shop: &Shop, id: Id) -> Result<bool> {
    use customer::{Column, Entity};
    let placeholder = placeholder(id);
    let forgotten = Entity::update_many()
        .col_expr(Column::Email, Expr::value(placeholder.as_str()))
        .col_expr(Column::EmailNormalized, Expr::value(placeholder.as_str()))
        .col_expr(Column::Name, Expr::value(""))
        .col_expr(Column::PasswordHash, Expr::value(None::<String>))
        .col_expr(Column::Locale, Expr::value("en"))
        .col_expr(Column::ErasedAt, Expr::value(shop.clock.now_ms()))
        .filter(Column::Id.eq(id))
        .filter(Column::ErasedAt.is_null());
    Ok(forgotten.exec(tx).await?.rows_affected == 1)
}

/// The orders of a customer, those that were never paid among them.
fn orders_of(store_id: Id, customer_id: Id, email_normalized: &str) -> Orders {
    Orders::Of { customer_id, store_id, email_normalized: email_normalized.to_owned() }
}

/// The spellings of the customer's address that were typed.
async fn addresses(tx: &DatabaseTransaction, customer: &customer::Model, own: &Orders) -> Result<Vec<String>> {
    let typed = order::Entity::find().filter(own.are_in(order::Column::Id)).select_only();
    let typed = typed.expr_as(Func::lower(Expr::col(order::Column::Email)), "email").distinct();
    let mut all: Vec<String> = typed.into_tuple().all(tx).await?;
    all.extend([customer.email.to_lowercase(), customer.email_normalized.clone()]);
    all.sort();
    all.dedup();
    Ok(all)
}

/// Forgets the customer's orders, and before them what is found by them.
async fn forget_orders(tx: &DatabaseTransaction, own: &Orders, placeholder: &str) -> Result<()> {
    checkout::forget(tx, own).await?;
    refunds::forget(tx, own).await?;
    method::forget(tx, own).await?;
    downloads::forget(tx, own).await?;
    licenses::forget(tx, own).await?;
    jobs::forget(tx, own).await?;
    entitlements::forget(tx, own, placeholder).await?;
    promotions::forget(tx, own, placeholder).await?;
    orders::forget(tx, own, placeholder).await
}

/// Ends an erasure when all is looked through.
async fn end(shop: &Shop, erasure: &erasure::Model) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    // An order whose payment or correction was written at the same moment came to the customer after that was forgotten.
    let placeholder = placeholder(erasure.customer_id);
    let late = order::Entity::find().filter(order::Column::CustomerId.eq(erasure.customer_id));
    if late.filter(order::Column::EmailNormalized.ne(placeholder.as_str())).limit(1).one(&tx).await?.is_some() {
        let own = orders_of(erasure.store_id, erasure.customer_id, &placeholder);
        forget_orders(&tx, &own, &placeholder).await?;
    }
    erasure::Entity::delete_many().filter(erasure::Column::CustomerId.eq(erasure.customer_id)).exec(&tx).await?;
    tx.commit().await?;
    tracing::info!(customer = %erasure.customer_id, "the customer's address was taken out of all texts");
    Ok(())
}
