//! Goods of a paid order that are not in the database: what is missing, and whether it was made again.

use crate::database::statement;
use crate::{Result, Shop};
use domain::id::{Id, order_number};
use sea_orm::{ConnectionTrait, FromQueryResult};
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

/// So many goods are named in a sentence.
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
    #[derive(FromQueryResult)]
    struct Row {
        id: Id,
    }
    // Ids are in the order of time.
    let sql = "SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id \
               WHERE p.store_id = $1 AND p.slug = $2 AND p.deleted_at IS NULL AND v.key = $3 AND v.id > $4 ORDER BY v.id DESC LIMIT 1";
    let values = [shop.settings.store_id.into(), name.0.clone().into(), name.1.clone().into(), order_id.into()];
    Ok(Row::find_by_statement(statement(db, sql, values)).one(db).await?.map(|row| row.id))
}

/// Whether all of it is there now.
pub(crate) async fn are_found(shop: &Shop, lost: &LostGoods) -> Result<bool> {
    for tier in &lost.goods {
        let sql = "SELECT id FROM variants WHERE id = $1";
        let is_back = shop.db.query_one_raw(statement(&shop.db, sql, [tier.variant_id.into()])).await?.is_some();
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
