//! The refund form: first what to refund, then a page that names the sum, the customer and what follows, before any money moves.

use crate::components::{Attempt, Icon, IconName};
use crate::dashboard::orders::acts::RefundOrder;
use crate::layout::with_query;
use crate::notices;
use domain::id::Id;
use domain::money::Money;
use domain::order::OrderView;
use domain::pages::customer::shown_address;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use std::collections::HashMap;

/// Why money goes back: Stripe's words, and ours.
const REASONS: [(&str, &str); 4] =
    [("", "None"), ("requested_by_customer", "Requested by the customer"), ("duplicate", "Duplicate"), ("fraudulent", "Fraud")];

/// A line of the order, and what is left of it.
#[derive(Clone)]
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

/// A refund as it was typed.
#[derive(Clone)]
struct Typed {
    amount: String,
    /// Empty: the whole order.
    item: String,
    reason: String,
}

/// The sum that was meant. Nothing typed is all that is left, and so is the sum of the order beside one of its lines: that stood in the
/// field before the line was chosen.
///
/// # Errors
/// What is wrong with it.
fn sum_of(typed: &Typed, refundable: Money, line: Option<&RefundableLine>) -> Result<Money, String> {
    let left = line.map_or(refundable, |line| line.left);
    let unreadable = || format!("Write the amount as a number, such as {}.", Money::example(refundable.currency));
    let amount = match typed.amount.trim() {
        "" => left,
        text => Money::parse(text, refundable.currency).ok_or_else(unreadable)?,
    };
    match line {
        Some(line) if line.left.is_zero() => Err("All of this line was refunded already.".to_owned()),
        Some(_) if amount == refundable => Ok(left),
        Some(_) if amount.amount > left.amount => Err(format!("At most {left} of this line can still be refunded.")),
        None if amount.amount > left.amount => Err(format!("At most {left} of this order can still be refunded.")),
        _ if amount.amount <= 0 => Err("A refund is more than zero.".to_owned()),
        _ if amount.amount % refundable.currency.step() != 0 => {
            Err(format!("Amounts move in steps of {}.", Money::new(refundable.currency.step(), refundable.currency)))
        }
        _ => Ok(amount),
    }
}

#[component]
pub fn RefundForm(order: OrderView, refundable: Money, refundable_lines: HashMap<Id, Money>) -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let typed = Typed { amount: asked("amount"), item: asked("item"), reason: asked("reason") };
    let lines: Vec<RefundableLine> = order
        .sold()
        .into_iter()
        .map(|(line, _)| RefundableLine {
            key: line.id.to_string(),
            title: format!("{}, {}", line.title, line.variant_name),
            left: refundable_lines.get(&line.id).copied().unwrap_or(Money::new(0, order.currency)).in_steps(),
        })
        .collect();
    let line = lines.iter().find(|line| line.key == typed.item);
    let is_unknown = line.is_none() && !typed.item.is_empty();
    let all = refundable.in_steps();
    let refusal = notices::refusal(&asked("notice")).filter(|refusal| refusal.at("amount").is_some());
    let is_typed = refusal.is_some() || !(typed.amount.is_empty() && typed.item.is_empty() && typed.reason.is_empty());
    let is_reviewed = !asked("review").is_empty();
    // What is left stands in the order, so that the sentence can name it.
    let sum = if is_unknown { Err("This order has no such line. Choose what to refund.".to_owned()) } else { sum_of(&typed, all, line) };
    let error = match &sum {
        Err(error) if is_typed || is_reviewed => Some(error.clone()),
        _ => refusal.map(|refusal| refusal.message),
    };
    view! {
        <section aria-labelledby="refund">
            <h2 id="refund">"Refund"</h2>
            {match (sum, error.is_some()) {
                (Ok(sum), false) if is_reviewed => {
                    view! { <Review order typed sum line=line.cloned() is_all=sum == refundable/> }.into_any()
                }
                _ => view! { <Form order typed refundable=all lines error is_open=is_typed || is_reviewed/> }.into_any(),
            }}
        </section>
    }
}

/// What to refund. It moves no money: it leads to the page that asks once more.
#[component]
fn Form(
    order: OrderView,
    typed: Typed,
    refundable: Money,
    lines: Vec<RefundableLine>,
    error: Option<String>,
    is_open: bool,
) -> impl IntoView {
    let Typed { amount, item, reason } = typed;
    let amount = if amount.is_empty() && error.is_none() { refundable.decimal() } else { amount };
    let is_invalid = error.is_some();
    view! {
        <details class="refund" open=is_open>
            <summary class="button plain">{format!("Refund up to {refundable}")}</summary>
            <form class="stack mt-4" method="get" action=format!("/dashboard/orders/{}#refund", order.id)>
                <div class="field">
                    <label for="item">"What"</label>
                    <select class="input" id="item" name="item">
                        <option value="" selected=item.is_empty()>"The whole order"</option>
                        {lines.into_iter().map(|line| view! {
                            <option selected=line.key == item disabled=line.left.is_zero() value=line.key.clone()>{line.text()}</option>
                        }).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="amount">{format!("Amount in {}", order.currency)}</label>
                    <input
                        class="input narrow" id="amount" name="amount" inputmode="decimal" autocomplete="off" maxlength="20" value=amount
                        aria-describedby="amount-error" aria-invalid=is_invalid.then_some("true") autofocus=is_invalid
                    />
                    <p class="error" id="amount-error">{error}</p>
                </div>
                <div class="field">
                    <label for="reason">"Reason"</label>
                    <select class="input" id="reason" name="reason" aria-describedby="reason-help">
                        {REASONS.into_iter().map(|(word, text)| view! {
                            <option value=word selected=word == reason>{text}</option>
                        }).collect_view()}
                    </select>
                    <p class="help" id="reason-help">"Stripe sees it. The customer's email about the refund does not mention it."</p>
                </div>
                <div><button class="button plain" type="submit" name="review" value="1">"Review refund"</button></div>
            </form>
        </details>
    }
}

/// The sum, the person and what follows, with the button that does it.
#[component]
fn Review(order: OrderView, typed: Typed, sum: Money, line: Option<RefundableLine>, is_all: bool) -> impl IntoView {
    let page = format!("/dashboard/orders/{}", order.id);
    let back = format!("{}#refund", with_query(&page, &[("amount", &sum.decimal()), ("item", &typed.item), ("reason", &typed.reason)]));
    let of_line = line.as_ref().map(|line| format!(" for {}", line.title)).unwrap_or_default();
    let has_goods = order.items.iter().any(|line| !(line.files.is_empty() && line.licenses.is_empty()));
    // An order that is refunded whole loses all of its lines, whichever was named last.
    let then = match (has_goods, is_all, line.is_some()) {
        (true, true, _) => "Can't be undone. Files and license keys of this order stop working at once.",
        (true, false, true) => "Can't be undone. Files and license keys of this line stop working at once.",
        (true, false, false) => "Can't be undone. The customer keeps the files and license keys.",
        (false, ..) => "Can't be undone.",
    };
    let reason = REASONS.iter().find(|(word, _)| *word == typed.reason && !word.is_empty()).map(|(_, text)| *text);
    view! {
        <form class="panel review" method="post" action=RefundOrder::PATH>
            <input type="hidden" name="order" value=order.id.clone()/>
            <input type="hidden" name="item" value=typed.item/>
            <input type="hidden" name="amount" value=sum.decimal()/>
            <input type="hidden" name="reason" value=typed.reason/>
            <Attempt/>
            <p><strong>{format!("Refund {sum} to {}{of_line}?", shown_address(&order.email))}</strong></p>
            <p class="review-then"><Icon name=IconName::Alert/><span>{then}</span></p>
            {reason.map(|reason| view! { <p class="quiet text-sm">"Reason: "{reason}</p> })}
            <div class="actions">
                <button class="button danger" type="submit">{format!("Refund {sum}")}</button>
                <a href=back>"Change"</a>
                <a href=page>"Cancel"</a>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Currency;

    fn usd(amount: i64) -> Money {
        Money::new(amount, Currency::USD)
    }

    #[test]
    fn the_sum_is_what_was_meant() {
        let line = RefundableLine { key: "a".to_owned(), title: "A".to_owned(), left: usd(500) };
        let sum = |amount: &str, line: Option<&RefundableLine>| {
            sum_of(&Typed { amount: amount.to_owned(), item: String::new(), reason: String::new() }, usd(1400), line)
        };
        assert_eq!((sum("", None), sum("", Some(&line))), (Ok(usd(1400)), Ok(usd(500))));
        assert_eq!(sum("14.00", Some(&line)), Ok(usd(500)), "the sum of the order stood in the field");
        assert_eq!(sum("4", Some(&line)), Ok(usd(400)));
        assert!(sum("6", Some(&line)).unwrap_err().contains("At most $5.00 of this line"));
        assert!(sum("20", None).unwrap_err().contains("At most $14.00 of this order"));
        assert!(sum("a lot", None).unwrap_err().contains("as a number") && sum("0", None).is_err());
        let gone = RefundableLine { left: usd(0), ..line };
        assert!(sum("", Some(&gone)).unwrap_err().contains("already"));
    }
}
