//! What a piece of an order brings. A new kind of deliverable is a variant here and a room of its own beside `downloads` and `licenses`;
//! the compiler names what is to be said of it.

use crate::base::entities::{order, order_item};
use crate::fulfillment::licenses;
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::DatabaseTransaction;
use strum::VariantArray;

/// What comes with an entitlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(super) enum Deliverable {
    /// The files of what was bought, as `downloads` gives them out.
    Files,
    LicenseKey,
}

/// A piece of a line that was granted: of three copies that were bought, one.
pub(super) struct Piece<'a> {
    pub order: &'a order::Model,
    pub item: &'a order_item::Model,
    /// From 1.
    pub unit_no: i64,
    pub entitlement_id: Id,
}

impl Deliverable {
    /// What a line brings, as it was when the order was made.
    pub(super) fn of(item: &order_item::Model) -> impl Iterator<Item = Self> + use<'_> {
        Self::VARIANTS.iter().copied().filter(|deliverable| match deliverable {
            Deliverable::Files => true,
            Deliverable::LicenseKey => item.has_license,
        })
    }

    /// Makes what a piece needs of it. Running it again changes nothing.
    pub(super) async fn hand_over(self, tx: &DatabaseTransaction, shop: &Shop, piece: &Piece<'_>) -> Result<()> {
        match self {
            // Nothing is made for them: the entitlement opens them, those of later releases as well.
            Deliverable::Files => Ok(()),
            Deliverable::LicenseKey => licenses::issue(tx, shop, piece).await,
        }
    }
}
