//! The tiers in the editor: added, moved and removed by buttons that send the form.

use super::keys::Keys;
use crate::components::{ChoiceField, TextField, refused_at};
use domain::pages::form::FormRefusal;
use domain::pages::goods::TierForm;
use domain::terms::TermsWords;
use domain::word::Word;
use leptos::prelude::*;

/// The tiers; `choices` are those of other products that can come with one: `slug/key`, and how people call it.
#[component]
pub fn Tiers(
    tiers: Vec<TierForm>,
    currency: String,
    terms: Vec<TermsWords>,
    choices: Vec<(String, String)>,
    refusal: Option<FormRefusal>,
) -> impl IntoView {
    let n = tiers.len();
    let error = refused_at(refusal.as_ref(), "tiers");
    view! {
        <section id="tiers">
            <h2>"Tiers and prices"</h2>
            <p class="quiet mb-4">"What people choose from, in this order. One is enough; each has its own price and terms."</p>
            <p class="error">{error}</p>
            {tiers.into_iter().enumerate().map(|(i, tier)| {
                let titles = tier.taken().into_iter().map(|name| title_of(&choices, name)).collect();
                view! { <Tier i n tier titles currency=currency.clone() terms=terms.clone() refusal=refusal.clone()/> }
            }).collect_view()}
            <datalist id="tier-choices">
                {choices.into_iter().map(|(name, title)| view! { <option value=name>{title}</option> }).collect_view()}
            </datalist>
            <p><button class="button plain" type="submit" name="act" value="add" formnovalidate=true>"Add a tier"</button></p>
        </section>
    }
}

/// The fields that stand behind the fold.
const FOLDED: [&str; 4] = ["key", "compare_at", "attributes", "download_limit"];

/// A name with how people call it.
fn title_of(choices: &[(String, String)], name: String) -> (String, String) {
    let title = choices.iter().find(|(known, _)| *known == name).map_or_else(|| name.clone(), |(_, title)| title.clone());
    (name, title)
}

/// What comes with a tier: a list with a way out of it, and a field for one more.
#[component]
fn Includes(i: usize, tier_name: String, titles: Vec<(String, String)>, typed: String, refusal: Option<FormRefusal>) -> impl IntoView {
    let names = titles.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>().join(", ");
    view! {
        <div class="stack" id=format!("tier-{i}-includes")>
            <input type="hidden" name=format!("form[tiers][{i}][includes]") value=names/>
            {(!titles.is_empty()).then(|| view! {
                <ul class="includes" aria-label=format!("What comes with {tier_name}")>
                    {titles.into_iter().enumerate().map(|(place, (_, title))| view! {
                        <li>
                            <span>{title.clone()}</span>
                            <button class="link-button" type="submit" name="act" value=format!("exclude:{i}:{place}") formnovalidate=true>
                                "Remove"<span class="sr-only">": "{title}</span>
                            </button>
                        </li>
                    }).collect_view()}
                </ul>
            })}
            <div class="include">
                <TextField
                    at=format!("tiers.{i}.include") name=format!("form[tiers][{i}][include]") label="Comes with" value=typed refusal
                    list="tier-choices" max_length=170 help="A tier of another product, for a bundle. Who buys this one gets that as well."
                />
                <button class="button plain" type="submit" name="act" value=format!("include:{i}") formnovalidate=true>
                    "Include"<span class="sr-only">" in "{tier_name}</span>
                </button>
            </div>
        </div>
    }
}

#[component]
fn Tier(
    i: usize,
    n: usize,
    tier: TierForm,
    titles: Vec<(String, String)>,
    currency: String,
    terms: Vec<TermsWords>,
    refusal: Option<FormRefusal>,
) -> impl IntoView {
    let whole = tier.clone();
    let name = |field: &str| format!("form[tiers][{i}][{field}]");
    let at = |field: &str| format!("tiers.{i}.{field}");
    let is_about = |field: &str| refused_at(refusal.as_ref(), &at(field)).is_some();
    let (is_open, is_bundle_refused) = (FOLDED.iter().any(|field| is_about(field)), is_about("include"));
    let legend = if tier.name.trim().is_empty() { format!("Tier {}", i + 1) } else { format!("Tier {}: {}", i + 1, tier.name) };
    let options = terms.into_iter().map(|words| (words.terms.as_str().to_owned(), words.label)).collect();
    let is_known = !tier.known.is_empty();
    let is_open_price = !tier.pay_what_you_want.is_empty();
    let has_includes = !titles.is_empty() || !tier.include.is_empty();
    let tier_name = if tier.name.trim().is_empty() { format!("tier {}", i + 1) } else { tier.name.clone() };
    view! {
        <fieldset class="tier-fields" id=format!("tier-{i}")>
            <legend>{legend}</legend>
            <input type="hidden" name=name("known") value=tier.known/>
            <div class="tier-line">
                <TextField at=at("name") name=name("name") label="Name" value=tier.name refusal=refusal.clone()/>
                <TextField
                    at=at("price") name=name("price") label=format!("Price in {currency}") value=tier.price refusal=refusal.clone()
                    input_mode="decimal" max_length=24 placeholder="9.99"
                />
            </div>
            <TextField
                at=at("summary") name=name("summary") label="Short description" value=tier.summary refusal=refusal.clone()
                placeholder="PDF and EPUB"
            />
            <div class="own-price">
                <p class="check">
                    <input type="checkbox" id=at("pay_what_you_want") name=name("pay_what_you_want") value="on" checked=is_open_price/>
                    <label for=at("pay_what_you_want")>"Let buyers pay more (the price is the minimum; 0 is fine)"</label>
                </p>
                <TextField
                    at=at("suggested") name=name("suggested") label=format!("Suggested price in {currency}") value=tier.suggested
                    refusal=refusal.clone() input_mode="decimal" max_length=24
                    help="Stands in the field when people come. Empty: the least."
                />
            </div>
            <ChoiceField at=at("terms") name=name("terms") label="License terms" value=tier.terms options refusal=refusal.clone()/>
            <details class="fold" open=has_includes || is_bundle_refused>
                <summary>"Bundle with other products"<span class="sr-only">" of "{tier_name.clone()}</span></summary>
                <Includes i tier_name=tier_name.clone() titles typed=tier.include refusal=refusal.clone()/>
            </details>
            <Keys i tier=whole tier_name=tier_name.clone() refusal=refusal.clone()/>
            <details class="fold" open=is_open>
                <summary>"Limits and more"<span class="sr-only">" of "{tier_name.clone()}</span></summary>
                <div class="stack">
                    <div class="tier-line">
                        <TextField
                            at=at("compare_at") name=name("compare_at") label=format!("Price before, in {currency}") value=tier.compare_at
                            refusal=refusal.clone() input_mode="decimal" max_length=24 help="Shown crossed out."
                        />
                        <TextField
                            at=at("download_limit") name=name("download_limit") label="Downloads of each file" value=tier.download_limit
                            refusal=refusal.clone() input_mode="numeric" max_length=8 help="Empty: as the shop has it."
                        />
                    </div>
                    <TextField
                        at=at("attributes") name=name("attributes") label="What sets it apart" value=tier.attributes refusal=refusal.clone()
                        rows=3 max_length=30_000 placeholder="Resolution = 4K" help="A line each: name = value."
                    />
                    {if is_known {
                        view! {
                            <p class="help">"Key for links and software: "<code>{tier.key.clone()}</code></p>
                            <input type="hidden" name=name("key") value=tier.key/>
                        }.into_any()
                    } else {
                        view! {
                            <TextField
                                at=at("key") name=name("key") label="Key for links and software" value=tier.key refusal=refusal.clone()
                                max_length=80 help="Empty: made from the name. It stays as it is."
                            />
                        }.into_any()
                    }}
                </div>
            </details>
            {(n > 1).then(|| view! {
                <p class="actions">
                    {(i > 0).then(|| view! {
                        <button class="link-button" type="submit" name="act" value=format!("raise:{i}") formnovalidate=true>
                            "Move up"<span class="sr-only">": "{tier_name.clone()}</span>
                        </button>
                    })}
                    <button class="link-button" type="submit" name="act" value=format!("remove:{i}") formnovalidate=true>
                        "Remove"<span class="sr-only">": "{tier_name.clone()}</span>
                    </button>
                </p>
            })}
        </fieldset>
    }
}
