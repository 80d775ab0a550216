//! A promotion is changed, archived and restored. Orders keep what they were promised.

use super::create::{write_code, write_goods};
use super::list::{PromotionRow, find_row, terms_of};
use super::steps;
use super::terms::{NewPromotion, check};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::base::entities::promotion;
use crate::{Error, Result, Shop, base::revisions};
use domain::promotion::PromotionStatus;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{ActiveModelTrait, DatabaseTransaction};

/// What a change of a promotion says beside its terms.
#[derive(Clone, Copy, Debug, Default)]
pub struct PromotionChange {
    /// The revision that the change was made from; it is refused where there is a newer one.
    pub revision: Option<i64>,
    /// Whether it is archived; what is absent stays.
    pub is_archived: Option<bool>,
}

/// Changes a promotion, named by its id or its code: `alter` gets it as it stands, and nobody else changes it meanwhile.
///
/// # Errors
/// `NotFound` where there is none; refuses what can't be, and a limit below what is used already; `promotion_changed` (409) where
/// somebody was faster.
pub async fn update(shop: &Shop, by: &Actor, name: &str, change: PromotionChange, alter: impl FnOnce(&mut NewPromotion)) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let row = lock(&tx, shop, name).await?;
    let before = terms_of(&tx, &row).await?;
    let mut after = before.clone();
    alter(&mut after);
    let terms = check(&after, Some(&before), shop.clock.now_ms())?;
    // As they are written, so that only what changes is a change.
    (after.name, after.code, after.currency) =
        (Some(terms.name.clone()), terms.code.clone(), terms.currency.map(|currency| currency.code().to_owned()));
    // What is sent again, as by a second click, stands already.
    if after != before {
        let (id, revision) = (row.id, row.revision);
        let saved = revisions::Saved { kind: "promotion", id, revision, code: "promotion_changed", noun: "this promotion" };
        revisions::check(&tx, shop, saved, change.revision).await?;
    }
    if after.max_redemptions.is_some_and(|limit| limit < row.n_reserved + row.n_redeemed) {
        let text = format!("It is used {} times already, and {} orders that are being paid hold it.", row.n_redeemed, row.n_reserved);
        return Err(Error::refused("limit_invalid", text).at("max_redemptions"));
    }
    let saved = promotion::ActiveModel {
        id: Unchanged(row.id),
        name: Set(terms.name.clone()),
        percent_off: Set(after.percent_off),
        amount_off: Set(after.amount_off),
        currency: Set(terms.currency.map(Into::into)),
        minimum_amount: Set(after.minimum_amount),
        once_per_customer: Set(after.once_per_customer),
        max_redemptions: Set(after.max_redemptions),
        starts_at: Set(after.starts_at),
        expires_at: Set(after.expires_at),
        is_automatic: Set(terms.code.is_none()),
        is_for_everything: Set(after.goods.is_none()),
        revision: Set(row.revision + i64::from(after != before)),
        ..Default::default()
    };
    saved.update(&tx).await?;
    // Goods that are gone from the catalog are no fault of who changes the price.
    if after.goods != before.goods {
        write_goods(&tx, shop, row.id, &after).await?;
    }
    if after.code != before.code {
        write_code(&tx, shop, row.id, terms.code.as_deref()).await?;
    }
    if after != before {
        let action = Action { act: "updated", kind: "promotion", id: Some(row.id), name: &terms.name };
        audit::record(&tx, shop, by, action, Some(&before), Some(&after)).await?;
    }
    if let Some(is_archived) = change.is_archived {
        put_away(&tx, shop, by, &row, is_archived).await?;
    }
    Ok(tx.commit().await?)
}

/// Puts a promotion away: nobody gets it any more, but for orders that hold it. Running it again changes nothing.
///
/// # Errors
/// `NotFound` where there is none.
pub async fn archive(shop: &Shop, by: &Actor, name: &str) -> Result<()> {
    set_status(shop, by, name, true).await
}

/// Brings a promotion back as it was.
///
/// # Errors
/// `NotFound` where there is none.
pub async fn unarchive(shop: &Shop, by: &Actor, name: &str) -> Result<()> {
    set_status(shop, by, name, false).await
}

async fn set_status(shop: &Shop, by: &Actor, name: &str, is_archived: bool) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let row = lock(&tx, shop, name).await?;
    put_away(&tx, shop, by, &row, is_archived).await?;
    Ok(tx.commit().await?)
}

async fn put_away(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, row: &PromotionRow, is_archived: bool) -> Result<()> {
    let (status, act) = if is_archived { (PromotionStatus::Archived, "archived") } else { (PromotionStatus::Active, "unarchived") };
    if row.status != status {
        steps::set_status(tx, row.id, status).await?;
        audit::note(tx, shop, by, Action { act, kind: "promotion", id: Some(row.id), name: &row.name }).await?;
    }
    Ok(())
}

/// The promotion's row, which is this transaction's until it ends: nobody reserves or redeems it meanwhile.
async fn lock(tx: &DatabaseTransaction, shop: &Shop, name: &str) -> Result<PromotionRow> {
    let row = find_row(tx, shop, name).await?;
    steps::lock(tx, row.id).await?;
    find_row(tx, shop, &row.id.to_string()).await
}
