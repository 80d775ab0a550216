//! Work after the request: what the shop does by itself.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum JobKind {
    /// Mail the order to its customer; the payload is the order's id.
    OrderMail,
    /// Tell the customer of a refund; the payload is the refund's id.
    RefundMail,
    /// Tell the customer that the bank returned the payment; the payload is the order's id.
    PaymentFailedMail,
    /// Mail an address the links to its orders; the payload is the id of the latest.
    OrderLinksMail,
    /// Send money back, should that have broken off; the payload is the refund's id.
    Refund,
    /// Tell the owner; the payload is the text.
    Alert,
    /// Mail a member a one-time link; the payload is the link's id.
    EntryMail,
    /// Ask Stripe how a payment was made and what it cost; the payload is the payment's id.
    PaymentMethod,
    /// Tell the owner of a sale; the payload is the order's id.
    SaleMail,
    /// Tell the owner what a day brought; the payload is the day.
    DailySalesMail,
    /// Take the addresses of a customer who was erased out of all texts; the payload is the customer's id.
    Erasure,
}

impl JobKind {
    /// Whether it is a mail that somebody waits for.
    pub fn is_mail(self) -> bool {
        self.is_customer_mail() || self == JobKind::EntryMail
    }

    /// Whether it is a mail to a customer.
    pub fn is_customer_mail(self) -> bool {
        matches!(self, JobKind::OrderMail | JobKind::RefundMail | JobKind::PaymentFailedMail | JobKind::OrderLinksMail)
    }
}
