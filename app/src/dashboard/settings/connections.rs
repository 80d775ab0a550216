//! Whether mails go out and Stripe finds its way here and back.

use crate::components::{Ago, FormError};
use crate::dashboard::frame::refused;
use crate::dashboard::settings::SettingsFrame;
use crate::dashboard::settings::acts::SendTestMail;
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::form::FormRefusal;
use domain::pages::settings::StripeCheck;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    pub member: MemberView,
    /// Where the shop's alerts go; nothing where nobody is told.
    pub alert_email: Option<String>,
    /// Nothing before it is asked for.
    pub stripe: Option<StripeCheck>,
    pub refusal: Option<FormRefusal>,
}

/// With `check` the way to Stripe is tried, which takes a moment.
#[server(prefix = "/_fn", endpoint = "get_connections")]
pub async fn get_connections(check: bool, draft: String) -> Result<Connections, AppError> {
    let (shop, member) = request::viewer(Permission::EditSettings).await?;
    let stripe = if check { Some(shop::stores::settings::check_stripe(&shop).await?) } else { None };
    let refusal = request::filled(&shop, &member, "test_mail", &draft, ()).await?.refusal;
    Ok(Connections { member, alert_email: shop.settings.alert_email.clone(), stripe, refusal })
}

#[component]
pub fn ConnectionsPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (check, draft) = (!asked("check").is_empty(), asked("draft"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_connections(check, draft).await {
                    Ok(connections) => {
                        let member = connections.member.clone();
                        view! {
                            <Title text=page_title("Connections", &store)/>
                            <SettingsFrame member here="/dashboard/settings/connections"><Loaded connections/></SettingsFrame>
                        }.into_any()
                    }
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(connections: Connections) -> impl IntoView {
    let Connections { member, alert_email, stripe, refusal } = connections;
    view! {
        <FormError refusal/>
        <section aria-labelledby="stripe">
            <h2 id="stripe">"Stripe"</h2>
            {match stripe {
                Some(check) => view! { <Checked check/> }.into_any(),
                None => view! { <p class="quiet">"Tries the key, and calls the webhook's address the way Stripe does."</p> }.into_any(),
            }}
            <form class="mt-4" method="get" action="/dashboard/settings/connections">
                <button class="button plain" type="submit" name="check" value="stripe">"Check Stripe"</button>
            </form>
        </section>
        <section aria-labelledby="mail">
            <h2 id="mail">"Mail"</h2>
            <p class="quiet">"Sends an email to "{member.email}" and shows the mail server's answer."</p>
            <form class="mt-4" method="post" action=SendTestMail::PATH>
                <button class="button plain" type="submit">"Send a test email"</button>
            </form>
        </section>
        <section aria-labelledby="alerts">
            <h2 id="alerts">"Alerts"</h2>
            {match alert_email {
                Some(email) => view! { <p>"When something needs attention, the shop writes to "<strong>{email}</strong>"."</p> }.into_any(),
                None => view! {
                    <p>"Nobody is notified when something fails. The operator sets SHOP_ALERT_EMAIL to an address that somebody reads."</p>
                }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Checked(check: StripeCheck) -> impl IntoView {
    let mode = if check.is_live { "Live: real money moves." } else { "Test: no money moves." };
    let works = |trouble: Option<String>, good: &'static str| match trouble {
        None => view! { <span class="status status-good">{good}</span> }.into_any(),
        Some(why) => view! { <span class="status status-bad">"Trouble"</span><span class="quiet">" "{why}</span> }.into_any(),
    };
    view! {
        <dl class="checks">
            <div><dt>"Mode"</dt><dd>{mode}</dd></div>
            <div><dt>"Key"</dt><dd>{works(check.key_trouble, "Stripe accepts it")}</dd></div>
            <div>
                <dt>"Webhook"</dt>
                <dd>{works(check.webhook_trouble, "Its address leads here")}<p class="quiet text-sm mono">{check.webhook_url}</p></dd>
            </div>
            <div><dt>"Clock"</dt><dd>{works(check.clock_trouble, "It agrees with Stripe's")}</dd></div>
            <div><dt>"Last webhook"</dt><dd>{match check.last_webhook_at {
                Some(at_ms) => view! { <Ago at_ms to_the_minute=true/> }.into_any(),
                None => "None yet.".into_any(),
            }}</dd></div>
        </dl>
    }
}
