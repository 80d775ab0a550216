//! The choice of a tier: radio cards, and a button with the price on it.

use crate::checkout::acts::AddToCart;
use crate::components::Trust;
use crate::notices;
use domain::money::{MAX_CHARGE, Money};
use domain::pages::offer::VariantOffer;
use domain::pages::storefront::{COMING_SOON, ProductDetail};
use domain::price::{NotAPrice, Price};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// The form that puts a tier into the cart. The price on the button follows the choice by the style sheet alone
/// (`.of-tier`), so that it is right without JavaScript, and when the browser restores a choice.
#[component]
pub fn TierChooser(product: ProductDetail, #[prop(optional)] is_preview: bool) -> impl IntoView {
    let has_choice = product.variants.len() > 1;
    let words = product.variants.iter().map(|offer| view! { <ButtonWords offer=offer.clone()/> }).collect_view();
    let words = if product.variants.len() > MAX_TOLD_APART { "Add to cart".into_any() } else { words.into_any() };
    let is_free = product.variants.iter().all(|offer| offer.price.is_zero() && !offer.pay_what_you_want);
    let has_files = product.variants.iter().all(|offer| !offer.files.is_empty());
    let query = use_query_map();
    let asked = |name: &str| query.with_untracked(|query| query.get(name)).filter(|text| !text.is_empty());
    let refusal = asked("notice").filter(|code| notices::is_about(code, "price"));
    let (chosen, typed) = (asked("variant"), asked("price").filter(|_| refusal.is_some()));
    if !product.variants.iter().any(VariantOffer::delivers) {
        return view! { <Coming variants=product.variants/> }.into_any();
    }
    let asked_for = chosen.and_then(|key| product.variants.iter().position(|offer| offer.key == key && offer.delivers()));
    let i_chosen = asked_for.or_else(|| product.variants.iter().position(VariantOffer::delivers)).unwrap_or(0);
    let own_prices = product
        .variants
        .iter()
        .enumerate()
        .map(|(i, offer)| {
            let of_chosen = |text: &Option<String>| text.clone().filter(|_| i == i_chosen);
            let error = of_chosen(&refusal).and_then(|code| refusal_text(&code, &offer.pricing()));
            view! { <OwnPrice offer=offer.clone() typed=of_chosen(&typed) error/> }
        })
        .collect_view();
    view! {
        <form class="buy-form" method="post" action=AddToCart::PATH>
            <input type="hidden" name="product" value=product.slug/>
            <input type="hidden" name="quantity" value="1"/>
            <fieldset class="tiers">
                <legend class="label">{if has_choice { "Choose an edition" } else { "Edition" }}</legend>
                {product.variants.into_iter().enumerate().map(|(i, offer)| view! {
                    <TierCard is_coming={!offer.delivers()} offer is_chosen=i == i_chosen/>
                }).collect_view()}
            </fieldset>
            {own_prices}
            <div class="buy">
                <button class="button wide" type="submit" disabled=is_preview>
                    <span>{words}</span>
                </button>
            </div>
            <Trust is_free has_files/>
        </form>
    }
    .into_any()
}

/// What is offered and delivers nothing yet: to be seen, not to be chosen.
#[component]
fn Coming(variants: Vec<VariantOffer>) -> impl IntoView {
    let has_choice = variants.len() > 1;
    view! {
        <div class="buy-form">
            <fieldset class="tiers">
                <legend class="label">{if has_choice { "Editions" } else { "Edition" }}</legend>
                // Said once, below them.
                {variants.into_iter().map(|offer| view! { <TierCard offer is_chosen=false is_coming=false/> }).collect_view()}
            </fieldset>
            <p class="coming-soon">{COMING_SOON}</p>
        </div>
    }
}

/// The style sheet tells at most this many tiers apart.
pub(super) const MAX_TOLD_APART: usize = 12;

/// What the button says of a tier. A price that the customer names is put there as it is typed (`public/shop.js`).
#[component]
fn ButtonWords(offer: VariantOffer) -> impl IntoView {
    let text = match (offer.pay_what_you_want, offer.price.is_zero()) {
        (true, _) => "Add to cart — your price".to_owned(),
        (false, true) => "Get it free".to_owned(),
        (false, false) => format!("Add to cart — {}", offer.price),
    };
    let field = offer.pay_what_you_want.then(|| format!("price-{}", offer.key));
    let currency = offer.pay_what_you_want.then(|| offer.price.currency.code().to_owned());
    let least = offer.pay_what_you_want.then(|| offer.price.decimal());
    // What is free goes through the cart as well.
    let way = (!offer.pay_what_you_want && offer.price.is_zero()).then(|| view! { <span class="sr-only">" (Add to cart)"</span> });
    view! { <span class="of-tier" data-price-of=field data-currency=currency data-least=least>{text}{way}</span> }
}

/// Why a price is not taken, with the amount that would be.
pub fn refusal_text(code: &str, price: &Price) -> Option<String> {
    let currency = price.amount.currency;
    let refusals = [
        NotAPrice::Fixed(price.amount),
        NotAPrice::TooLow(price.amount),
        NotAPrice::Uncharged(Money::new(currency.least_charge(), currency)),
        NotAPrice::TooHigh(Money::new(MAX_CHARGE, currency)),
        NotAPrice::Unreadable(Money::example(currency)),
    ];
    refusals.into_iter().find(|refusal| refusal.code() == code).map(|refusal| refusal.to_string())
}

/// Where the customer names the price. Each tier has one, so that the style sheet can show that of the chosen tier.
#[component]
fn OwnPrice(offer: VariantOffer, typed: Option<String>, error: Option<String>) -> impl IntoView {
    let id = format!("price-{}", offer.key);
    let price = offer.pricing();
    let help = if offer.price.is_zero() { "Nothing is fine too.".to_owned() } else { format!("{} or more.", offer.price) };
    let field = (offer.pay_what_you_want && offer.delivers()).then(|| {
        let (error_id, help_id) = (format!("{id}-error"), format!("{id}-help"));
        view! {
            <label for=id.clone()>{format!("Your price in {}", offer.price.currency)}</label>
            <input
                class="input number"
                id=id.clone()
                name=format!("prices[{}]", offer.key)
                inputmode="decimal"
                autocomplete="off"
                maxlength="20"
                value=typed.unwrap_or_else(|| price.proposed().decimal())
                aria-describedby=format!("{error_id} {help_id}")
                aria-invalid=error.is_some().then_some("true")
                autofocus=error.is_some()
            />
            <p class="error" id=error_id role="alert">{error}</p>
            <p class="help" id=help_id>{help}</p>
        }
    });
    view! { <div class="own-price-field field">{field}</div> }
}

/// What the license key of a tier gives, such as "License key for 3 devices, updates for 365 days".
fn key_text(offer: &VariantOffer) -> String {
    let days = |n: i64| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
    let policy = &offer.license_policy;
    let what = if policy.is_trial { "Trial key" } else { "License key" };
    let devices = match (offer.activation_limit, policy.is_floating) {
        (Some(1), _) => " for 1 device".to_owned(),
        (Some(n), true) => format!(" for {n} devices at a time"),
        (Some(n), false) => format!(" for {n} devices"),
        (None, _) => String::new(),
    };
    let ends = offer.expires_after_days.map(|n| format!(", works for {}", days(n)));
    let updates = policy.updates_days.map(|n| format!(", updates for {}", days(n)));
    let version = policy.max_version.as_ref().map(|version| format!(", up to version {version}"));
    [Some(format!("{what}{devices}")), ends, updates, version].into_iter().flatten().collect()
}

#[component]
fn TierCard(
    offer: VariantOffer,
    is_chosen: bool,
    /// Whether it says that it is coming soon.
    is_coming: bool,
) -> impl IntoView {
    let before = offer.compare_at.filter(|amount| *amount > offer.price.amount).map(|amount| Money::new(amount, offer.price.currency));
    let key = offer.has_license.then(|| key_text(&offer));
    let attributes = offer.attributes.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(" · ");
    let included = offer.includes.iter().map(|tier| tier.title.clone()).collect::<Vec<_>>().join(", ");
    let price = offer_text(&offer);
    let worth = offer.worth().zip(offer.saved()).map(|(worth, saved)| format!("{worth} separately. You save {saved}."));
    let is_shut = !offer.delivers();
    view! {
        <label class="tier">
            <input type="radio" name="variant" value=offer.key checked=is_chosen disabled=is_shut/>
            <span class="name">{offer.name}</span>
            <span class="number">
                {before.map(|money| view! { <s class="quiet"><span class="sr-only">"Before: "</span>{money.to_string()}</s>" " })}
                {price}
            </span>
            {is_coming.then(|| view! { <span class="summary">{COMING_SOON}</span> })}
            {(!offer.summary.is_empty()).then(|| view! { <span class="summary">{offer.summary}</span> })}
            {(!attributes.is_empty()).then(|| view! { <span class="summary">{attributes}</span> })}
            {key.map(|text| view! { <span class="summary">{text}</span> })}
            {(!included.is_empty()).then(|| view! { <span class="summary">"With "{included}</span> })}
            {worth.map(|text| view! { <span class="summary saving">{text}</span> })}
        </label>
    }
}

/// What a product costs at least; nothing where it can't be bought.
pub(super) fn from_text(offers: &[VariantOffer]) -> Option<String> {
    let offers = || offers.iter().filter(|offer| offer.delivers());
    let cheapest = offers().min_by_key(|offer| offer.price.amount)?;
    let is_one = offers().all(|offer| offer.price == cheapest.price) && !cheapest.pay_what_you_want;
    Some(if is_one || cheapest.price.is_zero() { offer_text(cheapest) } else { format!("from {}", cheapest.price) })
}

fn offer_text(offer: &VariantOffer) -> String {
    match (offer.pay_what_you_want, offer.price.is_zero()) {
        (true, true) => "Pay what you want".to_owned(),
        (true, false) => format!("{} or more", offer.price),
        (false, _) => price_text(offer.price),
    }
}

fn price_text(money: Money) -> String {
    if money.is_zero() { "Free".to_owned() } else { money.to_string() }
}
