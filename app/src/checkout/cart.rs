//! The cart: lines, sums, and one button.

use super::form::{BUY, CheckoutFields, EnterKey, refused_email};
use super::line::{CartLine, RefusedLine};
use crate::checkout::acts::{ApplyPromotion, ShownCart, get_quote};
use crate::components::{Notice, NoticeText};
use crate::layout::{Trouble, load_store, page_title};
use crate::notices;
use domain::money::{Currency, Money};
use domain::pages::storefront::StoreFace;
use domain::promotion::AppliedPromotion;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

#[component]
pub fn CartPage() -> impl IntoView {
    let is_added = use_query_map().with_untracked(|query| query.get("added").is_some());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                let title = page_title("Cart", &store);
                match get_quote().await {
                    Ok(ShownCart { quote, .. }) if quote.is_empty() => view! {
                        <Title text=title/><EmptyCart gone=quote.gone unpriced=quote.unpriced coming=quote.coming is_added/>
                    }.into_any(),
                    Ok(_) if is_added => {
                        crate::layout::request::lead_to("/cart");
                        ().into_any()
                    }
                    Ok(cart) => view! { <Title text=title/> <FilledCart cart store/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn EmptyCart(gone: Vec<String>, unpriced: Vec<String>, coming: Vec<String>, is_added: bool) -> impl IntoView {
    let (text, label) = if is_added {
        (
            "Your browser blocked the cookie that holds your cart. Allow cookies for this shop, then add the product again.",
            "Back to the products",
        )
    } else {
        ("Your cart is empty. Items stay here for 30 days.", "Browse the shop")
    };
    view! {
        <Notice/>
        <Gone titles=gone/>
        <Unpriced titles=unpriced/>
        <Coming titles=coming/>
        <div class="empty">
            <h1>"Your cart"</h1>
            <p role=is_added.then_some("alert")>{text}</p>
            <a class="button" href="/products">{label}</a>
        </div>
    }
}

#[component]
fn Gone(titles: Vec<String>) -> impl IntoView {
    (!titles.is_empty()).then(|| view! { <NoticeText text=format!("No longer on sale, and not charged: {}.", titles.join(", "))/> })
}

/// What the shop has not priced since it sells in another currency.
#[component]
fn Unpriced(titles: Vec<String>) -> impl IntoView {
    (!titles.is_empty()).then(|| {
        let text = format!("Not charged, because the shop now sells in another currency: {}.", titles.join(", "));
        view! { <NoticeText text/> }
    })
}

/// What delivers nothing yet, or no more.
#[component]
fn Coming(titles: Vec<String>) -> impl IntoView {
    (!titles.is_empty()).then(|| view! { <NoticeText text=format!("Not for sale yet, and not charged: {}.", titles.join(", "))/> })
}

/// What the cart costs now and cost on the page that was sent; any other notice as it is.
#[component]
fn Changed(total: Money) -> impl IntoView {
    let was = use_query_map().with_untracked(|query| {
        let currency = query.get("was_in").and_then(|code| Currency::parse(&code).ok()).unwrap_or(total.currency);
        query.get("was").and_then(|was| was.parse().ok()).map(|was| Money::new(was, currency))
    });
    // What is wrong with a field stands beside it.
    if RefusedLine::asked().is_some() || refused_email().is_some() {
        return ().into_any();
    }
    match was.filter(|was| *was != total && was.amount >= 0) {
        Some(was) => {
            let text = format!("The total was {was} and is now {total}. Nothing was charged. Please check your cart, then continue.");
            view! { <NoticeText text/> }.into_any()
        }
        None => view! { <Notice/> }.into_any(),
    }
}

#[component]
fn FilledCart(cart: ShownCart, store: StoreFace) -> impl IntoView {
    let ShownCart { quote, attempt, shown } = cart;
    let total = if quote.subtotal.is_zero() { "Free".to_owned() } else { quote.total.to_string() };
    let has_parts = !quote.discount.is_zero() || !quote.tax.is_zero();
    view! {
        <Changed total=quote.total/>
        <h1>"Your cart"</h1>
        <Gone titles=quote.gone/>
        <Unpriced titles=quote.unpriced/>
        <Coming titles=quote.coming/>
        <EnterKey/>
        <div class="checkout">
            <section aria-label="In the cart">
                <ul class="lines">{quote.lines.into_iter().map(|line| view! { <CartLine line/> }).collect_view()}</ul>
                <p class="mt-6"><a href="/products">"Keep browsing"</a></p>
            </section>
            <section class="panel" aria-label="Checkout">
                <dl class="sums">
                    {has_parts.then(|| view! { <div><dt>"Subtotal"</dt><dd class="number">{quote.subtotal.to_string()}</dd></div> })}
                    {(!quote.discount.is_zero()).then(|| view! {
                        <div>
                            <dt>{discount_name(quote.promotion.as_ref())}</dt><dd class="number">{format!("−{}", quote.discount)}</dd>
                        </div>
                    })}
                    {(!quote.tax.is_zero()).then(|| view! { <div><dt>"Tax"</dt><dd class="number">{quote.tax.to_string()}</dd></div> })}
                    <div class="total"><dt>"Total"</dt><dd class="number">{total}</dd></div>
                </dl>
                <Applied code=quote.code.clone() is_refused=quote.is_code_refused promotion=quote.promotion/>
                <CheckoutFields attempt shown email=quote.email total=quote.total has_code=quote.code.is_some() store/>
            </section>
        </div>
    }
}

/// What is taken off, as the sums name it.
fn discount_name(promotion: Option<&AppliedPromotion>) -> String {
    promotion.map_or_else(|| "Discount".to_owned(), |promotion| format!("{}, −{}", promotion.name, promotion.reduction))
}

/// The code that the cart has, why it does not work, and what applies by itself.
#[component]
fn Applied(code: Option<String>, is_refused: bool, promotion: Option<AppliedPromotion>) -> impl IntoView {
    let by_itself = promotion.as_ref().filter(|promotion| promotion.code.is_none());
    let note = match (&promotion, by_itself.is_some(), is_refused) {
        (_, true, false) if code.is_some() => Some("This discount is larger than your code's, so it applies instead."),
        (Some(promotion), ..) if promotion.once_per_customer => Some("Once per customer."),
        (Some(promotion), ..) if !promotion.is_for_everything => Some("It applies to some of the products in your cart."),
        (None, ..) if code.is_some() && !is_refused => Some("Your code gives no discount on this cart, and is not used up."),
        _ => None,
    };
    view! {
        {note.map(|note| view! { <p class="help">{note}</p> })}
        {code.map(|code| view! {
            <div class="applied">
                <span>"Code "<span class="mono">{code.clone()}</span></span>
                <button
                    class="link-button" type="submit" form=BUY formaction=ApplyPromotion::PATH formnovalidate name="promotion_code" value=""
                    aria-label=format!("Remove the code {code}")
                >"Remove"</button>
                {is_refused.then(|| view! { <p class="error" role="alert">{notices::text("promotion_invalid")}</p> })}
            </div>
        })}
    }
}
