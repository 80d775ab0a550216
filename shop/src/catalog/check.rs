//! What can be sold, and what can't.

use crate::{Error, Result};
use domain::draft::{Line, MAX_LINE_CHARS, ProductDraft, ProductTexts, TierDraft, TierPrice};
use domain::license::{MAX_FEATURE_CHARS, MAX_FEATURES, MAX_PREFIX_CHARS};
use domain::money::{Currency, MAX_CHARGE};
use domain::slug::Slug;
use domain::text::has_visible;

const MAX_TITLE_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 50_000;
pub(super) const MAX_VARIANTS: usize = 50;
const MAX_TAGS: usize = 20;
const MAX_NAME_CHARS: usize = 60;
/// A product, and a tier, has at most this many metadata entries.
const MAX_PAIRS: usize = 50;
/// The end of the year 2199, in milliseconds since 1970.
const LAST_INSTANT: i64 = 7_258_118_399_999;
/// The dashboard has pages of these names.
const RESERVED: [&str; 2] = ["new", "terms"];

/// What differs from the product as it stands: a part that is older than a rule stays as it is.
pub(super) fn check(draft: &ProductDraft, before: Option<&ProductDraft>) -> Result<()> {
    let (texts, old) = (&draft.texts, before.map(|before| &before.texts));
    if old.map(|old| &old.title) != Some(&texts.title) {
        check_title(&texts.title)?;
    }
    if old.map(|old| &old.description) != Some(&texts.description) {
        check_description(&texts.description)?;
    }
    let old_lines = old.map(ProductTexts::lines);
    for (i, line) in texts.lines().into_iter().enumerate() {
        if old_lines.map(|old| old[i]) != Some(line) {
            check_line(line)?;
        }
    }
    if before.map(|before| &before.tags) != Some(&draft.tags) {
        check_tags(&draft.tags)?;
    }
    if before.map(|before| &before.metadata) != Some(&draft.metadata) {
        check_pairs(&draft.metadata).map_err(|text| Error::refused("metadata_invalid", text).at("metadata"))?;
    }
    check_instant(draft.published_at)?;
    match &draft.slug {
        Some(slug) if before.is_none_or(|before| before.slug.as_ref() != Some(slug)) => check_slug(slug).map(drop)?,
        _ => {}
    }
    check_tiers(&draft.tiers, before.map_or(&[], |before| &before.tiers))
}

fn check_title(title: &str) -> Result<()> {
    let title = title.trim();
    if !has_visible(title) || title.chars().count() > MAX_TITLE_CHARS || title.chars().any(char::is_control) {
        return Err(Error::refused("title_invalid", format!("The title needs 1 to {MAX_TITLE_CHARS} characters in one line.")).at("title"));
    }
    Ok(())
}

pub(super) fn check_slug(slug: &str) -> Result<Slug> {
    if RESERVED.contains(&slug) {
        return Err(Error::refused("slug_invalid", "The shop itself uses this slug. Choose another.").at("slug"));
    }
    parse_slug(slug)
}

pub(super) fn parse_slug(slug: &str) -> Result<Slug> {
    Slug::parse(slug).map_err(|error| Error::refused("slug_invalid", format!("{error}.")).at("slug"))
}

fn check_description(description: &str) -> Result<()> {
    if description.chars().count() > MAX_DESCRIPTION_CHARS || description.contains('\0') {
        let text = format!("The description has at most {MAX_DESCRIPTION_CHARS} characters.");
        return Err(Error::refused("description_invalid", text).at("description"));
    }
    Ok(())
}

fn check_line(line: Line) -> Result<()> {
    if fits(line.text, line.max_chars) {
        return Ok(());
    }
    Err(Error::refused(line.code, format!("This has at most {} characters in one line.", line.max_chars)).at(line.field))
}

fn fits(text: &str, max_chars: usize) -> bool {
    text.chars().count() <= max_chars && !text.chars().any(char::is_control)
}

pub(super) fn is_line(text: &str) -> bool {
    fits(text, MAX_LINE_CHARS)
}

/// A name of a category, a tag or the like.
pub(super) fn is_name(name: &str) -> bool {
    let n = name.trim().chars().count();
    has_visible(name) && n <= MAX_NAME_CHARS && !name.chars().any(char::is_control)
}

/// A name with a letter, a digit or a picture.
pub(super) fn is_tag(name: &str) -> bool {
    is_name(name) && !name.chars().all(|c| c.is_ascii_punctuation() || c.is_whitespace())
}

fn check_tags(tags: &[String]) -> Result<()> {
    if tags.len() > MAX_TAGS {
        return Err(Error::refused("tags_invalid", format!("A product has at most {MAX_TAGS} tags.")).at("tags"));
    }
    if let Some(tag) = tags.iter().find(|tag| !is_tag(tag)) {
        let tag: String = tag.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
        let text = format!("\u{201c}{tag}\u{201d} can't be a tag: it needs a letter or a digit, and at most {MAX_NAME_CHARS} characters.");
        return Err(Error::refused("tags_invalid", text).at("tags"));
    }
    Ok(())
}

fn check_pairs(pairs: &[(String, String)]) -> std::result::Result<(), String> {
    if pairs.len() > MAX_PAIRS {
        return Err(format!("There may be at most {MAX_PAIRS} of these lines."));
    }
    for (i, (name, value)) in pairs.iter().enumerate() {
        if !is_name(name) || !is_line(value) || name.contains('=') {
            return Err(format!("A name has at most {MAX_NAME_CHARS} characters, and its value {MAX_LINE_CHARS} in one line."));
        }
        if pairs[..i].iter().any(|(other, _)| other == name) {
            return Err(format!("\u{201c}{name}\u{201d} stands there twice."));
        }
    }
    Ok(())
}

fn check_instant(at: Option<i64>) -> Result<()> {
    match at {
        Some(at) if !(0..=LAST_INSTANT).contains(&at) => {
            Err(Error::refused("published_at_invalid", "This is no time at which something can be published.").at("published_at"))
        }
        _ => Ok(()),
    }
}

fn check_tiers(tiers: &[TierDraft], before: &[TierDraft]) -> Result<()> {
    if tiers == before {
        return Ok(());
    }
    let n_sold = tiers.iter().filter(|tier| !tier.is_archived).count();
    check_number(n_sold)?;
    // A change of some tiers is about all of them.
    currency_of(tiers).map_err(|error| if before.is_empty() { error } else { mixed_currencies() })?;
    for (i, tier) in tiers.iter().enumerate() {
        let part = format!("variants.{i}");
        if tiers[..i].iter().any(|other| other.key == tier.key) {
            return Err(not_a_key().within(&part));
        }
        if before.iter().all(|old| old != tier) {
            check_tier(tier).map_err(|error| error.within(&part))?;
        }
    }
    Ok(())
}

/// The currency of all tiers that are sold.
///
/// # Errors
/// `currency_mixed`.
pub(super) fn currency_of(tiers: &[TierDraft]) -> Result<Currency> {
    let mut sold = tiers.iter().enumerate().filter(|(_, tier)| !tier.is_archived);
    let (_, first) = sold.next().ok_or_else(wrong_number)?;
    match sold.find(|(_, tier)| tier.price.currency != first.price.currency) {
        Some((i, _)) => Err(mixed_currencies().at(format!("variants.{i}.currency"))),
        None => Ok(first.price.currency),
    }
}

/// What is told where the tiers of a product have several currencies.
pub fn mixed_currencies() -> Error {
    let text = "All tiers of a product have one currency. To change it, name each of them with its currency and its amount.";
    Error::refused("currency_mixed", text)
}

/// Whether a product may have as many tiers, and one request name them.
pub fn check_number(n_tiers: usize) -> Result<()> {
    if (1..=MAX_VARIANTS).contains(&n_tiers) { Ok(()) } else { Err(wrong_number()) }
}

pub(super) fn wrong_number() -> Error {
    Error::refused("variants_invalid", format!("A product needs 1 to {MAX_VARIANTS} tiers.")).at("variants")
}

fn not_a_key() -> Error {
    Error::refused("variant_key_invalid", "Each tier needs a key of its own: lower-case letters, digits and hyphens.").at("key")
}

/// One tier by itself.
fn check_tier(tier: &TierDraft) -> Result<()> {
    check_price(&tier.price)?;
    if Slug::parse(&tier.key).is_err() {
        return Err(not_a_key());
    }
    if !has_visible(&tier.name) || !is_line(&tier.name) {
        return Err(Error::refused("variant_name_invalid", "The tier needs a name in one line.").at("name"));
    }
    if !is_line(&tier.summary) {
        let text = format!("This has at most {MAX_LINE_CHARS} characters in one line.");
        return Err(Error::refused("variant_name_invalid", text).at("summary"));
    }
    check_pairs(&tier.attributes).map_err(|text| Error::refused("attributes_invalid", text).at("attributes"))?;
    check_keys(tier).map_err(|error| error.within("license"))?;
    let limits = [
        ("download_limit", tier.download_limit),
        ("license.activation_limit", tier.activation_limit),
        ("license.expires_after_days", tier.expires_after_days),
        ("license.updates_days", tier.license_policy.updates_days),
    ];
    match limits.into_iter().find(|(_, limit)| limit.is_some_and(|limit| !(1..=1_000_000).contains(&limit))) {
        Some((field, _)) => Err(Error::refused("limit_invalid", "A limit is between 1 and 1000000; leave it out for none.").at(field)),
        None => Ok(()),
    }
}

/// What the license keys of a tier are.
fn check_keys(tier: &TierDraft) -> Result<()> {
    let policy = &tier.license_policy;
    if policy.prefix.len() > MAX_PREFIX_CHARS || !policy.prefix.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let text = format!("A prefix has at most {MAX_PREFIX_CHARS} letters and digits, without accents.");
        return Err(Error::refused("license_prefix_invalid", text).at("prefix"));
    }
    let is_feature = |feature: &String| has_visible(feature) && fits(feature, MAX_FEATURE_CHARS);
    if policy.features.len() > MAX_FEATURES || !policy.features.iter().all(is_feature) {
        let text = format!("There are at most {MAX_FEATURES} features, each of at most {MAX_FEATURE_CHARS} characters in one line.");
        return Err(Error::refused("license_features_invalid", text).at("features"));
    }
    let mut names: Vec<&String> = policy.features.iter().collect();
    names.sort();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::refused("license_features_invalid", "A feature stands in the list twice.").at("features"));
    }
    let is_number = |number: &str| (1..=9).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if policy.max_version.as_deref().is_some_and(|version| version.len() > 30 || !version.split('.').all(is_number)) {
        let text = "Write the highest version as numbers with dots between them, such as 2 or 2.4.";
        return Err(Error::refused("license_version_invalid", text).at("max_version"));
    }
    if policy.is_trial && tier.expires_after_days.is_none() {
        return Err(Error::refused("license_trial_invalid", "A trial needs an end: say for how many days its key works.").at("trial"));
    }
    Ok(())
}

fn check_price(price: &TierPrice) -> Result<()> {
    check_amount(price.amount, price.currency).map_err(|text| Error::refused("amount_invalid", text).at("amount"))?;
    if let Some(before) = price.compare_at {
        check_amount(before, price.currency).map_err(|text| Error::refused("compare_at_invalid", text).at("compare_at"))?;
        if before <= price.amount {
            return Err(Error::refused("compare_at_invalid", "The price before must be higher than the price now.").at("compare_at"));
        }
    }
    check_suggestion(price).map_err(|text| Error::refused("suggested_amount_invalid", text).at("suggested_amount"))
}

fn check_suggestion(price: &TierPrice) -> std::result::Result<(), String> {
    if price.pay_what_you_want && price.compare_at.is_some() {
        return Err("A price that the customer names has no price before.".to_owned());
    }
    match price.suggested_amount {
        None => Ok(()),
        Some(_) if !price.pay_what_you_want => Err("Only a price that the customer names has a suggestion.".to_owned()),
        Some(amount) if amount < price.amount => Err("The suggested price is below the minimum price.".to_owned()),
        Some(amount) => {
            check_amount(amount, price.currency)?;
            price.price().charge(Some(amount)).map(drop).map_err(|why| why.to_string())
        }
    }
}

fn check_amount(amount: i64, currency: Currency) -> std::result::Result<(), String> {
    if !(0..=MAX_CHARGE).contains(&amount) {
        return Err(format!("A price is between 0 and {MAX_CHARGE} minor units."));
    }
    if amount % currency.step() != 0 {
        return Err(format!("Prices in {currency} are multiples of {} minor units: nothing finer can be charged.", currency.step()));
    }
    Ok(())
}
