//! The form that gives money back.

use crate::components::Attempt;
use crate::dashboard::orders::acts::RefundOrder;
use crate::notices;
use domain::id::Id;
use domain::money::Money;
use domain::order::OrderView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use std::collections::HashMap;

/// Why money goes back: Stripe's words, and ours.
const REASONS: [(&str, &str); 4] =
    [("", "None"), ("requested_by_customer", "Requested by the customer"), ("duplicate", "Duplicate"), ("fraudulent", "Fraud")];

/// A line of the order, and what is left of it.
struct RefundableLine {
    /// Its id.
    key: String,
    title: String,
    left: Money,
}

impl RefundableLine {
    fn text(&self) -> String {
        if self.left.is_zero() { format!("{}: nothing left", self.title) } else { format!("{}: up to {}", self.title, self.left) }
    }
}

#[component]
pub fn RefundForm(order: OrderView, refundable: Money, refundable_lines: HashMap<Id, Money>) -> impl IntoView {
    let query = use_query_map();
    let typed = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (amount, item, reason) = (typed("amount"), typed("item"), typed("reason"));
    let lines: Vec<RefundableLine> = order
        .sold()
        .into_iter()
        .map(|(line, _)| RefundableLine {
            key: line.id.to_string(),
            title: format!("{}, {}", line.title, line.variant_name),
            left: refundable_lines.get(&line.id).copied().unwrap_or(Money::new(0, order.currency)),
        })
        .collect();
    let refusal = notices::refusal(&typed("notice")).filter(|refusal| refusal.at("amount").is_some());
    let error = refusal.map(|refusal| {
        // What is left stands in the order, so that the sentence can name it.
        match (refusal.code.as_str(), lines.iter().find(|line| line.key == item)) {
            ("refund_too_large", Some(line)) if line.left.is_zero() => "All of this line was refunded already.".to_owned(),
            ("refund_too_large", Some(line)) => format!("At most {} of this line can still be refunded.", line.left),
            ("refund_too_large", None) => format!("At most {refundable} of this order can still be refunded."),
            ("amount_unreadable", _) => format!("Write the amount as a number, such as {}.", Money::example(order.currency)),
            ("amount_invalid", _) => format!("Amounts move in steps of {}.", Money::new(order.currency.step(), order.currency)),
            _ => refusal.message,
        }
    });
    // Whoever was refused sees the form again, as it was filled in.
    let is_open = !(amount.is_empty() && item.is_empty() && reason.is_empty()) || error.is_some();
    view! {
        <section aria-labelledby="refund">
            <h2 id="refund">"Give money back"</h2>
            <details class="refund" open=is_open>
                <summary class="button plain">{format!("Refund up to {refundable}")}</summary>
                <form class="stack mt-4" method="post" action=RefundOrder::PATH>
                    <input type="hidden" name="order" value=order.id/>
                    <Attempt/>
                    <div class="field">
                        <label for="item">"What"</label>
                        <select class="input" id="item" name="item">
                            <option value="" selected=item.is_empty()>"The whole order"</option>
                            {lines.into_iter().map(|line| view! {
                                <option selected=line.key == item disabled=line.left.is_zero() value=line.key.clone()>{line.text()}</option>
                            }).collect_view()}
                        </select>
                        <p class="help">
                            "A chosen line loses its files and licenses, and so does an order that is refunded in full. Otherwise \
                             the customer keeps them."
                        </p>
                    </div>
                    <div class="field">
                        <label for="amount">{format!("Amount in {}", order.currency)}</label>
                        <input
                            class="input" id="amount" name="amount" inputmode="decimal" autocomplete="off" maxlength="20" value=amount
                            placeholder="All of it" aria-describedby="amount-help amount-error"
                            aria-invalid=error.is_some().then_some("true")
                        />
                        <p class="error" id="amount-error">{error}</p>
                        <p class="help" id="amount-help">"Leave it empty to refund all that is left."</p>
                    </div>
                    <div class="field">
                        <label for="reason">"Reason"</label>
                        <select class="input" id="reason" name="reason">
                            {REASONS.into_iter().map(|(word, text)| view! {
                                <option value=word selected=word == reason>{text}</option>
                            }).collect_view()}
                        </select>
                        <p class="help">"It goes to Stripe. The customer's e-mail about the refund does not mention it."</p>
                    </div>
                    <button class="button" type="submit">"Refund"</button>
                </form>
            </details>
        </section>
    }
}
