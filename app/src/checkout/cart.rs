//! The cart: lines, sums, and one button.

use super::form::CheckoutFields;
use crate::components::{Cover, Notice, NoticeText};
use crate::error::{AppError, notice_text};
use crate::layout::{Trouble, load_store, page_title};
use domain::cart::{Quote, QuoteLine};
use domain::catalog::Kind;
use domain::promotion::AppliedPromotion;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use std::collections::HashMap;

/// The cart as it costs now, and a name for this attempt to buy it.
#[server(prefix = "/_fn", endpoint = "get_quote")]
pub async fn get_quote() -> Result<(Quote, String), AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let token = request::cart_token(&shop);
    let quote = shop::carts::quote(&shop, token.as_ref()).await?;
    request::remember_count(&shop, quote.n_pieces());
    Ok((quote, shop::secret::token_text(&shop::chance::<15>())))
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
        Ok("/cart".to_owned())
    };
    let added: shop::Result<String> = add.await;
    // A price is named again where it was named, with what was typed.
    let is_about_price = added.as_ref().is_err_and(|error| error.answer().1.starts_with(crate::storefront::tiers::OWN_PRICE));
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
#[cfg(feature = "ssr")]
fn pieces(text: &str) -> i64 {
    text.trim().parse().unwrap_or(-1)
}

/// From the cart to the payment page, or to the order when nothing is due. The attempt's name makes a double click one order.
#[server(prefix = "/_fn", endpoint = "start_checkout")]
pub async fn start_checkout(email: String, attempt: String, promotion_code: Option<String>) -> Result<String, AppError> {
    use crate::layout::request;
    use shop::checkout::{CheckoutItem, StartCheckout};
    let shop = request::shop()?;
    let start = async {
        let token = request::cart_token(&shop);
        let quote = shop::carts::quote(&shop, token.as_ref()).await?;
        // What the cart shows to be applied goes along; a code that does not work stays where it is told.
        let applied = quote.code.filter(|_| !quote.is_code_refused);
        let items = quote
            .lines
            .into_iter()
            .map(|line| CheckoutItem {
                amount: line.pay_what_you_want.then_some(line.unit_price.amount),
                product: line.product,
                variant: Some(line.variant),
                quantity: line.quantity,
            })
            .collect();
        let promotion_code = promotion_code.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty()).or(applied);
        let wish = StartCheckout { items, email, promotion_code, idempotency_key: Some(format!("page:{attempt}")), cart: token };
        let started = shop::checkout::start(&shop, wish).await?;
        Ok(started.checkout_url.unwrap_or_else(|| format!("/orders/{}?key={}", started.public_id, started.access_key)))
    };
    request::finish(start.await, "/cart")
}

/// Applies a code to the cart before anything is paid; an empty one is taken away.
#[server(prefix = "/_fn", endpoint = "apply_promotion")]
pub async fn apply_promotion(promotion_code: String) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    let applied = async {
        let token = request::cart_token(&shop).ok_or_else(|| shop::Error::refused("cart_empty", "Your cart is empty."))?;
        shop::carts::set_promotion_code(&shop, &token, &promotion_code).await?;
        Ok("/cart".to_owned())
    };
    let typed: String = promotion_code.trim().chars().take(60).collect();
    request::finish(applied.await, &with_query("/cart", &[("code", &typed)]))
}

#[component]
pub fn CartPage() -> impl IntoView {
    view! {
        <Meta name="robots" content="noindex"/>
        <Notice/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                let title = page_title("Cart", &store);
                match get_quote().await {
                    Ok((quote, _)) if quote.is_empty() => view! { <Title text=title/> <EmptyCart gone=quote.gone/> }.into_any(),
                    Ok((quote, attempt)) => view! { <Title text=title/> <FilledCart quote attempt/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn EmptyCart(gone: Vec<String>) -> impl IntoView {
    view! {
        <Gone titles=gone/>
        <div class="empty">
            <h1>"Your cart"</h1>
            <p>"Nothing in here yet. What you put aside waits here for thirty days."</p>
            <a class="button" href="/products">"Browse the shop"</a>
        </div>
    }
}

#[component]
fn Gone(titles: Vec<String>) -> impl IntoView {
    (!titles.is_empty()).then(|| view! { <NoticeText text=format!("No longer on sale, and not charged: {}.", titles.join(", "))/> })
}

#[component]
fn FilledCart(quote: Quote, attempt: String) -> impl IntoView {
    let is_free = quote.total.is_zero();
    let has_parts = !quote.discount.is_zero() || !quote.tax.is_zero();
    view! {
        <h1>"Your cart"</h1>
        <Gone titles=quote.gone/>
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
                <CheckoutFields attempt is_free has_code=quote.code.is_some()/>
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
        _ => None,
    };
    view! {
        {note.map(|note| view! { <p class="help">{note}</p> })}
        {code.map(|code| view! {
            <form class="applied" method="post" action=ApplyPromotion::PATH>
                <input type="hidden" name="promotion_code" value=""/>
                <span>"Code "<span class="mono">{code.clone()}</span></span>
                <button class="link-button" type="submit" aria-label=format!("Remove the code {code}")>"Remove"</button>
                {is_refused.then(|| view! { <p class="error" role="alert">{notice_text("promotion_invalid")}</p> })}
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
                <form method="post" action=SetCartQuantity::PATH>
                    <input type="hidden" name="product" value=line.product.clone()/>
                    <input type="hidden" name="variant" value=line.variant.clone()/>
                    <input class="input" name="quantity" type="number" min="1" max="99" required value=line.quantity aria-label=format!("Quantity of {name}")/>
                    <button class="link-button" type="submit" aria-label=format!("Update the quantity of {name}")>"Update"</button>
                </form>
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
