//! What Stripe's events mean, one file a family of them. The event says only where to look: what happened is asked of Stripe.
//!
//! A new event is a name in the file of its family; a new family is a file and its place in [`FAMILIES`].
//! Source: <https://docs.stripe.com/api/events/types>

mod charge;
mod checkout_session;
mod dispute;
mod early_fraud_warning;
mod payment_intent;
mod refund;
mod review;

use super::Followed;
use crate::jobs::Receipt;
use crate::{Result, Shop};
use async_trait::async_trait;

/// Events that speak of one kind of object.
#[async_trait]
pub(crate) trait Family: Sync {
    /// The names of its events that the shop handles.
    fn names(&self) -> &'static [&'static str];

    /// Those that are looked for in Stripe's own list as well, as they change an order.
    fn listed(&self) -> &'static [&'static str] {
        self.names()
    }

    /// Asks Stripe how the object is, and lets the order follow. May run twice.
    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled>;
}

/// An event in somebody's hands.
pub(crate) struct Event<'a> {
    /// Stripe's id of what it speaks of.
    pub object: &'a str,
    /// Milliseconds since 1970.
    pub happened_at: Option<i64>,
    pub receipt: Receipt,
}

/// What came of an event.
pub(crate) enum Handled {
    /// It was noted with what followed from it, in the same transaction.
    Acknowledged,
    /// It is to be noted by what became of its news.
    Followed(Followed),
}

const FAMILIES: [&dyn Family; 7] = [
    &checkout_session::CheckoutSession,
    &payment_intent::PaymentIntent,
    &refund::Refund,
    &charge::Charge,
    &dispute::Dispute,
    &early_fraud_warning::EarlyFraudWarning,
    &review::Review,
];

/// The family that an event of this name is of; nothing where this program doesn't know the name.
pub(crate) fn family_of(name: &str) -> Option<&'static dyn Family> {
    FAMILIES.into_iter().find(|family| family.names().contains(&name))
}

/// The names of all events that this program handles.
pub(crate) fn names() -> Vec<&'static str> {
    FAMILIES.iter().flat_map(|family| family.names()).copied().collect()
}

/// The names that Stripe's list is asked for.
pub(crate) fn listed_names() -> Vec<&'static str> {
    FAMILIES.iter().flat_map(|family| family.listed()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_name_is_of_one_family() {
        let all: BTreeSet<_> = names().into_iter().collect();
        assert_eq!((all.len(), names().len()), (22, 22));
        assert!(family_of("charge.dispute.created").is_some() && family_of("invoice.paid").is_none());
    }

    #[test]
    fn what_is_read_from_stripes_list_is_handled() {
        for family in FAMILIES {
            assert!(family.listed().iter().all(|name| family.names().contains(name)), "{:?}", family.listed());
        }
        assert_eq!(listed_names().len(), 19, "Stripe takes up to twenty names at once");
    }
}
