//! What an order that is made from a cart asks of it, and takes out of it.

use crate::base::entities::{cart, cart_item, order_item};
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// Whether the cart still has these tiers in these quantities, or more of them: what was bought a moment ago is not in it any more.
pub(crate) async fn holds(db: &impl ConnectionTrait, cart_id: Id, wanted: &[(Id, i64)]) -> Result<bool> {
    let items = cart_item::Entity::find().filter(cart_item::Column::CartId.eq(cart_id)).all(db).await?;
    Ok(wanted.iter().all(|(variant_id, n)| items.iter().any(|item| item.variant_id == *variant_id && item.quantity >= *n)))
}

/// Takes the cart for this transaction, so that of two requests one waits for the other; tells how often it was paid for.
pub(crate) async fn hold(tx: &DatabaseTransaction, shop: &Shop, cart_id: Id) -> Result<i64> {
    super::touch(tx, cart_id, shop.clock.now_ms()).await?;
    Ok(cart::Entity::find_by_id(cart_id).one(tx).await?.map_or(0, |cart| cart.n_purchases))
}

/// Counts the purchase after this many others; `false` where it was counted, or the cart is gone.
pub(crate) async fn count_purchase(tx: &DatabaseTransaction, cart_id: Id, n_before: i64) -> Result<bool> {
    let counted = cart::Entity::update_many()
        .col_expr(cart::Column::NPurchases, Expr::col(cart::Column::NPurchases).add(1))
        .filter(cart::Column::Id.eq(cart_id))
        .filter(cart::Column::NPurchases.eq(n_before));
    Ok(counted.exec(tx).await?.rows_affected == 1)
}

/// Takes what an order has bought out of its cart. What was added since stays.
pub(crate) async fn take_out(db: &impl ConnectionTrait, cart_id: Id, order_id: Id) -> Result<()> {
    use cart_item::{Column, Entity};
    let bought = order_item::Entity::find()
        .filter(order_item::Column::OrderId.eq(order_id))
        // What came with something else was never in the cart.
        .filter(order_item::Column::PartOfId.is_null())
        .all(db)
        .await?;
    let (mut all_of_it, mut n_bought) = (Condition::any(), CaseStatement::new());
    for line in &bought {
        let tier = Condition::all().add(Column::VariantId.eq(line.variant_id));
        n_bought = n_bought.case(tier.clone(), line.quantity);
        // Nobody needs a second copy of what costs nothing.
        all_of_it = all_of_it.add(if line.unit_amount == 0 { tier } else { tier.add(Column::Quantity.lte(line.quantity)) });
    }
    if !bought.is_empty() {
        Entity::delete_many().filter(Column::CartId.eq(cart_id)).filter(all_of_it).exec(db).await?;
        let n_bought: Expr = n_bought.finally(0i64).into();
        Entity::update_many()
            .col_expr(Column::Quantity, Expr::col(Column::Quantity).sub(n_bought.clone()))
            .filter(Column::CartId.eq(cart_id))
            .filter(Expr::col(Column::Quantity).gt(n_bought))
            .filter(Column::VariantId.is_in(bought.iter().map(|line| line.variant_id)))
            .exec(db)
            .await?;
    }
    // What is bought next has a code and an address of its own.
    cart::Entity::update_many()
        .col_expr(cart::Column::PromotionCode, Expr::value(None::<String>))
        .col_expr(cart::Column::Email, Expr::value(None::<String>))
        .filter(cart::Column::Id.eq(cart_id))
        .filter(cart::Column::PromotionCode.is_not_null().or(cart::Column::Email.is_not_null()))
        .exec(db)
        .await?;
    Ok(())
}
