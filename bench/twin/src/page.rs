//! The shop's list page, word for word.

use crate::rows::{Card, Category, Store};
use maud::{DOCTYPE, Markup, html};
use uuid::Uuid;

pub fn list(store: &Store, categories: &[Category], cards: &[Card], has_more: bool) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                script src="/theme.js" {}
                link rel="stylesheet" href="/weightless.css";
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                meta name="description" content="Browse the goods of this shop by category, or search for them.";
                title { "All goods · " (store.name) }
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.site-head { div.site-width {
                    a.store-name href="/" { (store.name) }
                    nav aria-label="Shop" {
                        a href="/products" { "Browse" }
                        a href="/cart" { span.wide-label { "Cart" } span.count data-cart-count="" hidden {} }
                        button.icon-button type="button" data-theme-switch="" aria-label="Switch colors" hidden {}
                    }
                } }
                main #main.site-width { div.catalog {
                    nav.rail aria-label="Categories" { ul {
                        li { a href="/products" aria-current="page" { "Everything" } }
                        (branches(categories, None))
                    } }
                    div {
                        h1 { "All goods" }
                        (search())
                        div.list-head { p.quiet.number { "More than " (cards.len()) " products" } }
                        ul.cards { @for card in cards { (shown(card)) } }
                        @if has_more && let Some(last) = cards.last() {
                            p.more { a.button.plain href={ "/products?page=" (last.published_at) "." (last.id.simple()) } rel="next" { "Show more" } }
                        }
                    }
                } }
                footer.site-foot { div.site-width {
                    p.mr-auto { (store.tagline) }
                    @if let Some(email) = &store.support_email { p { a href={ "mailto:" (email) } { "Write to us" } } }
                    p { "Payments by Stripe. No account needed." }
                } }
            }
        }
    }
}

fn branches(categories: &[Category], parent: Option<Uuid>) -> Markup {
    html! {
        @for category in categories.iter().filter(|category| category.parent_id == parent) {
            li {
                a href={ "/products?category=" (category.slug) } { (category.name) }
                @if categories.iter().any(|below| below.parent_id == Some(category.id)) { ul { (branches(categories, Some(category.id))) } }
            }
        }
    }
}

fn search() -> Markup {
    html! {
        form.filters role="search" action="/products" {
            div.field {
                label for="q" { "Search" }
                input.input #q name="q" type="search" placeholder="Title or topic" maxlength="200" enterkeyhint="search";
            }
            div.field {
                label for="sort" { "Sort by" }
                select.input #sort name="sort" {
                    option value="newest" selected { "Newest" }
                    option value="popular" { "Popular" }
                    option value="price" { "Price, low to high" }
                    option value="price_desc" { "Price, high to low" }
                }
            }
            button.button.plain type="submit" { "Show" }
        }
    }
}

fn shown(card: &Card) -> Markup {
    let (width, height) = match card.kind.as_str() {
        "book" => (900, 1200),
        "audio" => (1000, 1000),
        _ => (1280, 800),
    };
    html! {
        li.card {
            div.card-cover {
                @match (&card.cover_file_id, &card.cover_name) {
                    (Some(id), Some(name)) => img class={ "cover cover-" (card.kind) } src={ "/media/" (id) "/" (name) } alt="" width=(width) height=(height) loading="lazy" decoding="async";,
                    _ => div class={ "cover cover-" (card.kind) " cover-blank" } aria-hidden="true" { (card.title) },
                }
            }
            div {
                h2 { a href={ "/products/" (card.slug) } { (card.title) } }
                p { @if let Some(name) = &card.category_name { (name) } }
                p.price { (price(card)) }
            }
        }
    }
}

fn price(card: &Card) -> String {
    let money = format!("${}.{:02}", card.price_from / 100, card.price_from % 100);
    match (card.price_from == 0, card.has_price_range, card.pay_what_you_want) {
        (true, _, true) => "Pay what you want".to_owned(),
        (false, _, true) => format!("{money} or more"),
        (true, false, false) => "Free".to_owned(),
        (true, true, false) => "Free, or more".to_owned(),
        (false, true, false) => format!("from {money}"),
        (false, false, false) => money,
    }
}
