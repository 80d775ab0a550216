//! What stands around every page of the dashboard: the ways through it, and who is looking.

use crate::account::sign_out::SignOut;
use crate::components::Notice;
use crate::dashboard::rooms::ROOMS;
use crate::error::AppError;
use crate::layout::{NotFound, Trouble};
use domain::member::MemberView;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};

/// The frame of a page whose room is at `here`.
#[component]
pub fn Frame(member: MemberView, here: &'static str, children: Children) -> impl IntoView {
    let rooms = ROOMS.iter().copied().filter(|(_, _, permission)| permission.is_none_or(|permission| member.role.may(permission)));
    view! {
        <div class="dashboard">
            <div class="dashboard-bar">
                <nav aria-label="Dashboard">
                    {rooms.map(|(url, name, _)| view! {
                        <a href=url aria-current=(url == here).then_some("page")>{name}</a>
                    }).collect_view()}
                </nav>
                <form class="actions" method="post" action=SignOut::PATH>
                    <a class="text-sm" href="/dashboard/search" data-search="" aria-keyshortcuts="Control+K Meta+K">"Search"</a>
                    <a class="quiet text-sm" href="/dashboard/settings/account">{member.email}" · "{member.role.as_str()}</a>
                    <button class="link-button" type="submit">"Sign out"</button>
                </form>
            </div>
            <Notice/>
            {children()}
        </div>
    }
}

/// What stands where a page of the dashboard can't be shown to whoever asks for it.
pub fn refused(error: AppError) -> AnyView {
    if error.is_signed_out() {
        crate::layout::request::lead_to_sign_in();
        return ().into_any();
    }
    match error.code.as_str() {
        "not_found" => view! { <NotFound/> }.into_any(),
        "forbidden" => view! { <Forbidden/> }.into_any(),
        _ => view! { <Trouble error/> }.into_any(),
    }
}

#[component]
fn Forbidden() -> impl IntoView {
    crate::layout::request::set_status(403);
    view! {
        <Title text="Not for your role"/>
        <Meta name="robots" content="noindex"/>
        <div class="empty" role="alert">
            <h1>"This is not for your role"</h1>
            <p>"The shop's owner can change your role."</p>
            <a class="button" href="/dashboard">"To the overview"</a>
        </div>
    }
}
