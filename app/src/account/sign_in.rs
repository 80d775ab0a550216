//! The way in for those who run the shop: by password, or by a link in a mail.

use super::ways_in::{LinkForm, PasswordForm};
use crate::components::{Notice, NoticeText};
use crate::error::AppError;
use crate::layout::{Trouble, load_store, page_title};
use domain::pages::form::Filled;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What somebody typed to sign in, but for the password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInForm {
    pub email: String,
    /// The page that asked for it.
    pub next: String,
}

/// The sign-in form as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    pub filled: Filled<SignInForm>,
    /// Whether anybody owns the shop.
    pub is_claimed: bool,
    /// Whether somebody signed in a moment ago whose browser did not keep the session.
    pub needs_cookie: bool,
}

/// For everybody.
#[server(prefix = "/_fn", endpoint = "get_door")]
pub async fn get_door(next: String, draft: String, #[server(default)] entered: bool) -> Result<Door, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let is_member = entered && request::signed_in().await?.is_some();
    if is_member {
        request::lead_to(&request::page_after(&next));
    }
    let is_claimed = shop::accounts::is_claimed(&shop).await?;
    let filled = request::filled_open(&shop, "sign_in", &draft, SignInForm { email: String::new(), next }).await?;
    Ok(Door { filled, is_claimed, needs_cookie: entered && !is_member })
}

/// Opens a session and goes on to the page that asked for it.
#[server(prefix = "/_fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    if let Err(refused) = request::check_entry(&email, &next) {
        return request::finish(Err(refused), "/sign-in");
    }
    let signed_in = async {
        request::check_sign_in(&shop, shop::accounts::Try::Password, &email).await?;
        let sign_in = shop::accounts::sign_in(&shop, &email, &password, &request::origin()).await?;
        request::begin_session(&shop, &sign_in).await?;
        Ok(after_entering(request::page_after(&next)))
    };
    let signed_in: shop::Result<String> = signed_in.await;
    request::finish_open_form(&shop, "sign_in", &SignInForm { email, next }, signed_in, "/sign-in").await
}

/// Mails a one-time link, and says the same whether there is such a member or not.
#[server(prefix = "/_fn", endpoint = "request_sign_in_link")]
pub async fn request_sign_in_link(email: String, #[server(default)] next: String) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    if let Err(refused) = request::check_entry(&email, &next) {
        return request::finish(Err(refused), "/sign-in");
    }
    let page = if request::session_id().is_some() && !next.is_empty() {
        with_query("/confirm", &[("next", &request::page_after(&next))])
    } else {
        "/sign-in".to_owned()
    };
    let asked = async {
        request::check_sign_in(&shop, shop::accounts::Try::Link, &email).await?;
        shop::accounts::request_link(&shop, &email).await?;
        request::remember_next(&shop, &next);
        Ok(request::with_notice(&page, "link_mailed"))
    };
    request::finish(asked.await, &page)
}

/// Where somebody goes with a new session. Whether the browser keeps its cookie is seen when the next page is asked for.
pub(super) fn after_entering(page: String) -> String {
    use crate::layout::{request, with_query};
    if request::has_cookies() { page } else { with_query("/sign-in", &[("entered", "1"), ("next", &page)]) }
}

#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (next, draft, entered) = (asked("next"), asked("draft"), asked("entered") == "1");
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_door(next, draft, entered).await {
                    Ok(door) => view! { <Title text=page_title("Sign in", &store)/> <SignInForms door/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn SignInForms(door: Door) -> impl IntoView {
    if !door.is_claimed {
        crate::layout::request::lead_to("/setup");
    }
    let SignInForm { email, next } = door.filled.form;
    view! {
        <div class="sign-in">
            <h1>"Sign in"</h1>
            <Notice/>
            {door.needs_cookie.then(|| view! {
                <NoticeText
                    text="You signed in, but your browser blocked the session cookie. Allow cookies for this shop, then sign in \
                        again.".to_owned()
                />
            })}
            <PasswordForm action=SignIn::PATH verb="Sign in" next=next.clone() email/>
            <LinkForm
                action=RequestSignInLink::PATH title="Sign in by email instead"
                help="You get a link that works once, within ten minutes. Use it if you forgot your password." next
            />
            <p class="help mt-6">
                "This page is for the shop's team. Bought something? Use the link in your order email, or "
                <a href=crate::checkout::find::FIND_ORDER>"find your order"</a>"."
            </p>
        </div>
    }
}
