//! A product as its seller describes it: what is typed, sent, saved, copied and compared. Rows, forms and pages are made of it.

use crate::catalog::{Kind, ProductStatus};
use crate::license::LicensePolicy;
use crate::money::{Currency, Money};
use crate::price::Price;
use crate::terms::LicenseTerms;
use crate::text::tidy;
use crate::tier::TierRef;
use serde::{Deserialize, Serialize, Serializer};

/// The texts of a product, the same wherever it is typed, kept and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductTexts {
    pub title: String,
    /// Who made it: author, narrator, artist or label.
    pub credits: String,
    /// A sentence below the title and on cards.
    pub promise: String,
    /// Markdown.
    pub description: String,
    pub edition: Option<String>,
    /// What it works with.
    pub requirements: Option<String>,
    /// The seller's own number for it.
    pub sku: Option<String>,
    /// What search engines show; empty where the title and the promise will do.
    pub seo_title: String,
    pub seo_description: String,
}

/// The most characters of a text of one line, where it has no bound of its own.
pub const MAX_LINE_CHARS: usize = 500;

/// A text of one line, and what it is refused by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub field: &'static str,
    pub text: &'a str,
    pub max_chars: usize,
    /// The code of the refusal.
    pub code: &'static str,
}

impl ProductTexts {
    /// Those of one line beside the title.
    pub fn lines(&self) -> [Line<'_>; 7] {
        let line = |field, text| Line { field, text, max_chars: MAX_LINE_CHARS, code: "text_invalid" };
        let seo = |field, text| Line { code: "seo_invalid", ..line(field, text) };
        [
            Line { max_chars: 200, ..line("credits", &self.credits) },
            line("promise", &self.promise),
            line("sku", self.sku.as_deref().unwrap_or_default()),
            line("edition", self.edition.as_deref().unwrap_or_default()),
            line("requirements", self.requirements.as_deref().unwrap_or_default()),
            seo("seo_title", &self.seo_title),
            seo("seo_description", &self.seo_description),
        ]
    }

    fn tidy(&mut self) {
        tidy_all([&mut self.title, &mut self.credits, &mut self.promise, &mut self.seo_title, &mut self.seo_description]);
        for text in [&mut self.edition, &mut self.requirements, &mut self.sku] {
            *text = text.as_deref().map(tidy).filter(|text| !text.is_empty());
        }
    }
}

/// A product with all that its seller sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProductDraft {
    #[serde(flatten)]
    pub texts: ProductTexts,
    /// Made from the title when absent; of a product that is there, it stays.
    pub slug: Option<String>,
    pub kind: Kind,
    /// A slug.
    pub category: Option<String>,
    /// Names; those that are new are made.
    pub tags: Vec<String>,
    /// The seller's own notes: names and values.
    #[serde(serialize_with = "as_map")]
    pub metadata: Vec<(String, String)>,
    pub status: ProductStatus,
    /// From when it is on sale, in milliseconds since 1970; when absent at once, where it is not on sale yet.
    pub published_at: Option<i64>,
    /// Those that are archived as well, which the log leaves out.
    #[serde(serialize_with = "on_sale")]
    pub tiers: Vec<TierDraft>,
}

impl ProductDraft {
    /// The words as they are kept, however they were pasted ([`crate::text::tidy`]).
    pub fn tidy(&mut self) {
        self.texts.tidy();
        tidy_all(&mut self.tags);
        tidy_pairs(&mut self.metadata);
        for tier in &mut self.tiers {
            tidy_all([&mut tier.name, &mut tier.summary]);
            tidy_pairs(&mut tier.attributes);
            tier.license_policy.tidy();
        }
    }

    /// The tier of this key.
    pub fn tier(&mut self, key: &str) -> Option<&mut TierDraft> {
        self.tiers.iter_mut().find(|tier| tier.key == key)
    }
}

/// A tier with all that its seller sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TierDraft {
    pub key: String,
    pub name: String,
    pub summary: String,
    pub terms: LicenseTerms,
    #[serde(flatten)]
    pub price: TierPrice,
    /// What sets it apart, such as resolution or format: names and values.
    pub attributes: Vec<(String, String)>,
    pub download_limit: Option<i64>,
    /// Whether each copy has a license key.
    pub has_license: bool,
    pub activation_limit: Option<i64>,
    pub expires_after_days: Option<i64>,
    /// What else its keys are.
    pub license_policy: LicensePolicy,
    /// Tiers of other products that come with it; the first one where none is named.
    #[serde(serialize_with = "as_texts")]
    pub includes: Vec<TierRef>,
    /// Its place among the others: the first one is the one that a shopper sees chosen.
    #[serde(skip)]
    pub position: i64,
    /// Archived: no longer sold; orders keep it.
    #[serde(skip)]
    pub is_archived: bool,
}

impl TierDraft {
    /// A tier at a price, and nothing more said of it.
    pub fn new(key: &str, name: &str, price: Money) -> Self {
        Self {
            key: key.to_owned(),
            name: name.to_owned(),
            summary: String::new(),
            terms: LicenseTerms::default(),
            price: TierPrice::fixed(price),
            attributes: Vec::new(),
            download_limit: None,
            has_license: false,
            activation_limit: None,
            expires_after_days: None,
            license_policy: LicensePolicy::default(),
            includes: Vec::new(),
            position: 0,
            is_archived: false,
        }
    }
}

/// What a tier costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TierPrice {
    /// Minor units; the least that is taken where the customer names the price.
    pub amount: i64,
    pub currency: Currency,
    /// What it cost before; higher than the amount.
    pub compare_at: Option<i64>,
    pub pay_what_you_want: bool,
    /// What the customer finds typed in.
    pub suggested_amount: Option<i64>,
}

impl TierPrice {
    pub fn fixed(price: Money) -> Self {
        Self { amount: price.amount, currency: price.currency, compare_at: None, pay_what_you_want: false, suggested_amount: None }
    }

    /// Another price. What it was compared with goes where that is no higher any more, and what was suggested where nobody may pay it:
    /// amounts of another currency are none of this one.
    pub fn change(&mut self, price: Money, pay_what_you_want: bool) {
        let is_same_currency = self.currency == price.currency;
        (self.amount, self.currency, self.pay_what_you_want) = (price.amount, price.currency, pay_what_you_want);
        self.compare_at = self.compare_at.filter(|before| is_same_currency && *before > price.amount);
        self.suggested_amount = self.suggested_amount.filter(|at| is_same_currency && pay_what_you_want && *at >= price.amount);
    }

    /// What is charged by it.
    pub fn price(&self) -> Price {
        Price {
            amount: Money::new(self.amount, self.currency),
            pay_what_you_want: self.pay_what_you_want,
            suggested_amount: self.suggested_amount,
        }
    }
}

fn tidy_all<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        *text = tidy(text);
    }
}

fn tidy_pairs(pairs: &mut [(String, String)]) {
    for (name, value) in pairs {
        tidy_all([name, value]);
    }
}

fn as_map<S: Serializer>(pairs: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

fn as_texts<S: Serializer>(names: &[TierRef], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(names.iter().map(TierRef::to_string))
}

fn on_sale<S: Serializer>(tiers: &[TierDraft], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(tiers.iter().filter(|tier| !tier.is_archived))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn usd(amount: i64) -> Money {
        Money::new(amount, Currency::USD)
    }

    #[test]
    fn the_log_names_each_field_as_it_always_has() {
        let tier = TierDraft {
            attributes: vec![("Format".to_owned(), "PDF".to_owned())],
            includes: vec![TierRef::parse("b/one")],
            ..TierDraft::new("a", "A", usd(500))
        };
        let draft = ProductDraft {
            texts: ProductTexts { title: "Maps".to_owned(), sku: Some("M-1".to_owned()), ..ProductTexts::default() },
            slug: Some("maps".to_owned()),
            metadata: vec![("isbn".to_owned(), "1".to_owned())],
            tiers: vec![tier.clone(), TierDraft { is_archived: true, ..tier }],
            ..ProductDraft::default()
        };
        let expected = json!({
            "title": "Maps", "credits": "", "slug": "maps", "sku": "M-1", "kind": "other", "promise": "", "description": "",
            "edition": null, "requirements": null, "category": null, "tags": [], "seo_title": "", "seo_description": "",
            "metadata": { "isbn": "1" },
            "status": "draft", "published_at": null,
            "tiers": [{
                "key": "a", "name": "A", "summary": "", "terms": "personal", "amount": 500, "compare_at": null, "currency": "USD",
                "attributes": [["Format", "PDF"]], "download_limit": null, "has_license": false, "activation_limit": null,
                "expires_after_days": null,
                "license_policy": {
                    "format": "hex", "prefix": "", "is_trial": false, "updates_days": null,
                    "is_floating": false, "features": [], "max_version": null, "endless_files": false,
                },
                "pay_what_you_want": false, "suggested_amount": null, "includes": ["b/one"],
            }],
        });
        assert_eq!(serde_json::to_value(draft).unwrap(), expected);
    }

    #[test]
    fn words_are_kept_as_people_see_them() {
        let mut draft = ProductDraft {
            texts: ProductTexts { title: " Maps\u{200b}".to_owned(), edition: Some(" ".to_owned()), ..ProductTexts::default() },
            tags: vec![" sea ".to_owned()],
            ..ProductDraft::default()
        };
        draft.tidy();
        assert_eq!((draft.texts.title.as_str(), draft.texts.edition.as_deref(), draft.tags[0].as_str()), ("Maps", None, "sea"));
    }

    #[test]
    fn a_price_that_changes_keeps_what_still_fits_beside_it() {
        let open = TierPrice { pay_what_you_want: true, suggested_amount: Some(800), ..TierPrice::fixed(usd(500)) };
        let reduced = TierPrice { compare_at: Some(900), ..TierPrice::fixed(usd(500)) };
        let changed = |mut price: TierPrice, to: Money, is_open| {
            price.change(to, is_open);
            (price.compare_at, price.suggested_amount)
        };
        assert_eq!(changed(reduced, usd(800), false), (Some(900), None));
        assert_eq!(changed(reduced, usd(900), false), (None, None));
        assert_eq!(changed(open, usd(800), true), (None, Some(800)));
        assert_eq!(changed(open, usd(801), true), (None, None));
        assert_eq!(changed(open, usd(500), false), (None, None));
        let euros = Money::new(500, Currency::parse("EUR").unwrap());
        assert_eq!((changed(reduced, euros, false), changed(open, euros, true)), ((None, None), (None, None)));
    }
}
