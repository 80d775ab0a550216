//! The receipt of an order.

use crate::components::Day;
use domain::order::OrderView;
use domain::pages::storefront::StoreFace;
use domain::payment::PaymentMethod;
use leptos::prelude::*;

/// What was bought, when, and from whom; what an order prints is this.
#[component]
pub fn Receipt(order: OrderView, store: StoreFace) -> impl IntoView {
    let has_parts = order.amount_discount > 0 || order.amount_tax > 0;
    let sum = |name: &'static str, sign: &'static str, amount: i64| {
        view! {
            <li><span>{name}</span><span class="number">{sign}{order.money(amount).to_string()}</span></li>
        }
    };
    let is_free = order.amount_total == 0;
    let with = order.paid_with.as_ref().map_or_else(|| "Stripe".to_owned(), PaymentMethod::words);
    let title = if order.paid_at.is_some() { "Receipt" } else { "Your order" };
    // A legal name mostly says the shop's own.
    let is_named = store.seller.first().is_some_and(|first| first.contains(&store.name));
    let own_name = (!is_named).then(|| store.name.clone());
    let seller = own_name.into_iter().chain(store.seller).collect::<Vec<_>>().join(", ");
    view! {
        <section class="receipt">
            <h2>{title}</h2>
            <dl class="receipt-facts">
                <div><dt>"Order"</dt><dd class="number">{order.number.clone()}</dd></div>
                <div>
                    {match order.paid_at {
                        Some(at_ms) if is_free => view! { <dt>"Ordered"</dt><dd><Day at_ms/></dd> }.into_any(),
                        Some(at_ms) => view! { <dt>"Paid"</dt><dd><Day at_ms/>" with "{with}</dd> }.into_any(),
                        None => view! { <dt>"Started"</dt><dd><Day at_ms=order.created_at/></dd> }.into_any(),
                    }}
                </div>
                <div><dt>"Buyer"</dt><dd>{order.email.clone()}</dd></div>
                <div><dt>"Seller"</dt><dd>{seller}</dd></div>
            </dl>
            <ul class="rows">
                {order.sold().into_iter().map(|(item, parts)| view! {
                    <li>
                        <span>
                            {item.title.clone()}
                            ", "
                            {item.variant_name.clone()}
                            {(item.quantity > 1).then(|| format!(" × {}", item.quantity))}
                            {(!parts.is_empty()).then(|| {
                                let titles: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
                                view! { <br/><span class="quiet text-sm">"With "{titles.join(", ")}</span> }
                            })}
                        </span>
                        <span class="number">
                            {if item.line_total.is_zero() { "Free".to_owned() } else { item.line_total.to_string() }}
                        </span>
                    </li>
                }).collect_view()}
                {has_parts.then(|| sum("Subtotal", "", order.amount_subtotal))}
                {(order.amount_discount > 0).then(|| sum("Discount", "−", order.amount_discount))}
                {(order.amount_tax > 0).then(|| sum("Tax", "", order.amount_tax))}
                <li class="total"><strong>"Total"</strong><strong class="number">{order.money(order.amount_total).to_string()}</strong></li>
                {(order.amount_refunded > 0).then(|| sum("Refunded", "−", order.amount_refunded))}
                {(order.amount_lost > 0).then(|| sum("Returned by the bank", "−", order.amount_lost))}
            </ul>
        </section>
    }
}
