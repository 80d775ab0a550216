//! The mail with links to all orders of an address.

use super::{CELL, NUMBER, QUIET, TITLE, contact, day, frame};
use domain::order::FoundOrder;
use domain::pages::storefront::StoreFace;
use maud::html;
use std::fmt::Write;

/// What the mail speaks of.
pub struct OrderLinksMail<'a> {
    pub store: &'a StoreFace,
    /// Latest first.
    pub orders: &'a [FoundOrder],
}

const IGNORE: &str = "If you did not ask for this, you can ignore it: nobody else was sent these links.";

/// Subject, text and HTML.
pub fn order_links(mail: OrderLinksMail) -> (String, String, String) {
    let store = mail.store;
    let subject = if let [one] = mail.orders {
        format!("Your order {} from {}", one.number, store.name)
    } else {
        format!("Your orders from {}", store.name)
    };
    let title = if mail.orders.len() == 1 { "Here is your order" } else { "Here are your orders" };
    let what = "Each link opens an order with its downloads, keys and receipt. Keep them private.";
    let help = contact(store);
    let mut text = format!("{title}\n\n{what}\n\n");
    for order in mail.orders {
        let _infallible = write!(
            text,
            "Order {}, {}, {}\n{}\n{}\n\n",
            order.number,
            day(mail.store, order.ordered_at),
            price(order),
            order.titles.join(", "),
            order.url
        );
    }
    let _infallible = write!(text, "{IGNORE}\n\n{help}\n\n{}\n", store.name);
    let content = html! {
        h1 style=(TITLE) { (title) }
        p style="margin:0 0 24px;" { (what) }
        table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 24px;border-collapse:collapse;" {
            @for order in mail.orders {
                tr {
                    td style=(CELL) {
                        a href=(order.url) { strong { "Order " (order.number) } } br;
                        span style="font-size:14px;" { (order.titles.join(", ")) br; (day(mail.store, order.ordered_at)) }
                    }
                    td style=(NUMBER) { (price(order)) }
                }
            }
        }
        p style=(QUIET) { (IGNORE) " " (help) }
    };
    let html = frame(&subject, what, store, &content);
    (subject, text, html)
}

fn price(order: &FoundOrder) -> String {
    if order.total.is_zero() { "Free".to_owned() } else { order.total.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{NASTY, URL, store};
    use super::*;
    use domain::money::{Currency, Money};

    #[test]
    fn each_order_is_a_link_and_nothing_in_a_title_is_markup() {
        let order = |number: &str, amount| FoundOrder {
            number: number.into(),
            ordered_at: 0,
            total: Money::new(amount, Currency::USD),
            titles: vec![NASTY.into(), "Tide".into()],
            url: URL.into(),
        };
        let orders = [order("4F7K-9QXZ", 500), order("AAAA-BBBB", 0)];
        let (subject, text, html) = order_links(OrderLinksMail { store: &store(), orders: &orders });
        assert_eq!(subject, "Your orders from Papier & Ink");
        for part in ["4F7K-9QXZ", "AAAA-BBBB", "$5.00", "Free", "Jan 1, 1970", "ignore it", "help@shop.example"] {
            assert!(text.contains(part) && html.contains(part), "{part}\n{text}");
        }
        assert_eq!((text.matches(URL).count(), html.matches("href=\"https://shop.example/orders/abc?key=x&amp;y=1\"").count()), (2, 2));
        assert!(!html.contains("<img"), "{html}");
        let (subject, ..) = order_links(OrderLinksMail { store: &store(), orders: &orders[..1] });
        assert_eq!(subject, "Your order 4F7K-9QXZ from Papier & Ink");
    }
}
