//! The choice of a tier: radio cards, and a button with the price on it.

use domain::money::Money;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A tier as the chooser needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    pub key: String,
    pub name: String,
    pub summary: String,
    pub price: Money,
}

fn price(money: Money) -> String {
    if money.is_zero() { "Free".to_owned() } else { money.to_string() }
}

/// The form that puts a tier into the cart. Without JavaScript it is a plain form whose button names no price.
#[island]
pub fn TierChooser(product: String, tiers: Vec<Tier>, action: String) -> impl IntoView {
    let first = tiers.first().cloned();
    let has_choice = tiers.len() > 1;
    let chosen = RwSignal::new(first.as_ref().map(|tier| tier.key.clone()).unwrap_or_default());
    // The button follows the choice only once it can; until then it must not promise a price that is not chosen.
    let is_awake = RwSignal::new(!has_choice);
    Effect::new(move || is_awake.set(true));
    let prices = tiers.iter().map(|tier| (tier.key.clone(), price(tier.price))).collect::<Vec<_>>();
    let label = move || {
        let chosen = chosen.get();
        match prices.iter().find(|(key, _)| *key == chosen).filter(|_| is_awake.get()) {
            Some((_, price)) => format!("Add to cart — {price}"),
            None => "Add to cart".to_owned(),
        }
    };
    view! {
        <form method="post" action=action>
            <input type="hidden" name="product" value=product/>
            <input type="hidden" name="quantity" value="1"/>
            <fieldset class="tiers">
                <legend class="label mb-2">{if has_choice { "Choose an edition" } else { "Edition" }}</legend>
                {tiers.into_iter().enumerate().map(|(i, tier)| {
                    let key = tier.key.clone();
                    view! {
                        <label class="tier">
                            <input type="radio" name="variant" value=tier.key checked=i == 0 on:change=move |_| chosen.set(key.clone())/>
                            <span class="name">{tier.name}</span>
                            <span class="number">{price(tier.price)}</span>
                            <span class="summary">{tier.summary}</span>
                        </label>
                    }
                }).collect_view()}
            </fieldset>
            <div class="buy"><button class="button wide" type="submit">{label}</button></div>
        </form>
    }
}
