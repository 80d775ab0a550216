//! The tiers in the editor: added, moved and removed by buttons that send the form.

use super::fields::{ChoiceField, TextField, refused_at};
use domain::catalog::TermsWords;
use domain::form::FormRefusal;
use domain::goods::TierForm;
use leptos::prelude::*;

#[component]
pub fn Tiers(tiers: Vec<TierForm>, currency: String, terms: Vec<TermsWords>, refusal: Option<FormRefusal>) -> impl IntoView {
    let n = tiers.len();
    let error = refused_at(refusal.as_ref(), "tiers");
    view! {
        <section id="tiers">
            <h2>"Tiers and prices"</h2>
            <p class="quiet mb-4">"What people choose from, in this order. One is enough; each has its own price and terms."</p>
            <p class="error">{error}</p>
            {tiers.into_iter().enumerate().map(|(i, tier)| {
                view! { <Tier i n tier currency=currency.clone() terms=terms.clone() refusal=refusal.clone()/> }
            }).collect_view()}
            <p><button class="button plain" type="submit" name="act" value="add" formnovalidate=true>"Add a tier"</button></p>
        </section>
    }
}

/// The fields that stand behind the fold.
const FOLDED: [&str; 7] = ["key", "compare_at", "attributes", "download_limit", "activation_limit", "expires_after_days", "license"];

#[component]
fn Tier(i: usize, n: usize, tier: TierForm, currency: String, terms: Vec<TermsWords>, refusal: Option<FormRefusal>) -> impl IntoView {
    let name = |field: &str| format!("form[tiers][{i}][{field}]");
    let at = |field: &str| format!("tiers.{i}.{field}");
    let is_open = refusal.as_ref().is_some_and(|refusal| FOLDED.iter().any(|field| refusal.code == at(field)));
    let legend = if tier.name.trim().is_empty() { format!("Tier {}", i + 1) } else { format!("Tier {}: {}", i + 1, tier.name) };
    let options = terms.into_iter().map(|words| (words.terms.as_str().to_owned(), words.label)).collect();
    let is_known = !tier.known.is_empty();
    let has_license = !tier.license.is_empty();
    let tier_name = if tier.name.trim().is_empty() { format!("tier {}", i + 1) } else { tier.name.clone() };
    view! {
        <fieldset class="tier-fields" id=format!("tier-{i}")>
            <legend>{legend}</legend>
            <input type="hidden" name=name("known") value=tier.known/>
            <div class="tier-line">
                <TextField at=at("name") name=name("name") label="Name" value=tier.name refusal=refusal.clone()/>
                <TextField at=at("price") name=name("price") label=format!("Price in {currency}") value=tier.price refusal=refusal.clone() input_mode="decimal" max_length=24 placeholder="9.99"/>
            </div>
            <TextField at=at("summary") name=name("summary") label="What differs" value=tier.summary refusal=refusal.clone() placeholder="PDF and EPUB"/>
            <ChoiceField at=at("terms") name=name("terms") label="License terms" value=tier.terms options refusal=refusal.clone()/>
            <details class="fold" open=is_open>
                <summary>"Limits, license keys and more"<span class="sr-only">" of "{tier_name.clone()}</span></summary>
                <div class="stack">
                    <div class="tier-line">
                        <TextField at=at("compare_at") name=name("compare_at") label=format!("Price before, in {currency}") value=tier.compare_at refusal=refusal.clone() input_mode="decimal" max_length=24 help="Shown crossed out."/>
                        <TextField at=at("download_limit") name=name("download_limit") label="Downloads of each file" value=tier.download_limit refusal=refusal.clone() input_mode="numeric" max_length=8 help="Empty: as the shop has it."/>
                    </div>
                    <TextField at=at("attributes") name=name("attributes") label="What sets it apart" value=tier.attributes refusal=refusal.clone() rows=3 max_length=30_000 placeholder="Resolution = 4K" help="A line each: name = value."/>
                    <p class="check">
                        <input type="checkbox" id=at("license") name=name("license") value="on" checked=has_license/>
                        <label for=at("license")>"Each copy has a license key"</label>
                    </p>
                    <div class="tier-line">
                        <TextField at=at("activation_limit") name=name("activation_limit") label="Devices for a key" value=tier.activation_limit refusal=refusal.clone() input_mode="numeric" max_length=8 help="Empty: any number."/>
                        <TextField at=at("expires_after_days") name=name("expires_after_days") label="Days that a key works" value=tier.expires_after_days refusal=refusal.clone() input_mode="numeric" max_length=8 help="Empty: for ever."/>
                    </div>
                    {if is_known {
                        view! { <p class="help">"Key for links and software: "<code>{tier.key.clone()}</code></p><input type="hidden" name=name("key") value=tier.key/> }.into_any()
                    } else {
                        view! { <TextField at=at("key") name=name("key") label="Key for links and software" value=tier.key refusal=refusal.clone() max_length=80 help="Empty: made from the name. It stays as it is."/> }.into_any()
                    }}
                </div>
            </details>
            {(n > 1).then(|| view! {
                <p class="actions">
                    {(i > 0).then(|| view! { <button class="link-button" type="submit" name="act" value=format!("raise:{i}") formnovalidate=true>"Move up"<span class="sr-only">": "{tier_name.clone()}</span></button> })}
                    <button class="link-button" type="submit" name="act" value=format!("remove:{i}") formnovalidate=true>"Remove"<span class="sr-only">": "{tier_name.clone()}</span></button>
                </p>
            })}
        </fieldset>
    }
}
