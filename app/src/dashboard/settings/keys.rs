//! API keys: what the creator's software gets in with.

use crate::components::{Ago, Attempt, Day, FieldError, FormError, TextField};
use crate::dashboard::frame::refused;
use crate::dashboard::settings::SettingsFrame;
use crate::dashboard::settings::acts::{CreateKey, FULL, KeyForm, RevokeKey};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{KeyRow, MemberView, Permission};
use domain::pages::form::Filled;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// The keys, and who looks at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    pub member: MemberView,
    pub keys: Vec<KeyRow>,
    /// A key that was made a moment ago, shown this once.
    pub made: Option<String>,
    pub filled: Filled<KeyForm>,
}

#[server(prefix = "/_fn", endpoint = "get_keys")]
pub async fn get_keys(made: String, draft: String) -> Result<Keys, AppError> {
    let (shop, member) = request::viewer(Permission::ManageKeys).await?;
    let made = shop::accounts::take_key(&shop, &member, &made).await?;
    let filled = request::filled(&shop, &member, "key", &draft, KeyForm::default()).await?;
    Ok(Keys { keys: shop::accounts::list_keys(&shop).await?, member, made, filled })
}

#[component]
pub fn KeysPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (made, draft) = (asked("made"), asked("draft"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_keys(made, draft).await {
                    Ok(Keys { member, keys, made, filled }) => view! {
                        <Title text=page_title("API keys", &store)/>
                        <SettingsFrame member=member.clone() here="/dashboard/settings/keys">
                            {made.map(|key| view! { <Made key/> })}
                            <List keys/>
                            <Make filled member/>
                        </SettingsFrame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Made(key: String) -> impl IntoView {
    view! {
        <div class="panel mt-6" role="status">
            <p><strong>"Copy the key now: it is shown this once."</strong></p>
            <p class="mt-2"><code class="secret" id="new-key">{key}</code></p>
            // A script shows it where the browser lets a page copy.
            <p class="mt-4"><button class="button plain" type="button" data-copy="new-key" hidden>"Copy"</button></p>
        </div>
    }
}

#[component]
fn List(keys: Vec<KeyRow>) -> impl IntoView {
    if keys.is_empty() {
        return view! {
            <p class="quiet mt-6">
                "No keys yet. Your software calls the API with one: it sends "
                <code>"Authorization: Bearer wl_…"</code>
                ". The API is described at "
                <a href="/api/openapi.json">"/api/openapi.json"</a>
                "."
            </p>
        }
        .into_any();
    }
    view! {
        <ul class="notes members">
            {keys.into_iter().map(|key| view! {
                <li>
                    <div>
                        <p><strong>{key.name.clone()}</strong><span class="quiet">" · "{key.email}</span></p>
                        <p class="quiet text-sm">{match key.scopes {
                            None => "Full access".to_owned(),
                            Some(scopes) => scopes.into_iter().map(Permission::label).collect::<Vec<_>>().join(" · "),
                        }}</p>
                        <p class="quiet text-sm">"Created "<Day at_ms=key.created_at/>{match key.last_used_at {
                            Some(at_ms) => view! { " · last used "<Ago at_ms to_the_minute=true/> }.into_any(),
                            None => " · not used yet".into_any(),
                        }}</p>
                    </div>
                    <details class="confirm">
                        <summary class="link-button" aria-label=format!("Revoke {}", key.name)>"Revoke"</summary>
                        <form method="post" action=RevokeKey::PATH>
                            <input type="hidden" name="id" value=key.id.to_string()/>
                            <p class="text-sm">"What uses it stops working at once."</p>
                            <button class="button danger" type="submit">{format!("Revoke {}", key.name)}</button>
                        </form>
                    </details>
                </li>
            }).collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Make(filled: Filled<KeyForm>, member: MemberView) -> impl IntoView {
    let Filled { form, refusal, .. } = filled;
    let KeyForm { name, access, scopes } = form;
    let is_full = access == FULL;
    let allowed = Permission::all().filter(move |permission| member.role.may(*permission));
    view! {
        <section aria-labelledby="make">
            <h2 id="make">"Create a key"</h2>
            <FormError refusal=refusal.clone()/>
            <form class="stack narrow key-form" method="post" action=CreateKey::PATH>
                <Attempt/>
                <TextField
                    at="name" label="What is it for?" value=name refusal=refusal.clone() is_required=true max_length=100
                    placeholder="Build server"
                />
                <fieldset>
                    <legend class="label">"Access"</legend>
                    <label class="choice">
                        <input type="radio" name="access" value="only" checked=!is_full/>
                        <span>"Only what you choose"</span>
                    </label>
                    <label class="choice">
                        <input type="radio" name="access" value=FULL id="access-full" checked=is_full/>
                        <span>"Full access"<span class="quiet">": everything your role allows, also later"</span></span>
                    </label>
                </fieldset>
                <fieldset class="only-chosen" aria-describedby="scopes-error">
                    <legend class="label">"What it may do"</legend>
                    <FieldError id="scopes-error" refusal field="scopes"/>
                    {allowed.enumerate().map(|(n, permission)| view! {
                        <label class="choice">
                            <input
                                type="checkbox" name=format!("scopes[{n}]") value=permission.as_str()
                                checked=scopes.iter().any(|scope| scope == permission.as_str())
                            />
                            <span>{permission.label()}</span>
                        </label>
                    }).collect_view()}
                </fieldset>
                <button class="button" type="submit">"Create key"</button>
            </form>
        </section>
    }
}
