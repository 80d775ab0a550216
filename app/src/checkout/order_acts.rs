//! What opens an order, and what the forms of its page do.

use crate::error::AppError;
use crate::layout::request;
use domain::order::OrderView;
use domain::word::Word;
use leptos::prelude::*;

#[server(prefix = "/_fn", endpoint = "get_order")]
pub async fn get_order(id: String, key: String) -> Result<OrderView, AppError> {
    let shop = request::shop()?;
    let order = match request::is_customer().await? {
        true => shop::orders::look(&shop, &id, &key).await,
        false => shop::orders::load(&shop, &id, &key).await,
    };
    let order = match order {
        Err(shop::Error::NotFound) if shop::jobs::waits_for_goods(&shop, &id).await? => {
            request::set_status(503);
            return Err(AppError::new(GOODS_LOST, "The payment of this order has arrived. The shop is being restored."));
        }
        loaded => loaded?,
    };
    // A paid order has emptied the cart that it came from.
    request::remember_count(&shop, shop::checkout::carts::n_pieces(&shop, request::cart_token(&shop).as_ref()).await?);
    Ok(order)
}

/// The word for where the order stands.
#[server(prefix = "/_fn", endpoint = "get_order_status")]
pub async fn get_order_status(id: String, key: String) -> Result<String, AppError> {
    Ok(shop::orders::load(&request::shop()?, &id, &key).await?.status.as_str().to_owned())
}

/// The page of an order, made of nothing that could mean something else in a URL; without the key where a cookie has it.
pub fn order_path(id: &str, key: &str, has_cookie: bool) -> String {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let page = format!("/orders/{}", plain(id));
    if has_cookie { page } else { format!("{page}?key={}", plain(key)) }
}

/// What opens the order that a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    pub key: String,
    /// The page was opened by a cookie, and its address has no key.
    pub has_cookie: bool,
}

/// What a form of an order's page says of the order. Cookies of the page don't reach what forms are sent to.
#[component]
pub fn PassFields(id: String, pass: Pass) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=id/>
        <input type="hidden" name="key" value=pass.key/>
        {pass.has_cookie.then(|| view! { <input type="hidden" name="has_cookie" value="true"/> })}
    }
}

/// Makes a link to a file and goes there.
#[server(prefix = "/_fn", endpoint = "mint_download")]
pub async fn mint_download(id: String, key: String, file_id: String, #[server(default)] has_cookie: bool) -> Result<String, AppError> {
    let link = shop::fulfillment::downloads::mint(&request::shop()?, &id, &key, &file_id).await;
    request::finish(link.map(|link| link.url), &order_path(&id, &key, has_cookie))
}

/// Mails the order again.
#[server(prefix = "/_fn", endpoint = "resend_order")]
pub async fn resend_order(id: String, key: String, #[server(default)] has_cookie: bool) -> Result<String, AppError> {
    let page = order_path(&id, &key, has_cookie);
    let resent = shop::orders::resend(&request::shop()?, &id, &key).await;
    request::finish(resent.map(|()| request::with_notice(&page, "resent")), &page)
}

/// Goes to a payment page for an order that is not paid yet.
#[server(prefix = "/_fn", endpoint = "pay_again")]
pub async fn pay_again(id: String, key: String, #[server(default)] has_cookie: bool) -> Result<String, AppError> {
    let page = order_path(&id, &key, has_cookie);
    let started = shop::checkout::resume(&request::shop()?, &id, &key).await;
    request::finish(started.map(|started| started.checkout_url.unwrap_or_else(|| page.clone())), &page)
}

/// The code of an order that is paid and can't be shown, as the shop has lost what was sold.
pub const GOODS_LOST: &str = "goods_lost";
