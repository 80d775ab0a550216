//! A line of an order, as somebody names it.

use crate::base::entities::order_item;
use crate::{Error, Result, Shop, base::refusals, catalog};
use domain::id::Id;
use domain::tier::TierRef;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// Which line of an order is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineName {
    /// The line's own id, which stays what it is while slugs change hands.
    Id(Id),
    /// By the slug that the product has now, or was sold under; without a key its only line.
    Goods(TierRef),
}

impl LineName {
    /// Reads the id of a line, or `product/variant`.
    ///
    /// # Errors
    /// `item_unknown`.
    pub fn read(text: &str) -> Result<Self> {
        match (text.split_once('/'), Uuid::try_parse(text)) {
            (Some(_), _) => Ok(Self::Goods(TierRef::parse(text))),
            (None, Ok(id)) => Ok(Self::Id(id)),
            _ => Err(unknown_line()),
        }
    }

    /// Whether these are the very words of the sale.
    pub(crate) fn is_as_sold(&self, slug: &str, key: &str) -> bool {
        matches!(self, Self::Goods(TierRef { product, variant }) if product == slug && variant.as_ref().is_none_or(|wanted| wanted == key))
    }
}

pub(crate) fn unknown_line() -> Error {
    refusals::ITEM_UNKNOWN.into()
}

/// The lines that a name fits, in the order's own order; several where it names no tier, or what was bought came in a bundle too.
///
/// A slug names the product that has it now. What was sold under it counts only while no product has it, so that nothing is done to
/// the line of a product that gave its slug to another.
pub(crate) async fn lines_named(db: &impl ConnectionTrait, shop: &Shop, order_id: Id, wanted: &LineName) -> Result<Vec<order_item::Model>> {
    let mut items = order_item::Entity::find()
        .filter(order_item::Column::OrderId.eq(order_id))
        .order_by_asc(order_item::Column::Position)
        .all(db)
        .await?;
    match wanted {
        LineName::Id(id) => items.retain(|item| item.id == *id),
        LineName::Goods(TierRef { product, variant }) => {
            items.retain(|item| variant.as_ref().is_none_or(|key| *key == item.variant_key));
            if let Some(now) = catalog::id_of(db, shop, product).await? {
                items.retain(|item| item.product_id == now);
            } else if items.iter().any(|item| item.product_slug == *product) {
                items.retain(|item| item.product_slug == *product);
            } else {
                let before = catalog::id_that_had(db, shop, product).await?;
                items.retain(|item| Some(item.product_id) == before);
            }
        }
    }
    Ok(items)
}
