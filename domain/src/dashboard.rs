//! What creators see of their shop.

use crate::catalog::{Kind, ProductStatus};
use crate::ledger::RefundState;
use crate::money::Money;
use crate::order::{OrderStatus, OrderView};
use serde::{Deserialize, Serialize};

/// The last thirty days with today, the latest orders, and what is on the shelves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Nothing where the member may not see sales, and so with the others.
    pub now: Option<Sales>,
    /// The thirty days before.
    pub before: Option<Sales>,
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

/// A page of orders, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderList {
    pub orders: Vec<OrderRow>,
    /// Leads to older ones.
    pub next_cursor: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    pub id: String,
    pub number: String,
    pub email: String,
    pub status: OrderStatus,
    pub total: Money,
    pub created_at: i64,
    /// The titles of its lines.
    pub titles: Vec<String>,
}

/// One order with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFile {
    pub order: OrderView,
    /// Its page as the customer sees it; whoever has this has the goods.
    pub customer_url: String,
    /// What can still be given back.
    pub refundable: Money,
    pub refunds: Vec<RefundRow>,
    pub disputes: Vec<DisputeRow>,
    pub signals: Vec<SignalRow>,
    pub timeline: Vec<Step>,
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditList {
    pub entries: Vec<AuditRow>,
    /// Leads to older ones.
    pub next_cursor: Option<String>,
}

/// Who did what to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    pub actor: String,
    pub act: String,
    pub object_kind: String,
    pub object_name: String,
    /// Field by field: what it was and what it became.
    pub changes: Vec<(String, Option<String>, Option<String>)>,
    pub created_at: i64,
}

/// Money that went back, or is to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRow {
    pub state: RefundState,
    pub amount: Money,
    /// The title of the line that it was for.
    pub item: Option<String>,
    pub reason: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    pub created_at: i64,
}

/// A dispute, in Stripe's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeRow {
    pub status: String,
    pub amount: Money,
    pub reason: Option<String>,
    pub created_at: i64,
}

/// A sign of fraud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalRow {
    pub kind: String,
    pub is_open: bool,
    pub reason: String,
    pub created_at: i64,
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub kind: String,
    pub detail: String,
    pub at: i64,
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
    pub promise: String,
    pub kind: Kind,
    pub status: ProductStatus,
    /// When it appears, where that is still to come.
    pub appears_at: Option<i64>,
    pub price_from: Money,
    /// Pieces sold in paid orders, ever.
    pub n_sold: i64,
}
