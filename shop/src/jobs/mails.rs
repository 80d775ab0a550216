//! The mails to customers and how they stand.

use super::kinds::alert;
use super::{JobState, Kind, sql, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{Stored, begin_write, shared_now_ms, statement};
use crate::base::entities::job;
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::pages::dashboard::MailState;
use domain::word::Word;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;

/// A mail to a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailView {
    pub id: String,
    pub kind: Kind,
    pub state: MailState,
    /// Why it was not taken the last time.
    pub error: Option<String>,
    pub attempts: i64,
    /// The public id of its order.
    pub order: Option<String>,
    /// When it was sent, or is to be.
    pub at: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    kind: Stored<Kind, job::Entity>,
    state: Stored<JobState, job::Entity>,
    last_error: Option<String>,
    attempts: i64,
    next_at: i64,
    done_at: Option<i64>,
    public_id: Option<String>,
}

impl From<Row> for MailView {
    fn from(row: Row) -> Self {
        let state = match *row.state {
            JobState::Done => MailState::Sent,
            JobState::Dead => MailState::Failed,
            JobState::Waiting if row.last_error.is_some() => MailState::Retried,
            JobState::Waiting => MailState::Waiting,
        };
        Self {
            id: row.id.simple().to_string(),
            kind: *row.kind,
            state,
            error: row.last_error.filter(|_| state != MailState::Sent).map(|why| alert::in_short(&why)),
            attempts: row.attempts,
            order: row.public_id,
            at: row.done_at.unwrap_or(row.next_at),
        }
    }
}

/// At most this many are shown; a shop with more has one cause for all of them.
const N_SHOWN: usize = 100;

/// The kinds that are mails to customers, for a condition.
fn kinds() -> String {
    let words: Vec<String> = Kind::all().filter(|kind| kind.is_customer_mail()).map(|kind| format!("'{}'", kind.as_str())).collect();
    words.join(", ")
}

/// The mails of an order, latest first. What was sent is kept for a month.
pub(crate) async fn mails_of_order(shop: &Shop, order_id: Id) -> Result<Vec<MailView>> {
    let sql = sql::mails_of_order(&kinds(), N_SHOWN);
    let rows = Row::find_by_statement(statement(&shop.db, sql, [order_id.into()])).all(&shop.db).await?;
    Ok(rows.into_iter().map(MailView::from).collect())
}

/// Mails that were refused and are tried again, oldest first.
pub(crate) async fn mails_retried(shop: &Shop) -> Result<Vec<MailView>> {
    let sql = sql::mails_retried(&kinds(), N_SHOWN);
    let rows = Row::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into()])).all(&shop.db).await?;
    Ok(rows.into_iter().map(MailView::from).collect())
}

/// Tries mails at once that wait for their next try: one, or all of them. Tells how many.
///
/// # Errors
/// `NotFound` where the one does not wait.
pub async fn hurry_mails(shop: &Shop, by: &Actor, id: Option<&str>) -> Result<u64> {
    let one = match id {
        Some(id) => Some(Uuid::try_parse(id).map_err(|_| Error::NotFound)?),
        None => None,
    };
    let tx = begin_write(&shop.db).await?;
    let kinds: Vec<Kind> = Kind::all().filter(|kind| kind.is_customer_mail()).collect();
    let n = steps::hurry(&tx, shop.settings.store_id, &kinds, one, shared_now_ms(&tx, shop).await?).await?;
    if n == 0 && one.is_some() {
        return Err(Error::NotFound);
    }
    if n > 0 {
        audit::note(&tx, shop, by, Action { act: "hurried", kind: "work", id: one, name: id.unwrap_or("all mails that wait") }).await?;
    }
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(n)
}
