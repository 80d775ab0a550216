//! What a shop brings, in figures.

use crate::money::Money;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// How long the steps of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Interval {
    Day,
    /// From Monday.
    Week,
    Month,
}

/// By what figures are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum By {
    Product,
    Country,
    Promotion,
    Referrer,
}

/// Days of the store, both inclusive, as ISO 8601 writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from: String,
    pub to: String,
}

/// What some days brought. Everything in it adds up over days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// What orders came to that were paid.
    pub paid: Money,
    /// What went back by refunds.
    pub refunded: Money,
    /// What banks took back in disputes that were lost.
    pub lost: Money,
    /// What promotions took off.
    pub discounted: Money,
    /// Orders that were paid, free ones included.
    pub n_orders: i64,
    /// Those that cost something.
    pub n_sales: i64,
    pub n_refunds: i64,
    /// Disputes that were lost.
    pub n_lost: i64,
    /// Customers whose first order was paid.
    pub n_new_customers: i64,
    /// Downloads that were begun.
    pub n_downloads: i64,
    /// Pages of the shop that were looked at.
    pub n_views: i64,
    /// People who looked, each once a day.
    pub n_visitors: i64,
    /// Carts that were begun.
    pub n_carts: i64,
}

impl Figures {
    /// Paid minus refunds and lost disputes.
    pub fn revenue(&self) -> Money {
        Money::new(self.paid.amount - self.refunded.amount - self.lost.amount, self.paid.currency)
    }

    /// What a paid order came to on average; nothing where there was none.
    pub fn average(&self) -> Option<Money> {
        // To the nearest minor unit, halves away from zero.
        (self.n_sales > 0).then(|| Money::new((2 * self.paid.amount + self.n_sales) / (2 * self.n_sales), self.paid.currency))
    }

    /// Orders of customers who had bought before.
    pub fn n_returning(&self) -> i64 {
        (self.n_orders - self.n_new_customers).max(0)
    }

    /// How many of ten thousand visitors began a cart.
    pub fn cart_rate(&self) -> Option<i64> {
        rate(self.n_carts, self.n_visitors)
    }

    /// How many of ten thousand visitors paid; all of them where more did than were counted, as some ask not to be.
    pub fn conversion(&self) -> Option<i64> {
        rate(self.n_orders.min(self.n_visitors), self.n_visitors)
    }
}

fn rate(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part.saturating_mul(20_000) + whole) / (2 * whole))
}

/// One step of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub period: Period,
    pub figures: Figures,
}

/// What a period brought, as a whole and step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub period: Period,
    pub interval: Interval,
    /// By its name in the database of time zones.
    pub time_zone: String,
    pub now: Figures,
    pub points: Vec<Point>,
    /// As many days right before, where they are asked for.
    pub before: Option<Before>,
}

/// What the period before brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    pub period: Period,
    pub figures: Figures,
    pub points: Vec<Point>,
}

/// What a period brought, in parts; the greatest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    pub by: By,
    pub period: Period,
    pub rows: Vec<BreakdownRow>,
    /// How many parts there are beside these.
    pub n_more: usize,
}

/// What one part brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakdownRow {
    /// A product's slug, a country's code, a promotion's code or id, a host or campaign; empty where it is not known.
    pub key: String,
    pub name: String,
    pub n_orders: i64,
    /// Of products alone.
    pub n_pieces: Option<i64>,
    pub paid: Money,
    pub refunded: Money,
    /// What banks took back in disputes that were lost.
    pub lost: Money,
    /// Views of a product's page.
    pub n_views: Option<i64>,
    /// Visitors who came from there.
    pub n_visitors: Option<i64>,
}

impl BreakdownRow {
    pub fn revenue(&self) -> Money {
        Money::new(self.paid.amount - self.refunded.amount - self.lost.amount, self.paid.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn figures_are_computed_as_they_say() {
        let usd = |amount| Money::new(amount, Currency::USD);
        let figures = Figures {
            paid: usd(1001),
            refunded: usd(91),
            lost: usd(10),
            discounted: usd(0),
            n_orders: 3,
            n_sales: 2,
            n_refunds: 1,
            n_lost: 1,
            n_new_customers: 2,
            n_downloads: 0,
            n_views: 90,
            n_visitors: 40,
            n_carts: 5,
        };
        assert_eq!((figures.revenue(), figures.average(), figures.n_returning()), (usd(900), Some(usd(501)), 1));
        assert_eq!((figures.cart_rate(), figures.conversion()), (Some(1250), Some(750)));
        assert_eq!(Figures { n_visitors: 2, ..figures }.conversion(), Some(10_000));
        let nothing = Figures { n_sales: 0, n_visitors: 0, ..figures };
        assert_eq!((nothing.average(), nothing.conversion()), (None, None));
    }
}
