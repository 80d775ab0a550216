//! The mail about a payment that a bank returned: nothing was charged, and how to pay another way.

use super::{QUIET, TITLE, button, contact, frame};
use domain::order::OrderView;
use domain::pages::storefront::StoreFace;
use maud::html;

/// What the mail speaks of.
pub struct PaymentFailedMail<'a> {
    pub store: &'a StoreFace,
    pub order: &'a OrderView,
    pub order_url: &'a str,
}

/// Subject, text and HTML.
pub fn payment_failed(mail: PaymentFailedMail) -> (String, String, String) {
    let (store, order) = (mail.store, mail.order);
    let subject = format!("Your payment for order {} did not go through", order.number);
    let what = format!(
        "Your bank returned the payment of {} for order {}. Nothing was charged, and nothing was delivered.",
        order.money(order.amount_total),
        order.number
    );
    let next = "Open the order to pay another way. Its prices hold for a week.";
    let help = contact(store);
    let text = format!("{what}\n\n{next}\n{}\n\n{help}\n\n{}\n", mail.order_url, store.name);
    let content = html! {
        h1 style=(TITLE) { "Your payment did not go through" }
        p style="margin:0 0 16px;" { (what) }
        p style="margin:0 0 16px;" { (next) }
        (button(mail.order_url, "Pay another way"))
        p style=(QUIET) { (help) }
    };
    let html = frame(&subject, &what, store, &content);
    (subject, text, html)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{URL, order, store};
    use super::*;

    #[test]
    fn a_returned_payment_says_that_nothing_was_charged_and_where_to_pay() {
        let (subject, text, html) = payment_failed(PaymentFailedMail { store: &store(), order: &order(), order_url: URL });
        assert_eq!(subject, "Your payment for order 4F7K-9QXZ did not go through");
        for part in ["$25.97", "Nothing was charged", "Open the order to pay another way", "help@shop.example"] {
            assert!(text.contains(part) && html.contains(part), "{part}\n{text}");
        }
        assert!(text.contains(URL));
    }
}
