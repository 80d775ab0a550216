//! The order mail: thanks, the way to the goods, what was bought.

use super::{CELL, NUMBER, TITLE, button, contact, day, frame, has_licenses};
use domain::license::LicenseStatus;
use domain::order::{OrderLine, OrderStatus, OrderView, OwnedLicense};
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

/// Subject, text and HTML. License keys are in it, while they may be used: who has lost the page looks into the mail first.
pub fn order(mail: OrderMail) -> (String, String, String) {
    let subject = format!("Your order {} from {}", mail.order.number, mail.store.name);
    (subject.clone(), text(&mail), html_body(&mail, &subject))
}

/// The first line. A mail that is sent again may come after a refund: it must not promise goods.
fn greeting(order: &OrderView) -> &'static str {
    match (is_open(order), is_awaited(order)) {
        (true, false) => "Thank you. Your order is ready.",
        (true, true) => "Thank you for your order.",
        (false, _) => "Here is the link to your order.",
    }
}

/// Whether something was bought that has no files yet.
fn is_awaited(order: &OrderView) -> bool {
    order.items.iter().any(|item| item.is_awaited)
}

fn whereabouts(order: &OrderView) -> &'static str {
    let has_files = order.items.iter().any(|item| !item.files.is_empty());
    match (is_open(order), has_files, has_licenses(order)) {
        (true, ..) if is_awaited(order) => "Some files are not there yet. They appear on your order page as soon as the seller adds them.",
        (true, true, true) => "Your license keys are below, and your downloads are on your order page.",
        (true, false, true) => "Your license keys are below and on your order page.",
        (true, _, false) => "Your downloads are on your order page.",
        (false, ..) => "Your order page shows its status.",
    }
}

/// The order's number and day.
fn name(mail: &OrderMail) -> String {
    format!("Order {}, {}", mail.order.number, day(mail.store, mail.order.paid_at.unwrap_or(mail.order.created_at)))
}

fn is_open(order: &OrderView) -> bool {
    !order.is_on_hold && matches!(order.status, OrderStatus::Paid | OrderStatus::PartiallyRefunded)
}

/// The lines under the goods: what it is, the amount, and whether it is the one that counts.
pub(super) fn sums(order: &OrderView) -> Vec<(String, String, bool)> {
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

/// Which tier by which license, and how many at what price when there are several.
pub(super) fn details(line: &OrderLine) -> String {
    let pieces = if line.quantity > 1 { format!(", {} × {}", line.quantity, line.unit_price) } else { String::new() };
    format!("{}{pieces} · {}", line.variant_name, line.terms_words.label)
}

pub(super) fn price(line: &OrderLine) -> String {
    if line.line_total.is_zero() { "Free".to_owned() } else { line.line_total.to_string() }
}

/// What came with a line.
pub(super) fn with(parts: &[&OrderLine]) -> Option<String> {
    let titles: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
    (!parts.is_empty()).then(|| format!("With {}", titles.join(", ")))
}

/// The keys of an order that may be used, with what they are for.
fn keys(order: &OrderView) -> Vec<(&OrderLine, &OwnedLicense)> {
    let all = order.items.iter().flat_map(|line| line.licenses.iter().map(move |license| (line, license)));
    all.filter(|(_, license)| is_open(order) && matches!(license.status, LicenseStatus::Active | LicenseStatus::Inactive)).collect()
}

/// What a key is good for, such as "3 devices · until Jan 2, 2027".
fn limits(mail: &OrderMail, license: &OwnedLicense) -> String {
    let devices = match license.activation_limit {
        Some(1) => "1 device".to_owned(),
        Some(n) => format!("{n} devices"),
        None => "any number of devices".to_owned(),
    };
    let trial = license.is_trial.then(|| "trial".to_owned());
    let until = license.expires_at.map(|at| format!("until {}", day(mail.store, at)));
    let updates = license.updates_until.map(|at| format!("updates until {}", day(mail.store, at)));
    [trial, Some(devices), until, updates].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The licenses of an order, each once, and what they allow.
fn licenses(order: &OrderView) -> Vec<&TermsWords> {
    let mut all: Vec<&TermsWords> = Vec::new();
    for words in order.items.iter().map(|line| &line.terms_words) {
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all
}

/// How it was paid, where that is known and something was.
fn paid_with(order: &OrderView) -> Option<String> {
    let method = order.paid_with.as_ref().filter(|_| order.amount_total > 0)?;
    Some(format!("Paid with {}", method.words()))
}

fn keep(mail: &OrderMail) -> String {
    format!("Keep this email: its link opens your order at any time. {}", contact(mail.store))
}

fn text(mail: &OrderMail) -> String {
    let order = mail.order;
    let mut text = format!("{}\n\n{}\n\nOpen your order:\n{}\n\n{}\n\n", greeting(order), whereabouts(order), mail.order_url, name(mail));
    for (line, parts) in order.sold() {
        let with = with(&parts).map(|with| format!("\n  {with}")).unwrap_or_default();
        let _infallible = writeln!(text, "{} ({})  {}{with}", line.title, details(line), price(line));
    }
    text.push('\n');
    for (line, license) in keys(order) {
        let _infallible = writeln!(text, "License key for {}:\n{}\n({})\n", line.title, license.key, limits(mail, license));
    }
    for (label, amount, _) in sums(order) {
        let _infallible = writeln!(text, "{label}  {amount}");
    }
    if let Some(paid) = paid_with(order) {
        let _infallible = writeln!(text, "{paid}");
    }
    text.push('\n');
    for words in licenses(order) {
        let _infallible = writeln!(text, "{}: {}", words.label, words.summary);
    }
    for words in full_terms(order) {
        let _infallible = write!(text, "\n{}, for order {}\n\n{}\n", words.label, order.number, words.body);
    }
    let _infallible = write!(text, "\n{}\n\n{}\n", keep(mail), mail.store.name);
    text
}

/// The license texts of an order that are more than their summary, each once.
fn full_terms(order: &OrderView) -> Vec<&TermsWords> {
    licenses(order).into_iter().filter(|words| !words.body.is_empty()).collect()
}

pub(super) const LINES: &str = "margin:0 0 24px;border-collapse:collapse;font-variant-numeric:tabular-nums;";
const PICTURE: &str = "padding:10px 16px 10px 0;border-top:1px solid #8a8f98;vertical-align:top;width:56px;";

/// Where the cover of a line is for everybody: the JPEG that links to the product show, which every mail program can, or what there is.
fn cover_url(mail: &OrderMail, line: &OrderLine) -> Option<String> {
    let cover = line.cover.as_ref().filter(|_| !mail.store.base_url.is_empty())?;
    let path = cover.shared.as_ref().map_or_else(|| cover.at_least(112), |shared| &shared.url);
    Some(format!("{}{path}", mail.store.base_url))
}

fn html_body(mail: &OrderMail, title: &str) -> String {
    let order = mail.order;
    let has_covers = order.items.iter().any(|line| cover_url(mail, line).is_some());
    let wide = if has_covers { "2" } else { "1" };
    let content = html! {
        h1 style=(TITLE) { (greeting(order)) }
        p style="margin:0 0 24px;" { (whereabouts(order)) }
        (button(mail.order_url, "Open your order"))
        @for (line, license) in keys(order) {
            p style="margin:0 0 4px;font-size:14px;" { "License key for " (line.title) }
            p style="margin:0 0 4px;font-family:Menlo,Consolas,monospace;font-size:16px;word-break:break-all;" { (license.key) }
            p style="margin:0 0 24px;font-size:14px;" { (limits(mail, license)) }
        }
        p style="margin:0 0 8px;font-size:14px;" { (name(mail)) }
        table width="100%" cellpadding="0" cellspacing="0" style=(LINES) {
            @for (line, parts) in order.sold() {
                tr {
                    @if has_covers {
                        td style=(PICTURE) {
                            @if let Some(url) = cover_url(mail, line) {
                                img src=(url) width="56" alt="" style="display:block;width:56px;height:auto;border:0;";
                            }
                        }
                    }
                    td style=(CELL) {
                        strong { (line.title) } br;
                        span style="font-size:14px;" { (details(line)) @if let Some(with) = with(&parts) { br; (with) } }
                    }
                    td style=(NUMBER) { (price(line)) }
                }
            }
            @for (label, amount, counts) in sums(order) {
                tr {
                    @if counts {
                        td colspan=(wide) style=(CELL) { strong { (label) } }
                        td style=(NUMBER) { strong { (amount) } }
                    } @else {
                        td colspan=(wide) style=(CELL) { (label) }
                        td style=(NUMBER) { (amount) }
                    }
                }
            }
        }
        @if let Some(paid) = paid_with(order) { p style="margin:0 0 16px;font-size:14px;" { (paid) } }
        @for words in licenses(order) {
            p style="margin:0 0 8px;font-size:14px;" { (words.label) ": " (words.summary) }
        }
        @for words in full_terms(order) {
            p style="margin:16px 0 8px;" { strong { (words.label) } ", for order " (order.number) }
            p style="margin:0 0 24px;font-size:14px;white-space:pre-line;" { (words.body) }
        }
        p style="margin:24px 0 0;font-size:14px;" { (keep(mail)) }
    };
    frame(title, whereabouts(order), mail.store, &content)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{NASTY, URL, order as example, store};
    use super::*;
    use domain::entitlement::EntitlementState;
    use domain::ledger::{DisputeStatus, Fact, Ledger, RefundFact, RefundState};
    use domain::pages::storefront::{Picture, SharedPicture};
    use domain::payment::PaymentMethod;
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
            "Your license keys are below and on your order page.",
            "Order 4F7K-9QXZ, Jan 1, 1970",
            "Standard, 3 × $2.99 · Personal license",
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
    fn the_mail_says_how_it_was_paid_where_that_is_known() {
        let mut order = example();
        assert!(!written(&order).1.contains("Paid with"));
        let card = PaymentMethod { kind: "card".into(), brand: "visa".into(), last4: "4242".into(), wallet: String::new() };
        order.paid_with = Some(card);
        let (_, text, html) = written(&order);
        assert!(text.contains("Paid with Visa ending in 4242") && html.contains("Paid with Visa ending in 4242"), "{text}");
    }

    #[test]
    fn what_has_no_files_yet_is_not_called_ready() {
        let mut order = example();
        order.items[0].is_awaited = true;
        let (_, text, html) = written(&order);
        for body in [text, html] {
            assert!(body.contains("Thank you for your order.") && body.contains("Some files are not there yet."), "{body}");
            assert!(!body.contains("ready"), "{body}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_store() {
        let store = StoreFace { time_zone: "America/New_York".into(), ..store() };
        let (_, text, _) = super::order(OrderMail { store: &store, order: &example(), order_url: URL });
        assert!(text.contains("Order 4F7K-9QXZ, Dec 31, 1969"), "{text}");
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
    fn a_license_is_said_once_and_a_cover_is_the_picture_that_everybody_sees() {
        let mut order = example();
        order.items[1].terms_words = order.items[0].terms_words.clone();
        let (_, text, html) = written(&order);
        assert_eq!((text.matches("For you alone").count(), html.matches("For you alone").count()), (1, 1), "{text}");
        let shared = SharedPicture { url: "/media/a/b.jpg".into(), width: 600, height: 800 };
        order.items[0].cover = Some(Picture {
            url: "/media/c/b.webp".into(),
            alt: NASTY.into(),
            width: None,
            height: None,
            sizes: Vec::new(),
            shared: Some(shared),
            color: None,
        });
        let (_, _, html) = written(&order);
        assert_eq!(html.matches("<img ").count(), 1);
        assert!(html.contains("<img src=\"https://shop.example/media/a/b.jpg\" width=\"56\" alt=\"\""), "{html}");
        order.items[0].cover.as_mut().unwrap().shared = None;
        assert!(written(&order).2.contains("<img src=\"https://shop.example/media/c/b.webp\""));
    }

    #[test]
    fn a_list_of_mails_shows_what_the_order_page_holds_and_no_number_twice() {
        let (_, _, html) = written(&example());
        let first = html.split("<body").nth(1).unwrap().split("</div>").next().unwrap();
        assert!(first.ends_with("Your license keys are below and on your order page."), "{first}");
    }

    #[test]
    fn keys_are_in_the_mail_while_they_may_be_used() {
        let (subject, text, html) = written(&example());
        assert!(!subject.contains("SECRET-KEY"));
        for body in [text, html] {
            assert!(body.contains("License key for Tide, the app") && body.contains("SECRET-KEY"), "{body}");
            assert!(body.contains("any number of devices"), "{body}");
        }
        let (_, text, html) = written(&OrderView { status: OrderStatus::Refunded, ..example() });
        assert!(!text.contains("SECRET-KEY") && !html.contains("SECRET-KEY"), "{text}");
        let mut disabled = example();
        disabled.items[1].licenses[0].status = LicenseStatus::Disabled;
        let (_, text, html) = written(&disabled);
        assert!(!text.contains("SECRET-KEY") && !html.contains("SECRET-KEY"), "{text}");
    }

    #[test]
    fn a_key_says_how_far_it_goes() {
        let mut order = example();
        let license = &mut order.items[1].licenses[0];
        (license.activation_limit, license.is_trial) = (Some(3), true);
        (license.expires_at, license.updates_until) = (Some(86_400_000), Some(2 * 86_400_000));
        let (_, text, _) = written(&order);
        assert!(text.contains("SECRET-KEY\n(trial · 3 devices · until Jan 2, 1970 · updates until Jan 3, 1970)"), "{text}");
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
        assert!(text.contains("Discount  −$5.97\nTotal  $20.00\nIncluding tax  $1.30\nRefunded  −$1.00\n"), "{text}");
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
