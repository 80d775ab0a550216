//! What a creator sees first.

use crate::catalog::ProductStatus;
use crate::money::Money;
use crate::order::OrderStatus;
use serde::{Deserialize, Serialize};

/// The last thirty days with today, the latest orders, and what is on the shelves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub now: Sales,
    /// The thirty days before.
    pub before: Sales,
    pub orders: Vec<OrderRow>,
    pub products: Vec<ProductRow>,
    /// Work that was given up.
    pub failures: Vec<FailureRow>,
}

/// What a period brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sales {
    /// Paid in the period minus refunded in the period, in the store's currency.
    pub revenue: Money,
    /// Orders that were paid, free ones included.
    pub n_orders: i64,
    pub n_downloads: i64,
    /// Customers whose first order was paid in the period.
    pub n_new_customers: i64,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    pub number: String,
    pub email: String,
    pub status: OrderStatus,
    pub total: Money,
    pub created_at: i64,
    /// The titles of its lines.
    pub titles: Vec<String>,
}

/// Work that was given up, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRow {
    /// What tries it again.
    pub id: String,
    pub what: String,
    /// The number of its order.
    pub order: Option<String>,
    pub reason: String,
    pub created_at: i64,
}

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRow {
    pub slug: String,
    pub title: String,
    pub status: ProductStatus,
    pub price_from: Money,
    /// Pieces sold in paid orders, ever.
    pub n_sold: i64,
}
