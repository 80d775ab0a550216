//! Goods of a paid order that are not in the database: what is missing, and whether it was made again.

use crate::base::entities::{product, variant};
use crate::{Result, Shop};
use domain::id::{Id, order_number};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

/// What a paid order waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostGoods {
    /// The public id of the order.
    pub order: String,
    pub order_id: Id,
    /// The payment at Stripe.
    pub payment: Option<String>,
    pub goods: Vec<LostTier>,
}

/// A tier that was sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostTier {
    pub variant_id: Id,
    /// Slug and key; nothing for sessions of releases that did not keep them.
    pub name: Option<(String, String)>,
}

/// At most this many goods are named in a sentence.
const N_NAMED: usize = 5;

impl LostGoods {
    /// Slugs and keys of what is missing, as people read them.
    pub fn names(&self) -> String {
        let name = |tier: &LostTier| match &tier.name {
            Some((slug, key)) => format!("{slug}/{key}"),
            None => format!("the tier {}", tier.variant_id.simple()),
        };
        let mut names: Vec<String> = self.goods.iter().take(N_NAMED).map(name).collect();
        if self.goods.len() > N_NAMED {
            names.push(format!("and {} more", self.goods.len() - N_NAMED));
        }
        names.join(", ")
    }

    pub fn what(&self) -> String {
        let order = order_number(&self.order);
        format!("Order {order} is paid, and its goods are not in this database, which may be an older backup: {}.", self.names())
    }

    /// What a person can do.
    pub fn to_do(&self) -> String {
        let payment = self.payment.as_deref().map_or_else(|| "the payment".to_owned(), |payment| format!("the payment {payment}"));
        let refund = format!("refund {payment} in Stripe and dismiss this");
        match self.goods.iter().all(|tier| tier.name.is_some()) {
            true => format!("Make the product again with that slug and that tier, and it is delivered by itself. Or {refund}."),
            false => format!("Restore a newer backup, or {refund}."),
        }
    }
}

/// The tier of this slug and key, where it was made after the order: then it was made again. One that is older is another product, as
/// slugs change hands.
pub(super) async fn made_again(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, name: &(String, String)) -> Result<Option<Id>> {
    let product = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(&name.0))
        .filter(product::Column::DeletedAt.is_null());
    let Some(product) = product.one(db).await? else { return Ok(None) };
    let of_key = variant::Entity::find().filter(variant::Column::ProductId.eq(product.id)).filter(variant::Column::Key.eq(&name.1));
    // Ids are in the order of time.
    let newest = of_key.filter(variant::Column::Id.gt(order_id)).order_by_desc(variant::Column::Id).one(db).await?;
    Ok(newest.map(|variant| variant.id))
}

/// Whether all of it is there now.
pub(crate) async fn are_found(shop: &Shop, lost: &LostGoods) -> Result<bool> {
    for tier in &lost.goods {
        let is_back = variant::Entity::find_by_id(tier.variant_id).one(&shop.db).await?.is_some();
        let is_made = match &tier.name {
            Some(name) => made_again(&shop.db, shop, lost.order_id, name).await?.is_some(),
            None => false,
        };
        if !is_back && !is_made {
            return Ok(false);
        }
    }
    Ok(true)
}
