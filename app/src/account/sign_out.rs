//! The way out.

use crate::error::AppError;
use crate::layout::{load_store, page_title};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};

/// Ends the session on the server and in the browser.
#[server(prefix = "/_fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<String, AppError> {
    use crate::layout::request;
    let ended = request::end_session().await;
    request::finish(ended.map(|()| "/sign-in?notice=signed_out".to_owned()), "/dashboard")
}

/// Asks first, as a link alone must not sign anybody out.
#[component]
pub fn SignOutPage() -> impl IntoView {
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move { let store = load_store().await; view! { <Title text=page_title("Sign out", &store)/> } })}
        </Suspense>
        <div class="sign-in">
            <h1>"Sign out"</h1>
            <form class="stack" method="post" action=SignOut::PATH>
                <button class="button wide" type="submit">"Sign out"</button>
                <p><a href="/dashboard">"Stay signed in"</a></p>
            </form>
        </div>
    }
}
