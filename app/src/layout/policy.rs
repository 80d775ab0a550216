//! The texts that the store stands by.

use super::{NotFound, Trouble, load_store, page_title};
use crate::error::AppError;
use domain::pages::settings::Policy;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// A text as sanitized HTML.
#[server(prefix = "/_fn", endpoint = "get_policy")]
pub async fn get_policy(policy: Policy) -> Result<Option<String>, AppError> {
    Ok(shop::stores::settings::policy(&super::request::shop()?, policy).await?)
}

#[component]
pub fn PolicyPage() -> impl IntoView {
    let policy = use_params_map().with_untracked(|params| params.get("policy").and_then(|word| word.parse::<Policy>().ok()));
    view! {
        <Suspense>
            {Suspend::new(async move {
                let Some(policy) = policy else { return view! { <NotFound/> }.into_any() };
                let store = load_store().await;
                match get_policy(policy).await {
                    Ok(Some(html)) => view! {
                        <Title text=page_title(policy.label(), &store)/>
                        <article class="policy">
                            <h1>{policy.label()}</h1>
                            <div class="prose" inner_html=html></div>
                        </article>
                    }.into_any(),
                    Ok(None) => view! { <NotFound/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}
