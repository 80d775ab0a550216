//! A member's own account: the password, and where it is signed in.

use crate::components::{Ago, Day, FormError, TextField};
use crate::dashboard::frame::refused;
use crate::dashboard::settings::SettingsFrame;
use crate::dashboard::settings::acts::{ChangePassword, EndOtherSessions, EndSession};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, OpenSession};
use domain::pages::form::FormRefusal;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub member: MemberView,
    pub sessions: Vec<OpenSession>,
    pub refusal: Option<FormRefusal>,
}

/// For every member.
#[server(prefix = "/_fn", endpoint = "get_account")]
pub async fn get_account(draft: String) -> Result<Account, AppError> {
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let sessions = match request::session_id() {
        Some(this) => shop::accounts::sessions::list(&shop, member.id, this).await?,
        None => Vec::new(),
    };
    let refusal = request::filled(&shop, &member, "password", &draft, ()).await?.refusal;
    Ok(Account { member, sessions, refusal })
}

#[component]
pub fn AccountPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_account(draft).await {
                    Ok(Account { member, sessions, refusal }) => view! {
                        <Title text=page_title("Your account", &store)/>
                        <SettingsFrame member=member.clone() here="/dashboard/settings/account">
                            <section aria-labelledby="sessions">
                                <h2 id="sessions">"Where you are signed in"</h2>
                                <Sessions sessions/>
                            </section>
                            <Password refusal email=member.email/>
                        </SettingsFrame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Sessions(sessions: Vec<OpenSession>) -> impl IntoView {
    let has_others = sessions.len() > 1;
    view! {
        <ul class="notes members">
            {sessions.into_iter().map(|session| {
                let agent = agent_name(&session.user_agent);
                view! {
                    <li>
                        <div>
                            <p><strong>{agent.clone()}</strong>{session.is_this.then_some(" · this one")}</p>
                            <p class="quiet text-sm">
                                {session.ip}" · since "<Day at_ms=session.created_at/>" · last seen "
                                <Ago at_ms=session.seen_at to_the_minute=true/>
                            </p>
                        </div>
                        {(!session.is_this).then(|| view! {
                            <form method="post" action=EndSession::PATH>
                                <input type="hidden" name="name" value=session.name/>
                                <button class="button plain" type="submit" aria-label=format!("End the session of {agent}")>"End"</button>
                            </form>
                        })}
                    </li>
                }
            }).collect_view()}
        </ul>
        {has_others.then(|| view! {
            <form class="mt-4" method="post" action=EndOtherSessions::PATH>
                <button class="button plain" type="submit">"Sign out everywhere else"</button>
            </form>
        })}
    }
}

/// A browser by the words in its name that people know; nothing hangs on it.
fn agent_name(agent: &str) -> String {
    let known = |names: &[(&'static str, &'static str)]| names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let browser = known(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = known(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

#[component]
fn Password(refusal: Option<FormRefusal>, email: String) -> impl IntoView {
    view! {
        <section aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <FormError refusal=refusal.clone()/>
            <form class="stack narrow" method="post" action=ChangePassword::PATH>
                <input type="hidden" autocomplete="username" value=email/>
                <TextField
                    at="old" label="Current password" value="" refusal=refusal.clone() input_type="password" autocomplete="current-password"
                    max_length=1024 help="Leave it empty if you signed in by email within the last fifteen minutes."
                />
                <TextField
                    at="new" label="New password" value="" refusal input_type="password" autocomplete="new-password" is_required=true
                    min_length=8 max_length=1024 help="Eight characters or more. All other sessions end."
                />
                <button class="button" type="submit">"Change the password"</button>
            </form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::agent_name;

    #[test]
    fn a_browser_is_called_by_its_name() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36";
        assert_eq!(agent_name(chrome), "Chrome on Linux");
        assert_eq!(agent_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"), "Safari on iPhone");
        assert_eq!(agent_name(""), "A browser");
    }
}
