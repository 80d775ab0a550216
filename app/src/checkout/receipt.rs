//! The receipt of an order.

use crate::components::Day;
use domain::order::OrderView;
use leptos::prelude::*;

#[component]
pub fn Receipt(order: OrderView) -> impl IntoView {
    let has_parts = order.amount_discount > 0 || order.amount_tax > 0;
    let sum = |name: &'static str, sign: &'static str, amount: i64| {
        view! {
            <li><span>{name}</span><span class="number">{sign}{order.money(amount).to_string()}</span></li>
        }
    };
    let paid_at = order.paid_at;
    view! {
        <section>
            <h2>"Receipt"</h2>
            <p class="quiet mb-4">
                "Order "
                {order.number.clone()}
                " · "
                {match paid_at {
                    Some(at_ms) => view! { "Paid on "<Day at_ms/> }.into_any(),
                    None => view! { "Started on "<Day at_ms=order.created_at/> }.into_any(),
                }}
                " · "
                {order.email.clone()}
            </p>
            <ul class="rows receipt">
                {order.sold().into_iter().map(|(item, parts)| view! {
                    <li>
                        <span>
                            {item.title.clone()}
                            ", "
                            {item.variant_name.clone()}
                            {(item.quantity > 1).then(|| format!(" × {}", item.quantity))}
                            {(!parts.is_empty()).then(|| view! { <br/><span class="quiet text-sm">"With "{parts.join(", ")}</span> })}
                        </span>
                        <span class="number">{item.line_total.to_string()}</span>
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
