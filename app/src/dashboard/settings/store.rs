//! The store's own facts.

use crate::components::{ChoiceField, TextField};
use crate::dashboard::conflict::{RefusedForm, differences};
use crate::dashboard::frame::refused;
use crate::dashboard::settings::SettingsFrame;
use crate::dashboard::settings::acts::{RemoveLogo, SaveSettings};
use crate::dashboard::settings::form::StoreForm;
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::currency_names::currency_options;
use domain::member::{MemberView, Permission};
use domain::pages::form::{Filled, FormRefusal};
use domain::pages::settings::{OldPrices, Policy, PricedGoods, SaleMails};
use domain::pages::storefront::Picture;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// The settings, who looks at them, and the time zones to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenSettings {
    pub member: MemberView,
    pub filled: Filled<StoreForm>,
    /// Names, and how people read them.
    pub zones: Vec<(String, String)>,
    pub currency: CurrencyFacts,
    /// Where emails about sales go.
    pub owner: Option<String>,
    /// What is odd about the logo.
    pub logo_warning: Option<String>,
}

/// The currency as it is saved, and what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyFacts {
    code: String,
    /// What is priced in it, and what is priced in others.
    priced: PricedGoods,
    left_behind: PricedGoods,
    /// Whether nothing was sold yet, so that it may change.
    is_unsold: bool,
}

#[server(prefix = "/_fn", endpoint = "get_settings")]
pub async fn get_settings(draft: String) -> Result<SeenSettings, AppError> {
    let (shop, member) = request::viewer(Permission::EditSettings).await?;
    let (stands, revision) = shop::stores::settings::load_revision(&shop).await?;
    let currency = CurrencyFacts {
        code: stands.currency.clone(),
        priced: shop::stores::settings::priced_now(&shop).await?,
        left_behind: shop::stores::settings::priced_otherwise(&shop).await?,
        is_unsold: shop::stores::settings::is_unsold(&shop).await?,
    };
    let stands = (stands, revision);
    let filled = request::filled(&shop, &member, "settings", &draft, StoreForm::from(stands)).await?;
    let logo_warning = shop::stores::logo::warning(&shop).await?.map(str::to_owned);
    let (zones, owner) = (shop::stores::settings::time_zone_choices(&shop), shop::jobs::sale_mails::recipient(&shop).await?);
    Ok(SeenSettings { member, filled, zones, currency, owner, logo_warning })
}

#[component]
pub fn StoreSettingsPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_settings(draft).await {
                    Ok(SeenSettings { member, filled, zones, currency, owner, logo_warning }) => view! {
                        <Title text=page_title("Settings", &store)/>
                        <SettingsFrame member here="/dashboard/settings">
                            <div class="settings-page">
                                <Anchors/>
                                <div>
                                    <Form filled zones currency owner/>
                                    <Logo logo=store.logo.clone() warning=logo_warning/>
                                </div>
                            </div>
                        </SettingsFrame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

/// The sections by their ids: the page is long.
const SECTIONS: [(&str, &str); 6] =
    [("shop", "Shop"), ("seller", "Seller"), ("defaults", "Defaults"), ("emails", "Emails"), ("policies", "Policies"), ("logo", "Logo")];

#[component]
fn Anchors() -> impl IntoView {
    view! {
        <nav class="anchors" aria-label="Sections of this page">
            <ul>{SECTIONS.map(|(id, name)| view! { <li><a href=format!("#{id}")>{name}</a></li> }).collect_view()}</ul>
        </nav>
    }
}

/// The logo, and how to have another. A form of its own: a file can't come back to be corrected.
#[component]
fn Logo(logo: Option<Picture>, warning: Option<String>) -> impl IntoView {
    let verb = if logo.is_some() { "Replace" } else { "Upload" };
    view! {
        <section class="logo-settings stack" aria-labelledby="logo">
            <h2 id="logo">"Logo"</h2>
            <p class="help">
                "Shown instead of the name at the top of every page. A JPEG, PNG or WebP picture, best with a transparent background, as \
                 light and dark pages show it."
            </p>
            {logo.map(|logo| view! {
                <form class="logo-now" method="post" action=RemoveLogo::PATH>
                    <img class="store-logo" src=logo.at_least(320).to_owned() alt="The logo now"/>
                    {warning.map(|warning| view! { <p class="error">{warning}</p> })}
                    <button class="link-button" type="submit">"Remove the logo"</button>
                </form>
            })}
            <form class="include" method="post" action="/dashboard/settings/logo" enctype="multipart/form-data">
                <div class="drop">
                    <label for="logo-file">"Picture"</label>
                    <input id="logo-file" name="file" type="file" accept="image/jpeg,image/png,image/webp" required/>
                </div>
                <button class="button plain" type="submit">{verb}" the logo"</button>
            </form>
        </section>
    }
}

#[component]
fn Form(filled: Filled<StoreForm>, zones: Vec<(String, String)>, currency: CurrencyFacts, owner: Option<String>) -> impl IntoView {
    let Filled { form, refusal, saved } = filled;
    let theirs = saved.as_ref().map(|saved| differences(form.fields(), saved.fields())).unwrap_or_default();
    let on_top = ("form[on_top]", saved.map(|saved| saved.revision).unwrap_or_default());
    let line = |at: &'static str, label: &'static str, value: &str, help: &'static str| {
        let (name, value, refusal) = (format!("form[{at}]"), value.to_owned(), refusal.clone());
        view! { <TextField at name label value refusal help max_length=254/> }
    };
    let text = |at: &'static str, policy: Policy, value: &str| {
        let (name, value, refusal) = (format!("form[{at}]"), value.to_owned(), refusal.clone());
        view! { <TextField at name label=policy.label() value refusal rows=6 max_length=50_000/> }
    };
    view! {
        <form class="settings" method="post" action=SaveSettings::PATH data-unsaved="">
            <RefusedForm refusal=refusal.clone() what="the settings" theirs on_top page="/dashboard/settings"/>
            <input type="hidden" name="form[revision]" value=form.revision.clone()/>
            <fieldset class="stack" id="shop">
                <legend><h2>"Shop"</h2></legend>
                {line("name", "Name", &form.name, "")}
                {line("tagline", "Tagline", &form.tagline, "Shown at the bottom of every page.")}
                {line("support_email", "Email for customers", &form.support_email, "Replies to the shop's emails go there.")}
            </fieldset>
            <fieldset class="stack" id="seller">
                <legend><h2>"Seller"</h2></legend>
                {line("legal_name", "Legal name", &form.legal_name, "")}
                <TextField
                    at="address" name="form[address]" label="Address" value=form.address.clone() refusal=refusal.clone() rows=4
                    max_length=1_000
                />
                {line("tax_id", "Tax ID", &form.tax_id, "These three appear at the bottom of every page and in every email; leave them \
                    empty to show nothing.")}
            </fieldset>
            <Counting form=form.clone() zones currency refusal=refusal.clone()/>
            <fieldset class="stack" id="emails">
                <legend><h2>"Emails"</h2></legend>
                {line("sender_name", "Sender's name", &form.sender_name, "The name that customers see as the sender. Empty: the one \
                    in SHOP_MAIL_FROM. A test email can be sent under Connections.")}
                <SaleMailsField chosen=form.sale_mails.clone() owner refusal=refusal.clone()/>
            </fieldset>
            <fieldset class="stack" id="policies">
                <legend><h2>"Policies"</h2></legend>
                <p class="help">"Markdown. Each text has a page, linked below every page of the shop; an empty one has none."</p>
                {text("terms_text", Policy::Terms, &form.terms_text)}
                {text("privacy_text", Policy::Privacy, &form.privacy_text)}
                {text("refund_text", Policy::Refunds, &form.refund_text)}
                {line("refund_days", "Days for refunds", &form.refund_days, "A whole number, such as 14: \u{201c}14-day refunds\u{201d} \
                    stands beside every button that buys. Empty: nothing is promised there.")}
            </fieldset>
            <div class="form-foot"><button class="button" type="submit">"Save"</button></div>
        </form>
    }
}

/// Its currency, its days, and the limits that tiers begin with.
#[component]
fn Counting(form: StoreForm, zones: Vec<(String, String)>, currency: CurrencyFacts, refusal: Option<FormRefusal>) -> impl IntoView {
    let codes = currency_options();
    let stays = if currency.is_unsold { "" } else { "It can't change any more, as something was sold in it." };
    view! {
        <fieldset class="stack" id="defaults">
            <legend><h2>"Defaults"</h2></legend>
            <ChoiceField
                at="currency" name="form[currency]" label="Currency" value=form.currency options=codes refusal=refusal.clone() help=stays
            />
            <OldPricesField currency chosen=form.old_prices/>
            <ChoiceField
                at="time_zone" name="form[time_zone]" label="Time zone" value=form.time_zone options=zones refusal=refusal.clone()
                help="Reports use its days."
            />
            <TextField
                at="download_limit" name="form[download_limit]" label="Downloads per file" value=form.download_limit
                refusal=refusal.clone() max_length=254 help="For tiers that set no limit. Empty: five."
            />
            <TextField
                at="activation_limit" name="form[activation_limit]" label="Devices per license" value=form.activation_limit refusal
                max_length=254 help="What a new tier with a license begins with. Empty: no limit."
            />
        </fieldset>
    }
}

/// What a change of the currency leaves behind, and what is to become of it.
#[component]
fn OldPricesField(currency: CurrencyFacts, chosen: String) -> impl IntoView {
    let left = (!currency.left_behind.is_empty()).then(|| {
        format!(
            "Priced in other currencies, and so not for sale: {}. Open them and price them in {}.",
            currency.left_behind.words(),
            currency.code
        )
    });
    let code = currency.code.clone();
    view! {
        {left.map(|text| view! { <p class="help">{text}" "<a href="/dashboard/products">"Products"</a></p> })}
        {(currency.is_unsold && !currency.priced.is_empty()).then(|| view! {
            <div class="field">
                <label for="old_prices">{format!("Prices in {code}, if you choose another currency")}</label>
                <select class="input" id="old_prices" name="form[old_prices]" aria-describedby="old-prices-help">
                    {OldPrices::all().map(|way| view! {
                        <option value=way.as_str() selected=way.as_str() == chosen>{way.label()}</option>
                    }).collect_view()}
                </select>
                <p class="help" id="old-prices-help">
                    {format!("{} would be affected. Nothing is sold in two currencies: what is not priced in the shop's can't be bought. \
                        Payment pages that are open are closed.", capital(&currency.priced.words()))}
                </p>
            </div>
        })}
    }
}

/// When the owner hears of sales, and where.
#[component]
fn SaleMailsField(chosen: String, owner: Option<String>, refusal: Option<FormRefusal>) -> impl IntoView {
    let options = SaleMails::all().map(|when| (when.as_str().to_owned(), when.label().to_owned())).collect();
    let to = owner.map(|owner| format!(" to {owner}")).unwrap_or_default();
    let help = format!("Sent{to}, free orders included. Once a day: after midnight in the shop's time zone, if something was sold.");
    view! {
        <ChoiceField at="sale_mails" name="form[sale_mails]" label="Email me about sales" value=chosen options refusal help/>
    }
}

/// A sentence begins with it.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
