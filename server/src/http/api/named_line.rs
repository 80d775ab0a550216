//! A line of an order, as software names it.

use domain::id::Id;
use domain::tier::TierRef;
use serde::Deserialize;
use shop::orders::LineName;
use utoipa::ToSchema;

/// A line of the order.
#[derive(Deserialize, ToSchema)]
#[serde(untagged, expecting = "an item is named by its id, or by product and variant")]
pub enum NamedLine {
    Id(LineId),
    Goods(LineGoods),
}

/// The line with this id, whatever became of slugs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineId {
    /// As the order's `items` have it.
    #[schema(value_type = String, format = Uuid)]
    id: Id,
}

/// The line of this product.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineGoods {
    /// The slug that the product has now, or the one that it was sold under while no other product has that.
    product: String,
    /// The tier's key; may be left out where the order has one tier of the product.
    variant: Option<String>,
}

impl From<NamedLine> for LineName {
    fn from(line: NamedLine) -> Self {
        match line {
            NamedLine::Id(LineId { id }) => Self::Id(id),
            NamedLine::Goods(LineGoods { product, variant }) => Self::Goods(TierRef { product, variant }),
        }
    }
}
