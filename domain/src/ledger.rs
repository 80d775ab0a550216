//! The ledger of an order: what is known of its money, in whatever order it was learned, and what follows from it.
//!
//! Facts merge: each is known by its own name, a copy adds nothing, and an older state never undoes a newer one. Status and
//! entitlements are computed from all of them, never toggled by the name of an event.

use crate::entitlement::{Cause, EntitlementState};
use crate::id::Id;
use crate::order::OrderStatus;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// How far a payment has come that has not arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    #[default]
    Open,
    /// A bank is at work.
    Processing,
    Expired,
    Failed,
}

impl Progress {
    /// What an order is whose payment has come so far.
    pub fn status(self) -> OrderStatus {
        match self {
            Progress::Open => OrderStatus::Pending,
            Progress::Processing => OrderStatus::Processing,
            Progress::Expired => OrderStatus::Expired,
            Progress::Failed => OrderStatus::Failed,
        }
    }

    /// The statuses from which an order takes this step; from any other, the fact is old.
    pub fn leaves(self) -> &'static [OrderStatus] {
        match self {
            Progress::Open => &[],
            Progress::Processing => &[OrderStatus::Pending],
            Progress::Expired | Progress::Failed => &[OrderStatus::Pending, OrderStatus::Processing],
        }
    }
}

/// How a refund stands. Stripe's words, after one of ours: <https://docs.stripe.com/api/refunds/object#refund_object-status>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RefundState {
    /// Written down and reserved; Stripe has not answered yet.
    Requested,
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Canceled,
}

impl RefundState {
    /// Whether the money is away or on its way.
    pub fn counts(self) -> bool {
        matches!(self, RefundState::Pending | RefundState::RequiresAction | RefundState::Succeeded)
    }

    /// Money comes back to us from a refund that succeeded, never the other way.
    fn rank(self) -> u8 {
        match self {
            RefundState::Requested => 0,
            RefundState::Pending => 1,
            RefundState::RequiresAction => 2,
            RefundState::Succeeded => 3,
            RefundState::Canceled => 4,
            RefundState::Failed => 5,
        }
    }

    /// What is known after both were heard.
    pub fn merge(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

/// How a dispute stands: <https://docs.stripe.com/api/disputes/object#dispute_object-status>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DisputeStatus {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Prevented,
    Lost,
    Won,
}

impl DisputeStatus {
    /// The bank only asks; no money has moved.
    pub fn is_inquiry(self) -> bool {
        matches!(self, DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningUnderReview | DisputeStatus::WarningClosed)
    }

    /// The money is gone until the bank has decided.
    pub fn is_open(self) -> bool {
        matches!(self, DisputeStatus::NeedsResponse | DisputeStatus::UnderReview)
    }

    /// The bank waits for what the seller says.
    pub fn needs_answer(self) -> bool {
        matches!(self, DisputeStatus::WarningNeedsResponse | DisputeStatus::NeedsResponse)
    }

    /// An inquiry may become a chargeback, which is answered, then judged. A judgment that banks revised is in our favor
    /// in the end: the customer paid, so the goods are open.
    fn rank(self) -> u8 {
        self as u8
    }

    /// What is known after both were heard.
    pub fn merge(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

/// A refund as the ledger knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundFact {
    pub amount: i64,
    /// The line that it is for; a refund without one is for the order.
    pub item: Option<Id>,
    pub state: RefundState,
}

/// Something that was learned, under the name by which Stripe knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Progress(Progress),
    Payment { name: String, amount: i64 },
    Refund { name: String, refund: RefundFact },
    Dispute { name: String, status: DisputeStatus },
    Review { name: String, is_open: bool },
}

/// What is known of an order's money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What the order costs, minor units.
    pub amount_total: i64,
    pub progress: Progress,
    /// An order over nothing is paid without a payment.
    pub is_free: bool,
    pub payments: BTreeMap<String, i64>,
    pub refunds: BTreeMap<String, RefundFact>,
    pub disputes: BTreeMap<String, DisputeStatus>,
    /// Reviews by Stripe's fraud rules, and whether they are open.
    pub reviews: BTreeMap<String, bool>,
}

/// What kind of sign of fraud Stripe gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SignalKind {
    EarlyFraudWarning,
    Review,
}

impl Ledger {
    /// Adds a fact; the order in which facts are added, and how often, changes nothing.
    pub fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Progress(progress) => self.progress = self.progress.max(progress),
            Fact::Payment { name, amount } => {
                self.payments.entry(name).or_insert(amount);
            }
            Fact::Refund { name, refund } => {
                self.refunds.entry(name).and_modify(|known| known.state = known.state.merge(refund.state)).or_insert(refund);
            }
            Fact::Dispute { name, status } => {
                self.disputes.entry(name).and_modify(|known| *known = known.merge(status)).or_insert(status);
            }
            // A review that is closed does not open again.
            Fact::Review { name, is_open } => {
                self.reviews.entry(name).and_modify(|known| *known &= is_open).or_insert(is_open);
            }
        }
    }

    fn is_paid(&self) -> bool {
        self.is_free || !self.payments.is_empty()
    }

    /// What was paid beyond the price, as by two payments of one order.
    pub fn amount_surplus(&self) -> i64 {
        if self.payments.is_empty() { 0 } else { (self.payments.values().sum::<i64>() - self.amount_total).max(0) }
    }

    fn sum_refunds(&self, is_wanted: impl Fn(&RefundFact) -> bool) -> i64 {
        self.refunds.values().filter(|refund| is_wanted(refund)).map(|refund| refund.amount).sum()
    }

    /// What went back of the order's own price; a refunded surplus does not count.
    pub fn amount_refunded(&self) -> i64 {
        (self.sum_refunds(|refund| refund.state.counts()) - self.amount_surplus()).clamp(0, self.amount_total)
    }

    /// What is promised to go back and not away yet.
    pub fn amount_reserved(&self) -> i64 {
        let away = self.sum_refunds(|refund| refund.state.counts());
        let with_promised = away + self.sum_refunds(|refund| refund.state == RefundState::Requested);
        (with_promised - away.max(self.amount_surplus())).clamp(0, self.amount_total - self.amount_refunded())
    }

    /// The status that follows from the facts, in whatever order they arrived.
    pub fn status(&self) -> OrderStatus {
        if !self.is_paid() {
            return self.progress.status();
        }
        let refunded = self.amount_refunded();
        if self.disputes.values().any(|status| *status == DisputeStatus::Lost) {
            OrderStatus::ChargedBack
        } else if self.disputes.values().any(|status| status.is_open()) {
            OrderStatus::Disputed
        } else if self.amount_total > 0 && refunded >= self.amount_total {
            OrderStatus::Refunded
        } else if refunded > 0 {
            OrderStatus::PartiallyRefunded
        } else {
            OrderStatus::Paid
        }
    }

    /// Whether a line of the order may be used, and if not, why. A line that was given back stays so, whatever becomes of the rest.
    pub fn entitlement(&self, item: Id) -> (EntitlementState, Cause) {
        match self.status() {
            OrderStatus::ChargedBack => (EntitlementState::Revoked, Cause::Dispute),
            OrderStatus::Refunded => (EntitlementState::Revoked, Cause::Refund),
            _ if self.refunds.values().any(|refund| refund.item == Some(item) && refund.state.counts()) => {
                (EntitlementState::Revoked, Cause::Refund)
            }
            OrderStatus::Disputed => (EntitlementState::Suspended, Cause::Dispute),
            OrderStatus::Paid | OrderStatus::PartiallyRefunded if self.reviews.values().any(|is_open| *is_open) => {
                (EntitlementState::Suspended, Cause::Review)
            }
            OrderStatus::Paid | OrderStatus::PartiallyRefunded => (EntitlementState::Active, Cause::None),
            OrderStatus::Pending | OrderStatus::Processing | OrderStatus::Failed | OrderStatus::Expired => {
                (EntitlementState::Revoked, Cause::None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ITEM: Id = Id::from_u128(1);
    const OTHER: Id = Id::from_u128(2);

    fn paid(total: i64) -> Ledger {
        let mut ledger = Ledger { amount_total: total, ..Ledger::default() };
        ledger.learn(Fact::Payment { name: "pi_1".into(), amount: total });
        ledger
    }

    fn refund(name: &str, amount: i64, state: RefundState, item: Option<Id>) -> Fact {
        Fact::Refund { name: name.into(), refund: RefundFact { amount, item, state } }
    }

    fn dispute(status: DisputeStatus) -> Fact {
        Fact::Dispute { name: "du_1".into(), status }
    }

    #[test]
    fn late_money_pays_an_order_that_had_failed_and_expired() {
        let mut ledger = paid(500);
        ledger.learn(Fact::Progress(Progress::Expired));
        ledger.learn(Fact::Progress(Progress::Failed));
        assert_eq!(ledger.status(), OrderStatus::Paid);
        assert_eq!(ledger.entitlement(ITEM).0, EntitlementState::Active);
    }

    #[test]
    fn an_order_over_nothing_is_paid_with_nothing() {
        let ledger = Ledger { is_free: true, ..Ledger::default() };
        assert_eq!(ledger.status(), OrderStatus::Paid);
    }

    #[test]
    fn forty_percent_back_keep_the_goods_and_sixty_more_end_them() {
        let mut ledger = paid(1_000);
        ledger.learn(refund("re_1", 400, RefundState::Succeeded, None));
        assert_eq!((ledger.status(), ledger.entitlement(ITEM).0), (OrderStatus::PartiallyRefunded, EntitlementState::Active));
        ledger.learn(refund("re_2", 600, RefundState::Pending, None));
        assert_eq!((ledger.status(), ledger.entitlement(ITEM).0), (OrderStatus::Refunded, EntitlementState::Revoked));
        ledger.learn(refund("re_2", 600, RefundState::Failed, None));
        assert_eq!((ledger.status(), ledger.entitlement(ITEM).0), (OrderStatus::PartiallyRefunded, EntitlementState::Active));
    }

    #[test]
    fn a_line_that_was_given_back_is_closed_and_the_others_stay_open() {
        let mut ledger = paid(1_000);
        ledger.learn(refund("re_1", 400, RefundState::Succeeded, Some(ITEM)));
        assert_eq!(ledger.entitlement(ITEM), (EntitlementState::Revoked, Cause::Refund));
        assert_eq!(ledger.entitlement(OTHER), (EntitlementState::Active, Cause::None));
    }

    #[test]
    fn an_inquiry_only_asks_a_chargeback_suspends_and_its_end_decides() {
        for (status, state) in [
            (DisputeStatus::WarningNeedsResponse, EntitlementState::Active),
            (DisputeStatus::NeedsResponse, EntitlementState::Suspended),
            (DisputeStatus::UnderReview, EntitlementState::Suspended),
            (DisputeStatus::Won, EntitlementState::Active),
            (DisputeStatus::Prevented, EntitlementState::Active),
            (DisputeStatus::WarningClosed, EntitlementState::Active),
            (DisputeStatus::Lost, EntitlementState::Revoked),
        ] {
            let mut ledger = paid(10);
            ledger.learn(dispute(status));
            assert_eq!(ledger.entitlement(ITEM).0, state, "{status:?}");
        }
        let mut ledger = paid(10);
        ledger.learn(dispute(DisputeStatus::Won));
        ledger.learn(dispute(DisputeStatus::NeedsResponse));
        assert_eq!(ledger.status(), OrderStatus::Paid, "news of before the end changes nothing");
    }

    #[test]
    fn a_second_payment_that_goes_back_is_no_refund_of_the_order() {
        let mut ledger = paid(1_000);
        ledger.learn(Fact::Payment { name: "pi_2".into(), amount: 1_000 });
        ledger.learn(refund("re_1", 1_000, RefundState::Requested, None));
        assert_eq!((ledger.amount_reserved(), ledger.status()), (0, OrderStatus::Paid));
        ledger.learn(refund("re_1", 1_000, RefundState::Succeeded, None));
        assert_eq!((ledger.amount_refunded(), ledger.status()), (0, OrderStatus::Paid));
        ledger.learn(refund("re_2", 1_000, RefundState::Succeeded, None));
        assert_eq!((ledger.amount_refunded(), ledger.status()), (1_000, OrderStatus::Refunded));
    }

    #[test]
    fn an_open_review_holds_the_goods_back() {
        let mut ledger = paid(10);
        ledger.learn(Fact::Review { name: "prv_1".into(), is_open: true });
        assert_eq!(ledger.entitlement(ITEM), (EntitlementState::Suspended, Cause::Review));
        ledger.learn(Fact::Review { name: "prv_1".into(), is_open: false });
        ledger.learn(Fact::Review { name: "prv_1".into(), is_open: true });
        assert_eq!(ledger.entitlement(ITEM), (EntitlementState::Active, Cause::None));
    }

    fn fact() -> impl Strategy<Value = Fact> {
        let names = |start: &'static str| (1..4u8).prop_map(move |n| format!("{start}_{n}"));
        prop_oneof![
            prop::sample::select(vec![Progress::Open, Progress::Processing, Progress::Expired, Progress::Failed]).prop_map(Fact::Progress),
            names("pi").prop_map(|name| Fact::Payment { name, amount: 1_000 }),
            // What a refund is about is decided with its name; only its state is news.
            (1..5u8, prop::sample::select(RefundState::VARIANTS)).prop_map(|(n, state)| Fact::Refund {
                name: format!("re_{n}"),
                refund: RefundFact { amount: i64::from(n) * 250, item: (n == 1).then_some(ITEM), state }
            }),
            (names("du"), prop::sample::select(DisputeStatus::VARIANTS)).prop_map(|(name, status)| Fact::Dispute { name, status }),
            (names("prv"), any::<bool>()).prop_map(|(name, is_open)| Fact::Review { name, is_open }),
        ]
    }

    fn learned(facts: &[Fact]) -> Ledger {
        let mut ledger = Ledger { amount_total: 1_000, ..Ledger::default() };
        for fact in facts {
            ledger.learn(fact.clone());
        }
        ledger
    }

    proptest! {
        #[test]
        fn any_order_of_arrival_and_any_number_of_copies_ends_the_same(
            (facts, shuffled) in prop::collection::vec(fact(), 0..24).prop_flat_map(|facts| {
                let mut twice = facts.clone();
                twice.extend(facts.iter().step_by(2).cloned());
                (Just(facts), Just(twice).prop_shuffle())
            }),
        ) {
            prop_assert_eq!(learned(&facts), learned(&shuffled));
        }

        #[test]
        fn goods_are_open_exactly_while_the_money_is_ours(facts in prop::collection::vec(fact(), 0..24)) {
            let ledger = learned(&facts);
            let is_ours = !ledger.payments.is_empty()
                && ledger.amount_refunded() < ledger.amount_total
                && !ledger.disputes.values().any(|status| status.is_open() || *status == DisputeStatus::Lost)
                && !ledger.reviews.values().any(|is_open| *is_open);
            prop_assert_eq!(ledger.entitlement(OTHER).0 == EntitlementState::Active, is_ours);
            prop_assert_eq!(ledger.status().was_paid(), !ledger.payments.is_empty());
        }

        #[test]
        fn what_goes_back_is_never_more_than_what_was_paid(facts in prop::collection::vec(fact(), 0..24)) {
            let ledger = learned(&facts);
            prop_assert!(ledger.amount_refunded() >= 0 && ledger.amount_reserved() >= 0);
            prop_assert!(ledger.amount_refunded() + ledger.amount_reserved() <= ledger.amount_total);
        }

        #[test]
        fn no_news_makes_a_paid_order_unpaid(facts in prop::collection::vec(fact(), 0..24)) {
            let mut ledger = paid(1_000);
            for fact in facts {
                ledger.learn(fact);
                prop_assert!(ledger.status().was_paid());
            }
        }
    }
}
