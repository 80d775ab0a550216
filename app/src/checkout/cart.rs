//! The cart: lines, sums, and one button.

use crate::components::{Cover, Icon, IconName, Notice};
use crate::error::AppError;
use domain::cart::{Quote, QuoteLine};
use domain::catalog::Kind;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};

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

#[server(prefix = "/_fn", endpoint = "add_to_cart")]
pub async fn add_to_cart(product: String, variant: Option<String>, quantity: i64) -> Result<(), AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    match shop::carts::add(&shop, request::cart_token(&shop), &product, variant.as_deref().filter(|key| !key.is_empty()), quantity).await {
        Ok(token) => {
            let quote = shop::carts::quote(&shop, Some(&token)).await?;
            request::remember_cart(&shop, &token, quote.n_pieces());
            request::redirect("/cart");
        }
        Err(error) => request::redirect_with_notice("/cart", &AppError::from(error).code),
    }
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "set_cart_quantity")]
pub async fn set_cart_quantity(product: String, variant: String, quantity: i64) -> Result<(), AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let Some(token) = request::cart_token(&shop) else {
        request::redirect("/cart");
        return Ok(());
    };
    match shop::carts::set_quantity(&shop, &token, &product, &variant, quantity).await {
        Ok(()) => request::redirect("/cart"),
        Err(error) => request::redirect_with_notice("/cart", &AppError::from(error).code),
    }
    Ok(())
}

/// From the cart to the payment page. The attempt's name makes a double click one order.
#[server(prefix = "/_fn", endpoint = "start_checkout")]
pub async fn start_checkout(email: String, attempt: String, promotion_code: Option<String>) -> Result<(), AppError> {
    use crate::layout::request;
    use shop::checkout::{CheckoutItem, StartCheckout};
    let shop = request::shop()?;
    let token = request::cart_token(&shop);
    let quote = shop::carts::quote(&shop, token.as_ref()).await?;
    let items = quote
        .lines
        .into_iter()
        .map(|line| CheckoutItem { product: line.product, variant: Some(line.variant), quantity: line.quantity })
        .collect();
    let wish = StartCheckout { items, email, promotion_code, idempotency_key: Some(format!("page:{attempt}")), cart: token };
    match shop::checkout::start(&shop, wish).await {
        Ok(started) => match started.checkout_url {
            Some(url) => request::redirect(&url),
            None => request::redirect(&format!("/orders/{}?key={}", started.public_id, started.access_key)),
        },
        Err(error) => request::redirect_with_notice("/cart", &AppError::from(error).code),
    }
    Ok(())
}

#[component]
pub fn CartPage() -> impl IntoView {
    view! {
        <Title text="Cart"/>
        <Meta name="robots" content="noindex"/>
        <h1 class="mb-6">"Cart"</h1>
        <Notice/>
        <Suspense>
            {Suspend::new(async move {
                match get_quote().await {
                    Ok((quote, _)) if quote.is_empty() => view! { <EmptyCart gone=quote.gone/> }.into_any(),
                    Ok((quote, attempt)) => view! { <FilledCart quote attempt/> }.into_any(),
                    Err(error) => view! { <p class="notice">{error.message}</p> }.into_any(),
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
            <h2>"Nothing in here yet"</h2>
            <p>"What you put aside waits here for thirty days."</p>
            <a class="button" href="/products">"Browse the shop"</a>
        </div>
    }
}

#[component]
fn Gone(titles: Vec<String>) -> impl IntoView {
    (!titles.is_empty())
        .then(|| view! { <p class="notice" role="status">{format!("No longer on sale, and not charged: {}.", titles.join(", "))}</p> })
}

#[component]
fn FilledCart(quote: Quote, attempt: String) -> impl IntoView {
    let is_free = quote.total.is_zero();
    let total = quote.total.to_string();
    view! {
        <Gone titles=quote.gone/>
        <div class="checkout">
            <section aria-label="In the cart">
                <ul>{quote.lines.into_iter().map(|line| view! { <CartLine line/> }).collect_view()}</ul>
            </section>
            <section aria-label="Checkout">
                <dl class="sums">
                    <div><dt>"Subtotal"</dt><dd class="number">{quote.subtotal.to_string()}</dd></div>
                    <div class="total"><dt>"Total"</dt><dd class="number">{total.clone()}</dd></div>
                </dl>
                <form class="stack" method="post" action=StartCheckout::PATH>
                    <input type="hidden" name="attempt" value=attempt/>
                    <div class="field">
                        <label for="email">"E-mail"</label>
                        <input class="input" id="email" name="email" type="email" autocomplete="email" required aria-describedby="email-help"/>
                        <p class="help" id="email-help">"Your order is sent there. No account needed."</p>
                    </div>
                    {(!is_free).then(|| view! {
                        <details>
                            <summary class="label">"Promotion code"</summary>
                            <div class="field mt-2">
                                <label class="sr-only" for="promotion_code">"Promotion code"</label>
                                <input class="input" id="promotion_code" name="promotion_code" autocomplete="off" maxlength="60"/>
                                <p class="help">"It is taken off on the payment page."</p>
                            </div>
                        </details>
                    })}
                    <button class="button wide" type="submit">
                        {if is_free { view! { "Get it now" }.into_any() } else { view! { <Icon name=IconName::Lock/> "Continue to payment" }.into_any() }}
                    </button>
                    <p class="help">{if is_free { "Nothing to pay." } else { "You pay on Stripe's page and come back here for your files." }}</p>
                </form>
            </section>
        </div>
    }
}

#[component]
fn CartLine(line: QuoteLine) -> impl IntoView {
    let id = format!("quantity-{}-{}", line.product, line.variant);
    let name = format!("{}, {}", line.title, line.variant_name);
    view! {
        <li class="line">
            <Cover picture=line.cover kind=Kind::Other title=String::new() is_decoration=true/>
            <div>
                <a class="no-underline hover:underline" href=format!("/products/{}", line.product)><strong>{line.title}</strong></a>
                <div class="quiet text-sm">{line.variant_name}" · "<span class="number">{line.unit_price.to_string()}</span></div>
            </div>
            <strong class="number">{line.line_total.to_string()}</strong>
            <div class="line-controls">
                <form method="post" action=SetCartQuantity::PATH>
                    <input type="hidden" name="product" value=line.product.clone()/>
                    <input type="hidden" name="variant" value=line.variant.clone()/>
                    <label class="sr-only" for=id.clone()>{format!("Quantity of {name}")}</label>
                    <input class="input" id=id name="quantity" type="number" min="1" max="99" value=line.quantity/>
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
