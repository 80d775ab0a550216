//! The refund mail: how much, when it arrives, what happens to the goods.

use super::{QUIET, TITLE, button, contact, frame, has_licenses};
use domain::entitlement::EntitlementState;
use domain::money::Money;
use domain::order::OrderView;
use domain::pages::storefront::StoreFace;
use maud::html;

/// What the refund mail speaks of.
pub struct RefundMail<'a> {
    pub store: &'a StoreFace,
    /// The order after the refund.
    pub order: &'a OrderView,
    pub order_url: &'a str,
    /// This refund; the order knows the sum of all.
    pub amount: Money,
    /// What became of what was bought.
    pub access: EntitlementState,
    /// The title of the line that was given back, when one was named.
    pub item: Option<&'a str>,
}

/// Subject, text and HTML.
pub fn refund(mail: RefundMail) -> (String, String, String) {
    let (store, order) = (mail.store, mail.order);
    let subject = format!("Your refund for order {} from {}", order.number, store.name);
    let mut sentences = vec![format!(
        "Order {}. The money is on its way back to the card or account you paid with. Banks take up to ten days to show it.",
        order.number
    )];
    if order.amount_refunded > mail.amount.amount {
        sentences.push(format!(
            "With this, {} of {} has been refunded.",
            order.money(order.amount_refunded),
            order.money(order.amount_total)
        ));
    }
    sentences.push(match (mail.access, mail.item) {
        _ if order.duplicate_of.is_some() => {
            let first = order.duplicate_of.as_deref().unwrap_or_default();
            format!(
                "You paid for the same cart twice, so this second payment was refunded. Your purchase is order {first}, and it is not \
                affected."
            )
        }
        (EntitlementState::Active, Some(title)) => {
            format!("This was for {title}, which no longer works. You keep everything else of the order.")
        }
        (access, _) => after(access, has_licenses(order)).to_owned(),
    });
    let help = contact(store);

    let text = format!(
        "We refunded {}.\n\n{}\n\nOpen your order:\n{}\n\n{help}\n\n{}\n",
        mail.amount,
        sentences.join("\n\n"),
        mail.order_url,
        store.name
    );
    let content = html! {
        h1 style=(TITLE) { "We refunded " (mail.amount) }
        @for sentence in &sentences {
            p style="margin:0 0 16px;" { (sentence) }
        }
        (button(mail.order_url, "Open your order"))
        p style=(QUIET) { (help) }
    };
    let html = frame(&subject, sentences.first().map_or("", String::as_str), store, &content);
    (subject, text, html)
}

fn after(state: EntitlementState, has_licenses: bool) -> &'static str {
    match (state, has_licenses) {
        (EntitlementState::Active, _) => "You keep what you bought: everything on your order page still works.",
        (EntitlementState::Suspended, true) => "Until this is settled, the downloads and keys of this order are on hold.",
        (EntitlementState::Suspended, false) => "Until this is settled, the downloads of this order are on hold.",
        (EntitlementState::Revoked, true) => "The downloads and keys of this order no longer work. Its receipt stays on its page.",
        (EntitlementState::Revoked, false) => "The downloads of this order no longer work. Its receipt stays on its page.",
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{URL, order as example, store};
    use super::*;

    fn written(amount: i64, refunded: i64, access: EntitlementState) -> (String, String, String) {
        let order = OrderView { amount_refunded: refunded, ..example() };
        refund(RefundMail { store: &store(), order: &order, order_url: URL, amount: order.money(amount), access, item: None })
    }

    #[test]
    fn a_full_refund_says_how_much_and_that_access_ended() {
        let (subject, text, html) = written(2_597, 2_597, EntitlementState::Revoked);
        assert_eq!(subject, "Your refund for order 4F7K-9QXZ from Papier & Ink");
        for part in ["We refunded $25.97", "up to ten days", "The downloads and keys of this order no longer work.", "help@shop.example"] {
            assert!(text.contains(part) && html.contains(part), "{part}\n{text}");
        }
        assert!(text.contains(URL) && !text.contains("With this"));
    }

    #[test]
    fn a_refund_in_part_says_what_is_kept() {
        let (_, text, _) = written(500, 900, EntitlementState::Active);
        assert!(
            text.contains("We refunded $5.00")
                && text.contains("With this, $9.00 of $25.97 has been refunded.")
                && text.contains("You keep what you bought"),
            "{text}"
        );
    }

    #[test]
    fn a_line_that_was_given_back_is_named() {
        let order = OrderView { amount_refunded: 500, ..example() };
        let mail = RefundMail {
            store: &store(),
            order: &order,
            order_url: URL,
            amount: order.money(500),
            access: EntitlementState::Active,
            item: Some("Tide, the app"),
        };
        let (_, text, _) = refund(mail);
        assert!(text.contains("This was for Tide, the app, which no longer works. You keep everything else"), "{text}");
    }
}
