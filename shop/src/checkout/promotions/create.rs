//! A new promotion, with a code or without.

use super::list::find_row;
use super::normalized;
use super::terms::{NewPromotion, check, find_goods};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, is_duplicate};
use crate::base::entities::{promotion, promotion_code, promotion_good};
use crate::base::once::{self, Once};
use crate::{Error, Result, Shop, base::world};
use domain::id::Id;
use domain::promotion::PromotionStatus;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

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
        currency: Set(terms.currency.map(Into::into)),
        minimum_amount: Set(new.minimum_amount),
        once_per_customer: Set(new.once_per_customer),
        max_redemptions: Set(new.max_redemptions),
        n_reserved: Set(0),
        n_redeemed: Set(0),
        starts_at: Set(new.starts_at),
        expires_at: Set(new.expires_at),
        status: Set(PromotionStatus::Active.into()),
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
    let action = Action { act: "created", kind: "promotion", id: Some(id), name: &terms.name };
    audit::record(&tx, shop, by, action, None, Some(&new)).await?;
    once::remember(&tx, shop, once, id).await?;
    tx.commit().await?;
    Ok(CreatedPromotion { id, name: terms.name, code: terms.code })
}

/// Writes which goods the promotion is for, in the place of those that it was for.
pub(super) async fn write_goods(tx: &DatabaseTransaction, shop: &Shop, id: Id, new: &NewPromotion) -> Result<()> {
    promotion_good::Entity::delete_many().filter(promotion_good::Column::PromotionId.eq(id)).exec(tx).await?;
    let Some(goods) = &new.goods else { return Ok(()) };
    let goods = find_goods(tx, shop, goods).await?.into_iter().map(|(product_id, variant_id)| promotion_good::ActiveModel {
        id: Set(world::new_id()),
        promotion_id: Set(id),
        product_id: Set(product_id),
        variant_id: Set(variant_id),
    });
    promotion_good::Entity::insert_many(goods).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes the code of a promotion, in the place of the one that it had.
///
/// # Errors
/// `promotion_code_taken` when another has it.
pub(super) async fn write_code(tx: &DatabaseTransaction, shop: &Shop, id: Id, code: Option<&str>) -> Result<()> {
    let own = || promotion_code::Entity::delete_many().filter(promotion_code::Column::PromotionId.eq(id));
    let Some(code) = code else {
        own().exec(tx).await?;
        return Ok(());
    };
    let normalized = normalized(code);
    // Asked first, as PostgreSQL ends a transaction at a key that exists. The key itself decides when two come at once.
    let other = promotion_code::Entity::find()
        .filter(promotion_code::Column::StoreId.eq(shop.settings.store_id))
        .filter(promotion_code::Column::CodeNormalized.eq(&normalized))
        .filter(promotion_code::Column::PromotionId.ne(id));
    if let Some(other) = other.one(tx).await? {
        let promotion = promotion::Entity::find_by_id(other.promotion_id).one(tx).await?;
        return Err(taken(promotion.is_some_and(|promotion| promotion.status == PromotionStatus::Archived)));
    }
    own().exec(tx).await?;
    let row = promotion_code::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        promotion_id: Set(id),
        code: Set(code.to_owned()),
        code_normalized: Set(normalized),
    };
    match row.insert(tx).await {
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
