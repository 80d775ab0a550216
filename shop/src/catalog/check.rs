//! What can be sold, and what can't.

use super::{NewProduct, NewVariant};
use crate::{Error, Result};
use domain::money::{Currency, MAX_CHARGE, Money};
use domain::price::Price;
use domain::slug::Slug;
use domain::text::has_visible;

const MAX_TITLE_CHARS: usize = 200;
/// What stands in one line beside the title.
const MAX_LINE_CHARS: usize = 500;
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

/// Tells the slug, where one is given.
pub(super) fn check(new: &NewProduct) -> Result<Option<Slug>> {
    check_title(&new.title)?;
    check_description(&new.description)?;
    check_lines(&[
        ("promise", Some(&new.promise)),
        ("sku", new.sku.as_ref()),
        ("edition", new.edition.as_ref()),
        ("requirements", new.requirements.as_ref()),
    ])?;
    check_seo(&[("seo_title", Some(&new.seo_title)), ("seo_description", Some(&new.seo_description))])?;
    check_tags(&new.tags)?;
    check_metadata(&new.metadata)?;
    check_instant(new.published_at)?;
    new.slug.as_deref().map(check_slug).transpose()
}

pub(super) fn check_title(title: &str) -> Result<()> {
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

pub(super) fn check_description(description: &str) -> Result<()> {
    if description.chars().count() > MAX_DESCRIPTION_CHARS || description.contains('\0') {
        let text = format!("The description has at most {MAX_DESCRIPTION_CHARS} characters.");
        return Err(Error::refused("description_invalid", text).at("description"));
    }
    Ok(())
}

/// A field of one line with its text.
type Line<'a> = (&'static str, Option<&'a String>);

/// Promise, SKU, edition and requirements.
pub(super) fn check_lines(lines: &[Line]) -> Result<()> {
    each_is_line("text_invalid", lines)
}

pub(super) fn check_seo(lines: &[Line]) -> Result<()> {
    each_is_line("seo_invalid", lines)
}

fn each_is_line(code: &'static str, lines: &[Line]) -> Result<()> {
    match lines.iter().find(|(_, text)| text.is_some_and(|text| !is_line(text))) {
        Some((field, _)) => Err(Error::refused(code, format!("This has at most {MAX_LINE_CHARS} characters in one line.")).at(*field)),
        None => Ok(()),
    }
}

pub(super) fn is_line(text: &str) -> bool {
    text.chars().count() <= MAX_LINE_CHARS && !text.chars().any(char::is_control)
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

pub(super) fn check_tags(tags: &[String]) -> Result<()> {
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

pub(super) fn check_metadata(pairs: &[(String, String)]) -> Result<()> {
    check_pairs(pairs).map_err(|text| Error::refused("metadata_invalid", text).at("metadata"))
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

pub(super) fn check_instant(at: Option<i64>) -> Result<()> {
    match at {
        Some(at) if !(0..=LAST_INSTANT).contains(&at) => {
            Err(Error::refused("published_at_invalid", "This is no time at which something can be published.").at("published_at"))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_variants(variants: &[NewVariant]) -> Result<Currency> {
    if variants.is_empty() || variants.len() > MAX_VARIANTS {
        return Err(wrong_number());
    }
    let invalid = |error| Error::refused("currency_invalid", format!("{error}.")).at("variants.0.currency");
    let currency = Currency::parse(&variants[0].currency).map_err(invalid)?;
    for (i, variant) in variants.iter().enumerate() {
        let part = format!("variants.{i}");
        check_variant(variant, currency).map_err(|error| error.within(&part))?;
        if variants[..i].iter().any(|other| other.key == variant.key) {
            return Err(not_a_key().within(&part));
        }
    }
    Ok(currency)
}

pub(super) fn wrong_number() -> Error {
    Error::refused("variants_invalid", format!("A product needs 1 to {MAX_VARIANTS} tiers.")).at("variants")
}

pub(super) fn not_a_key() -> Error {
    Error::refused("variant_key_invalid", "Each tier needs a key of its own: lower-case letters, digits and hyphens.").at("key")
}

/// One tier by itself.
pub(super) fn check_variant(variant: &NewVariant, currency: Currency) -> Result<()> {
    if Currency::parse(&variant.currency) != Ok(currency) {
        return Err(Error::refused("currency_mixed", "All tiers of a product have one currency.").at("currency"));
    }
    check_amount(variant.amount, currency).map_err(|text| Error::refused("amount_invalid", text).at("amount"))?;
    if let Some(before) = variant.compare_at {
        check_amount(before, currency).map_err(|text| Error::refused("compare_at_invalid", text).at("compare_at"))?;
        if before <= variant.amount {
            return Err(Error::refused("compare_at_invalid", "The price before must be higher than the price now.").at("compare_at"));
        }
    }
    check_suggestion(variant, currency).map_err(|text| Error::refused("suggested_amount_invalid", text).at("suggested_amount"))?;
    if Slug::parse(&variant.key).is_err() {
        return Err(not_a_key());
    }
    if !has_visible(&variant.name) || !is_line(&variant.name) {
        return Err(Error::refused("variant_name_invalid", "The tier needs a name in one line.").at("name"));
    }
    if !is_line(&variant.summary) {
        let text = format!("This has at most {MAX_LINE_CHARS} characters in one line.");
        return Err(Error::refused("variant_name_invalid", text).at("summary"));
    }
    check_pairs(&variant.attributes).map_err(|text| Error::refused("attributes_invalid", text).at("attributes"))?;
    let limits = [
        ("download_limit", variant.download_limit),
        ("license.activation_limit", variant.license.and_then(|license| license.activation_limit)),
        ("license.expires_after_days", variant.license.and_then(|license| license.expires_after_days)),
    ];
    match limits.into_iter().find(|(_, limit)| limit.is_some_and(|limit| !(1..=1_000_000).contains(&limit))) {
        Some((field, _)) => Err(Error::refused("limit_invalid", "A limit is between 1 and 1000000; leave it out for none.").at(field)),
        None => Ok(()),
    }
}

fn check_suggestion(variant: &NewVariant, currency: Currency) -> std::result::Result<(), String> {
    if variant.pay_what_you_want && variant.compare_at.is_some() {
        return Err("A price that the customer names has no price before.".to_owned());
    }
    match variant.suggested_amount {
        None => Ok(()),
        Some(_) if !variant.pay_what_you_want => Err("Only a price that the customer names has a suggestion.".to_owned()),
        Some(amount) if amount < variant.amount => Err("The suggestion is at least the least price.".to_owned()),
        Some(amount) => {
            check_amount(amount, currency)?;
            let price = Price { amount: Money::new(variant.amount, currency), pay_what_you_want: true, suggested_amount: None };
            price.charge(Some(amount)).map(drop).map_err(|why| why.to_string())
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
