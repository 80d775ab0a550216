//! A sentence about what just happened, carried by a redirect.

use super::{Icon, IconName};
use crate::notices::{self, Kind};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The notice that the URL asks for, if it is one of ours. Some are said by a section of their page: `at` is its id, and nothing is the
/// page itself.
#[component]
pub fn Notice(#[prop(optional)] at: Option<&'static str>) -> impl IntoView {
    let query = use_query_map();
    let code = query.with_untracked(|query| query.get("notice").or_else(|| query.get("canceled").map(|_| "canceled".to_owned())))?;
    let text = notices::text(&code).filter(|_| notices::place(&code) == at)?;
    Some(view! { <NoticeText text kind=notices::kind(&code)/> })
}

/// A sentence that the page has to say. What went wrong is told at once, the rest when there is a pause.
#[component]
pub fn NoticeText(text: String, #[prop(default = Kind::Information)] kind: Kind) -> impl IntoView {
    let (class, role, icon) = match kind {
        Kind::Success => ("notice notice-success", "status", IconName::Done),
        Kind::Information => ("notice", "status", IconName::Info),
        Kind::Danger => ("notice notice-danger", "alert", IconName::Alert),
    };
    view! { <p class=class role=role><Icon name=icon/><span>{text}</span></p> }
}
