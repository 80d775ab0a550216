//! Who runs the shop.

use crate::components::{Ago, Attempt, FormError, TextField};
use crate::dashboard::frame::refused;
use crate::dashboard::settings::SettingsFrame;
use crate::dashboard::settings::acts::{ChangeRole, Invitation, InviteAgain, InviteMember, RemoveMember};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberRow, MemberView, Permission, Role};
use domain::pages::form::Filled;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// The members, and who looks at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub member: MemberView,
    pub members: Vec<MemberRow>,
    pub invitation: Filled<Invitation>,
}

#[server(prefix = "/_fn", endpoint = "get_members")]
pub async fn get_members(draft: String) -> Result<Members, AppError> {
    let (shop, member) = request::viewer(Permission::ManageMembers).await?;
    let empty = Invitation { email: String::new(), role: Role::Support.as_str().to_owned() };
    let invitation = request::filled(&shop, &member, "invitation", &draft, empty).await?;
    Ok(Members { member, members: shop::accounts::list_members(&shop).await?, invitation })
}

#[component]
pub fn MembersPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_members(draft).await {
                    Ok(Members { member, members, invitation }) => view! {
                        <Title text=page_title("Members", &store)/>
                        <SettingsFrame member=member.clone() here="/dashboard/settings/members">
                            <List members viewer=member.clone()/>
                            <Invite invitation viewer=member.role/>
                            <Matrix/>
                        </SettingsFrame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

/// Owners are made and unmade by owners alone.
fn roles_for(viewer: Role) -> impl Iterator<Item = Role> {
    Role::all().filter(move |role| viewer == Role::Owner || *role != Role::Owner)
}

#[component]
fn List(members: Vec<MemberRow>, viewer: MemberView) -> impl IntoView {
    view! {
        <ul class="notes members">
            {members.into_iter().map(|row| {
                let is_open = viewer.role == Role::Owner || row.role != Role::Owner;
                let id = row.id.to_string();
                view! {
                    <li>
                        <div>
                            <p><strong>{row.email.clone()}</strong>{(row.id == viewer.id).then_some(" · you")}</p>
                            <p class="quiet text-sm">{match (row.has_joined, row.seen_at) {
                                (false, _) => "Invitation pending".into_any(),
                                (true, Some(at_ms)) => view! { "Last seen "<Ago at_ms to_the_minute=true/> }.into_any(),
                                (true, None) => "Never signed in".into_any(),
                            }}</p>
                        </div>
                        {if is_open {
                            view! { <Acts row id viewer=viewer.role/> }.into_any()
                        } else {
                            view! { <p>{row.role.label()}</p> }.into_any()
                        }}
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}

#[component]
fn Acts(row: MemberRow, id: String, viewer: Role) -> impl IntoView {
    view! {
        <div class="actions">
            <form class="actions" method="post" action=ChangeRole::PATH>
                <input type="hidden" name="id" value=id.clone()/>
                <select class="input" name="role" aria-label=format!("Role of {}", row.email)>
                    {roles_for(viewer).map(|role| view! {
                        <option value=role.as_str() selected=role == row.role>{role.label()}</option>
                    }).collect_view()}
                </select>
                <button class="button plain" type="submit" aria-label=format!("Give {} this role", row.email)>"Set"</button>
            </form>
            {(!row.has_joined).then(|| view! {
                <form method="post" action=InviteAgain::PATH>
                    <input type="hidden" name="id" value=id.clone()/>
                    <button class="link-button" type="submit" aria-label=format!("Invite {} again", row.email)>"Invite again"</button>
                </form>
            })}
            <details class="confirm">
                <summary class="link-button" aria-label=format!("Remove {}", row.email)>"Remove"</summary>
                <form method="post" action=RemoveMember::PATH>
                    <input type="hidden" name="id" value=id/>
                    <p class="text-sm">"Sessions end, keys stop working."</p>
                    <button class="button danger" type="submit">{format!("Remove {}", row.email)}</button>
                </form>
            </details>
        </div>
    }
}

#[component]
fn Invite(invitation: Filled<Invitation>, viewer: Role) -> impl IntoView {
    let Filled { form, refusal, .. } = invitation;
    view! {
        <section aria-labelledby="invite">
            <h2 id="invite">"Invite a member"</h2>
            <FormError refusal=refusal.clone()/>
            <form class="stack narrow" method="post" action=InviteMember::PATH>
                <Attempt/>
                <TextField at="email" label="Email" value=form.email refusal input_type="email" is_required=true max_length=254/>
                <fieldset>
                    <legend class="label">"Role"</legend>
                    {roles_for(viewer).map(|role| view! {
                        <label class="choice">
                            <input type="radio" name="role" value=role.as_str() checked=role.as_str() == form.role/>
                            <span><strong>{role.label()}</strong><span class="quiet">" "{role.summary()}</span></span>
                        </label>
                    }).collect_view()}
                </fieldset>
                <button class="button" type="submit">"Send the invitation"</button>
            </form>
        </section>
    }
}

/// What each role may do, as the shop itself reads it.
#[component]
fn Matrix() -> impl IntoView {
    view! {
        <section aria-labelledby="matrix">
            <h2 id="matrix">"Who may do what"</h2>
            <div class="table-frame" tabindex="0" role="region" aria-label="Permissions of each role">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"May"</th>
                            {Role::all().map(|role| view! { <th scope="col">{role.label()}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {Permission::all().map(|permission| view! {
                            <tr>
                                <th scope="row">{permission.label()}</th>
                                {Role::all().map(|role| if role.may(permission) { "Yes" } else { "–" }).map(|word| view! {
                                    <td>{word}</td>
                                }).collect_view()}
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}
