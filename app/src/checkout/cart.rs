//! The cart: lines, sums, and one button.

use super::form::CheckoutFields;
use crate::components::{Cover, Notice, NoticeText};
use crate::error::AppError;
use crate::islands::shown::{TOTAL_CHANGED, shown_total};
use crate::layout::{Trouble, load_store, page_title};
use crate::notices;
use domain::cart::{Quote, QuoteLine};
use domain::catalog::Kind;
use domain::money::{Currency, Money};
use domain::promotion::AppliedPromotion;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The cart as its page shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShownCart {
    pub quote: Quote,
    /// A name for this attempt to buy it.
    pub attempt: String,
    /// What the page says that it costs; see [`shown`].
    pub shown: String,
}

/// The cart as it costs now.
#[server(prefix = "/_fn", endpoint = "get_quote")]
pub async fn get_quote() -> Result<ShownCart, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let token = request::cart_token(&shop);
    let quote = shop::carts::quote(&shop, token.as_ref()).await?;
    request::remember_count(&shop, quote.n_pieces());
    Ok(ShownCart { attempt: shop::secret::token_text(&shop::chance::<15>()), shown: shown(&quote), quote })
}

/// What a page says that a cart costs: the total in minor units, and a hash over everything that makes it up. The form sends it
/// along, so that nobody pays for something else than they saw.
fn shown(quote: &Quote) -> String {
    let mut text = quote.total.to_string();
    for line in &quote.lines {
        text.push_str(&format!("\n{} {} {} {}", line.product, line.variant, line.quantity, line.unit_price));
    }
    let hash = shop::secret::token_text(&shop::secret::sha256(text.as_bytes())[..10]);
    format!("{}-{}-{hash}", quote.total.amount, quote.total.currency)
}

/// Puts a tier into the cart. Answers where to go on; the quantity is text so that a bad one is told in words. `prices` are what
/// the customer named, by the key of each tier; only that of the chosen tier counts.
#[server(prefix = "/_fn", endpoint = "add_to_cart")]
pub async fn add_to_cart(
    product: String,
    variant: Option<String>,
    quantity: String,
    #[server(default)] prices: HashMap<String, String>,
) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    use shop::carts::Wanted;
    let shop = request::shop()?;
    let variant = variant.as_deref().filter(|key| !key.is_empty());
    let price = variant.and_then(|key| prices.get(key)).map_or("", String::as_str);
    let add = async {
        let wanted = Wanted { product: &product, variant, quantity: pieces(&quantity), price };
        let token = shop::carts::add_for(&shop, request::cart_token(&shop), wanted, request::visitor().as_ref()).await?;
        let quote = shop::carts::quote(&shop, Some(&token)).await?;
        request::remember_cart(&shop, &token, quote.n_pieces());
        // Whether the browser keeps the cookie is seen when the next page is asked for.
        Ok(if request::has_cookies() { "/cart" } else { "/cart?added=1" }.to_owned())
    };
    let added: shop::Result<String> = add.await;
    // A price is named again where it was named, with what was typed.
    let is_about_price = added.as_ref().is_err_and(|error| error.field() == Some("price"));
    let page = if is_about_price {
        let typed: String = price.chars().take(20).collect();
        with_query(&format!("/products/{product}"), &[("variant", variant.unwrap_or_default()), ("price", &typed)])
    } else {
        "/cart".to_owned()
    };
    request::finish(added, &page)
}

/// Sets how many pieces of a tier are in the cart; 0 takes it out.
#[server(prefix = "/_fn", endpoint = "set_cart_quantity")]
pub async fn set_cart_quantity(product: String, variant: String, quantity: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let set = async {
        // A cart that is gone has nothing to change; its page says so.
        if let Some(token) = request::cart_token(&shop) {
            shop::carts::set_quantity(&shop, &token, &product, &variant, pieces(&quantity)).await?;
        }
        Ok("/cart".to_owned())
    };
    request::finish(set.await, "/cart")
}

/// Sets what a piece in the cart is to cost, where the customer names it.
#[server(prefix = "/_fn", endpoint = "set_cart_price")]
pub async fn set_cart_price(product: String, variant: String, price: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let set = async {
        if let Some(token) = request::cart_token(&shop) {
            shop::carts::set_price(&shop, &token, &product, &variant, &price).await?;
        }
        Ok("/cart".to_owned())
    };
    request::finish(set.await, "/cart")
}

/// A number of pieces; what is no number is no quantity either.
fn pieces(text: &str) -> i64 {
    text.trim().parse().unwrap_or(-1)
}

/// From the cart to the payment page, or to the order when nothing is due. The attempt's name makes a double click one order.
/// `shown` is what the page said that the cart costs; a page that is older than this field doesn't send it.
#[server(prefix = "/_fn", endpoint = "start_checkout")]
pub async fn start_checkout(
    email: String,
    attempt: String,
    promotion_code: Option<String>,
    #[server(default)] shown: Option<String>,
) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    let was = shown.as_deref().and_then(shown_total);
    let url = check_out(&shop, request::cart_token(&shop), email, attempt, promotion_code, shown).await;
    let has_changed = url.as_ref().is_err_and(|error| error.answer().1 == TOTAL_CHANGED);
    let page = match was.filter(|_| has_changed) {
        Some((was, currency)) => {
            let sold_in = shop::stores::currency(&shop).await?;
            let code = currency.filter(|currency| *currency != sold_in).map(|currency| currency.code().to_owned()).unwrap_or_default();
            with_query("/cart", &[("was", &was.to_string()), ("was_in", &code)])
        }
        None => "/cart".to_owned(),
    };
    request::finish(url, &page)
}

async fn check_out(
    shop: &shop::Shop,
    cart: Option<shop::carts::CartToken>,
    email: String,
    attempt: String,
    promotion_code: Option<String>,
    seen: Option<String>,
) -> shop::Result<String> {
    use shop::checkout::{CheckoutItem, ShownTotal, StartCheckout, find_finished, start};
    let quote = shop::carts::quote(shop, cart.as_ref()).await?;
    let key = format!("page:{attempt}");
    // A tab that was left open while its cart was paid leads to the order.
    if let Some(cart) = &cart
        && let Some(order) = find_finished(shop, cart, &key, quote.is_empty()).await?
    {
        return Ok(order);
    }
    if seen.as_ref().is_some_and(|seen| *seen != shown(&quote)) {
        return Err(shop::refusals::CART_CHANGED.into());
    }
    // What the cart shows to be applied goes along; a code that does not work stays where it is told.
    let applied = quote.code.clone().filter(|_| !quote.is_code_refused);
    let typed = promotion_code.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
    let request = StartCheckout {
        email,
        idempotency_key: Some(key.clone()),
        cart: cart.clone(),
        currency: Some(quote.total.currency),
        shown: seen.is_some().then_some(ShownTotal { amount: quote.total.amount, may_be_less: typed.is_some() }),
        promotion_code: typed.or(applied),
        items: quote
            .lines
            .into_iter()
            .map(|line| CheckoutItem {
                amount: line.pay_what_you_want.then_some(line.unit_price.amount),
                product: line.product,
                variant: Some(line.variant),
                quantity: line.quantity,
            })
            .collect(),
    };
    let started = match (start(shop, request).await, cart) {
        // It may have changed because it was paid at this very moment.
        (Err(error), Some(cart)) if error.answer().1 == TOTAL_CHANGED => {
            return find_finished(shop, &cart, &key, true).await?.ok_or(error);
        }
        (outcome, _) => outcome?,
    };
    if !started.shows_key {
        return Ok("/cart?notice=ordered_before".to_owned());
    }
    Ok(started.checkout_url.unwrap_or_else(|| format!("/orders/{}?key={}", started.public_id, started.access_key)))
}

/// Applies a code to the cart before anything is paid; an empty one is taken away.
#[server(prefix = "/_fn", endpoint = "apply_promotion")]
pub async fn apply_promotion(promotion_code: String) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    let applied = async {
        let token = request::cart_token(&shop).ok_or(shop::refusals::CART_EMPTY)?;
        shop::carts::set_promotion_code(&shop, &token, &promotion_code).await?;
        Ok("/cart".to_owned())
    };
    let typed: String = promotion_code.trim().chars().take(60).collect();
    request::finish(applied.await, &with_query("/cart", &[("code", &typed)]))
}

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
                    Ok(ShownCart { quote, .. }) if quote.is_empty() => view! { <Title text=title/> <EmptyCart gone=quote.gone unpriced=quote.unpriced is_added/> }.into_any(),
                    Ok(_) if is_added => {
                        crate::layout::request::lead_to("/cart");
                        ().into_any()
                    }
                    Ok(cart) => view! { <Title text=title/> <FilledCart cart/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn EmptyCart(gone: Vec<String>, unpriced: Vec<String>, is_added: bool) -> impl IntoView {
    let (text, label) = if is_added {
        (
            "Your browser did not keep the cart: it is found by a cookie, and cookies are blocked here. Allow them for this shop, then add the product again.",
            "Back to the goods",
        )
    } else {
        ("Nothing in here yet. What you put aside waits here for thirty days.", "Browse the shop")
    };
    view! {
        <Notice/>
        <Gone titles=gone/>
        <Unpriced titles=unpriced/>
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
        let text =
            format!("Not for sale at the moment, as the shop sells in another currency now, and not charged: {}.", titles.join(", "));
        view! { <NoticeText text/> }
    })
}

/// What the cart costs now and cost on the page that was sent; any other notice as it is.
#[component]
fn Changed(total: Money) -> impl IntoView {
    let was = use_query_map().with_untracked(|query| {
        let currency = query.get("was_in").and_then(|code| Currency::parse(&code).ok()).unwrap_or(total.currency);
        query.get("was").and_then(|was| was.parse().ok()).map(|was| Money::new(was, currency))
    });
    match was.filter(|was| *was != total && was.amount >= 0) {
        Some(was) => {
            let text = format!("The total was {was} and is {total} now. Nothing was charged. Please look your cart over, then go on.");
            view! { <NoticeText text/> }.into_any()
        }
        None => view! { <Notice/> }.into_any(),
    }
}

#[component]
fn FilledCart(cart: ShownCart) -> impl IntoView {
    let ShownCart { quote, attempt, shown } = cart;
    let is_free = quote.total.is_zero();
    let has_parts = !quote.discount.is_zero() || !quote.tax.is_zero();
    view! {
        <Changed total=quote.total/>
        <h1>"Your cart"</h1>
        <Gone titles=quote.gone/>
        <Unpriced titles=quote.unpriced/>
        <div class="checkout">
            <section aria-label="In the cart">
                <ul class="lines">{quote.lines.into_iter().map(|line| view! { <CartLine line/> }).collect_view()}</ul>
                <p class="mt-6"><a href="/products">"Keep browsing"</a></p>
            </section>
            <section class="panel" aria-label="Checkout">
                <dl class="sums">
                    {has_parts.then(|| view! { <div><dt>"Subtotal"</dt><dd class="number">{quote.subtotal.to_string()}</dd></div> })}
                    {(!quote.discount.is_zero()).then(|| view! { <div><dt>{discount_name(quote.promotion.as_ref())}</dt><dd class="number">{format!("−{}", quote.discount)}</dd></div> })}
                    {(!quote.tax.is_zero()).then(|| view! { <div><dt>"Tax"</dt><dd class="number">{quote.tax.to_string()}</dd></div> })}
                    <div class="total"><dt>"Total"</dt><dd class="number">{quote.total.to_string()}</dd></div>
                </dl>
                <Applied code=quote.code.clone() is_refused=quote.is_code_refused promotion=quote.promotion/>
                <CheckoutFields attempt shown is_free has_code=quote.code.is_some()/>
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
        (_, true, false) if code.is_some() => Some("This takes off more than your code, so it applies instead."),
        (Some(promotion), ..) if promotion.once_per_customer => Some("Once for each customer."),
        (Some(promotion), ..) if !promotion.is_for_everything => Some("It is for some of the goods in your cart."),
        (None, ..) if code.is_some() && !is_refused => Some("Your code takes nothing off what is in the cart, and is not used up by it."),
        _ => None,
    };
    view! {
        {note.map(|note| view! { <p class="help">{note}</p> })}
        {code.map(|code| view! {
            <form class="applied" method="post" action=ApplyPromotion::PATH>
                <input type="hidden" name="promotion_code" value=""/>
                <span>"Code "<span class="mono">{code.clone()}</span></span>
                <button class="link-button" type="submit" aria-label=format!("Remove the code {code}")>"Remove"</button>
                {is_refused.then(|| view! { <p class="error" role="alert">{notices::text("promotion_invalid")}</p> })}
            </form>
        })}
    }
}

#[component]
fn CartLine(line: QuoteLine) -> impl IntoView {
    let name = format!("{}, {}", line.title, line.variant_name);
    view! {
        <li class="line">
            <div class="line-cover"><Cover picture=line.cover kind=Kind::Other title=String::new() is_decoration=true/></div>
            <div>
                <a class="line-title" href=format!("/products/{}", line.product)>{line.title}</a>
                <p class="quiet text-sm">{line.variant_name}</p>
                {(!line.includes.is_empty()).then(|| view! { <p class="quiet text-sm">"With "{line.includes.join(", ")}</p> })}
                <p class="quiet text-sm number">{(line.quantity > 1).then(|| format!("{} each", line.unit_price))}</p>
            </div>
            <strong class="number">{line.line_total.to_string()}</strong>
            <div class="line-controls">
                {line.pay_what_you_want.then(|| view! {
                    <form method="post" action=SetCartPrice::PATH>
                        <input type="hidden" name="product" value=line.product.clone()/>
                        <input type="hidden" name="variant" value=line.variant.clone()/>
                        <input class="input" name="price" inputmode="decimal" maxlength="20" required value=line.unit_price.decimal() aria-label=format!("Your price in {} for {name}", line.unit_price.currency)/>
                        <button class="link-button" type="submit" aria-label=format!("Set your price for {name}")>"Set price"</button>
                    </form>
                })}
                // Nobody needs two copies of what costs nothing.
                {(!line.unit_price.is_zero()).then(|| view! {
                    <form method="post" action=SetCartQuantity::PATH>
                        <input type="hidden" name="product" value=line.product.clone()/>
                        <input type="hidden" name="variant" value=line.variant.clone()/>
                        <input class="input" name="quantity" type="number" min="1" max="99" required value=line.quantity aria-label=format!("Quantity of {name}")/>
                        <button class="link-button" type="submit" aria-label=format!("Update the quantity of {name}")>"Update"</button>
                    </form>
                })}
                <form method="post" action=SetCartQuantity::PATH>
                    <input type="hidden" name="product" value=line.product/>
                    <input type="hidden" name="variant" value=line.variant/>
                    <input type="hidden" name="quantity" value="0"/>
                    <button class="link-button" type="submit" aria-label=format!("Remove {name}")>"Remove"</button>
                </form>
            </div>
        </li>
    }
}
