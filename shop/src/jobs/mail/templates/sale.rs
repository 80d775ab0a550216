//! The mail that tells the owner of a sale.

use super::order::{LINES, details, price, sums, with};
use super::{CELL, NUMBER, QUIET, TITLE, button, frame};
use crate::stores::calendar::Calendar;
use domain::order::OrderView;
use domain::pages::storefront::StoreFace;
use maud::html;
use std::fmt::Write;

/// What the mail speaks of.
pub struct SaleMail<'a> {
    pub store: &'a StoreFace,
    pub order: &'a OrderView,
    /// Whether no real money moved.
    pub is_test: bool,
    pub country: Option<String>,
    /// Where the buyer came from; empty where that is not known.
    pub source: &'a str,
}

/// Subject, text and HTML.
pub fn sale(mail: SaleMail) -> (String, String, String) {
    let (what, total) = (goods(mail.order), mail.order.money(mail.order.amount_total));
    let title = if total.is_zero() { format!("Free order: {what}") } else { format!("You sold {what}") };
    let subject = if total.is_zero() { title.clone() } else { format!("{title} \u{2014} {total}") };
    let preheader = format!("{}, bought by {}", mail.order.number, mail.order.email);
    (subject.clone(), text(&mail, &title), html_body(&mail, &title, &subject, &preheader))
}

/// The first title, and how many more.
fn goods(order: &OrderView) -> String {
    let sold = order.sold();
    let first = sold.first().map_or("an order", |(line, _)| line.title.as_str());
    match sold.len() {
        0 | 1 => first.to_owned(),
        n => format!("{first} and {} more", n - 1),
    }
}

/// Labels and values: who bought, when and from where.
fn facts(mail: &SaleMail) -> Vec<(&'static str, String)> {
    let at = mail.order.paid_at.unwrap_or(mail.order.created_at);
    let mut facts = vec![
        ("Order", format!("{}, {}", mail.order.number, Calendar::named(&mail.store.time_zone).minute_text(at))),
        ("Buyer", mail.order.email.clone()),
    ];
    facts.extend(mail.country.clone().map(|country| ("Country", country)));
    facts.extend(Some(mail.source.to_owned()).filter(|source| !source.is_empty()).map(|source| ("Source", source)));
    facts
}

/// What is said of a payment that was none.
fn caution(mail: &SaleMail) -> &'static str {
    if mail.is_test { "This was paid in Stripe's test mode: no money moved." } else { "" }
}

const REPLY: &str = "Reply to this email to write to the buyer.";

/// Where the setting is.
pub(super) fn setting(store: &StoreFace) -> String {
    format!("{}/dashboard/settings#emails", store.base_url)
}

fn order_url(mail: &SaleMail) -> String {
    format!("{}/dashboard/orders/{}", mail.store.base_url, mail.order.id)
}

fn text(mail: &SaleMail, title: &str) -> String {
    let mut text = format!("{title}\n\n");
    if !caution(mail).is_empty() {
        let _infallible = write!(text, "{}\n\n", caution(mail));
    }
    for (label, value) in facts(mail) {
        let _infallible = writeln!(text, "{label}: {value}");
    }
    text.push('\n');
    for (line, parts) in mail.order.sold() {
        let with = with(&parts).map(|with| format!("\n  {with}")).unwrap_or_default();
        let _infallible = writeln!(text, "{} ({})  {}{with}", line.title, details(line), price(line));
    }
    for (label, amount, _) in sums(mail.order) {
        let _infallible = writeln!(text, "{label}  {amount}");
    }
    let (order, setting) = (order_url(mail), setting(mail.store));
    let _infallible =
        write!(text, "\nOpen the order:\n{order}\n\n{REPLY}\n\nYou get an email for each order. To change that:\n{setting}\n");
    text
}

fn html_body(mail: &SaleMail, title: &str, subject: &str, preheader: &str) -> String {
    let content = html! {
        h1 style=(TITLE) { (title) }
        @if !caution(mail).is_empty() { p style="margin:0 0 16px;" { (caution(mail)) } }
        p style="margin:0 0 24px;" {
            @for (i, (label, value)) in facts(mail).into_iter().enumerate() {
                @if i > 0 { br; }
                (label) ": " (value)
            }
        }
        table width="100%" cellpadding="0" cellspacing="0" style=(LINES) {
            @for (line, parts) in mail.order.sold() {
                tr {
                    td style=(CELL) {
                        strong { (line.title) } br;
                        span style="font-size:14px;" { (details(line)) @if let Some(with) = with(&parts) { br; (with) } }
                    }
                    td style=(NUMBER) { (price(line)) }
                }
            }
            @for (label, amount, counts) in sums(mail.order) {
                tr {
                    td style=(CELL) { @if counts { strong { (label) } } @else { (label) } }
                    td style=(NUMBER) { @if counts { strong { (amount) } } @else { (amount) } }
                }
            }
        }
        (button(&order_url(mail), "Open the order"))
        p style=(QUIET) { (REPLY) }
        p style="margin:8px 0 0;font-size:14px;" {
            "You get an email for each order. " a href=(setting(mail.store)) { "Change that in the settings" } "."
        }
    };
    frame(subject, preheader, mail.store, &content)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{NASTY, order, store};
    use super::*;

    fn written(order: &OrderView, is_test: bool, source: &str) -> (String, String, String) {
        sale(SaleMail { store: &store(), order, is_test, country: Some("Germany".into()), source })
    }

    #[test]
    fn the_owner_reads_what_was_sold_to_whom_and_where_the_order_is() {
        let mut example = order();
        example.items[0].title = "The Weight of Light".into();
        example.amount_discount = 200;
        let (subject, text, html) = written(&example, false, "newsletter");
        assert_eq!(subject, "You sold The Weight of Light and 1 more \u{2014} $25.97");
        for part in [
            "Order: 4F7K-9QXZ, Jan 1, 1970, 12:00 AM",
            "Buyer: ada@example.com",
            "Country: Germany",
            "Source: newsletter",
            "$8.97",
            "\u{2212}$2.00",
            "$25.97",
            "https://shop.example/dashboard/orders/abc",
            "https://shop.example/dashboard/settings#emails",
            REPLY,
        ] {
            assert!(text.contains(part) && html.contains(part), "{part} is not in\n{text}\n{html}");
        }
        assert!(!text.contains("test mode"));
    }

    #[test]
    fn a_free_order_is_no_sale_and_a_test_no_money() {
        let mut example = order();
        assert!(written(&example, true, "").1.contains("no money moved"));
        example.items.truncate(1);
        example.amount_total = 0;
        let (subject, text, html) = written(&example, false, "");
        assert_eq!(subject, format!("Free order: {NASTY}"));
        assert!(!text.contains("Source") && !html.contains("<img"), "{html}");
    }
}
