//! A sentence about what just happened, carried by a redirect.

use super::{Icon, IconName};
use crate::notices;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The notice that the URL asks for, if it is one of ours.
#[component]
pub fn Notice() -> impl IntoView {
    let query = use_query_map();
    let code = query.with_untracked(|query| query.get("notice").or_else(|| query.get("canceled").map(|_| "canceled".to_owned())));
    code.as_deref().and_then(notices::text).map(|text| view! { <NoticeText text/> })
}

/// A sentence that the page has to say.
#[component]
pub fn NoticeText(text: String) -> impl IntoView {
    view! { <p class="notice" role="status"><Icon name=IconName::Info/><span>{text}</span></p> }
}
