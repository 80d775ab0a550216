//! The order: thanks, downloads, keys, receipt. Opened by a capability in its URL.

use super::copy::CopyButton;
use super::watch::OrderWatch;
use crate::components::{Icon, IconName, Notice};
use crate::error::AppError;
use crate::layout::NotFound;
use domain::catalog::human_size;
use domain::order::{OrderLine, OrderStatus, OrderView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};

#[server(prefix = "/_fn", endpoint = "get_order")]
pub async fn get_order(id: String, key: String) -> Result<OrderView, AppError> {
    Ok(shop::orders::load(&crate::layout::request::shop()?, &id, &key).await?)
}

/// The word for where the order stands.
#[server(prefix = "/_fn", endpoint = "get_order_status")]
pub async fn get_order_status(id: String, key: String) -> Result<String, AppError> {
    Ok(shop::orders::load(&crate::layout::request::shop()?, &id, &key).await?.status.as_str().to_owned())
}

#[cfg(feature = "ssr")]
fn order_path(id: &str, key: &str) -> String {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    format!("/orders/{}?key={}", plain(id), plain(key))
}

#[server(prefix = "/_fn", endpoint = "mint_download")]
pub async fn mint_download(id: String, key: String, file_id: String) -> Result<(), AppError> {
    use crate::layout::request;
    match shop::downloads::mint(&request::shop()?, &id, &key, &file_id).await {
        Ok(link) => request::redirect(&link.url),
        Err(error) => request::redirect_with_notice(&order_path(&id, &key), &AppError::from(error).code),
    }
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "resend_order")]
pub async fn resend_order(id: String, key: String) -> Result<(), AppError> {
    use crate::layout::request;
    let code = match shop::orders::resend(&request::shop()?, &id, &key).await {
        Ok(()) => "resent".to_owned(),
        Err(error) => AppError::from(error).code,
    };
    request::redirect_with_notice(&order_path(&id, &key), &code);
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "pay_again")]
pub async fn pay_again(id: String, key: String) -> Result<(), AppError> {
    use crate::layout::request;
    match shop::checkout::resume(&request::shop()?, &id, &key).await {
        Ok(started) => request::redirect(&started.checkout_url.unwrap_or_else(|| order_path(&id, &key))),
        Err(error) => request::redirect_with_notice(&order_path(&id, &key), &AppError::from(error).code),
    }
    Ok(())
}

#[component]
pub fn OrderPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    let key = use_query_map().with_untracked(|query| query.get("key").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {
                let (id, key) = (id.clone(), key.clone());
                Suspend::new(async move {
                    match get_order(id, key.clone()).await {
                        Ok(order) => view! { <Order order key/> }.into_any(),
                        Err(error) if error.is_not_found() => view! { <NotFound/> }.into_any(),
                        Err(error) => view! { <p class="notice">{error.message}</p> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

#[component]
fn Order(order: OrderView, key: String) -> impl IntoView {
    let title = format!("Order {}", order.number);
    view! {
        <Title text=title/>
        <div class="order">
            <Notice/>
            {match order.status {
                OrderStatus::Paid | OrderStatus::PartiallyRefunded => view! { <Ready order key/> }.into_any(),
                OrderStatus::Pending | OrderStatus::Processing => view! { <Waiting order key/> }.into_any(),
                OrderStatus::Failed | OrderStatus::Expired => view! { <Unpaid order key/> }.into_any(),
                OrderStatus::Refunded => view! { <Closed order title="This order was refunded" text="The money is on its way back to your card, and the files are no longer available."/> }.into_any(),
                OrderStatus::Disputed => view! { <Closed order title="This order is on hold" text="Its payment is being clarified with the bank. Access returns by itself when that is done."/> }.into_any(),
                OrderStatus::ChargedBack => view! { <Closed order title="This order was charged back" text="The payment was returned by the bank, so the files are no longer available."/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Ready(order: OrderView, key: String) -> impl IntoView {
    let licenses: Vec<_> =
        order.items.iter().flat_map(|item| item.licenses.iter().map(|license| (item.title.clone(), license.clone()))).collect();
    view! {
        <header>
            <h1>"Thank you. Here is your order."</h1>
            <p class="quiet mt-2">"Order "{order.number.clone()}" · sent to "{order.email.clone()}</p>
        </header>
        {order.items.iter().map(|item| view! { <Downloads item=item.clone() id=order.id.clone() key=key.clone()/> }).collect_view()}
        {(!licenses.is_empty()).then(|| view! {
            <section>
                <h2>"License keys"</h2>
                {licenses.into_iter().map(|(title, license)| view! {
                    <p class="label mt-4 mb-2">{title}{license.activation_limit.map(|limit| format!(" · {} of {limit} devices in use", license.activation_usage))}</p>
                    <div class="key"><code>{license.key.clone()}</code><CopyButton text=license.key/></div>
                }).collect_view()}
            </section>
        })}
        <Receipt order=order.clone()/>
        <section>
            <h2>"Something missing?"</h2>
            <p class="mb-4">"The mail with this page's link may have gone astray. We can send it again."</p>
            <form method="post" action=ResendOrder::PATH>
                <input type="hidden" name="id" value=order.id/>
                <input type="hidden" name="key" value=key/>
                <button class="button plain" type="submit">"Send the mail again"</button>
            </form>
        </section>
        <p class="fineprint">"Keep this page's address to yourself: whoever has it can open the order."</p>
    }
}

#[component]
fn Downloads(item: OrderLine, id: String, key: String) -> impl IntoView {
    (!item.files.is_empty()).then(|| view! {
        <section>
            <h2>{item.title.clone()}</h2>
            <p class="quiet mb-4">{item.variant_name.clone()}" · "{item.terms.label()}</p>
            {item.files.iter().map(|file| view! {
                <form class="download" method="post" action=MintDownload::PATH>
                    <input type="hidden" name="id" value=id.clone()/>
                    <input type="hidden" name="key" value=key.clone()/>
                    <input type="hidden" name="file_id" value=file.id.clone()/>
                    <div>
                        <div class="file-name">{file.name.clone()}</div>
                        <div class="quiet text-sm number">{human_size(file.size_bytes)}" · "{left(file.downloads_left)}</div>
                    </div>
                    {(file.downloads_left > 0).then(|| view! {
                        <button class="button" type="submit" aria-label=format!("Download {}", file.name)><Icon name=IconName::Download/>"Download"</button>
                    })}
                </form>
            }).collect_view()}
        </section>
    })
}

fn left(n: i64) -> String {
    match n {
        0 => "no downloads left".to_owned(),
        1 => "1 download left".to_owned(),
        n => format!("{n} downloads left"),
    }
}

#[component]
fn Receipt(order: OrderView) -> impl IntoView {
    view! {
        <section>
            <h2>"Receipt"</h2>
            <ul class="rows">
                {order.items.iter().map(|item| view! {
                    <li>
                        <span>{item.title.clone()}", "{item.variant_name.clone()}{(item.quantity > 1).then(|| format!(" × {}", item.quantity))}</span>
                        <span class="number">{item.line_total.to_string()}</span>
                    </li>
                }).collect_view()}
                {(order.amount_discount > 0).then(|| view! { <li><span>"Discount"</span><span class="number">"−"{order.money(order.amount_discount).to_string()}</span></li> })}
                {(order.amount_refunded > 0).then(|| view! { <li><span>"Refunded"</span><span class="number">"−"{order.money(order.amount_refunded).to_string()}</span></li> })}
                <li><strong>"Total"</strong><strong class="number">{order.money(order.amount_total).to_string()}</strong></li>
            </ul>
        </section>
    }
}

#[component]
fn Waiting(order: OrderView, key: String) -> impl IntoView {
    let is_processing = order.status == OrderStatus::Processing;
    view! {
        <noscript><meta http-equiv="refresh" content="4"/></noscript>
        <header><h1>"Payment is being confirmed"</h1></header>
        <div class="waiting" role="status">
            <span class="pulse" aria-hidden="true"></span>
            <div>
                <p>{if is_processing {
                    "Your bank takes its time with this kind of payment: up to a few days. We write to you as soon as it is through."
                } else {
                    "This takes a few seconds as a rule. The page turns into your downloads by itself."
                }}</p>
                <p class="quiet mt-2">"Order "{order.number.clone()}". You can close this page: a mail to "{order.email.clone()}" brings you back."</p>
            </div>
        </div>
        {order.checkout_url.clone().map(|url| view! { <p class="mt-6">"Not paid yet? "<a href=url>"Open the payment page"</a>"."</p> })}
        <OrderWatch id=order.id.clone() key status=order.status.as_str().to_owned()/>
        <Receipt order/>
    }
}

#[component]
fn Unpaid(order: OrderView, key: String) -> impl IntoView {
    let text = if order.status == OrderStatus::Failed {
        "The bank refused the payment. Nothing was charged."
    } else {
        "The payment page was closed before anything was paid. Nothing was charged."
    };
    view! {
        <header>
            <h1>"This order is not paid"</h1>
            <p class="quiet mt-2">{text}" Order "{order.number.clone()}"."</p>
        </header>
        <form method="post" action=PayAgain::PATH>
            <input type="hidden" name="id" value=order.id.clone()/>
            <input type="hidden" name="key" value=key/>
            <button class="button" type="submit">{format!("Pay {}", order.money(order.amount_total))}</button>
        </form>
        <Receipt order/>
    }
}

#[component]
fn Closed(order: OrderView, title: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <header>
            <h1>{title}</h1>
            <p class="quiet mt-2">{text}" Order "{order.number.clone()}"."</p>
        </header>
        <Receipt order/>
    }
}
