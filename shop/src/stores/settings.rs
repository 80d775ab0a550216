//! What the owner says of the store, and whether its connections work.

use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::base::entities::{order, store};
use crate::jobs::mail::{Mail, MailError, templates};
use crate::payments::events;
use crate::payments::stripe::webhook::check_way_here;
use crate::{
    Error, Refusal, Result, Shop, accounts,
    base::{revisions, world},
    catalog::{self, markdown},
    checkout::{self, carts, promotions},
    jobs::{self, clocks},
    stores::{self, calendar::Calendar},
};
use domain::email::{Email, NotAnEmail};
use domain::id::Id;
use domain::money::Currency;
use domain::order::OrderStatus;
use domain::pages::settings::{OldPrices, Policy, PricedGoods, SaleMails, StoreSettings, StripeCheck};
use domain::text::tidy;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::LockType,
};
use std::sync::Arc;
use std::time::Duration;

const MAX_LINE_CHARS: usize = 200;
const MAX_ADDRESS_CHARS: usize = 1000;
const MAX_POLICY_CHARS: usize = 50_000;
/// Longer than any shop says, and short enough to be meant.
const MAX_REFUND_DAYS: i64 = 365;
/// A mail server that takes longer does not answer.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);

/// The store's facts as they stand.
pub async fn load(shop: &Shop) -> Result<StoreSettings> {
    Ok(load_revision(shop).await?.0)
}

/// As [`load`], with the revision that a change of them may name.
pub async fn load_revision(shop: &Shop) -> Result<(StoreSettings, i64)> {
    let row = stores::load(shop).await?;
    let revision = row.revision;
    Ok((settings_of(row), revision))
}

fn settings_of(row: store::Model) -> StoreSettings {
    StoreSettings {
        name: row.name,
        tagline: row.tagline,
        legal_name: row.legal_name,
        address: row.address,
        tax_id: row.tax_id,
        currency: row.currency.code().to_owned(),
        time_zone: row.time_zone,
        support_email: row.support_email,
        sender_name: row.sender_name,
        sale_mails: *row.sale_mails,
        download_limit: row.download_limit,
        activation_limit: row.activation_limit,
        terms_text: row.terms_text,
        privacy_text: row.privacy_text,
        refund_text: row.refund_text,
        refund_days: row.refund_days,
    }
}

/// How often it is looked again where orders are placed while the currency changes.
const MAX_TURNS: usize = 3;

/// As [`change_with`]; prices in other currencies stay as they are.
pub async fn change(shop: &Shop, by: &Actor, made_from: Option<i64>, alter: impl Fn(&mut StoreSettings)) -> Result<()> {
    change_with(shop, by, made_from, None, alter).await
}

/// Changes the store's facts: `alter` gets them as they stand, and nobody else changes them meanwhile. What was chosen for prices in
/// other currencies is done to all that there are, also where the currency stays; without a choice they stay as they are.
///
/// # Errors
/// What is wrong with a field; `settings_changed` (409) where there is a newer revision than the one that the change was made from;
/// for another currency, `currency_in_use` (409) once something was sold and `orders_open` (409) while an order may still be paid in
/// the old one.
pub async fn change_with(
    shop: &Shop,
    by: &Actor,
    made_from: Option<i64>,
    old_prices: Option<OldPrices>,
    alter: impl Fn(&mut StoreSettings),
) -> Result<()> {
    for _ in 0..MAX_TURNS {
        let (before, revision) = load_revision(shop).await?;
        let currency = altered(&before, &alter)?.currency;
        if currency != before.currency && made_from.is_none_or(|made_from| made_from == revision) {
            check_unsold(&shop.db, shop).await?;
            // Payment pages of the old currency are closed; whoever was on one finds the cart in the new one.
            checkout::end_open(shop, currency_of(&currency)?).await?;
        }
        if retried(|| write(shop, by, made_from, old_prices, &alter)).await? {
            shop.catalog_has_changed();
            return Ok(());
        }
    }
    Err(Error::conflict("orders_open", "Orders are being placed this minute. Nothing was saved; please try again in a moment.")
        .at("currency"))
}

/// The facts as they would stand.
fn altered(before: &StoreSettings, alter: &impl Fn(&mut StoreSettings)) -> Result<StoreSettings> {
    let mut new = before.clone();
    alter(&mut new);
    checked(new)
}

/// What is priced in the store's currency, before it changes.
pub async fn priced_now(shop: &Shop) -> Result<PricedGoods> {
    priced(shop, true).await
}

/// What is priced in other currencies than the store's, and so not for sale.
pub async fn priced_otherwise(shop: &Shop) -> Result<PricedGoods> {
    priced(shop, false).await
}

async fn priced(shop: &Shop, is_in_it: bool) -> Result<PricedGoods> {
    let (store, currency) = (shop.settings.store_id, stores::currency(shop).await?);
    Ok(PricedGoods {
        n_products: catalog::n_priced(&shop.db, store, currency, is_in_it).await?,
        n_promotions: promotions::n_counted(&shop.db, store, currency, is_in_it).await?,
    })
}

/// Whether nothing was sold yet, so that the currency may change.
pub async fn is_unsold(shop: &Shop) -> Result<bool> {
    Ok(!has_sold(&shop.db, shop).await?)
}

async fn has_sold(db: &impl ConnectionTrait, shop: &Shop) -> Result<bool> {
    let sold = order::Entity::find().filter(order::Column::StoreId.eq(shop.settings.store_id)).filter(order::Column::PaidAt.is_not_null());
    Ok(sold.select_only().column(order::Column::Id).into_tuple::<Id>().one(db).await?.is_some())
}

async fn check_unsold(db: &impl ConnectionTrait, shop: &Shop) -> Result<()> {
    if has_sold(db, shop).await? {
        return Err(
            Error::conflict("currency_in_use", "The shop has sold in its currency already, so it can't count in another.").at("currency")
        );
    }
    Ok(())
}

fn currency_of(code: &str) -> Result<Currency> {
    Currency::parse(code).map_err(|error| Error::refused("currency_invalid", format!("{error}.")))
}

/// Writes all of it in one transaction; tells whether it did: not while an order waits that was placed in another currency.
async fn write(
    shop: &Shop,
    by: &Actor,
    made_from: Option<i64>,
    old_prices: Option<OldPrices>,
    alter: &impl Fn(&mut StoreSettings),
) -> Result<bool> {
    let tx = begin_write(&shop.db).await?;
    // Whoever places an order meanwhile waits, and then sees the new currency. It is the lock of an update, which lets rows that
    // name the store come in: a stricter one could wait for them in a circle.
    let row = store::Entity::find_by_id(shop.settings.store_id).lock(LockType::NoKeyUpdate).one(&tx).await?.ok_or(Error::NotFound)?;
    let (id, revision) = (row.id, row.revision);
    let before = settings_of(row.clone());
    let new = altered(&before, alter)?;
    // What is sent again, as by a second click, stands already.
    if before == new && old_prices.is_none() {
        return Ok(true);
    }
    let saved = revisions::Saved { kind: "settings", id, revision, code: "settings_changed", noun: "the settings" };
    revisions::check(&tx, shop, saved, made_from).await?;
    if before.currency != new.currency {
        check_unsold(&tx, shop).await?;
        let open = checkout::open_in_another(&tx, shop, currency_of(&new.currency)?).await?;
        if open.iter().any(|order| order.status == OrderStatus::Processing) {
            let text = format!("A bank is at work for an order in {}. Change the currency once it has failed.", before.currency);
            return Err(Error::conflict("orders_open", text).at("currency"));
        }
        if !open.is_empty() {
            return Ok(false);
        }
        carts::forget_chosen(&tx, shop).await?;
    }
    let mut row = row.into_active_model();
    row.name = Set(new.name.clone());
    row.tagline = Set(new.tagline.clone());
    row.legal_name = Set(new.legal_name.clone());
    row.address = Set(new.address.clone());
    row.tax_id = Set(new.tax_id.clone());
    row.currency = Set(currency_of(&new.currency)?.into());
    row.time_zone = Set(new.time_zone.clone());
    row.support_email = Set(new.support_email.clone());
    row.sender_name = Set(new.sender_name.clone());
    row.sale_mails = Set(new.sale_mails.into());
    if new.sale_mails == SaleMails::Daily && before.sale_mails != SaleMails::Daily {
        // The first mail is about today, the orders of before the change included.
        row.sales_mailed_day = Set(Some(Calendar::named(&new.time_zone).day_of(shop.clock.now_ms()) - 1));
    }
    row.download_limit = Set(new.download_limit);
    row.activation_limit = Set(new.activation_limit);
    row.terms_text = Set(new.terms_text.clone());
    row.privacy_text = Set(new.privacy_text.clone());
    row.refund_text = Set(new.refund_text.clone());
    row.refund_days = Set(new.refund_days);
    row.revision = Set(revision + 1);
    row.update(&tx).await?;
    if before != new {
        let action = Action { act: "updated", kind: "settings", id: Some(shop.settings.store_id), name: &new.name };
        audit::record(&tx, shop, by, action, Some(&before), Some(&new)).await?;
    }
    if let Some(how) = old_prices {
        settle_old_prices(&tx, shop, by, &new.currency, how).await?;
    }
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// Does what was chosen for prices in other currencies than this one, in the caller's transaction.
pub(crate) async fn settle_old_prices(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, currency: &str, how: OldPrices) -> Result<()> {
    let to = Currency::parse(currency).map_err(|error| Error::refused("currency_invalid", format!("{error}.")).at("currency"))?;
    catalog::settle_old_prices(tx, shop, by, to, how).await?;
    if how == OldPrices::SameNumbers {
        promotions::take_over(tx, shop, by, to).await?;
    }
    Ok(())
}

fn checked(mut new: StoreSettings) -> Result<StoreSettings> {
    new.name = accounts::store_name(&new.name)?;
    let lines = [
        ("tagline", &mut new.tagline),
        ("legal_name", &mut new.legal_name),
        ("tax_id", &mut new.tax_id),
        ("sender_name", &mut new.sender_name),
    ];
    for (field, text) in lines {
        *text = tidy(text);
        if text.chars().count() > MAX_LINE_CHARS || text.chars().any(char::is_control) {
            let message = format!("This has at most {MAX_LINE_CHARS} characters in one line.");
            return Err(Error::refused("line_invalid", message).at(field));
        }
    }
    new.address = tidy(&new.address.replace("\r\n", "\n"));
    if new.address.chars().count() > MAX_ADDRESS_CHARS || new.address.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Error::refused("address_invalid", format!("The address has at most {MAX_ADDRESS_CHARS} characters.")).at("address"));
    }
    let texts = [("terms_text", &mut new.terms_text), ("privacy_text", &mut new.privacy_text), ("refund_text", &mut new.refund_text)];
    for (field, text) in texts {
        *text = text.replace("\r\n", "\n").trim().to_owned();
        if text.chars().count() > MAX_POLICY_CHARS || text.contains('\0') {
            return Err(Error::refused("policy_invalid", format!("A text has at most {MAX_POLICY_CHARS} characters.")).at(field));
        }
    }
    let unknown = |error| Error::refused("currency_invalid", format!("{error}.")).at("currency");
    new.currency = Currency::parse(&new.currency).map_err(unknown)?.code().to_owned();
    new.time_zone = time_zone(&new.time_zone)?;
    new.support_email = match new.support_email.as_deref().map(str::trim).filter(|email| !email.is_empty()) {
        Some(email) => {
            let invalid = |error: NotAnEmail| Error::refused("support_email_invalid", error.to_string()).at("support_email");
            Some(Email::parse(email).map_err(invalid)?.as_str().to_owned())
        }
        None => None,
    };
    for (field, limit) in [("download_limit", new.download_limit), ("activation_limit", new.activation_limit)] {
        if limit.is_some_and(|limit| !(1..=1_000_000).contains(&limit)) {
            return Err(Error::refused("limit_invalid", "A limit is between 1 and 1000000; leave it empty for none.").at(field));
        }
    }
    if new.refund_days.is_some_and(|days| !(1..=MAX_REFUND_DAYS).contains(&days)) {
        let message = format!("Days for refunds are between 1 and {MAX_REFUND_DAYS}; leave it empty to say nothing.");
        return Err(Error::refused("refund_days_invalid", message).at("refund_days"));
    }
    Ok(new)
}

/// The zone of this name in the IANA time zone database, as that spells it.
///
/// # Errors
/// `time_zone_unknown`.
pub(crate) fn time_zone(name: &str) -> Result<String> {
    let zone = jiff::tz::TimeZone::get(name.trim()).ok();
    zone.and_then(|zone| zone.iana_name().map(str::to_owned))
        .ok_or_else(|| Error::refused("time_zone_unknown", "Choose a time zone from the list, such as Europe/Berlin.").at("time_zone"))
}

/// The names of all time zones.
pub fn time_zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.as_str().to_owned()).filter(|name| name.contains('/') || name == "UTC").collect()
}

/// The names of all time zones, each as people read it: `Europe/Berlin`, `Europe/Berlin (UTC+1)`.
pub fn time_zone_choices(shop: &Shop) -> Vec<(String, String)> {
    let now = jiff::Timestamp::from_millisecond(shop.clock.now_ms()).unwrap_or_default();
    let named = |name: String| {
        let secs = jiff::tz::TimeZone::get(&name).map_or(0, |zone| zone.to_offset(now).seconds());
        let (sign, minutes) = (if secs < 0 { '−' } else { '+' }, secs.abs() / 60);
        let rest = if minutes % 60 == 0 { String::new() } else { format!(":{:02}", minutes % 60) };
        let text = format!("{} (UTC{sign}{}{rest})", name.replace('_', " "), minutes / 60);
        (name, text)
    };
    time_zones().into_iter().map(named).collect()
}

/// A text of the store as sanitized HTML; nothing where it has none.
pub async fn policy(shop: &Shop, policy: Policy) -> Result<Option<String>> {
    let read = async {
        let store = load(shop).await?;
        let mut pages: [Option<Arc<str>>; 3] = [None, None, None];
        for (page, text) in pages.iter_mut().zip([&store.terms_text, &store.privacy_text, &store.refund_text]) {
            *page = if text.is_empty() { None } else { Some(markdown::rendered(text).await?.into()) };
        }
        Ok(pages)
    };
    let [terms, privacy, refunds] = shop.memos.policies.or_read(shop, read).await?;
    let page = match policy {
        Policy::Terms => terms,
        Policy::Privacy => privacy,
        Policy::Refunds => refunds,
    };
    Ok(page.map(|html| html.to_string()))
}

/// Sends a mail now, to see whether the mail server takes it.
///
/// # Errors
/// `mail_refused` (503) with the server's own words.
pub async fn send_test_mail(shop: &Shop, to: &str) -> Result<()> {
    let store = stores::face(shop).await?;
    let (subject, text, html) = templates::test(&store);
    let host =
        shop.settings.base_url.split_once("://").map_or("localhost", |(_, rest)| rest).split([':', '/']).next().unwrap_or("localhost");
    let mail = Mail {
        message_id: format!("<{}@{host}>", world::new_id().simple()),
        to: to.to_owned(),
        subject,
        text,
        html,
        reply_to: None,
        from_name: Some(store.sender_name).filter(|name| !name.is_empty()),
    };
    let sent = tokio::time::timeout(MAIL_TIMEOUT, shop.mail.send(&mail)).await;
    let why = match sent {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error @ (MailError::Transient(_) | MailError::Permanent(_)))) => error.to_string(),
        Err(_) => "it did not answer within twenty seconds".to_owned(),
    };
    let why: String = why.chars().filter(|c| !c.is_control()).take(300).collect();
    Err(Error::Unavailable(Refusal::new("mail_refused", format!("The mail was not sent: {why}.")).with_status(503)))
}

/// Tries the way to Stripe and the way from it.
pub async fn check_stripe(shop: &Shop) -> Result<StripeCheck> {
    let webhook_url = format!("{}/webhooks/stripe", shop.settings.base_url);
    let listed = shop.stripe.events_since(&events::listed_names(), shop.clock.now_ms() / 1000, None).await;
    let key_trouble = listed.err().map(|failure| failure.to_string());
    let webhook_trouble = check_way_here(shop, &webhook_url).await.err();
    let clock = clocks::measure(shop).await?;
    let clock_trouble = clock.is_wrong().then(|| format!("{} {}", clock.what(), clock.to_do()));
    // What came through the door has the name of its request; what was read from Stripe's list has none.
    let last_webhook_at = jobs::last_webhook_at(shop).await?;
    Ok(StripeCheck { is_live: shop.settings.livemode, key_trouble, webhook_trouble, webhook_url, clock_trouble, last_webhook_at })
}
