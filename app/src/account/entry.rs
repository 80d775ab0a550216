//! What a link from a mail opens: one button, so that programs that follow links in mails use nothing up.

use crate::components::{NewPassword, Notice, TextField};
use crate::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

/// A link that is still good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whom it lets in.
    pub email: String,
    pub is_invitation: bool,
    pub needs_password: bool,
}

/// For whoever has the link.
#[server(prefix = "/_fn", endpoint = "get_entry")]
pub async fn get_entry(token: String) -> Result<Option<Entry>, AppError> {
    use shop::accounts::Purpose;
    let shop = crate::layout::request::shop()?;
    let entry = shop::accounts::open_entry(&shop, &token).await?;
    Ok(entry.map(|entry| Entry {
        is_invitation: entry.purpose == Purpose::Invitation,
        needs_password: entry.needs_password,
        email: entry.email,
    }))
}

/// Uses the link up.
#[server(prefix = "/_fn", endpoint = "enter")]
pub async fn enter(token: String, password: Option<String>) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let entered = async {
        let sign_in = shop::accounts::enter(&shop, &token, password.as_deref().unwrap_or_default(), &request::origin()).await?;
        request::begin_session(&shop, &sign_in).await?;
        Ok(super::sign_in::after_entering(request::take_next(&shop)))
    };
    request::finish(entered.await, &format!("/sign-in/{}", token.replace(['/', '?', '#'], "")))
}

#[component]
pub fn EntryPage() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    view! {
        <Title text="Sign in"/>
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                match get_entry(token.clone()).await {
                    Ok(Some(entry)) => view! { <EntryForm entry token/> }.into_any(),
                    Ok(None) => view! { <Over/> }.into_any(),
                    Err(error) => view! { <crate::layout::Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn EntryForm(entry: Entry, token: String) -> impl IntoView {
    let title = if entry.is_invitation { "You are invited" } else { "Sign in" };
    view! {
        <div class="sign-in">
            <h1>{title}</h1>
            <Notice/>
            <form class="stack" method="post" action=Enter::PATH>
                <input type="hidden" name="token" value=token/>
                <TextField
                    at="email" label="Email" value=entry.email refusal=None input_type="email" autocomplete="username" is_readonly=true
                    max_length=254
                />
                {entry.needs_password.then(|| view! { <NewPassword label="Choose a password" refusal=None/> })}
                <button class="button wide" type="submit">{if entry.is_invitation { "Join" } else { "Sign in" }}</button>
            </form>
        </div>
    }
}

#[component]
fn Over() -> impl IntoView {
    crate::layout::request::set_status(410);
    view! {
        <div class="empty" role="alert">
            <h1>"This link has expired"</h1>
            <p>"It was already used, or it is too old. You can get a new one in a moment."</p>
            <a class="button" href="/sign-in">"To the sign-in page"</a>
        </div>
    }
}
