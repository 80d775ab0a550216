//! Promotions that count in another currency than the one that the store sells in. They apply to nothing.

use super::list::{find_row, terms_of};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::word;
use crate::base::entities::promotion;
use crate::{Result, Shop};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::promotion::PromotionStatus;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

/// How many promotions that are not archived count in this currency, or in any other one.
pub(crate) async fn n_counted(db: &impl ConnectionTrait, store_id: Id, currency: Currency, is_in_it: bool) -> Result<i64> {
    let of = promotion::Column::Currency;
    let of_store = promotion::Entity::find()
        .filter(promotion::Column::StoreId.eq(store_id))
        .filter(promotion::Column::Status.eq(word(PromotionStatus::Active)));
    let counted = of_store.filter(if is_in_it { of.eq(currency.code()) } else { of.ne(currency.code()) });
    Ok(counted.count(db).await? as i64)
}

/// Gives amounts and minimums of all promotions the same number in another currency. One whose amount can't be charged in it stays
/// as it is.
pub(crate) async fn take_over(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, to: Currency) -> Result<()> {
    let promotions = promotion::Entity::find()
        .filter(promotion::Column::StoreId.eq(shop.settings.store_id))
        .filter(promotion::Column::Currency.is_not_null())
        .filter(promotion::Column::Currency.ne(word(to)))
        .order_by_asc(promotion::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    for promotion in promotions {
        let Some(from) = promotion.currency.map(|currency| *currency) else { continue };
        let same = |amount: Option<i64>| match amount {
            Some(amount) => Money::new(amount, from).same_number_in(to).map(|money| Some(money.amount)),
            None => Some(None),
        };
        let (Some(amount_off), Some(minimum)) = (same(promotion.amount_off), same(promotion.minimum_amount)) else { continue };
        let (id, name) = (promotion.id, promotion.name.clone());
        let before = terms_of(tx, &find_row(tx, shop, &id.to_string()).await?).await?;
        let mut changed = promotion.into_active_model();
        changed.amount_off = Set(amount_off);
        changed.minimum_amount = Set(minimum);
        changed.currency = Set(Some(to.into()));
        changed.update(tx).await?;
        let after = terms_of(tx, &find_row(tx, shop, &id.to_string()).await?).await?;
        audit::record(tx, shop, by, Action { act: "updated", kind: "promotion", id: Some(id), name: &name }, Some(&before), Some(&after))
            .await?;
    }
    Ok(())
}
