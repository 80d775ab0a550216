//! What creators see of their shop.

use crate::catalog::{Kind, ProductStatus};
use crate::entitlement::{Cause, EntitlementState};
use crate::id::Id;
use crate::job::JobKind;
use crate::ledger::{DisputeStatus, RefundState, SignalKind};
use crate::money::Money;
use crate::order::{OrderStatus, OrderView};
use crate::pages::analytics::{BreakdownRow, Summary};
use crate::pages::health::OpenDispute;
use crate::pages::storefront::Picture;
use crate::sorting::{Column, Sorting, both_ways};
use crate::timeline::Step;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The last thirty days with today, the latest orders, and what is on the shelves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Nothing where the member may not see sales, and so with the others.
    pub now: Option<Sales>,
    /// The thirty days before.
    pub before: Option<Sales>,
    /// The same days one by one.
    pub sales: Option<Summary>,
    /// The products that brought most in these days.
    pub best: Vec<BreakdownRow>,
    pub orders: Vec<OrderRow>,
    /// The newest.
    pub products: Vec<ProductRow>,
    /// Work that was given up.
    pub failures: Vec<FailureRow>,
    /// Paid orders that are not delivered, and refunds that came back.
    pub n_undelivered: usize,
    pub n_failed_refunds: usize,
    /// Disputes that wait for an answer.
    pub disputes: Vec<OpenDispute>,
    /// What a new shop needs, and whether it has it; nothing once it has all.
    pub setup: Vec<(SetupStep, bool)>,
}

/// What a new shop needs before it can be trusted with money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetupStep {
    /// A product on sale.
    Product,
    /// News from Stripe has reached the shop.
    Stripe,
    /// A mail was sent.
    Mail,
    /// An address for customers.
    Support,
    /// Who sells, by name.
    Seller,
    /// Terms, privacy and refunds.
    Policies,
}

/// What a period brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sales {
    /// Paid in the period minus refunds and lost disputes of the period, in the store's currency.
    pub revenue: Money,
    /// Orders that were paid, free ones included.
    pub n_orders: i64,
    pub n_downloads: i64,
    /// Customers whose first order was paid in the period.
    pub n_new_customers: i64,
}

/// Which orders, as somebody typed it into the filter; it stands so in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderFilter {
    pub q: String,
    pub status: String,
    /// A slug.
    pub product: String,
    /// A promotion's code.
    pub promotion: String,
    /// The code of the country that was paid from.
    pub country: String,
    /// Where the visitor came from, as the figures name it.
    pub referrer: String,
    /// Days of the store or instants in which the order was begun, or paid.
    pub from: String,
    pub to: String,
    /// `paid` where they are those of its payment.
    pub days: String,
    /// Totals in the store's currency.
    pub min: String,
    pub max: String,
    /// A [`Sorting`] of [`OrderColumn`]s.
    pub sort: String,
    pub cursor: String,
}

/// What orders can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderColumn {
    /// When it was begun.
    #[default]
    Started,
    Total,
}

impl Column for OrderColumn {
    fn begins_descending(self) -> bool {
        true
    }

    fn label(self, is_descending: bool) -> &'static str {
        match (self, is_descending) {
            (OrderColumn::Started, true) => "Newest",
            (OrderColumn::Started, false) => "Oldest",
            (OrderColumn::Total, true) => "Highest total",
            (OrderColumn::Total, false) => "Lowest total",
        }
    }

    fn choices() -> Vec<Sorting<Self>> {
        both_ways(Self::VARIANTS)
    }
}

impl OrderFilter {
    /// Which orders, as names and values of the URL: without their order and the page.
    pub fn pairs(&self) -> [(&'static str, &str); 11] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("product", &self.product),
            ("promotion", &self.promotion),
            ("country", &self.country),
            ("referrer", &self.referrer),
            ("from", &self.from),
            ("to", &self.to),
            ("days", &self.days),
            ("min", &self.min),
            ("max", &self.max),
        ]
    }

    /// Whether it lets all orders through.
    pub fn is_empty(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.is_empty())
    }

    /// Whether something beside the search and the status is asked for.
    pub fn has_more(&self) -> bool {
        self.pairs()[2..].iter().any(|(_, value)| !value.is_empty())
    }
}

/// A page of orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderList {
    pub orders: Vec<OrderRow>,
    /// Leads to what comes after.
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
    /// The same of each line that has a price, by its id.
    pub refundable_lines: HashMap<Id, Money>,
    pub refunds: Vec<RefundRow>,
    pub disputes: Vec<DisputeRow>,
    pub signals: Vec<SignalRow>,
    pub timeline: Vec<TimelineRow>,
    /// Who bought it, once it was paid.
    pub customer: Option<String>,
    /// How open each line is.
    pub access: Vec<AccessRow>,
    pub notes: Vec<NoteRow>,
    pub mails: Vec<MailRow>,
    /// Work for this order that was given up.
    pub failures: Vec<FailureRow>,
    /// It is paid, and a piece of it was not handed over.
    pub is_undelivered: bool,
    /// Nothing for what was free or is not paid.
    pub payment: Option<PaymentFacts>,
}

/// How an order was paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFacts {
    /// The payment intent, as Stripe names it.
    pub reference: String,
    /// Whether real money moved.
    pub is_live: bool,
    /// Where Stripe's dashboard shows it; nothing for a Stripe of tests.
    pub url: Option<String>,
    /// What Stripe kept of it, in the currency of the account.
    pub fee: Option<Money>,
}

/// Whether a line of an order may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRow {
    pub item: Id,
    pub state: EntitlementState,
    /// Why not: `refund`, `dispute`, `review` or `member`.
    pub cause: Cause,
    /// Since when a member keeps it closed.
    pub closed_at: Option<i64>,
}

/// What a member wrote on an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRow {
    pub author: String,
    pub body: String,
    pub created_at: i64,
    /// The order it stands on, where several are shown.
    pub order: Option<(String, String)>,
}

/// A mail to the customer and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRow {
    pub id: String,
    pub kind: JobKind,
    pub state: MailState,
    /// Why it was not taken the last time.
    pub reason: Option<String>,
    pub attempts: i64,
    /// The order it is about: its id and its number.
    pub order: Option<(String, String)>,
    /// When it was sent, or was to be.
    pub at: i64,
}

/// How a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailState {
    Waiting,
    /// It was refused for now, and is tried again.
    Retried,
    Sent,
    Failed,
}

/// Something that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hit {
    Product { slug: String, title: String },
    Order { id: String, number: String, email: String },
    Customer { id: String, email: String },
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
    /// The member who asked for it.
    pub by: Option<String>,
    pub created_at: i64,
}

/// A dispute, in Stripe's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeRow {
    pub status: DisputeStatus,
    pub amount: Money,
    pub reason: Option<String>,
    /// Until when it can be answered.
    pub due_at: Option<i64>,
    pub created_at: i64,
}

/// A sign of fraud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalRow {
    pub kind: SignalKind,
    pub is_open: bool,
    pub reason: String,
    pub created_at: i64,
}

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRow {
    pub step: Step,
    pub detail: String,
    pub at: i64,
}

/// What was tried and given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailedTask {
    /// To deliver a paid order whose goods are not in the database.
    LostGoods,
    /// To follow an event from Stripe: its type, and the id of the object that it is about.
    Event {
        name: String,
        object: String,
    },
    Job(JobKind),
    /// A job of a kind that this version doesn't know.
    UnknownJob(String),
}

/// Work that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRow {
    /// What tries it again.
    pub id: String,
    pub task: FailedTask,
    /// The number of its order.
    pub order: Option<String>,
    /// The public id of its order.
    pub order_id: Option<String>,
    /// The payment contradicts its order, or there is no order for it.
    pub is_mismatch: bool,
    pub reason: String,
    pub created_at: i64,
}

impl FailureRow {
    /// Whether it is a mail that somebody waits for.
    pub fn is_mail(&self) -> bool {
        matches!(self.task, FailedTask::Job(kind) if kind.is_mail())
    }
}

/// A product in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRow {
    pub slug: String,
    pub title: String,
    pub promise: String,
    pub kind: Kind,
    pub cover: Option<Picture>,
    pub status: ProductStatus,
    /// When it appears, where that is still to come.
    pub appears_at: Option<i64>,
    pub price_from: Money,
    /// The highest price, where its tiers differ.
    pub price_to: Option<Money>,
    /// Whether it is priced in the currency that the shop sells in.
    pub is_for_sale: bool,
    /// Whether a tier of it delivers something.
    pub delivers: bool,
    /// Pieces sold in paid orders, ever.
    pub n_sold: i64,
    pub updated_at: i64,
}
