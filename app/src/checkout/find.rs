//! The way back to an order for who has lost its mail.

use crate::components::{Notice, refused_at};
use crate::error::AppError;
use crate::layout::{load_store, page_title};
use crate::notices;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

/// Where it is.
pub const FIND_ORDER: &str = "/find-order";

/// Mails links to the orders of an address there, and says the same whether there are any or not.
#[server(prefix = "/_fn", endpoint = "find_order")]
pub async fn find_order(email: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let sent = async {
        request::check_entry(&email, "")?;
        shop::orders::request_links(&shop, &email).await?;
        Ok(request::with_notice(FIND_ORDER, "orders_mailed"))
    };
    request::finish(sent.await, FIND_ORDER)
}

#[component]
pub fn FindOrderPage() -> impl IntoView {
    let code = use_query_map().with_untracked(|query| query.get("notice"));
    let refusal = code.as_deref().and_then(notices::refusal);
    let error = refused_at(refusal.as_ref(), "email");
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                view! {
                    <Title text=page_title("Find your order", &store)/>
                    <div class="sign-in">
                        <h1>"Find your order"</h1>
                        {error.is_none().then(|| view! { <Notice/> })}
                        <p class="mb-6">"Enter the email address that you ordered with. We'll send you links to your orders."</p>
                        <form class="stack" method="post" action=FindOrder::PATH>
                            <div class="field">
                                <label for="email">"Email"</label>
                                <input
                                    class="input" id="email" name="email" type="email" autocomplete="email" required maxlength="254"
                                    aria-describedby="email-error" aria-invalid=error.is_some().then_some("true")
                                />
                                <p class="error" id="email-error" role="alert">{error}</p>
                            </div>
                            <button class="button wide" type="submit">"Email me my orders"</button>
                        </form>
                        {store.support_email.map(|email| view! {
                            <p class="help mt-6">
                                "Can't open that mailbox any more? Write to "<a href=format!("mailto:{email}")>{email.clone()}</a>"."
                            </p>
                        })}
                    </div>
                }
            })}
        </Suspense>
    }
}

/// What stands in the place of this page where orders stand.
#[component]
pub fn FindAmongOrders() -> impl IntoView {
    crate::layout::request::lead_to(FIND_ORDER);
}
