//! A paid order: what was bought, product by product, with its files and keys; then the receipt and help.

use super::awaited::Awaited;
use super::license_key::Key;
use super::owned::{Download, copies};
use super::receipt::Receipt;
use crate::checkout::order_acts::{Pass, PassFields, ResendOrder};
use crate::components::Cover;
use crate::storefront::inside::TermsBody;
use domain::catalog::Kind;
use domain::order::{OrderLine, OrderStatus, OrderView};
use domain::pages::storefront::StoreFace;
use domain::terms::TermsWords;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn Ready(order: OrderView, pass: Pass, store: StoreFace) -> impl IntoView {
    let n_files: usize = order.items.iter().map(|item| item.files.len()).sum();
    let has_keys = order.items.iter().any(|item| !item.licenses.is_empty());
    let what = match (n_files, has_keys) {
        (0, false) => "Your order is below.",
        (0, true) => "Your license keys are below.",
        (1, false) => "Your file is below.",
        (_, false) => "Your files are below.",
        (_, true) => "Your files and license keys are below.",
    };
    let page = OrderPage { id: order.id.clone(), number: order.number.clone(), pass, support: store.support_email.clone(), n_files };
    view! {
        <header>
            <h1>"Thank you. Here is your order."</h1>
            <p class="lead">{what}" We also emailed a link to "{order.email.clone()}"."</p>
            {(order.status == OrderStatus::PartiallyRefunded).then(|| view! { <p class="quiet">"Part of this order was refunded."</p> })}
        </header>
        <Awaited items=order.items.clone()/>
        {order.sold().into_iter().map(|(line, parts)| {
            let parts = parts.into_iter().cloned().collect();
            view! { <Sold line=line.clone() parts page=page.clone()/> }
        }).collect_view()}
        <Receipt order store/>
        <form class="resend" method="post" action=ResendOrder::PATH>
            <PassFields id=page.id.clone() pass=page.pass.clone()/>
            <p>"Didn't get our email? "<button class="link-button" type="submit">"Resend it"</button></p>
        </form>
        <p class="fineprint">{if page.pass.has_cookie {
            "This page opens in this browser for a month; elsewhere, use the link in our email. Anyone with that link can open your \
             order, so keep it private."
        } else {
            "Anyone with this page's link can open your order, so keep it private."
        }}</p>
    }
}

/// What the forms of the page say of the order, and who helps.
#[derive(Clone)]
pub struct OrderPage {
    pub id: String,
    pub number: String,
    pub pass: Pass,
    pub support: Option<String>,
    pub n_files: usize,
}

/// Something that was bought, with what came with it.
#[component]
fn Sold(line: OrderLine, parts: Vec<OrderLine>, page: OrderPage) -> impl IntoView {
    let note = (!parts.is_empty()).then(|| match parts.len() {
        1 => "Bundle with one more product".to_owned(),
        n => format!("Bundle of {n} products"),
    });
    let terms = line.terms_words.clone();
    view! {
        <section class="sold">
            <div class="sold-head">
                <div class="sold-cover"><Cover picture=line.cover.clone() kind=Kind::Other title=String::new() is_decoration=true/></div>
                <div>
                    <h2><Named line=line.clone()/></h2>
                    <p class="quiet text-sm">{line.variant_name.clone()}{note.map(|note| format!(" · {note}"))}</p>
                    <License words=line.terms_words.clone() title=line.title.clone()/>
                </div>
            </div>
            <Goods line page=page.clone()/>
            {parts.into_iter().map(|part| {
                // What holds for the bundle is not said again.
                let own = (part.terms_words != terms).then(|| part.terms_words.clone());
                view! {
                    <div class="sold-part">
                        <h3><Named line=part.clone()/></h3>
                        <p class="quiet text-sm">{part.variant_name.clone()}</p>
                        {own.map(|words| view! { <License words title=part.title.clone()/> })}
                        <Goods line=part page=page.clone()/>
                    </div>
                }
            }).collect_view()}
        </section>
    }
}

/// The title, which leads to the product where it can be found.
#[component]
fn Named(line: OrderLine) -> impl IntoView {
    match line.product_now {
        Some(slug) => view! { <a class="no-underline hover:underline" href=format!("/products/{slug}")>{line.title}</a> }.into_any(),
        None => line.title.into_any(),
    }
}

/// What may be done with it, folded away.
#[component]
fn License(words: TermsWords, title: String) -> impl IntoView {
    view! {
        <details class="license">
            <summary>{words.label.clone()}<span class="sr-only">{format!(" of {title}")}</span></summary>
            <p>{words.summary.clone()}</p>
            <TermsBody words/>
        </details>
    }
}

#[component]
fn Goods(line: OrderLine, page: OrderPage) -> impl IntoView {
    let copies = copies(&line.files);
    view! {
        {(!line.files.is_empty()).then(|| view! {
            <ul class="downloads">
                {line.files.clone().into_iter().zip(copies).map(|(file, copy)| view! {
                    <li><Download file copy page=page.clone()/></li>
                }).collect_view()}
            </ul>
        })}
        {line.licenses.clone().into_iter().map(|license| view! {
            <Key line=line.clone() license page=page.clone()/>
        }).collect_view()}
    }
}
