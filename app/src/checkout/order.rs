//! The order: thanks, downloads, keys, receipt. Opened by a capability in its URL, or in a cookie that the browser got for it.

use super::find::FIND_ORDER;
use super::ready::Ready;
use super::receipt::Receipt;
use crate::checkout::order_acts::{GOODS_LOST, GetOrderStatus, Pass, PassFields, PayAgain, get_order};
use crate::components::{Day, Notice};
use crate::islands::OrderWatch;
use crate::layout::{Trouble, load_store, page_title, with_query};
use domain::order::{OrderStatus, OrderView};
use domain::pages::storefront::StoreFace;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use shop::Shop;
use shop::stores::calendar::Calendar;

/// What a customer reads whose order waits for goods that are not in the database.
#[component]
fn GoodsLost(store: StoreFace) -> impl IntoView {
    let support = store.support_email;
    view! {
        <div class="empty">
            <h1>"Your payment has arrived"</h1>
            <p>
                "The shop is being restored from a backup and does not have your purchase right now. You don't need to pay again: your \
                 order appears here once the shop is restored."
            </p>
            {support.map(|email| view! { <p>"Questions about this order? "<a href=format!("mailto:{email}")>{email.clone()}</a></p> })}
        </div>
    }
}

#[component]
pub fn OrderPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    let pass = pass(use_query_map().with_untracked(|query| query.get("key").unwrap_or_default()));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {
                let (id, pass) = (id.clone(), pass.clone());
                Suspend::new(async move {
                    let store = load_store().await;
                    match get_order(id, pass.key.clone()).await {
                        Ok(order) => view! {
                            <Title text=page_title(&format!("Order {}", order.number), &store)/><Order order pass store/>
                        }.into_any(),
                        Err(error) if error.code == GOODS_LOST => view! {
                            <Title text=page_title("Order", &store)/><GoodsLost store/>
                        }.into_any(),
                        Err(error) if error.is_not_found() => view! { <Shut store/> }.into_any(),
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

/// The key in the address counts, or else the cookie's.
fn pass(key: String) -> Pass {
    if key.is_empty() {
        return Pass { key: crate::layout::request::order_key(), has_cookie: true };
    }
    Pass { key, has_cookie: false }
}

/// The same for an order that is not there and for one that this key or browser doesn't open.
#[component]
fn Shut(store: StoreFace) -> impl IntoView {
    crate::layout::request::set_status(404);
    view! {
        <Title text=page_title("Not found", &store)/>
        <div class="empty">
            <h1>"This order doesn't open here"</h1>
            <p>"Open it with the button in your latest order email, or let us email you a new link."</p>
            <a class="button" href=FIND_ORDER>"Find your order"</a>
            {store.support_email.map(|email| view! {
                <p class="mt-4">"Questions? Write to "<a href=format!("mailto:{email}")>{email.clone()}</a></p>
            })}
        </div>
    }
}

#[component]
fn Order(order: OrderView, pass: Pass, store: StoreFace) -> impl IntoView {
    let (number, until) = (order.number.clone(), refundable_until(&order, &store));
    let questions = store.support_email.clone().map(|to| view! { <Questions to number until/> });
    view! {
        <div class="order">
            <Notice/>
            {match order.status {
                _ if order.duplicate_of.is_some() => {
                    let first = order.duplicate_of.clone().unwrap_or_default();
                    let text = format!("This cart was already paid with order {first}, and everything you bought is there. This second \
                        payment is being refunded, which takes five to ten days.");
                    view! { <Closed order store title="You paid twice" text/> }.into_any()
                }
                _ if order.is_on_hold && order.status != OrderStatus::Disputed => view! {
                    <Closed
                        order store title="Your payment is under review"
                        text="This is a routine check. Downloads and license keys appear here when it is done."
                    />
                }.into_any(),
                OrderStatus::Paid | OrderStatus::PartiallyRefunded if order.is_closed => view! {
                    <Closed
                        order store title="This order is closed"
                        text="The shop has closed access to it. Reply to your order email if you think this is wrong."
                    />
                }.into_any(),
                OrderStatus::Paid | OrderStatus::PartiallyRefunded => view! { <Ready order pass store/> }.into_any(),
                // Without a payment page nothing can be under way.
                OrderStatus::Pending if order.checkout_url.is_none() => view! { <Unpaid order pass store/> }.into_any(),
                OrderStatus::Pending | OrderStatus::Processing => view! { <Waiting order pass store/> }.into_any(),
                OrderStatus::Failed | OrderStatus::Expired => view! { <Unpaid order pass store/> }.into_any(),
                OrderStatus::Refunded => view! {
                    <Closed
                        order store title="This order was refunded"
                        text="The money goes back to your original payment method, which takes five to ten days. The files are no longer \
                            available."
                    />
                }.into_any(),
                OrderStatus::Disputed => view! {
                    <Closed
                        order store title="This order is on hold"
                        text="The payment is disputed with the bank. Access returns when the dispute is settled."
                    />
                }.into_any(),
                OrderStatus::ChargedBack => view! {
                    <Closed
                        order store title="This order was charged back"
                        text="The bank returned the payment, so the files are no longer available."
                    />
                }.into_any(),
            }}
            {questions}
        </div>
    }
}

/// Until which day the buyer may ask for the money back, by the store's own word.
fn refundable_until(order: &OrderView, store: &StoreFace) -> Option<i64> {
    let is_kept = matches!(order.status, OrderStatus::Paid | OrderStatus::PartiallyRefunded);
    let paid_at = order.paid_at.filter(|_| is_kept && order.amount_total > 0)?;
    let calendar = Calendar::named(&store.time_zone);
    let last = calendar.day_of(paid_at) + store.refund_days?;
    let now = use_context::<Shop>()?.clock.now_ms();
    (now < calendar.start_of(last + 1)).then(|| calendar.start_of(last))
}

/// How to reach the seller; a mail that is begun here names the order.
#[component]
fn Questions(to: String, number: String, until: Option<i64>) -> impl IntoView {
    let about = |what: &str| with_query(&format!("mailto:{to}"), &[("subject", &format!("Order {number}{what}"))]);
    view! {
        {until.map(|at_ms| view! {
            <p class="fineprint">
                "Not what you hoped for? "<a href=about(": refund")>"Ask for a refund"</a>" until "<Day at_ms/>"."
            </p>
        })}
        <p class="fineprint">"Questions about this order? "<a href=about("")>{to.clone()}</a></p>
    }
}

#[component]
fn Waiting(order: OrderView, pass: Pass, store: StoreFace) -> impl IntoView {
    let text = if order.status == OrderStatus::Processing {
        "This kind of payment can take a few days. We'll email you as soon as it goes through."
    } else {
        "This usually takes a few seconds. Your downloads will appear here."
    };
    view! {
        <noscript><meta http-equiv="refresh" content="4"/></noscript>
        <header>
            <h1>"Payment is being confirmed"</h1>
        </header>
        <div
            class="panel waiting" role="status" data-order-ask=GetOrderStatus::PATH data-order-status=order.status.as_str()
            data-order-id=order.id.clone() data-order-key=pass.key
        >
            <span class="pulse" aria-hidden="true"></span>
            <div>
                <p>{text}</p>
                <p class="quiet mt-2">"You can close this page: we'll email "{order.email.clone()}" a link."</p>
            </div>
        </div>
        {order.checkout_url.clone().map(|url| view! { <p class="mt-6">"Not paid yet? "<a href=url>"Open the payment page"</a></p> })}
        <OrderWatch/>
        <Receipt order store/>
    }
}

#[component]
fn Unpaid(order: OrderView, pass: Pass, store: StoreFace) -> impl IntoView {
    let text = match order.status {
        OrderStatus::Failed => "The payment did not go through, so nothing was charged. Try again, or use another card.",
        OrderStatus::Pending => "There is no payment page open for it. Nothing was charged.",
        _ => "The payment page was closed before anything was paid. Nothing was charged.",
    };
    view! {
        <header>
            <h1>"This order is not paid"</h1>
            <p class="lead">{text}</p>
        </header>
        <form method="post" action=PayAgain::PATH>
            <PassFields id=order.id.clone() pass/>
            <button class="button" type="submit">{format!("Pay {} now", order.money(order.amount_total))}</button>
        </form>
        <Receipt order store/>
    }
}

#[component]
fn Closed(order: OrderView, store: StoreFace, title: &'static str, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <header>
            <h1>{title}</h1>
            <p class="lead">{text}</p>
        </header>
        <Receipt order store/>
    }
}
