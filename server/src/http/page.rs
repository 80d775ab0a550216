//! Plain pages of the server itself: what can be said without the app.

use super::assets::Assets;
use app::checkout::find::FIND_ORDER;
use axum::response::{Html, IntoResponse, Response};
use domain::pages::settings::Policy;
use domain::pages::storefront::StoreFace;
use domain::word::Word;
use maud::{DOCTYPE, Markup, html};
use std::ops::Deref;
use std::sync::Arc;

/// The path of the style sheet.
#[derive(Clone)]
pub struct Stylesheet(Arc<str>);

impl Stylesheet {
    /// Addressed by the hash of what the package holds.
    pub fn of(assets: &Assets) -> Self {
        Self(format!("/{}/weightless.css", assets.pkg_dir()).into())
    }
}

impl Deref for Stylesheet {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// A page in the shop's clothes. `head` and `body` are markup of ours.
pub fn plain(title: &str, stylesheet: &str, head: &Markup, body: &Markup) -> Response {
    document(title, stylesheet, &html! { (head) main class="site-width" { (body) } })
}

fn document(title: &str, stylesheet: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                script src="/theme.js" {}
                link rel="stylesheet" href=(stylesheet);
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
            }
            body { (body) }
        }
    };
    Html(page.into_string()).into_response()
}

/// A page that says what happened, with the shop around it as far as it can be read.
pub fn framed(stylesheet: &str, store: Option<&StoreFace>, title: &str, body: &Markup) -> Response {
    let name = store.map_or("To the shop", |store| &store.name);
    let head = html! {
        header class="site-head" {
            div class="site-width" {
                a class="store-name" href="/" { (name) }
                nav aria-label="Shop" { a href="/products" { "Browse" } a href="/cart" { "Cart" } }
            }
        }
    };
    let foot = html! {
        footer class="site-foot" {
            div class="site-width" {
                p class="mr-auto" { (store.map_or("", |store| &store.tagline)) }
                p { a href=(FIND_ORDER) { "Find your order" } }
                @for policy in store.map_or(&[] as &[Policy], |store| &store.policies) {
                    p { a href={ "/policies/" (policy.as_str()) } { (policy.label()) } }
                }
            }
        }
    };
    document(title, stylesheet, &html! { (head) main class="site-width" { (body) } (foot) })
}

/// Says what happened and the one next step.
pub fn refusal(stylesheet: &str, title: &str, sentences: &[&str]) -> Response {
    let body = html! {
        div class="empty" {
            h1 { (title) }
            @for sentence in sentences { p { (sentence) } }
            a class="button" href="/" { "To the shop" }
        }
    };
    plain(title, stylesheet, &html! {}, &body)
}
