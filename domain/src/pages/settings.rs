//! What the owner says of the store, and what was found when its connections were tried.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The store's own facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSettings {
    pub name: String,
    pub tagline: String,
    /// Who sells, as the law wants it named; shown below every page and in mails.
    pub legal_name: String,
    /// Several lines.
    pub address: String,
    pub tax_id: String,
    /// Counts sales; cannot change once something was sold.
    pub currency: String,
    /// A name of the IANA time zone database, such as `Europe/Berlin`.
    pub time_zone: String,
    pub support_email: Option<String>,
    /// Whom mails come from, beside the address that the operator chose.
    pub sender_name: String,
    /// How the owner hears of sales.
    pub sale_mails: SaleMails,
    /// How often each file may be downloaded where its tier does not say.
    pub download_limit: Option<i64>,
    /// How many devices a new tier's license begins with.
    pub activation_limit: Option<i64>,
    /// Markdown; an empty text has no page.
    pub terms_text: String,
    pub privacy_text: String,
    pub refund_text: String,
    /// For how many days buyers have their money back; said where they decide and where they pay.
    pub refund_days: Option<i64>,
}

/// When the owner is mailed about sales.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SaleMails {
    #[default]
    EachOrder,
    /// After each day on which something was sold.
    Daily,
    Never,
}

impl SaleMails {
    pub fn label(self) -> &'static str {
        match self {
            SaleMails::EachOrder => "For each order",
            SaleMails::Daily => "Once a day",
            SaleMails::Never => "Never",
        }
    }
}

/// What becomes of prices in other currencies when the store sells in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OldPrices {
    /// They count in the new currency: $20.00 is €20.00.
    SameNumbers,
    /// They stay as they are, and their products become drafts.
    Draft,
    /// They stay as they are, and nobody can buy for them.
    Leave,
}

impl OldPrices {
    pub fn label(self) -> &'static str {
        match self {
            OldPrices::Leave => "Leave them: shown as not for sale until priced anew",
            OldPrices::SameNumbers => "Take the same numbers: 20 stays 20, in the new currency",
            OldPrices::Draft => "Make the products drafts until they are priced anew",
        }
    }
}

/// How much is priced in some currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedGoods {
    /// Those that were deleted do not count.
    pub n_products: i64,
    /// With an amount or a minimum; archived ones do not count.
    pub n_promotions: i64,
}

impl PricedGoods {
    pub fn is_empty(&self) -> bool {
        self.n_products + self.n_promotions == 0
    }

    /// As a person counts them: "2 products and 1 promotion".
    pub fn words(&self) -> String {
        let some = |n: i64, one: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {one}s")),
        };
        [some(self.n_products, "product"), some(self.n_promotions, "promotion")].into_iter().flatten().collect::<Vec<_>>().join(" and ")
    }
}

/// A text that the store stands by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Policy {
    Terms,
    Privacy,
    Refunds,
}

impl Policy {
    pub fn label(self) -> &'static str {
        match self {
            Policy::Terms => "Terms",
            Policy::Privacy => "Privacy",
            Policy::Refunds => "Refunds",
        }
    }
}

/// What was found when the way to Stripe was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeCheck {
    /// Whether the key moves real money.
    pub is_live: bool,
    /// Nothing when Stripe takes the key, else why not.
    pub key_trouble: Option<String>,
    /// Nothing when the webhook's address leads to this shop, else what came instead.
    pub webhook_trouble: Option<String>,
    pub webhook_url: String,
    /// Nothing when the clock here agrees with Stripe's, else what is wrong and what to do.
    pub clock_trouble: Option<String>,
    /// When Stripe last sent something; milliseconds since 1970.
    pub last_webhook_at: Option<i64>,
}
