//! Orders: their states and what their owner sees.

use crate::id::Id;
use crate::license::LicenseStatus;
use crate::money::{Currency, Money};
use crate::pages::storefront::Picture;
use crate::payment::PaymentMethod;
use crate::terms::{LicenseTerms, TermsWords};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray, Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderStatus {
    Pending,
    Processing,
    Paid,
    PartiallyRefunded,
    Refunded,
    Disputed,
    ChargedBack,
    Failed,
    Expired,
}

impl OrderStatus {
    /// Whether money has arrived, whatever became of it later.
    pub fn was_paid(self) -> bool {
        !matches!(self, OrderStatus::Pending | OrderStatus::Processing | OrderStatus::Failed | OrderStatus::Expired)
    }

    /// Whether payment may still arrive and turn this order into goods.
    ///
    /// A failed or expired order may: late money delivers, it is never kept without goods.
    pub fn may_become_paid(self) -> bool {
        !self.was_paid()
    }
}

/// A file that the owner of an order may fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedFile {
    /// What the API takes to mint a link: `<entitlement>.<file>`.
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    pub downloads_left: i64,
}

/// A license key that the owner of an order has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedLicense {
    pub id: Id,
    pub key: String,
    pub status: LicenseStatus,
    pub activation_limit: Option<i64>,
    pub activation_usage: i64,
    pub expires_at: Option<i64>,
    /// Until when new versions are included; for ever when absent.
    pub updates_until: Option<i64>,
    pub is_trial: bool,
    /// Whether its owner may have another key for it.
    pub is_replaceable: bool,
    /// Devices that use it, the oldest first.
    pub seats: Vec<OwnedSeat>,
}

/// A device that uses a license key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedSeat {
    pub id: Id,
    pub name: String,
    /// Milliseconds since 1970.
    pub since: i64,
    pub seen_at: i64,
}

/// A line of an order as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    pub id: Id,
    /// The slug that it was sold under.
    pub product: String,
    /// The slug that the same product has now; `None` where it can't be found.
    pub product_now: Option<String>,
    /// The cover that the product has now.
    #[serde(default)]
    pub cover: Option<Picture>,
    pub variant: String,
    pub title: String,
    pub variant_name: String,
    pub terms: LicenseTerms,
    /// The terms in the words that they had when the order was made.
    pub terms_words: TermsWords,
    pub quantity: i64,
    pub unit_price: Money,
    pub line_total: Money,
    /// The title of what it came with; it has no price of its own then.
    pub part_of: Option<String>,
    pub files: Vec<OwnedFile>,
    pub licenses: Vec<OwnedLicense>,
    /// It is paid and open, and its seller has not added the files yet.
    pub is_awaited: bool,
}

/// An order as a list of an address's orders names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundOrder {
    pub number: String,
    /// Milliseconds since 1970.
    pub ordered_at: i64,
    pub total: Money,
    /// Of what was sold.
    pub titles: Vec<String>,
    /// Opens it without a password.
    pub url: String,
}

/// An order as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    pub id: String,
    pub number: String,
    pub status: OrderStatus,
    pub email: String,
    pub currency: Currency,
    pub amount_subtotal: i64,
    pub amount_discount: i64,
    pub amount_tax: i64,
    pub amount_total: i64,
    pub amount_refunded: i64,
    /// What a bank took back in disputes that were lost.
    pub amount_lost: i64,
    pub created_at: i64,
    pub paid_at: Option<i64>,
    /// As far as Stripe has told it.
    #[serde(default)]
    pub paid_with: Option<PaymentMethod>,
    /// Where an unpaid order can be paid, while that is possible.
    pub checkout_url: Option<String>,
    /// The goods wait for somebody's decision, such as a review of the payment.
    pub is_on_hold: bool,
    /// A member of the shop has closed all of it.
    pub is_closed: bool,
    /// The number of the order that had paid for the same cart before; the payment of this one goes back.
    pub duplicate_of: Option<String>,
    pub items: Vec<OrderLine>,
}

impl OrderView {
    /// The lines that were paid for, each with what came with it.
    pub fn sold(&self) -> Vec<(&OrderLine, Vec<&OrderLine>)> {
        let mut sold: Vec<(&OrderLine, Vec<&OrderLine>)> = Vec::new();
        for line in &self.items {
            match (&line.part_of, sold.last_mut()) {
                (Some(_), Some((_, parts))) => parts.push(line),
                _ => sold.push((line, Vec::new())),
            }
        }
        sold
    }

    pub fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.currency)
    }
}
