//! Forms that two people have open. What is saved counts its revisions, and a change may name the one that it was made from.

use crate::base::entities::audit_entry;
use crate::{Error, Result, Shop, base::world};
use domain::id::Id;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// What is saved by now.
pub(crate) struct Saved {
    /// As the audit log names it.
    pub kind: &'static str,
    pub id: Id,
    pub revision: i64,
    /// The code of the refusal, one of [`domain::pages::form::OUTDATED`].
    pub code: &'static str,
    /// As its refusal names it.
    pub noun: &'static str,
}

/// Lets a change through that was made from the newest revision, or names none.
///
/// # Errors
/// Refuses (409) one that was made from another, with who saved last and when.
pub(crate) async fn check(tx: &impl ConnectionTrait, shop: &Shop, saved: Saved, made_from: Option<i64>) -> Result<()> {
    if made_from.is_none_or(|revision| revision == saved.revision) {
        return Ok(());
    }
    let last = audit_entry::Entity::find()
        .filter(audit_entry::Column::StoreId.eq(shop.settings.store_id))
        .filter(audit_entry::Column::ObjectKind.eq(saved.kind))
        .filter(audit_entry::Column::ObjectId.eq(saved.id))
        .filter(audit_entry::Column::Act.eq("updated"))
        .order_by_desc(audit_entry::Column::Id)
        .one(tx)
        .await?;
    let (who, when) = match &last {
        Some(last) => (last.actor.as_str(), format!(" on {}", world::minute(last.created_at))),
        None => ("Somebody", String::new()),
    };
    let text = format!("{who} saved {}{when} while you were editing. Nothing of yours was saved yet.", saved.noun);
    Err(Error::conflict(saved.code, text))
}
