//! A new promotion, with a code or without.

use super::list::find_row;
use super::normalized;
use super::terms::{NewPromotion, check, find_goods};
use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute, is_duplicate, statement};
use crate::entities::promotion;
use crate::once::{self, Once};
use crate::{Error, Result, Shop, world};
use domain::id::Id;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction};

#[derive(Clone, Debug)]
pub struct CreatedPromotion {
    pub id: Id,
    pub name: String,
    pub code: Option<String>,
}

/// Makes a promotion that can be used as soon as it begins, once.
///
/// # Errors
/// Refuses what can't be; `promotion_code_taken` when the code exists.
pub async fn create(shop: &Shop, by: &Actor, new: NewPromotion, once: Option<&Once>) -> Result<CreatedPromotion> {
    let terms = check(&new, None, shop.clock.now_ms())?;
    let (id, now) = (world::new_id(), shop.clock.now_ms());
    let tx = begin_write(&shop.db).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        let row = find_row(&tx, shop, &id.to_string()).await?;
        return Ok(CreatedPromotion { id, name: row.name, code: row.code });
    }
    promotion::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        name: Set(terms.name.clone()),
        percent_off: Set(new.percent_off),
        amount_off: Set(new.amount_off),
        currency: Set(terms.currency),
        minimum_amount: Set(new.minimum_amount),
        once_per_customer: Set(new.once_per_customer),
        max_redemptions: Set(new.max_redemptions),
        n_reserved: Set(0),
        n_redeemed: Set(0),
        starts_at: Set(new.starts_at),
        expires_at: Set(new.expires_at),
        status: Set("active".to_owned()),
        created_at: Set(now),
        is_automatic: Set(terms.code.is_none()),
        is_for_everything: Set(new.goods.is_none()),
        amount_sold: Set(0),
        amount_given: Set(0),
        revision: Set(1),
    }
    .insert(&tx)
    .await?;
    write_goods(&tx, shop, id, &new).await?;
    write_code(&tx, shop, id, terms.code.as_deref()).await?;
    let deed = Deed { act: "created", kind: "promotion", id: Some(id), name: &terms.name };
    audit::record(&tx, shop, by, deed, None, Some(&new)).await?;
    once::remember(&tx, shop, once, id).await?;
    tx.commit().await?;
    Ok(CreatedPromotion { id, name: terms.name, code: terms.code })
}

/// Writes which goods the promotion is for, in the place of those that it was for.
pub(super) async fn write_goods(tx: &DatabaseTransaction, shop: &Shop, id: Id, new: &NewPromotion) -> Result<()> {
    execute(tx, "DELETE FROM promotion_goods WHERE promotion_id = $1", [id.into()]).await?;
    let Some(goods) = &new.goods else { return Ok(()) };
    for (product_id, variant_id) in find_goods(tx, shop, goods).await? {
        let sql = "INSERT INTO promotion_goods (id, promotion_id, product_id, variant_id) VALUES ($1, $2, $3, $4)";
        execute(tx, sql, [world::new_id().into(), id.into(), product_id.into(), variant_id.into()]).await?;
    }
    Ok(())
}

/// Writes the code of a promotion, in the place of the one that it had.
///
/// # Errors
/// `promotion_code_taken` when another has it.
pub(super) async fn write_code(tx: &DatabaseTransaction, shop: &Shop, id: Id, code: Option<&str>) -> Result<()> {
    let Some(code) = code else {
        execute(tx, "DELETE FROM promotion_codes WHERE promotion_id = $1", [id.into()]).await?;
        return Ok(());
    };
    let normalized = normalized(code);
    // Asked first, as PostgreSQL ends a transaction at a key that exists. The key itself decides when two come at once.
    let sql = "SELECT p.status FROM promotion_codes c JOIN promotions p ON p.id = c.promotion_id WHERE c.store_id = $1 AND c.code_normalized = $2 AND c.promotion_id <> $3";
    let values = [shop.settings.store_id.into(), normalized.clone().into(), id.into()];
    if let Some(row) = tx.query_one_raw(statement(tx, sql, values)).await? {
        return Err(taken(row.try_get::<String>("", "status")? == "archived"));
    }
    execute(tx, "DELETE FROM promotion_codes WHERE promotion_id = $1", [id.into()]).await?;
    let sql = "INSERT INTO promotion_codes (id, store_id, promotion_id, code, code_normalized) VALUES ($1, $2, $3, $4, $5)";
    let values = [world::new_id().into(), shop.settings.store_id.into(), id.into(), code.into(), normalized.into()];
    match execute(tx, sql, values).await {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(taken(false)),
        Err(error) => Err(error.into()),
    }
}

fn taken(is_archived: bool) -> Error {
    let text = if is_archived {
        "An archived promotion has this code. Bring that one back, or choose another code."
    } else {
        "There is a promotion with this code already. Please choose another."
    };
    Error::conflict("promotion_code_taken", text).at("code")
}
