//! The choice of a tier: radio cards, and a button with the price on it.

use crate::checkout::cart::AddToCart;
use domain::catalog::{ProductDetail, VariantOffer};
use domain::money::Money;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form that puts a tier into the cart. The price on the button follows the choice by the style sheet alone
/// (`.tier-price`), so that it is right without JavaScript, and when the browser restores a choice.
#[component]
pub fn TierChooser(product: ProductDetail, #[prop(optional)] is_preview: bool) -> impl IntoView {
    let has_choice = product.variants.len() > 1;
    let prices: Vec<String> = product.variants.iter().map(|offer| price_text(offer.price)).collect();
    view! {
        <form class="buy-form" method="post" action=AddToCart::PATH>
            <input type="hidden" name="product" value=product.slug/>
            <input type="hidden" name="quantity" value="1"/>
            <fieldset class="tiers">
                <legend class="label">{if has_choice { "Choose an edition" } else { "Edition" }}</legend>
                {product.variants.into_iter().enumerate().map(|(i, offer)| view! { <TierCard offer is_chosen=i == 0/> }).collect_view()}
            </fieldset>
            <div class="buy">
                <button class="button wide" type="submit" disabled=is_preview>
                    <span>
                        "Add to cart"
                        {prices.into_iter().map(|price| view! { <span class="tier-price">" — "{price}</span> }).collect_view()}
                    </span>
                </button>
            </div>
        </form>
    }
}

#[component]
fn TierCard(offer: VariantOffer, is_chosen: bool) -> impl IntoView {
    let before = offer.compare_at.filter(|amount| *amount > offer.price.amount).map(|amount| Money::new(amount, offer.price.currency));
    let devices = offer
        .activation_limit
        .filter(|_| offer.has_license)
        .map(|n| if n == 1 { "License key for 1 device".to_owned() } else { format!("License key for {n} devices") });
    let attributes = offer.attributes.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(" · ");
    view! {
        <label class="tier">
            <input type="radio" name="variant" value=offer.key checked=is_chosen/>
            <span class="name">{offer.name}</span>
            <span class="number">
                {before.map(|money| view! { <s class="quiet"><span class="sr-only">"Before: "</span>{money.to_string()}</s>" " })}
                {price_text(offer.price)}
            </span>
            {(!offer.summary.is_empty()).then(|| view! { <span class="summary">{offer.summary}</span> })}
            {(!attributes.is_empty()).then(|| view! { <span class="summary">{attributes}</span> })}
            {devices.map(|text| view! { <span class="summary">{text}</span> })}
        </label>
    }
}

fn price_text(money: Money) -> String {
    if money.is_zero() { "Free".to_owned() } else { money.to_string() }
}
