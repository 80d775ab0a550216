//! A tier as software describes it to the API, and as the API describes it: the API calls it a variant.

use super::patch::{Patch, put};
use domain::draft::{TierDraft, TierPrice};
use domain::license::{KeyFormat, LicensePolicy};
use domain::money::{Currency, Money};
use domain::pages::offer::VariantOffer;
use domain::terms::LicenseTerms;
use domain::tier::TierRef;
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::Error;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVariant {
    key: String,
    name: String,
    #[serde(default)]
    summary: String,
    terms: Option<String>,
    /// Minor units.
    amount: i64,
    currency: String,
    /// What it cost before.
    compare_at: Option<i64>,
    #[serde(default)]
    attributes: Vec<Attribute>,
    download_limit: Option<i64>,
    license: Option<CreateLicense>,
    /// The customer names the price, and the amount is the least of it.
    pay_what_you_want: Option<OwnPrice>,
    /// Variants of other products that come with it.
    #[serde(default)]
    includes: Vec<TierName>,
}

impl CreateVariant {
    /// The tiers that are meant.
    pub fn read(variants: Vec<Self>) -> shop::Result<Vec<TierDraft>> {
        let read = variants.into_iter().enumerate().map(|(i, variant)| {
            let currency = Currency::parse(&variant.currency).map_err(|error| match i {
                0 => Error::refused("currency_invalid", format!("{error}.")),
                _ => shop::catalog::mixed_currencies(),
            });
            Ok(variant.read_in(currency.map_err(|error| error.at(format!("variants.{i}.currency")))?))
        });
        read.collect()
    }

    fn read_in(self, currency: Currency) -> TierDraft {
        let price = Money::new(self.amount, currency);
        TierDraft {
            summary: self.summary,
            terms: self.terms.as_deref().map(LicenseTerms::from_word).unwrap_or_default(),
            price: TierPrice {
                compare_at: self.compare_at,
                pay_what_you_want: self.pay_what_you_want.is_some(),
                suggested_amount: self.pay_what_you_want.and_then(|price| price.suggested_amount),
                ..TierPrice::fixed(price)
            },
            attributes: pairs(self.attributes),
            download_limit: self.download_limit,
            has_license: self.license.is_some(),
            activation_limit: self.license.as_ref().and_then(|license| license.activation_limit),
            expires_after_days: self.license.as_ref().and_then(|license| license.expires_after_days),
            license_policy: self.license.map(|license| license.change(LicensePolicy::default())).unwrap_or_default(),
            includes: self.includes.into_iter().map(TierRef::from).collect(),
            ..TierDraft::new(&self.key, &self.name, price)
        }
    }
}

/// The license keys of a variant. What is not named stays as it is, but for `activation_limit` and `expires_after_days`, which are
/// none then.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLicense {
    /// How many devices a key works on; any number when absent.
    activation_limit: Option<i64>,
    /// For how many days a key works; for ever when absent.
    expires_after_days: Option<i64>,
    /// How a key is written: `hex`, `readable` or `uuid`.
    #[schema(value_type = Option<String>)]
    format: Option<KeyFormat>,
    /// Stands before each key: at most 12 letters and digits.
    prefix: Option<String>,
    /// Whether it is a key to try the software with; it needs `expires_after_days` then.
    trial: Option<bool>,
    /// For how many days new versions are included; `null` for ever.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    updates_days: Patch<i64>,
    /// Whether a device that is silent for 630 seconds gives its seat back.
    floating: Option<bool>,
    /// What the software unlocks.
    features: Option<Vec<String>>,
    /// The highest version that a key is for, such as `2` or `2.4`; `null` for any.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    max_version: Patch<String>,
    /// Whether software may ask for a license file that never expires.
    endless_files: Option<bool>,
}

impl CreateLicense {
    fn change(self, mut policy: LicensePolicy) -> LicensePolicy {
        put(&mut policy.format, self.format);
        put(&mut policy.prefix, self.prefix);
        put(&mut policy.is_trial, self.trial);
        self.updates_days.apply(&mut policy.updates_days);
        put(&mut policy.is_floating, self.floating);
        put(&mut policy.features, self.features);
        self.max_version.apply(&mut policy.max_version);
        put(&mut policy.endless_files, self.endless_files);
        policy
    }
}

#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeVariant {
    key: String,
    name: Option<String>,
    summary: Option<String>,
    terms: Option<String>,
    /// Minor units.
    amount: Option<i64>,
    currency: Option<String>,
    /// What it cost before; `null` for nothing.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    compare_at: Patch<i64>,
    attributes: Option<Vec<Attribute>>,
    /// `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    download_limit: Patch<i64>,
    /// `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<CreateLicense>)]
    license: Patch<CreateLicense>,
    /// `null` for a fixed price.
    #[serde(default)]
    #[schema(value_type = Option<OwnPrice>)]
    pay_what_you_want: Patch<OwnPrice>,
    /// All of them.
    includes: Option<Vec<TierName>>,
    /// `active`, or `archived`: not sold any more, and kept for its orders.
    status: Option<String>,
    /// Its place among the variants.
    position: Option<i64>,
}

impl ChangeVariant {
    /// Changes the tiers that are meant. They come first then, in the order of the request, so that a refusal names its field.
    pub fn apply(variants: Vec<Self>, tiers: &mut Vec<TierDraft>) -> shop::Result<()> {
        shop::catalog::check_number(variants.len().max(1))?;
        let currency = tiers.iter().find(|tier| !tier.is_archived).map_or(Currency::USD, |tier| tier.price.currency);
        let mut changed: Vec<TierDraft> = Vec::with_capacity(variants.len());
        for (i, variant) in variants.into_iter().enumerate() {
            let known = match tiers.iter().position(|tier| tier.key == variant.key) {
                Some(place) => Some(tiers.remove(place)),
                // Twice in one request, which is refused later.
                None => changed.iter().find(|tier| tier.key == variant.key).cloned(),
            };
            let last = tiers.iter().chain(&changed).map(|tier| tier.position).max();
            let new =
                || variant.new_tier(currency, last.map_or(0, |last| last + 1)).map_err(|error| error.within(&format!("variants.{i}")));
            let mut tier = known.map_or_else(new, Ok)?;
            variant.change(&mut tier, currency)?;
            changed.push(tier);
        }
        changed.append(tiers);
        *tiers = changed;
        Ok(())
    }

    fn new_tier(&self, currency: Currency, position: i64) -> shop::Result<TierDraft> {
        let (Some(name), Some(amount)) = (&self.name, self.amount) else {
            return Err(Error::refused("variant_incomplete", "A new tier needs a name and an amount."));
        };
        Ok(TierDraft { position, ..TierDraft::new(&self.key, name, Money::new(amount, currency)) })
    }

    fn change(self, tier: &mut TierDraft, of_product: Currency) -> shop::Result<()> {
        // One that comes back with a new price has it in the currency that the product has by now.
        let currency = if tier.is_archived && self.amount.is_some() { of_product } else { tier.price.currency };
        self.change_price(&mut tier.price, currency)?;
        put(&mut tier.name, self.name);
        put(&mut tier.summary, self.summary);
        put(&mut tier.terms, self.terms.as_deref().map(LicenseTerms::from_word));
        put(&mut tier.attributes, self.attributes.map(pairs));
        self.download_limit.apply(&mut tier.download_limit);
        if let Some(license) = Option::<Option<CreateLicense>>::from(self.license) {
            tier.has_license = license.is_some();
            tier.activation_limit = license.as_ref().and_then(|license| license.activation_limit);
            tier.expires_after_days = license.as_ref().and_then(|license| license.expires_after_days);
            let policy = std::mem::take(&mut tier.license_policy);
            tier.license_policy = license.map(|license| license.change(policy)).unwrap_or_default();
        }
        put(&mut tier.includes, self.includes.map(|names| names.into_iter().map(TierRef::from).collect()));
        put(&mut tier.position, self.position);
        tier.is_archived = match self.status.as_deref() {
            None => tier.is_archived,
            Some("active") => false,
            Some("archived") => true,
            Some(_) => return Err(Error::refused("status_invalid", "The status of a variant is active or archived.").at("status")),
        };
        Ok(())
    }

    fn change_price(&self, price: &mut TierPrice, by_default: Currency) -> shop::Result<()> {
        let currency = self.currency.as_deref().map(Currency::parse).transpose();
        let currency = currency.map_err(|error| Error::refused("currency_invalid", format!("{error}.")).at("currency"))?;
        if currency.is_some_and(|currency| currency != price.currency) && self.amount.is_none() {
            return Err(shop::catalog::mixed_currencies());
        }
        let own_price: Option<Option<OwnPrice>> = self.pay_what_you_want.clone().into();
        let is_open = own_price.as_ref().map_or(price.pay_what_you_want, Option::is_some);
        price.change(Money::new(self.amount.unwrap_or(price.amount), currency.unwrap_or(by_default)), is_open);
        self.compare_at.clone().apply(&mut price.compare_at);
        put(&mut price.suggested_amount, own_price.map(|price| price.and_then(|price| price.suggested_amount)));
        Ok(())
    }
}

fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    attributes.into_iter().map(|attribute| (attribute.name, attribute.value)).collect()
}

#[derive(Serialize, ToSchema)]
pub struct VariantView {
    key: String,
    name: String,
    summary: String,
    /// Minor units.
    amount: i64,
    currency: String,
    /// What it cost before.
    compare_at: Option<i64>,
    terms: String,
    attributes: Vec<Attribute>,
    download_limit: Option<i64>,
    license: Option<LicenseView>,
    /// Present where the customer names the price, and the amount is the least of it.
    pay_what_you_want: Option<OwnPrice>,
    /// Variants of other products that come with it.
    includes: Vec<TierName>,
    files: Vec<FileView>,
    /// Whether it has a file, a license, or something that comes with it. What has not can't be bought: `nothing_to_deliver`.
    delivers: bool,
}

impl From<VariantOffer> for VariantView {
    fn from(offer: VariantOffer) -> Self {
        let policy = offer.license_policy.clone();
        let license = LicenseView {
            activation_limit: offer.activation_limit,
            expires_after_days: offer.expires_after_days,
            format: policy.format.as_str().to_owned(),
            prefix: policy.prefix,
            trial: policy.is_trial,
            updates_days: policy.updates_days,
            floating: policy.is_floating,
            features: policy.features,
            max_version: policy.max_version,
            endless_files: policy.endless_files,
        };
        Self {
            delivers: offer.delivers(),
            key: offer.key,
            name: offer.name,
            summary: offer.summary,
            amount: offer.price.amount,
            currency: offer.price.currency.code().to_owned(),
            compare_at: offer.compare_at,
            terms: offer.terms.as_str().to_owned(),
            attributes: offer.attributes.into_iter().map(|(name, value)| Attribute { name, value }).collect(),
            download_limit: offer.download_limit,
            license: offer.has_license.then_some(license),
            pay_what_you_want: offer.pay_what_you_want.then_some(OwnPrice { suggested_amount: offer.suggested_amount }),
            includes: offer.includes.into_iter().map(|tier| TierName { product: tier.product, variant: Some(tier.variant) }).collect(),
            files: offer
                .files
                .into_iter()
                .map(|file| FileView { name: file.name, media_type: file.media_type, size_bytes: file.size_bytes })
                .collect(),
        }
    }
}

/// How the customer names the price.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPrice {
    /// What is proposed, in minor units; at least the amount.
    pub suggested_amount: Option<i64>,
}

/// A variant of a product.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierName {
    /// A slug.
    product: String,
    /// A key; the first variant when absent.
    variant: Option<String>,
}

impl From<TierName> for TierRef {
    fn from(name: TierName) -> Self {
        Self { product: name.product, variant: name.variant }
    }
}

/// What sets a variant apart, such as resolution or format.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    pub name: String,
    pub value: String,
}

#[derive(Serialize, ToSchema)]
pub struct LicenseView {
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
    format: String,
    prefix: String,
    trial: bool,
    updates_days: Option<i64>,
    floating: bool,
    features: Vec<String>,
    max_version: Option<String>,
    endless_files: bool,
}

#[derive(Serialize, ToSchema)]
pub struct FileView {
    name: String,
    media_type: String,
    size_bytes: i64,
}
