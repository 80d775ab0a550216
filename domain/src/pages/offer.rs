//! What is offered of a product: its tiers, their files, and what comes with them.

use super::storefront::Picture;
use crate::catalog::Kind;
use crate::license::LicensePolicy;
use crate::money::Money;
use crate::price::Price;
use crate::terms::LicenseTerms;
use serde::{Deserialize, Serialize};

/// A file as a fact: what it is and how big.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
}

impl FileFact {
    /// The short name of its format, such as `PDF`.
    pub fn format(&self) -> String {
        match self.name.rsplit_once('.') {
            Some((_, extension)) if extension.len() <= 5 => extension.to_ascii_uppercase(),
            _ => self.media_type.clone(),
        }
    }
}

/// Each format of some files once.
fn formats<'a>(files: impl Iterator<Item = &'a FileFact>) -> String {
    let mut formats: Vec<String> = files.map(FileFact::format).collect();
    formats.sort();
    formats.dedup();
    formats.join(", ")
}

/// A tier of a product that can be bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantOffer {
    /// Whether its price is in the currency that the shop sells in.
    pub is_in_currency: bool,
    pub key: String,
    pub name: String,
    pub summary: String,
    pub price: Money,
    pub compare_at: Option<i64>,
    pub terms: LicenseTerms,
    pub files: Vec<FileFact>,
    pub has_license: bool,
    pub activation_limit: Option<i64>,
    pub expires_after_days: Option<i64>,
    /// What else its keys are.
    #[serde(default)]
    pub license_policy: LicensePolicy,
    pub download_limit: Option<i64>,
    /// What sets it apart, such as resolution or format: names and values in the seller's order.
    pub attributes: Vec<(String, String)>,
    pub pay_what_you_want: bool,
    pub suggested_amount: Option<i64>,
    /// What comes with it, in the seller's order.
    pub includes: Vec<IncludedTier>,
}

impl VariantOffer {
    /// The price with what the customer may name.
    pub fn pricing(&self) -> Price {
        Price { amount: self.price, pay_what_you_want: self.pay_what_you_want, suggested_amount: self.suggested_amount }
    }

    /// Whether who buys it gets something: a file, a license key, or what comes with it. Nothing else is sold.
    ///
    /// The same in SQL: `shop::catalog`.
    pub fn delivers(&self) -> bool {
        !self.files.is_empty() || self.has_license || self.includes.iter().any(|tier| tier.delivers)
    }

    /// All files that a buyer gets: its own, and those of what comes with it.
    pub fn all_files(&self) -> impl Iterator<Item = &FileFact> {
        self.files.iter().chain(self.includes.iter().flat_map(|tier| &tier.files))
    }

    /// The formats of all that a buyer gets, such as `EPUB, PDF`.
    pub fn formats(&self) -> String {
        formats(self.all_files())
    }

    pub fn total_bytes(&self) -> i64 {
        self.all_files().fold(0, |sum, file| sum.saturating_add(file.size_bytes))
    }

    /// How much less it costs than all that comes with it by itself.
    pub fn saved(&self) -> Option<Money> {
        self.worth().map(|worth| Money::new(worth.amount - self.price.amount, worth.currency))
    }

    /// What all that comes with it costs by itself, where that can be told and is more than it costs here.
    pub fn worth(&self) -> Option<Money> {
        let mut sum = 0i64;
        for tier in &self.includes {
            if !tier.is_on_sale || tier.price.currency != self.price.currency {
                return None;
            }
            sum = sum.checked_add(tier.price.amount)?;
        }
        (sum > self.price.amount && !self.pay_what_you_want).then(|| Money::new(sum, self.price.currency))
    }
}

/// A tier of another product that comes with a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncludedTier {
    /// A slug.
    pub product: String,
    pub title: String,
    /// A key.
    pub variant: String,
    pub variant_name: String,
    /// What it costs by itself.
    pub price: Money,
    /// Whether it can be bought by itself.
    pub is_on_sale: bool,
    /// Whether it has a file or a license key.
    pub delivers: bool,
    pub kind: Kind,
    pub cover: Option<Picture>,
    pub files: Vec<FileFact>,
}

impl IncludedTier {
    /// The formats that it comes in.
    pub fn formats(&self) -> String {
        formats(self.files.iter())
    }
}
