//! Customers: those who bought something.

use crate::entitlement::EntitlementState;
use crate::money::Money;
use crate::pages::dashboard::{NoteRow, OrderRow};
use crate::pages::license::LicenseRow;
use crate::sorting::{Column, Sorting, both_ways};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What stands where the address of somebody stood who was forgotten. The top-level domain exists nowhere (RFC 2606).
pub const ERASED_HOST: &str = "erased.invalid";

/// Whether an address stands where somebody was forgotten.
pub fn is_erased_address(email: &str) -> bool {
    email.rsplit_once('@').is_some_and(|(_, host)| host == ERASED_HOST)
}

/// An address as a person reads it.
pub fn shown_address(email: &str) -> &str {
    if is_erased_address(email) { "Erased customer" } else { email }
}

/// What customers can be sorted by. Sums over their orders are not among it: no index has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CustomerColumn {
    /// When the first order was paid.
    #[default]
    Since,
    /// When the last order was paid.
    LastOrder,
}

impl Column for CustomerColumn {
    fn begins_descending(self) -> bool {
        true
    }

    fn label(self, is_descending: bool) -> &'static str {
        match (self, is_descending) {
            (CustomerColumn::Since, true) => "Newest customers",
            (CustomerColumn::Since, false) => "Oldest customers",
            (CustomerColumn::LastOrder, true) => "Latest order",
            (CustomerColumn::LastOrder, false) => "Longest without an order",
        }
    }

    fn choices() -> Vec<Sorting<Self>> {
        both_ways(Self::VARIANTS)
    }
}

/// A page of customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerList {
    pub customers: Vec<CustomerRow>,
    pub next_cursor: Option<String>,
}

/// A customer in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    pub id: String,
    pub email: String,
    pub name: String,
    pub is_erased: bool,
    /// Paid orders.
    pub n_orders: i64,
    pub spent: Vec<Spent>,
    pub last_order_at: Option<i64>,
    /// When the first order was paid.
    pub created_at: i64,
}

/// What was spent in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    pub paid: Money,
    pub refunded: Money,
    /// What banks took back in disputes that were lost.
    pub lost: Money,
}

impl Spent {
    /// What stayed with the shop.
    pub fn net(&self) -> Money {
        Money::new(self.paid.amount - self.refunded.amount - self.lost.amount, self.paid.currency)
    }
}

/// Everything that is known of a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFile {
    pub customer: CustomerRow,
    pub orders: Vec<OrderRow>,
    /// There are older orders than these.
    pub has_more_orders: bool,
    pub goods: Vec<GoodRow>,
    pub licenses: Vec<LicenseRow>,
    pub notes: Vec<NoteRow>,
}

/// Something that a customer bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodRow {
    /// The order's public id and its number.
    pub order: (String, String),
    pub title: String,
    pub variant_name: String,
    pub quantity: i64,
    pub state: EntitlementState,
    pub created_at: i64,
}
