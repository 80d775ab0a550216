//! The first page of a new shop: whoever has the program's code becomes its owner.

use crate::components::{ChoiceField, NewPassword, Notice, TextField};
use crate::error::AppError;
use crate::layout::Trouble;
use domain::currency_names::currency_options;
use domain::pages::form::Filled;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the first owner typed, but for the code and the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupFields {
    pub store_name: String,
    pub currency: String,
    pub time_zone: String,
    pub email: String,
}

/// The form, and the time zones to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    pub filled: Filled<SetupFields>,
    /// Names, and how people read them.
    pub zones: Vec<(String, String)>,
}

/// Nothing once somebody owns the shop.
#[server(prefix = "/_fn", endpoint = "get_setup")]
pub async fn get_setup(draft: String) -> Result<Option<Setup>, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    if shop::accounts::is_claimed(&shop).await? {
        return Ok(None);
    }
    let usual = SetupFields { store_name: String::new(), currency: "USD".to_owned(), time_zone: "UTC".to_owned(), email: String::new() };
    let filled = request::filled_open(&shop, "setup", &draft, usual).await?;
    Ok(Some(Setup { filled, zones: shop::stores::settings::time_zone_choices(&shop) }))
}

/// Makes the first owner and names the shop, once.
#[server(prefix = "/_fn", endpoint = "claim_shop")]
pub async fn claim_shop(
    code: String,
    store_name: String,
    currency: String,
    time_zone: String,
    email: String,
    password: String,
) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let typed =
        SetupFields { store_name: store_name.clone(), currency: currency.clone(), time_zone: time_zone.clone(), email: email.clone() };
    // Who comes late has nothing to correct, so nothing is kept.
    if shop::accounts::is_claimed(&shop).await? {
        return request::finish(Err(shop::accounts::claimed_already()), "/sign-in");
    }
    if let Err(refused) = request::check_entry(&email, "") {
        return request::finish(Err(refused), "/setup");
    }
    let new = shop::accounts::NewShop { code, store_name, currency, time_zone, email, password };
    let claimed = async {
        let sign_in = shop::accounts::claim(&shop, new, &request::origin()).await?;
        request::begin_session(&shop, &sign_in).await?;
        Ok("/dashboard?notice=claimed".to_owned())
    };
    let claimed = claimed.await;
    request::finish_open_form(&shop, "setup", &typed, claimed, "/setup").await
}

#[component]
pub fn SetupPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Title text="Set up your shop"/>
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                match get_setup(draft).await {
                    Ok(Some(setup)) => view! { <SetupForm setup/> }.into_any(),
                    Ok(None) => {
                        crate::layout::request::lead_to("/sign-in");
                        ().into_any()
                    }
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn SetupForm(setup: Setup) -> impl IntoView {
    let Setup { filled: Filled { form, refusal, .. }, zones } = setup;
    let SetupFields { store_name, currency, time_zone, email } = form;
    let is_refused = refusal.is_some();
    let currencies = currency_options();
    view! {
        <div class="sign-in">
            <h1>"Set up your shop"</h1>
            {(!is_refused).then(|| view! { <Notice/> })}
            <form class="stack" method="post" action=ClaimShop::PATH>
                <TextField
                    at="code" label="Setup code" value="" refusal=refusal.clone() is_required=true is_code=true max_length=40
                    help="The program printed it when it started. Look at its output."
                />
                <TextField
                    at="store_name" label="Name of the shop" value=store_name refusal=refusal.clone() is_required=true max_length=100
                />
                <ChoiceField
                    at="currency" label="Currency" value=currency options=currencies refusal=refusal.clone()
                    help="Prices and reports use it. You can change it until the first sale."
                />
                <div class="field">
                    <label for="time_zone">"Time zone"</label>
                    <select class="input" id="time_zone" name="time_zone" data-time-zone="">
                        {zones.into_iter().map(|(name, text)| view! {
                            <option selected=name == time_zone value=name>{text}</option>
                        }).collect_view()}
                    </select>
                </div>
                <TextField
                    at="email" label="Your email" value=email refusal=refusal.clone() input_type="email" autocomplete="username"
                    is_required=true max_length=254
                />
                <NewPassword label="A password" refusal/>
                <button class="button wide" type="submit">"Open the shop"</button>
            </form>
        </div>
    }
}
