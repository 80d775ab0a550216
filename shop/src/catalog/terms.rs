//! License terms in the store's own words. A text is never changed, only followed by another: orders keep theirs.

use super::check::is_line;
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, word};
use crate::base::entities::license_terms;
use crate::{
    Error, Result, Shop,
    base::{revisions, world},
    stores,
};
use domain::id::Id;
use domain::terms::{LicenseTerms, TermsWords};
use domain::text::{has_visible, tidy};
use domain::word::Word;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use std::sync::Arc;

const MAX_LABEL_CHARS: usize = 60;
const MAX_BODY_CHARS: usize = 20_000;

/// The words that count now, for each kind.
pub async fn terms(shop: &Shop) -> Result<Vec<TermsWords>> {
    let mut all = Vec::with_capacity(LicenseTerms::all().len());
    for kind in LicenseTerms::all() {
        all.push(newest(&shop.db, shop.settings.store_id, kind).await?.map_or_else(|| kind.words(), words));
    }
    Ok(all)
}

/// As [`terms`], each with the revision that a change of it may name: how many texts of its kind the store has written.
pub async fn terms_revisions(shop: &Shop) -> Result<Vec<(TermsWords, i64)>> {
    let mut all = Vec::with_capacity(LicenseTerms::all().len());
    for words in terms(shop).await? {
        let revision = revision(&shop.db, shop.settings.store_id, words.terms).await?;
        all.push((words, revision));
    }
    Ok(all)
}

async fn revision(db: &impl ConnectionTrait, store_id: Id, kind: LicenseTerms) -> Result<i64> {
    let of_kind = license_terms::Entity::find()
        .filter(license_terms::Column::StoreId.eq(store_id))
        .filter(license_terms::Column::Kind.eq(word(kind)));
    Ok(i64::try_from(of_kind.count(db).await?).unwrap_or(i64::MAX))
}

/// As [`terms`], kept until they change.
pub(super) async fn shown_terms(shop: &Shop) -> Result<Arc<[TermsWords]>> {
    shop.memos.terms.or_read(shop, async { Ok(terms(shop).await?.into()) }).await
}

async fn newest(db: &impl ConnectionTrait, store_id: Id, kind: LicenseTerms) -> Result<Option<license_terms::Model>> {
    Ok(license_terms::Entity::find()
        .filter(license_terms::Column::StoreId.eq(store_id))
        .filter(license_terms::Column::Kind.eq(word(kind)))
        .order_by_desc(license_terms::Column::Id)
        .one(db)
        .await?)
}

fn words(row: license_terms::Model) -> TermsWords {
    TermsWords { terms: *row.kind, label: row.label, summary: row.summary, body: row.body }
}

/// The text that an order of this moment is made under; nothing where the store has written none.
pub(crate) async fn current_terms_id(db: &impl ConnectionTrait, store_id: Id, kind: LicenseTerms) -> Result<Option<Id>> {
    Ok(newest(db, store_id, kind).await?.map(|row| row.id))
}

/// The texts with these ids.
pub(crate) async fn terms_of(shop: &Shop, ids: Vec<Id>) -> Result<HashMap<Id, TermsWords>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = license_terms::Entity::find().filter(license_terms::Column::Id.is_in(ids)).all(&shop.db).await?;
    Ok(rows.into_iter().map(|row| (row.id, words(row))).collect())
}

/// What is to be different in the terms of a kind; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct TermsChange {
    /// The revision that the change was made from; it is refused where there is a newer one.
    pub revision: Option<i64>,
    pub label: Option<String>,
    pub summary: Option<String>,
    pub body: Option<String>,
}

/// Writes the terms of a kind anew, for the product pages and for orders from now on.
///
/// # Errors
/// Refuses an empty label or summary, and texts that are too long; `terms_changed` (409) where somebody was faster.
pub async fn write_terms(shop: &Shop, by: &Actor, kind: LicenseTerms, change: TermsChange) -> Result<()> {
    let store_id = shop.settings.store_id;
    let tx = begin_write(&shop.db).await?;
    // Who changes the catalog waits here for who does so as well.
    stores::catalog_changed(&tx, store_id).await?;
    let newest = newest(&tx, store_id, kind).await?;
    let revision = revision(&tx, store_id, kind).await?;
    let newest_id = newest.as_ref().map_or(store_id, |row| row.id);
    let before = newest.map_or_else(|| kind.words(), words);
    let new = checked(TermsWords {
        terms: kind,
        label: change.label.unwrap_or_else(|| before.label.clone()),
        summary: change.summary.unwrap_or_else(|| before.summary.clone()),
        body: change.body.unwrap_or_else(|| before.body.clone()),
    })?;
    // What is sent again, as by a second click, stands already.
    if before == new {
        return Ok(());
    }
    let saved = revisions::Saved { kind: "license_terms", id: newest_id, revision, code: "terms_changed", noun: "these terms" };
    revisions::check(&tx, shop, saved, change.revision).await?;
    let id = world::new_id();
    license_terms::ActiveModel {
        id: Set(id),
        store_id: Set(store_id),
        kind: Set(new.terms.into()),
        label: Set(new.label.clone()),
        summary: Set(new.summary.clone()),
        body: Set(new.body.clone()),
        created_at: Set(shop.clock.now_ms()),
    }
    .insert(&tx)
    .await?;
    let action = Action { act: "updated", kind: "license_terms", id: Some(id), name: new.terms.as_str() };
    audit::record(&tx, shop, by, action, Some(&before), Some(&new)).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

fn checked(new: TermsWords) -> Result<TermsWords> {
    let new =
        TermsWords { label: tidy(&new.label), summary: tidy(&new.summary), body: new.body.replace("\r\n", "\n").trim().to_owned(), ..new };
    if !has_visible(&new.label) || new.label.chars().count() > MAX_LABEL_CHARS || !is_line(&new.label) {
        return Err(Error::refused("label_invalid", format!("The name needs 1 to {MAX_LABEL_CHARS} characters in one line.")).at("label"));
    }
    if !has_visible(&new.summary) || !is_line(&new.summary) {
        return Err(Error::refused("summary_invalid", "The summary needs 1 to 500 characters in one line.").at("summary"));
    }
    if new.body.chars().count() > MAX_BODY_CHARS || new.body.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Error::refused("body_invalid", format!("The full text has at most {MAX_BODY_CHARS} characters.")).at("body"));
    }
    Ok(new)
}
