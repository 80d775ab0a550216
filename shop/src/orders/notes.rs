//! What members tell each other of an order. Its customer never sees it.

use super::sql::NOTES;
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, statement};
use crate::base::entities::order_note;
use crate::{
    Error, Result, Shop,
    base::{once, world},
};
use domain::id::{Id, order_number};
use domain::timeline::Step;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, FromQueryResult};

/// A note as members see it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct NoteView {
    pub author: String,
    pub body: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// The public id of its order.
    pub public_id: String,
}

const MAX_CHARS: usize = 4_000;

/// Writes a note on an order; one key is one note.
///
/// # Errors
/// Refuses an empty note and a book.
pub async fn add_note(shop: &Shop, by: &Actor, order: &str, body: &str, request_key: Option<&str>) -> Result<()> {
    let body = body.trim().replace("\r\n", "\n");
    if body.is_empty() {
        return Err(Error::refused("note_empty", "Write something first.").at("body"));
    }
    if body.chars().count() > MAX_CHARS || body.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::refused("note_invalid", format!("A note is plain text of at most {MAX_CHARS} characters.")).at("body"));
    }
    let order = super::find(shop, order).await?;
    let tx = begin_write(&shop.db).await?;
    if !once::is_new(&tx, shop, request_key, &format!("note {} {body}", order.id)).await? {
        return Ok(());
    }
    let row = order_note::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(order.store_id),
        order_id: Set(order.id),
        member_id: Set(by.member_id),
        author: Set(by.name.clone()),
        body: Set(body),
        created_at: Set(shop.clock.now_ms()),
    };
    row.insert(&tx).await?;
    super::note(&tx, shop, order.id, Step::Noted, &format!("by {}", by.name)).await?;
    // What it says stays with the order: the log can't be made to forget.
    let name = order_number(&order.public_id);
    audit::note(&tx, shop, by, Action { act: "noted", kind: "order", id: Some(order.id), name: &name }).await?;
    Ok(tx.commit().await?)
}

/// The notes on an order, latest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<NoteView>> {
    let sql = format!("{NOTES} WHERE n.order_id = $1 ORDER BY n.id DESC");
    Ok(NoteView::find_by_statement(statement(db, sql, [order_id.into()])).all(db).await?)
}

/// The notes on the orders of a customer, latest first, up to a hundred.
pub(crate) async fn of_customer(db: &impl ConnectionTrait, customer_id: Id) -> Result<Vec<NoteView>> {
    let sql = format!("{NOTES} WHERE o.customer_id = $1 ORDER BY n.id DESC LIMIT 100");
    Ok(NoteView::find_by_statement(statement(db, sql, [customer_id.into()])).all(db).await?)
}
