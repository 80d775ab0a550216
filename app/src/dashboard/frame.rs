//! What stands around every page of the dashboard: the ways through it, and who is looking.

use crate::account::sign_out::SignOut;
use crate::components::{Icon, IconName, Notice};
use crate::dashboard::rooms::GROUPS;
use crate::error::AppError;
use crate::layout::request::{known_member, signed_in};
use crate::layout::{Around, Trouble, known_store};
use domain::member::MemberView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};

const ACCOUNT: &str = "/dashboard/settings/account";

/// The frame of a page whose room is at `here`.
#[component]
pub fn Frame(member: MemberView, here: &'static str, children: Children) -> impl IntoView {
    view! { <Layout member=Some(member) here><Notice/>{children()}</Layout> }
}

/// The rail beside a page; on a phone a bar above it, with the rest in a sheet that opens without a script.
#[component]
fn Layout(member: Option<MemberView>, here: &'static str, children: Children) -> impl IntoView {
    let name = known_store().map_or_else(|| "The shop".to_owned(), |store| store.name);
    let is_member = member.is_some();
    view! {
        <div class="dash">
            <header class="dash-head">
                <div class="dash-top">
                    <a class="dash-name" href="/dashboard">{name}</a>
                    <a class="icon-button" href="/" aria-label="View shop" title="View shop"><Icon name=IconName::ExternalLink/></a>
                    {is_member.then(|| view! {
                        <a class="dash-search" href="/dashboard/search" data-search="" aria-keyshortcuts="Control+K Meta+K">
                            <Icon name=IconName::Search/>
                            <span class="dash-word">"Search"</span>
                            <kbd aria-hidden="true">"⌘K"</kbd>
                        </a>
                        <button class="icon-button dash-toggle" type="button" popovertarget="dash-menu" aria-label="Menu">
                            <Icon name=IconName::Menu/>
                        </button>
                    })}
                </div>
                {member.map(|member| view! { <Menu member here/> })}
            </header>
            <main id="main" class="dashboard">{children()}</main>
        </div>
    }
}

/// The rooms that this member may see, and the ways to the account and out.
#[component]
fn Menu(member: MemberView, here: &'static str) -> impl IntoView {
    let role = member.role;
    let current = move |url: &str| (url == here).then_some("page");
    let groups = GROUPS.into_iter().filter_map(|(name, rooms)| {
        let rooms: Vec<_> = rooms.iter().filter(|room| room.permission.is_none_or(|permission| role.may(permission))).collect();
        (!rooms.is_empty()).then_some((name, rooms))
    });
    view! {
        <div class="dash-menu" id="dash-menu" popover="auto">
            <button
                        class="icon-button dash-close" type="button" popovertarget="dash-menu" popovertargetaction="hide"
                        aria-label="Close menu"
                    >
                <Icon name=IconName::Close/>
            </button>
            <nav aria-label="Dashboard">
                {groups.map(|(name, rooms)| view! {
                    {(!name.is_empty()).then(|| view! { <p class="dash-group">{name}</p> })}
                    <ul>
                        {rooms.into_iter().map(|room| view! {
                            <li><a href=room.url aria-current=current(room.url)><Icon name=room.icon/>{room.name}</a></li>
                        }).collect_view()}
                    </ul>
                }).collect_view()}
            </nav>
            <div class="dash-me">
                <a href=ACCOUNT aria-current=current(ACCOUNT)>
                    <Icon name=IconName::User/>
                    <span title=member.email.clone()>{member.email.clone()}<span class="quiet">{role.label()}</span></span>
                </a>
                <form method="post" action=SignOut::PATH>
                    <button class="link-button" type="submit">"Sign out"</button>
                    <button class="icon-button" type="button" data-theme-switch="" aria-label="Switch colors" hidden>
                        <Icon name=IconName::Contrast/>
                    </button>
                </form>
            </div>
        </div>
    }
}

/// What stands where a page of the dashboard can't be shown to whoever asks for it.
pub fn refused(error: AppError) -> AnyView {
    if error.is_signed_out() {
        crate::layout::request::lead_to_sign_in();
        return ().into_any();
    }
    let page = match error.code.as_str() {
        "not_found" => view! { <Missing/> }.into_any(),
        "forbidden" => view! { <Forbidden/> }.into_any(),
        _ => view! { <Trouble error/> }.into_any(),
    };
    framed(page)
}

/// What stands where the dashboard has no such page. A member keeps the menu.
pub fn no_page() -> AnyView {
    let page = async {
        let member = signed_in().await.ok().flatten();
        view! { <Layout member here=""><Missing/></Layout> }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// A page of the dashboard in its frame, also before it is known who looks at it.
fn framed(page: AnyView) -> AnyView {
    match Around::here() {
        Around::Dashboard => view! { <Layout member=known_member() here="">{page}</Layout> }.into_any(),
        _ => page,
    }
}

/// There is no such page, order or product.
#[component]
fn Missing() -> impl IntoView {
    crate::layout::request::set_status(404);
    view! {
        <Title text="Not found"/>
        <Meta name="robots" content="noindex"/>
        <div class="empty">
            <h1>"Page not found"</h1>
            <p>"The page may have moved, or what it showed was deleted."</p>
            <a class="button" href="/dashboard">"To the overview"</a>
        </div>
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
