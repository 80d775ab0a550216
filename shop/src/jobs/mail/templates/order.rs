//! The order mail: thanks, the way to the goods, what was bought.

use super::{CELL, NUMBER, QUIET, TITLE, button, contact, frame, has_licenses};
use domain::order::{OrderLine, OrderStatus, OrderView};
use domain::pages::storefront::StoreFace;
use domain::terms::TermsWords;
use maud::html;
use std::fmt::Write;

/// What the order mail speaks of.
pub struct OrderMail<'a> {
    pub store: &'a StoreFace,
    pub order: &'a OrderView,
    /// Opens the order without a password: the customer's alone.
    pub order_url: &'a str,
}

/// Subject, text and HTML. Keys are never in a mail, which others may read on its way: they wait on the order's page.
pub fn order(mail: OrderMail) -> (String, String, String) {
    let subject = format!("Your order {} from {}", mail.order.number, mail.store.name);
    (subject.clone(), text(&mail), html_body(&mail, &subject))
}

/// The first line. A mail that is sent again may come after a refund: it must not promise goods.
fn greeting(order: &OrderView) -> &'static str {
    if is_open(order) { "Thank you. Your order is ready." } else { "Here is the link to your order." }
}

fn whereabouts(order: &OrderView) -> String {
    match (is_open(order), has_licenses(order)) {
        (true, true) => format!("Order {}. Your downloads are on the order's page, and your keys are shown there.", order.number),
        (true, false) => format!("Order {}. Your downloads are on the order's page.", order.number),
        (false, _) => format!("Order {}. Its page shows its status.", order.number),
    }
}

fn is_open(order: &OrderView) -> bool {
    !order.is_on_hold && matches!(order.status, OrderStatus::Paid | OrderStatus::PartiallyRefunded)
}

/// The lines under the goods: what it is, the amount, and whether it is the one that counts.
fn sums(order: &OrderView) -> Vec<(String, String, bool)> {
    let money = |amount: i64| order.money(amount).to_string();
    let is_tax_included = order.amount_subtotal - order.amount_discount == order.amount_total;
    let mut sums = Vec::new();
    if order.amount_discount > 0 {
        sums.push(("Discount".to_owned(), money(-order.amount_discount), false));
    }
    if order.amount_tax > 0 && !is_tax_included {
        sums.push(("Tax".to_owned(), money(order.amount_tax), false));
    }
    sums.push(("Total".to_owned(), money(order.amount_total), true));
    if order.amount_tax > 0 && is_tax_included {
        sums.push(("Including tax".to_owned(), money(order.amount_tax), false));
    }
    if order.amount_refunded > 0 {
        sums.push(("Refunded".to_owned(), money(-order.amount_refunded), false));
    }
    if order.amount_lost > 0 {
        sums.push(("Returned by the bank".to_owned(), money(-order.amount_lost), false));
    }
    sums
}

/// Which tier, and how many at what price when there are several.
fn details(line: &OrderLine) -> String {
    if line.quantity > 1 { format!("{}, {} × {}", line.variant_name, line.quantity, line.unit_price) } else { line.variant_name.clone() }
}

/// What came with a line.
fn with(parts: &[&str]) -> Option<String> {
    (!parts.is_empty()).then(|| format!("With {}", parts.join(", ")))
}

fn keep(mail: &OrderMail) -> String {
    format!("Keep this e-mail: its link opens your order at any time. {}", contact(mail.store))
}

fn text(mail: &OrderMail) -> String {
    let order = mail.order;
    let mut text = format!("{}\n\n{}\n\nOpen your order:\n{}\n\n", greeting(order), whereabouts(order), mail.order_url);
    for (line, parts) in order.sold() {
        let with = with(&parts).map(|with| format!("\n  {with}")).unwrap_or_default();
        let _infallible = writeln!(
            text,
            "{} ({})  {}{with}\n  {}: {}\n",
            line.title,
            details(line),
            line.line_total,
            line.terms_words.label,
            line.terms_words.summary
        );
    }
    for (label, amount, _) in sums(order) {
        let _infallible = writeln!(text, "{label}  {amount}");
    }
    for words in full_terms(order) {
        let _infallible = write!(text, "\n{}, for order {}\n\n{}\n", words.label, order.number, words.body);
    }
    let _infallible = write!(text, "\n{}\n\n{}\n", keep(mail), mail.store.name);
    text
}

/// The license texts of an order that are more than their summary, each once.
fn full_terms(order: &OrderView) -> Vec<&TermsWords> {
    let mut all: Vec<&TermsWords> = Vec::new();
    for words in order.items.iter().map(|line| &line.terms_words).filter(|words| !words.body.is_empty()) {
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all
}

const LINES: &str = "margin:0 0 24px;border-collapse:collapse;font-variant-numeric:tabular-nums;";

fn html_body(mail: &OrderMail, title: &str) -> String {
    let order = mail.order;
    let content = html! {
        h1 style=(TITLE) { (greeting(order)) }
        p style="margin:0 0 24px;" { (whereabouts(order)) }
        (button(mail.order_url, "Open your order"))
        table width="100%" cellpadding="0" cellspacing="0" style=(LINES) {
            @for (line, parts) in order.sold() {
                tr {
                    td style=(CELL) {
                        strong { (line.title) } br;
                        (details(line)) br;
                        @if let Some(with) = with(&parts) { (with) br; }
                        span style="font-size:14px;" { (line.terms_words.label) ": " (line.terms_words.summary) }
                    }
                    td style=(NUMBER) { (line.line_total) }
                }
            }
            @for (label, amount, counts) in sums(order) {
                tr {
                    @if counts {
                        td style=(CELL) { strong { (label) } }
                        td style=(NUMBER) { strong { (amount) } }
                    } @else {
                        td style=(CELL) { (label) }
                        td style=(NUMBER) { (amount) }
                    }
                }
            }
        }
        @for words in full_terms(order) {
            p style="margin:0 0 8px;" { strong { (words.label) } ", for order " (order.number) }
            p style="margin:0 0 24px;font-size:14px;white-space:pre-line;" { (words.body) }
        }
        p style=(QUIET) { (keep(mail)) }
    };
    frame(title, mail.store, &content)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{NASTY, URL, order as example, store};
    use super::*;
    use domain::entitlement::EntitlementState;
    use domain::ledger::{DisputeStatus, Fact, Ledger, RefundFact, RefundState};
    use domain::word::Word;

    fn written(order: &OrderView) -> (String, String, String) {
        super::order(OrderMail { store: &store(), order, order_url: URL })
    }

    #[test]
    fn the_mail_says_what_was_bought_and_where_it_is() {
        let (subject, text, html) = written(&example());
        assert_eq!(subject, "Your order 4F7K-9QXZ from Papier & Ink");
        for part in [
            "Thank you. Your order is ready.",
            "Open your order",
            "Your downloads are on the order's page, and your keys are shown there.",
            "Standard, 3 × $2.99",
            "$8.97",
            "Tide, the app",
            "$17.00",
            "Total",
            "$25.97",
            "Personal license: For you alone",
            "Commercial license: For your business",
            "help@shop.example",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
            assert!(html.replace("&#39;", "'").contains(part), "{part} is not in\n{html}");
        }
        assert!(text.contains(&format!("\n{URL}\n")));
        assert!(html.contains("href=\"https://shop.example/orders/abc?key=x&amp;y=1\""));
    }

    #[test]
    fn nothing_in_a_title_is_markup() {
        let (_, text, html) = written(&example());
        assert!(text.contains(NASTY));
        assert!(!html.contains("<img") && html.contains("&lt;img src=x onerror=alert(1)&gt;"), "{html}");
    }

    #[test]
    fn a_license_text_is_mailed_whole_and_once() {
        let mut order = example();
        for line in &mut order.items {
            line.terms_words = TermsWords { label: "House license".into(), body: "One.\nTwo <b>.".into(), ..line.terms.words() };
            line.terms_words.summary = "Short".into();
            line.terms_words.terms = domain::terms::LicenseTerms::Personal;
        }
        let (_, text, html) = written(&order);
        assert_eq!(text.matches("House license, for order 4F7K-9QXZ\n\nOne.\nTwo <b>.").count(), 1, "{text}");
        assert_eq!(html.matches("One.\nTwo &lt;b&gt;.").count(), 1, "{html}");
    }

    #[test]
    fn keys_are_in_no_mail() {
        let (subject, text, html) = written(&example());
        assert!(![subject, text, html].concat().contains("SECRET-KEY"));
    }

    #[test]
    fn discount_tax_and_refund_have_their_lines() {
        let discounted = OrderView {
            amount_discount: 597,
            amount_total: 2_000,
            amount_tax: 130,
            amount_refunded: 100,
            status: OrderStatus::PartiallyRefunded,
            ..example()
        };
        let (_, text, _) = written(&discounted);
        assert!(text.contains("Discount  -$5.97\nTotal  $20.00\nIncluding tax  $1.30\nRefunded  -$1.00\n"), "{text}");
        let (_, text, _) = written(&OrderView { amount_tax: 260, amount_total: 2_857, ..example() });
        assert!(text.contains("Tax  $2.60\nTotal  $28.57\n"), "{text}");
    }

    #[test]
    fn a_mail_after_a_refund_promises_nothing() {
        for status in [OrderStatus::Refunded, OrderStatus::Disputed, OrderStatus::ChargedBack] {
            let (_, text, html) = written(&OrderView { status, ..example() });
            assert!(!text.contains("ready") && !html.contains("ready") && text.contains("Here is the link to your order."), "{status}");
        }
    }

    #[test]
    fn what_opens_the_goods_is_what_the_ledger_says() {
        for status in OrderStatus::all() {
            let mut ledger = Ledger { amount_total: 50, ..Ledger::default() };
            let facts = match status {
                OrderStatus::PartiallyRefunded => vec![payment(), refund(10)],
                OrderStatus::Refunded => vec![payment(), refund(50)],
                OrderStatus::Disputed => vec![payment(), dispute(DisputeStatus::NeedsResponse)],
                OrderStatus::ChargedBack => vec![payment(), dispute(DisputeStatus::Lost)],
                OrderStatus::Paid => vec![payment()],
                _ => continue,
            };
            facts.into_iter().for_each(|fact| ledger.learn(fact));
            assert_eq!(ledger.status(), status);
            let is_active = ledger.entitlement(domain::id::Id::nil()).0 == EntitlementState::Active;
            assert_eq!(is_open(&OrderView { status, ..example() }), is_active, "{status}");
        }
    }

    fn payment() -> Fact {
        Fact::Payment { name: "pi".into(), amount: 50 }
    }

    fn refund(amount: i64) -> Fact {
        Fact::Refund { name: "re".into(), refund: RefundFact { amount, item: None, state: RefundState::Succeeded } }
    }

    fn dispute(status: DisputeStatus) -> Fact {
        Fact::Dispute { name: "du".into(), status }
    }
}
