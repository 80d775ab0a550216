//! Who signed in a while ago says again who they are, before they change who may do what.

use super::ways_in::{LinkForm, PasswordForm};
use crate::components::Notice;
use crate::error::AppError;
use crate::layout::{Trouble, load_store, page_title};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

/// The address of the member who asks.
#[server(prefix = "/_fn", endpoint = "get_confirm")]
pub async fn get_confirm() -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    Ok(request::member(&shop).await?.email)
}

/// Proves who asks by the password, and leads back to what was asked for.
#[server(prefix = "/_fn", endpoint = "confirm")]
pub async fn confirm(password: String, next: String) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = with_query("/confirm", &[("next", &next)]);
    let proved = async {
        request::check_sign_in(&shop, shop::accounts::Try::Password, &member.email).await?;
        let session = request::session_id().ok_or(shop::Error::Forbidden)?;
        shop::accounts::prove(&shop, &member, session, &password).await?;
        Ok(request::page_after(&next))
    };
    request::finish(proved.await, &page)
}

#[component]
pub fn ConfirmPage() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_confirm().await {
                    Ok(email) => view! { <Title text=page_title("Confirm it's you", &store)/> <ConfirmForms email next/> }.into_any(),
                    Err(error) if error.code == "signed_out" => {
                        crate::layout::request::lead_to(&crate::layout::with_query("/sign-in", &[("next", &next)]));
                        ().into_any()
                    }
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn ConfirmForms(email: String, next: String) -> impl IntoView {
    view! {
        <div class="sign-in">
            <h1>"Confirm it's you"</h1>
            <p class="quiet mb-6">"You signed in a while ago. Before you change who may do what, please enter your password once more."</p>
            <Notice/>
            <PasswordForm action=Confirm::PATH verb="Confirm" next=next.clone() email=email.clone() is_known=true/>
            <LinkForm
                action=super::sign_in::RequestSignInLink::PATH title="Confirm by email instead"
                help="You get a link that works once, within ten minutes. Open it in this browser to come back here." next
                known_email=email
            />
            <p class="help mt-6"><a href="/dashboard">"Not now"</a></p>
        </div>
    }
}
