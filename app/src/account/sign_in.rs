//! The way in for those who run the shop.

use crate::components::Notice;
use crate::error::AppError;
use crate::layout::{load_store, page_title};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

/// Opens a session and goes on to the page that asked for it.
#[server(prefix = "/_fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let sign_in = match request::check_sign_in(&email) {
        Ok(()) => shop::accounts::sign_in(&shop, &email, &password).await,
        Err(refusal) => Err(refusal),
    };
    if let Ok(session) = &sign_in {
        request::remember_session(&shop, session);
    }
    request::finish(sign_in.map(|_| page_after(&next)), "/sign-in")
}

/// Only a page of the dashboard may follow.
#[cfg(feature = "ssr")]
fn page_after(next: &str) -> String {
    if next.starts_with("/dashboard/") { next.to_owned() } else { "/dashboard".to_owned() }
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move { let store = load_store().await; view! { <Title text=page_title("Sign in", &store)/> } })}
        </Suspense>
        <div class="sign-in">
            <h1>"Sign in"</h1>
            <Notice/>
            <form class="stack" method="post" action=SignIn::PATH>
                <input type="hidden" name="next" value=next/>
                <div class="field">
                    <label for="email">"E-mail"</label>
                    <input class="input" id="email" name="email" type="email" autocomplete="username" required maxlength="254"/>
                </div>
                <div class="field">
                    <label for="password">"Password"</label>
                    <input class="input" id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024"/>
                </div>
                <button class="button wide" type="submit">"Sign in"</button>
                <p class="help">"For those who run this shop. What you bought opens from the mail about your order, without an account."</p>
            </form>
        </div>
    }
}
