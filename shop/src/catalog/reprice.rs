//! Goods that are priced in another currency than the one that the store sells in.

use super::draft::read;
use super::steps;
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::word;
use crate::base::entities::{price, product, variant};
use crate::{Error, Result, Shop, base::world};
use domain::catalog::ProductStatus;
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::pages::settings::OldPrices;
use domain::price::Price;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

/// What is told where something is priced in another currency than the shop's.
pub(super) fn not_sold(title: &str) -> Error {
    let text = format!("{title} can't be bought at the moment: it is not priced in the currency that the shop sells in.");
    Error::conflict("currency_not_sold", text)
}

/// Refuses to put something on sale in another currency than the store's.
pub(super) async fn check_sold_in(tx: &DatabaseTransaction, shop: &Shop, currency: Currency) -> Result<()> {
    let sold_in = crate::stores::currency_in(tx, shop.settings.store_id).await?;
    if sold_in == currency {
        return Ok(());
    }
    let text = format!("The shop sells in {sold_in}, and this is priced in {currency}. Price it in {sold_in} before it goes on sale.");
    Err(Error::refused("currency_not_sold", text))
}

/// How many products that were not deleted are priced in this currency, or in any other one.
pub(crate) async fn n_priced(db: &impl ConnectionTrait, store_id: Id, currency: Currency, is_in_it: bool) -> Result<i64> {
    let of = product::Column::Currency;
    let of_store = product::Entity::find().filter(product::Column::StoreId.eq(store_id)).filter(product::Column::DeletedAt.is_null());
    let priced = of_store.filter(if is_in_it { of.eq(currency.code()) } else { of.ne(currency.code()) });
    Ok(priced.count(db).await? as i64)
}

/// Does with all goods that are priced in other currencies what the owner chose. What has a price that can't be taken over becomes
/// a draft.
pub(crate) async fn settle_old_prices(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, to: Currency, how: OldPrices) -> Result<()> {
    if how == OldPrices::Leave {
        return Ok(());
    }
    let products = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::DeletedAt.is_null())
        .filter(product::Column::Currency.ne(word(to)))
        .order_by_asc(product::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    for product in products {
        let before = read(tx, &product).await?;
        let is_taken_over = how == OldPrices::SameNumbers && take_over(tx, shop, &product, to).await?;
        let (id, slug, was_on_sale) = (product.id, product.slug.clone(), product.status == ProductStatus::Published);
        if !is_taken_over && !was_on_sale {
            continue;
        }
        let revision = product.revision + 1;
        let mut changed = product.into_active_model();
        if is_taken_over {
            changed.currency = Set(to.into());
        } else {
            changed.status = Set(ProductStatus::Draft.into());
        }
        changed.revision = Set(revision);
        changed.updated_at = Set(shop.clock.now_ms());
        changed.updated_by = Set(by.name.clone());
        let row = changed.update(tx).await?;
        steps::sum_up(tx, id).await?;
        let after = read(tx, &row).await?;
        audit::record(tx, shop, by, Action { act: "updated", kind: "product", id: Some(id), name: &slug }, Some(&before), Some(&after))
            .await?;
    }
    Ok(())
}

/// Gives each tier of a product the same number in another currency; nothing happens where one of them can't be charged in it.
async fn take_over(tx: &DatabaseTransaction, shop: &Shop, product: &product::Model, to: Currency) -> Result<bool> {
    let variants: Vec<Id> = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .select_only()
        .column(variant::Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    let prices = price::Entity::find()
        .filter(price::Column::VariantId.is_in(variants))
        .filter(price::Column::IsActive.eq(true))
        .order_by_asc(price::Column::Id)
        .all(tx)
        .await?;
    let new: Option<Vec<price::ActiveModel>> = prices.iter().map(|price| in_currency(shop, price, to)).collect();
    let Some(new) = new else { return Ok(false) };
    for (old, new) in prices.iter().zip(new) {
        steps::end_price(tx, old.variant_id).await?;
        new.insert(tx).await?;
    }
    Ok(true)
}

fn in_currency(shop: &Shop, old: &price::Model, to: Currency) -> Option<price::ActiveModel> {
    let same = |amount| Money::new(amount, *old.currency).same_number_in(to).map(|money| money.amount);
    let amount = same(old.amount)?;
    let least = Price { amount: Money::new(amount, to), pay_what_you_want: old.pay_what_you_want, suggested_amount: None };
    Some(
        price::ActiveModel {
            id: Set(world::new_id()),
            amount: Set(amount),
            currency: Set(to.into()),
            // Rounded, a price before may be no higher any more, and a suggestion no price.
            compare_at: Set(old.compare_at.and_then(same).filter(|before| *before > amount)),
            suggested_amount: Set(old.suggested_amount.and_then(same).filter(|suggested| least.charge(Some(*suggested)).is_ok())),
            is_active: Set(true),
            created_at: Set(shop.clock.now_ms()),
            ..old.clone().into_active_model()
        }
        .reset_all(),
    )
}
