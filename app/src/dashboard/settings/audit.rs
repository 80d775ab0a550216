//! Who did what, newest first.

use crate::components::Ago;
use crate::dashboard::frame::refused;
use crate::dashboard::settings::SettingsFrame;
use crate::error::AppError;
use crate::layout::{load_store, page_title, request, with_query};
use domain::member::{MemberView, Permission};
use domain::pages::dashboard::{AuditList, AuditRow};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

const PAGE: &str = "/dashboard/settings/audit";

/// A page of the log, and who looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAudit {
    pub member: MemberView,
    pub list: AuditList,
    /// What was done to, as far as the log knows it.
    pub kinds: Vec<String>,
}

#[server(prefix = "/_fn", endpoint = "get_audit")]
pub async fn get_audit(actor: String, kind: String, object: String, cursor: String) -> Result<SeenAudit, AppError> {
    let (shop, member) = request::viewer(Permission::SeeAudit).await?;
    let query = shop::accounts::audit::AuditQuery { actor: Some(actor), kind: Some(kind), object: Some(object), cursor: Some(cursor) };
    Ok(SeenAudit { member, list: shop::accounts::audit::page(&shop, &query).await?, kinds: shop::accounts::audit::kinds(&shop).await? })
}

#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (actor, kind, object, cursor) = (asked("actor"), asked("kind"), asked("object"), asked("cursor"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_audit(actor.clone(), kind.clone(), object.clone(), cursor.clone()).await {
                    Ok(SeenAudit { member, list, kinds }) => view! {
                        <Title text=page_title("Audit log", &store)/>
                        <SettingsFrame member here=PAGE>
                            <Filter actor=actor.clone() kind=kind.clone() object=object.clone() kinds/>
                            <Entries list actor kind object cursor/>
                        </SettingsFrame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Filter(actor: String, kind: String, object: String, kinds: Vec<String>) -> impl IntoView {
    view! {
        <form class="filter in-one-row" method="get" action=PAGE role="search" aria-label="Audit log">
            <div class="field">
                <label for="actor">"Who"</label>
                <input class="input" id="actor" name="actor" value=actor maxlength="254" placeholder="Email starts with…"/>
            </div>
            <div class="field">
                <label for="object">"What"</label>
                <input class="input" id="object" name="object" value=object maxlength="200" placeholder="Name starts with…"/>
            </div>
            <div class="field">
                <label for="kind">"Kind"</label>
                <select class="input" id="kind" name="kind">
                    <option value="" selected=kind.is_empty()>"Any"</option>
                    {kinds.into_iter().map(|known| view! {
                        <option selected=known == kind value=known.clone()>{known.replace('_', " ")}</option>
                    }).collect_view()}
                </select>
            </div>
            <button class="button plain" type="submit">"Apply"</button>
        </form>
    }
}

#[component]
fn Entries(list: AuditList, actor: String, kind: String, object: String, cursor: String) -> impl IntoView {
    if list.entries.is_empty() {
        return view! {
            <p class="quiet mt-6">"Nothing here yet. Every change by a member, in the dashboard or with an API key, is recorded."</p>
        }
        .into_any();
    }
    let at = |cursor: &str| with_query(PAGE, &[("actor", &actor), ("kind", &kind), ("object", &object), ("cursor", cursor)]);
    let first = (!cursor.is_empty()).then(|| at(""));
    let next = list.next_cursor.as_deref().map(at);
    view! {
        <ul class="notes entries">{list.entries.into_iter().map(|row| view! { <Entry row/> }).collect_view()}</ul>
        <nav class="pager" aria-label="Pages">
            {first.map(|url| view! { <a href=url>"Newest"</a> })}
            {next.map(|url| view! { <a href=url rel="next">"Older"</a> })}
        </nav>
    }
    .into_any()
}

#[component]
fn Entry(row: AuditRow) -> impl IntoView {
    let act = row.act.replace('_', " ");
    view! {
        <li>
            <p>
                <strong>{act}</strong>" "{row.object_kind.replace('_', " ")}" "<span class="mono">{row.object_name}</span>
                <span class="quiet">" · "{row.actor}</span>
            </p>
            <p class="quiet text-sm when"><Ago at_ms=row.created_at to_the_minute=true/></p>
            {(!row.changes.is_empty()).then(|| view! {
                <details>
                    <summary class="text-sm">"Before and after"</summary>
                    <dl class="changes">
                        {row.changes.into_iter().map(|(field, before, after)| view! {
                            <div>
                                <dt>{field.replace('_', " ")}</dt>
                                <dd>{before.map(|text| view! { <del>{text}</del>" " })}{after.map(|text| view! { <ins>{text}</ins> })}</dd>
                            </div>
                        }).collect_view()}
                    </dl>
                </details>
            })}
        </li>
    }
}
