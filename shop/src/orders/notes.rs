//! What members tell each other of an order. Its customer never sees it.

use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute, statement};
use crate::{Error, Result, Shop, once, world};
use domain::id::{Id, order_number};
use sea_orm::{ConnectionTrait, FromQueryResult};

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
    let sql = "INSERT INTO order_notes (id, store_id, order_id, member_id, author, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        world::new_id().into(),
        order.store_id.into(),
        order.id.into(),
        by.member_id.into(),
        by.name.clone().into(),
        body.into(),
        shop.clock.now_ms().into(),
    ];
    execute(&tx, sql, values).await?;
    super::note(&tx, shop, order.id, "noted", &format!("by {}", by.name)).await?;
    // What it says stays with the order: the log can't be made to forget.
    let name = order_number(&order.public_id);
    audit::note(&tx, shop, by, Deed { act: "noted", kind: "order", id: Some(order.id), name: &name }).await?;
    Ok(tx.commit().await?)
}

const VIEW: &str = "SELECT n.author, n.body, n.created_at, o.public_id FROM order_notes n JOIN orders o ON o.id = n.order_id";

/// The notes on an order, latest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<NoteView>> {
    let sql = format!("{VIEW} WHERE n.order_id = $1 ORDER BY n.id DESC");
    Ok(NoteView::find_by_statement(statement(db, sql, [order_id.into()])).all(db).await?)
}

/// The notes on the orders of a customer, latest first, up to a hundred.
pub(crate) async fn of_customer(db: &impl ConnectionTrait, customer_id: Id) -> Result<Vec<NoteView>> {
    let sql = format!("{VIEW} WHERE o.customer_id = $1 ORDER BY n.id DESC LIMIT 100");
    Ok(NoteView::find_by_statement(statement(db, sql, [customer_id.into()])).all(db).await?)
}
