//! Who runs the shop.

use super::SettingsFrame;
use crate::components::{FieldError, FormError, Moment};
use crate::dashboard::fields::Attempt;
use crate::dashboard::frame::refused;
use crate::error::AppError;
use crate::layout::{load_store, page_title};
use domain::form::Filled;
use domain::member::{MemberRow, MemberView, Permission, Role};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

const PAGE: &str = "/dashboard/settings/members";

/// An invitation as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub email: String,
    pub role: String,
}

/// The members, and who looks at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    pub member: MemberView,
    pub members: Vec<MemberRow>,
    pub invitation: Filled<Invitation>,
}

#[server(prefix = "/_fn", endpoint = "get_members")]
pub async fn get_members(draft: String) -> Result<Members, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member_who_may(&shop, Permission::ManageMembers).await?;
    let empty = Invitation { email: String::new(), role: Role::Support.as_str().to_owned() };
    let invitation = request::filled(&shop, &member, "invitation", &draft, empty).await?;
    Ok(Members { member, members: shop::accounts::list_members(&shop).await?, invitation })
}

fn role_named(word: &str) -> shop::Result<Role> {
    Role::parse(word).ok_or(shop::refusals::ROLE_UNKNOWN.into())
}

/// Mails somebody the way in.
#[server(prefix = "/_fn", endpoint = "invite_member")]
pub async fn invite_member(email: String, role: String, #[server(default)] attempt: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let invited = async {
        request::check(&member, Permission::ManageMembers)?;
        request::check_proof(&shop).await?;
        let once = request::once(&attempt, ("invitation", &email, &role));
        shop::accounts::invite(&shop, &(&member).into(), member.role, &email, role_named(&role)?, once.as_ref()).await?;
        Ok(request::with_notice(PAGE, "invited"))
    };
    let invited = invited.await;
    request::finish_form(&shop, &member, "invitation", &Invitation { email: email.clone(), role: role.clone() }, invited, PAGE).await
}

#[server(prefix = "/_fn", endpoint = "invite_again")]
pub async fn invite_again(id: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let invited = async {
        request::check(&member, Permission::ManageMembers)?;
        shop::accounts::invite_again(&shop, &(&member).into(), &id).await?;
        Ok(request::with_notice(PAGE, "invited"))
    };
    request::finish(invited.await, PAGE)
}

#[server(prefix = "/_fn", endpoint = "change_role")]
pub async fn change_role(id: String, role: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let changed = async {
        request::check(&member, Permission::ManageMembers)?;
        request::check_proof(&shop).await?;
        shop::accounts::change_role(&shop, &(&member).into(), member.role, &id, role_named(&role)?).await?;
        Ok(request::with_notice(PAGE, "saved"))
    };
    request::finish(changed.await, PAGE)
}

#[server(prefix = "/_fn", endpoint = "remove_member")]
pub async fn remove_member(id: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let removed = async {
        request::check(&member, Permission::ManageMembers)?;
        request::check_proof(&shop).await?;
        shop::accounts::remove(&shop, &(&member).into(), member.role, &id).await?;
        Ok(request::with_notice(PAGE, "member_removed"))
    };
    request::finish(removed.await, PAGE)
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
    Role::ALL.into_iter().filter(move |role| viewer == Role::Owner || *role != Role::Owner)
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
                                (false, _) => "Invited, has not come in yet".into_any(),
                                (true, Some(at_ms)) => view! { "Last seen "<Moment at_ms/> }.into_any(),
                                (true, None) => "Not signed in".into_any(),
                            }}</p>
                        </div>
                        {if is_open {
                            view! { <Acts row id viewer=viewer.role/> }.into_any()
                        } else {
                            view! { <p>{row.role.as_str()}</p> }.into_any()
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
                    {roles_for(viewer).map(|role| view! { <option value=role.as_str() selected=role == row.role>{role.as_str()}</option> }).collect_view()}
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
            <h2 id="invite">"Invite somebody"</h2>
            <FormError refusal=refusal.clone()/>
            <form class="stack narrow" method="post" action=InviteMember::PATH>
                <Attempt/>
                <div class="field">
                    <label for="email">"E-mail"</label>
                    <input class="input" id="email" name="email" type="email" required maxlength="254" value=form.email aria-describedby="email-error"/>
                    <FieldError id="email-error" refusal field="email"/>
                </div>
                <fieldset>
                    <legend class="label">"Role"</legend>
                    {roles_for(viewer).map(|role| view! {
                        <label class="choice">
                            <input type="radio" name="role" value=role.as_str() checked=role.as_str() == form.role/>
                            <span><strong>{role.as_str()}</strong><span class="quiet">" "{role.summary()}</span></span>
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
            <div class="table-frame" tabindex="0" role="region" aria-label="Who may do what">
                <table class="table">
                    <thead><tr><th scope="col">"May"</th>{Role::ALL.map(|role| view! { <th scope="col">{role.as_str()}</th> }).collect_view()}</tr></thead>
                    <tbody>
                        {Permission::ALL.map(|permission| view! {
                            <tr>
                                <th scope="row">{permission.label()}</th>
                                {Role::ALL.map(|role| view! { <td>{if role.may(permission) { "Yes" } else { "–" }}</td> }).collect_view()}
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}
