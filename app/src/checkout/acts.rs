//! What the forms of the cart do, on to the payment page.

use crate::error::AppError;
use crate::islands::shown::{TOTAL_CHANGED, shown_total};
use crate::layout::{request, with_query};
use domain::cart::Quote;
use leptos::prelude::*;
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
    let shop = request::shop()?;
    let token = request::cart_token(&shop);
    let quote = shop::checkout::carts::quote(&shop, token.as_ref()).await?;
    request::remember_count(&shop, quote.n_pieces());
    Ok(ShownCart { attempt: shop::base::secret::token_text(&shop::chance::<15>()), shown: shown(&quote), quote })
}

/// What a page says that a cart costs: the total in minor units, and a hash over everything that makes it up. The form sends it
/// along, so that nobody pays for something else than they saw.
fn shown(quote: &Quote) -> String {
    let mut text = quote.total.to_string();
    for line in &quote.lines {
        text.push_str(&format!("\n{} {} {} {}", line.product, line.variant, line.quantity, line.unit_price));
    }
    let hash = shop::base::secret::token_text(&shop::base::secret::sha256(text.as_bytes())[..10]);
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
    use shop::checkout::carts::Wanted;
    let shop = request::shop()?;
    let variant = variant.as_deref().filter(|key| !key.is_empty());
    let price = variant.and_then(|key| prices.get(key)).map_or("", String::as_str);
    let add = async {
        let wanted = Wanted { product: &product, variant, quantity: shop::checkout::carts::pieces(&quantity), price };
        let token = shop::checkout::carts::add_for(&shop, request::cart_token(&shop), wanted, request::visitor().as_ref()).await?;
        let quote = shop::checkout::carts::quote(&shop, Some(&token)).await?;
        request::remember_cart(&shop, &token, quote.n_pieces());
        // Whether the browser keeps the cookie is seen when the next page is asked for.
        Ok(if request::has_cookies() { "/cart" } else { "/cart?added=1" }.to_owned())
    };
    let added: shop::Result<String> = add.await;
    // A price is named again where it was named, with what was typed.
    let is_about_price = added.as_ref().is_err_and(|error| error.field() == Some("price"));
    let is_coming = added.as_ref().is_err_and(|error| error.answer().1 == "nothing_to_deliver");
    let page = if is_about_price {
        let typed: String = price.chars().take(20).collect();
        let variant = variant.unwrap_or_default();
        format!("{}#price-{variant}", with_query(&format!("/products/{product}"), &[("variant", variant), ("price", &typed)]))
    } else if is_coming {
        format!("/products/{product}")
    } else {
        "/cart".to_owned()
    };
    request::finish(added, &page)
}

/// Keeps all that was typed on the cart's page, and takes a line out of it. Fields of lines are named by `product/variant`.
#[server(prefix = "/_fn", endpoint = "change_cart")]
pub async fn change_cart(
    #[server(default)] email: Option<String>,
    #[server(default)] quantities: HashMap<String, String>,
    #[server(default)] prices: HashMap<String, String>,
    #[server(default)] remove: String,
) -> Result<String, AppError> {
    use shop::checkout::carts;
    let shop = request::shop()?;
    // A cart that is gone has nothing to change; its page says so.
    let Some(token) = request::cart_token(&shop) else { return request::finish(Ok("/cart".to_owned()), "/cart") };
    let taken_out = async {
        if let Some((product, variant)) = remove.split_once('/') {
            carts::set_quantity(&shop, &token, product, variant, 0).await?;
        }
        carts::quote(&shop, Some(&token)).await
    };
    let quote = match taken_out.await {
        Ok(quote) => quote,
        Err(error) => return request::finish(Err(error), "/cart"),
    };
    match carts::keep_typed(&shop, &token, &quote, &carts::Typed { email, quantities, prices }).await {
        Ok(_) => request::finish(Ok("/cart".to_owned()), "/cart"),
        Err(refused) => finish_refused(refused),
    }
}

/// Back to the cart, with what was typed for the line that it is about.
fn finish_refused(refused: shop::checkout::carts::RefusedChange) -> Result<String, AppError> {
    let page = line_page(&refused.line, &refused.typed);
    request::finish(Err(refused.why), &page)
}

/// Sets how many pieces of a tier are in the cart; 0 takes it out.
#[server(prefix = "/_fn", endpoint = "set_cart_quantity")]
pub async fn set_cart_quantity(product: String, variant: String, quantity: String) -> Result<String, AppError> {
    let shop = request::shop()?;
    let set = async {
        if let Some(token) = request::cart_token(&shop) {
            shop::checkout::carts::set_quantity(&shop, &token, &product, &variant, shop::checkout::carts::pieces(&quantity)).await?;
        }
        Ok("/cart".to_owned())
    };
    request::finish(set.await, &line_page(&format!("{product}/{variant}"), &quantity))
}

/// The cart, with what was typed for one of its lines.
fn line_page(line: &str, typed: &str) -> String {
    let typed: String = typed.chars().take(20).collect();
    with_query("/cart", &[("line", line), ("typed", &typed)])
}

/// Sets what a piece in the cart is to cost, where the customer names it.
#[server(prefix = "/_fn", endpoint = "set_cart_price")]
pub async fn set_cart_price(product: String, variant: String, price: String) -> Result<String, AppError> {
    let shop = request::shop()?;
    let set = async {
        if let Some(token) = request::cart_token(&shop) {
            shop::checkout::carts::set_price(&shop, &token, &product, &variant, &price).await?;
        }
        Ok("/cart".to_owned())
    };
    request::finish(set.await, &line_page(&format!("{product}/{variant}"), &price))
}

/// From the cart to the payment page, or to the order when nothing is due. The attempt's name makes a double click one order.
/// `shown` is what the page said that the cart costs; a page that is older than this field doesn't send it. Another quantity or price
/// that was typed, and a code where `enter` tells that the enter key sent it, are shown in the cart before anybody pays.
#[server(prefix = "/_fn", endpoint = "start_checkout")]
pub async fn start_checkout(
    email: String,
    attempt: String,
    promotion_code: Option<String>,
    #[server(default)] shown: Option<String>,
    #[server(default)] enter: Option<String>,
    #[server(default)] quantities: HashMap<String, String>,
    #[server(default)] prices: HashMap<String, String>,
) -> Result<String, AppError> {
    use shop::checkout::carts;
    let shop = request::shop()?;
    let cart = request::cart_token(&shop);
    let quote = match carts::quote(&shop, cart.as_ref()).await {
        Ok(quote) => quote,
        Err(error) => return request::finish(Err(error), "/cart"),
    };
    if let Some(token) = &cart {
        match carts::keep_typed(&shop, token, &quote, &carts::Typed { email: Some(email.clone()), quantities, prices }).await {
            Ok(false) => {}
            Ok(true) => {
                // A code that was typed beside it waits in its field.
                let code: String = promotion_code.as_deref().unwrap_or_default().trim().chars().take(60).collect();
                let page = with_query("/cart", &[("was", &quote.total.amount.to_string()), ("code", &code)]);
                return request::finish(Ok(page), "/cart");
            }
            Err(refused) => return finish_refused(refused),
        }
    }
    if let Some(code) = promotion_code.as_deref().filter(|code| enter.is_some() && !code.trim().is_empty()) {
        return apply(&shop, code).await;
    }
    let was = shown.as_deref().and_then(shown_total);
    let url = check_out(&shop, cart, quote, StartForm { email, attempt, promotion_code, seen: shown }).await;
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

/// What somebody sends who wants to buy their cart.
struct StartForm {
    email: String,
    attempt: String,
    promotion_code: Option<String>,
    seen: Option<String>,
}

async fn check_out(
    shop: &shop::Shop,
    cart: Option<shop::checkout::carts::CartToken>,
    quote: Quote,
    form: StartForm,
) -> shop::Result<String> {
    use domain::tier::TierRef;
    use shop::checkout::{CheckoutItem, ShownTotal, StartCheckout, find_finished, start};
    let StartForm { email, attempt, promotion_code, seen } = form;
    let key = format!("page:{attempt}");
    // A tab that was left open while its cart was paid leads to the order.
    if let Some(cart) = &cart
        && let Some(order) = find_finished(shop, cart, &key, quote.is_empty()).await?
    {
        return Ok(order);
    }
    if seen.as_ref().is_some_and(|seen| *seen != shown(&quote)) {
        return Err(shop::base::refusals::CART_CHANGED.into());
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
                tier: TierRef { product: line.product, variant: Some(line.variant) },
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

/// Applies a code to the cart before anything is paid; an empty one is taken away. The address beside it is kept.
#[server(prefix = "/_fn", endpoint = "apply_promotion")]
pub async fn apply_promotion(promotion_code: String, #[server(default)] email: Option<String>) -> Result<String, AppError> {
    use shop::checkout::carts;
    let shop = request::shop()?;
    if let Some(token) = request::cart_token(&shop).filter(|_| email.is_some()) {
        let kept = async {
            let quote = carts::quote(&shop, Some(&token)).await?;
            let typed = carts::Typed { email, ..Default::default() };
            carts::keep_typed(&shop, &token, &quote, &typed).await.map_err(|refused| refused.why)
        };
        if let Err(error) = kept.await {
            return request::finish(Err(error), "/cart");
        }
    }
    apply(&shop, &promotion_code).await
}

async fn apply(shop: &shop::Shop, code: &str) -> Result<String, AppError> {
    let applied = async {
        let token = request::cart_token(shop).ok_or(shop::base::refusals::CART_EMPTY)?;
        shop::checkout::carts::set_promotion_code(shop, &token, code).await?;
        Ok("/cart".to_owned())
    };
    let typed: String = code.trim().chars().take(60).collect();
    request::finish(applied.await, &with_query("/cart", &[("code", &typed)]))
}
