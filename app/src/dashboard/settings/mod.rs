//! What the owner decides: the store's facts, who runs it, keys, connections; what was done; and each member's own account.

use crate::dashboard::frame::Frame;
use crate::dashboard::rooms::PAGES;
use domain::member::{MemberView, Permission};
use leptos::prelude::*;

pub mod account;
pub mod acts;
pub mod audit;
pub mod connections;
mod form;
pub mod keys;
pub mod members;
pub mod store;

/// The frame of a page of the settings.
#[component]
pub fn SettingsFrame(member: MemberView, here: &'static str, children: Children) -> impl IntoView {
    let role = member.role;
    let room = if role.may(Permission::EditSettings) { "/dashboard/settings" } else { "/dashboard/settings/account" };
    let pages = PAGES.into_iter().filter(move |(_, _, permission)| permission.is_none_or(|permission| role.may(permission)));
    view! {
        <Frame member here=room>
            <h1 class="mb-4">"Settings"</h1>
            <nav class="tabs" aria-label="Settings">
                {pages.map(|(url, name, _)| view! { <a href=url aria-current=(url == here).then_some("page")>{name}</a> }).collect_view()}
            </nav>
            {children()}
        </Frame>
    }
}
