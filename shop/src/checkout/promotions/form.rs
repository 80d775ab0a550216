//! The form of a promotion: what somebody typed, in the store's currency and time zone.

use super::terms::{NewPromotion, check, no_goods};
use crate::stores::calendar::Calendar;
use crate::{Error, Result, Shop, stores};
use domain::money::{Currency, Money};
use domain::promotion::{PromotionForm, PromotionView, Reduction};
use domain::tier::TierRef;

/// The fields that the form calls otherwise than the API, for [`Error::renamed`].
pub const NAMES: [(&str, &str); 6] = [
    ("percent_off", "value"),
    ("amount_off", "value"),
    ("minimum_amount", "minimum"),
    ("max_redemptions", "limit"),
    ("starts_at", "starts"),
    ("expires_at", "ends"),
];

/// Reads what was typed.
///
/// # Errors
/// Refuses what is no number, no sum and no instant.
pub async fn read(shop: &Shop, form: &PromotionForm) -> Result<NewPromotion> {
    let (new, wrong) = read_all(shop, form).await?;
    wrong.into_iter().next().map_or(Ok(new), Err)
}

/// All that is wrong with a form that was refused, by the form's own names of its fields: whoever corrects one need not be told of the
/// next one after that.
pub async fn all_wrong(shop: &Shop, form: &PromotionForm) -> Result<Vec<(String, String)>> {
    let (mut new, mut wrong) = read_all(shop, form).await?;
    // What stood before may have ended already.
    if !form.id.is_empty() {
        new.expires_at = None;
    }
    if new.goods.as_ref().is_some_and(Vec::is_empty) {
        wrong.push(no_goods());
    }
    while let Err(error) = check(&new, None, shop.clock.now_ms()) {
        match error.field() {
            Some("code") => new.code = Some("X".to_owned()),
            Some("name") => new.name = Some("X".to_owned()),
            Some("percent_off" | "amount_off") if new.percent_off != Some(1) => (new.percent_off, new.amount_off) = (Some(1), None),
            Some("minimum_amount") => new.minimum_amount = None,
            Some("max_redemptions") => new.max_redemptions = None,
            Some("expires_at") => new.expires_at = None,
            _ => break,
        }
        wrong.push(error);
    }
    let named = wrong.into_iter().map(|error| error.renamed(&NAMES).to_form());
    let mut fields: Vec<(String, String)> = Vec::new();
    for (field, message) in named.filter_map(|refusal| Some((refusal.field?, refusal.message))) {
        if !fields.iter().any(|(known, _)| *known == field) {
            fields.push((field, message));
        }
    }
    Ok(fields)
}

/// What was typed as far as it can be read, and what is wrong with the rest.
async fn read_all(shop: &Shop, form: &PromotionForm) -> Result<(NewPromotion, Vec<Error>)> {
    let (currency, calendar) = (stores::currency(shop).await?, Calendar::of(shop).await?);
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut wrong = Vec::new();
    let (percent_off, amount_off) = match read_value(form, currency) {
        Ok(value) => value,
        Err(error) => {
            wrong.push(error);
            // A value that nobody can object to.
            (Some(1), None)
        }
    };
    let minimum_amount = filled(&form.minimum).map(|text| money(&text, currency, "minimum_amount_invalid", "minimum")).transpose();
    let limit = |text: String| {
        let message = "Write the number of orders in digits, or leave it empty for no limit.";
        text.parse().map_err(|_| Error::refused("limit_invalid", message).at("limit"))
    };
    let instant = |text: &str, shown: &str, code: &'static str, field: &'static str| {
        calendar.read_field(text, shown).map_err(|error| Error::refused(code, error.to_string()).at(field))
    };
    let minimum_amount = or_note(minimum_amount, &mut wrong).filter(|amount| *amount != 0);
    let is_automatic = form.way == "automatic";
    let new = NewPromotion {
        code: (!is_automatic).then(|| form.code.trim().to_owned()),
        name: filled(&form.name),
        percent_off,
        amount_off,
        currency: (amount_off.is_some() || minimum_amount.is_some()).then(|| currency.code().to_owned()),
        minimum_amount,
        once_per_customer: !form.once_per_customer.is_empty(),
        max_redemptions: or_note(filled(&form.limit).map(limit).transpose(), &mut wrong),
        starts_at: or_note(instant(&form.starts, &form.starts_shown, "starts_at_invalid", "starts"), &mut wrong),
        expires_at: or_note(instant(&form.ends, &form.ends_shown, "expires_at_invalid", "ends"), &mut wrong),
        goods: (form.scope == "chosen").then(|| form.goods.iter().map(|good| TierRef::parse(good)).collect()),
    };
    Ok((new, wrong))
}

/// What was read, or nothing where that is noted as wrong.
fn or_note<T>(read: Result<Option<T>>, wrong: &mut Vec<Error>) -> Option<T> {
    read.unwrap_or_else(|error| {
        wrong.push(error);
        None
    })
}

fn money(text: &str, currency: Currency, code: &'static str, field: &'static str) -> Result<i64> {
    let unreadable = || Error::refused(code, format!("Write the amount as a number, such as {}.", Money::example(currency))).at(field);
    Money::parse(text, currency).map(|money| money.amount).ok_or_else(unreadable)
}

/// A percentage or an amount.
fn read_value(form: &PromotionForm, currency: Currency) -> Result<(Option<i64>, Option<i64>)> {
    if form.unit == "amount" {
        return match money(&form.value, currency, "promotion_value_invalid", "value")? {
            0 => Err(Error::refused("promotion_value_invalid", "Enter a discount above zero.").at("value")),
            amount => Ok((None, Some(amount))),
        };
    }
    let digits = form.value.trim().trim_end_matches('%').trim();
    let percent = digits.parse::<i64>().ok().filter(|percent| (1..=100).contains(percent));
    let percent =
        percent.ok_or_else(|| Error::refused("promotion_value_invalid", "A percentage is a whole number from 1 to 100.").at("value"))?;
    Ok((Some(percent), None))
}

/// The form as it stands, filled in.
pub async fn filled_in(shop: &Shop, view: &PromotionView) -> Result<PromotionForm> {
    let calendar = Calendar::of(shop).await?;
    Ok(PromotionForm {
        id: view.id.clone(),
        revision: view.revision.to_string(),
        way: if view.code.is_some() { "code" } else { "automatic" }.to_owned(),
        code: view.code.clone().unwrap_or_default(),
        name: if view.code.as_ref() == Some(&view.name) { String::new() } else { view.name.clone() },
        unit: if matches!(view.reduction, Reduction::Percent(_)) { "percent" } else { "amount" }.to_owned(),
        value: match view.reduction {
            Reduction::Percent(percent) => percent.to_string(),
            Reduction::Amount(money) => plain(money),
        },
        scope: if view.goods.is_some() { "chosen" } else { "everything" }.to_owned(),
        goods: view.goods.iter().flatten().map(|good| good.key()).collect(),
        minimum: view.minimum.map(plain).unwrap_or_default(),
        limit: view.max_redemptions.map(|limit| limit.to_string()).unwrap_or_default(),
        once_per_customer: if view.once_per_customer { "on".to_owned() } else { String::new() },
        starts: view.starts_at.map(|at| calendar.minute(at)).unwrap_or_default(),
        ends: view.expires_at.map(|at| calendar.minute(at)).unwrap_or_default(),
        starts_shown: calendar.shown(view.starts_at),
        ends_shown: calendar.shown(view.expires_at),
        ..PromotionForm::default()
    })
}

/// An empty form.
pub fn empty() -> PromotionForm {
    PromotionForm { way: "code".to_owned(), unit: "percent".to_owned(), scope: "everything".to_owned(), ..PromotionForm::default() }
}

/// A sum as it is typed.
fn plain(money: Money) -> String {
    let unit = 10i64.pow(Currency::decimals(&money.currency));
    match money.currency.decimals() {
        0 => money.amount.to_string(),
        decimals => format!("{}.{:0width$}", money.amount / unit, money.amount % unit, width = decimals as usize),
    }
}
