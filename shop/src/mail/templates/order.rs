//! The order mail: thanks, the way to the goods, what was bought.

use super::frame;
use domain::catalog::StoreFace;
use domain::order::OrderView;
use maud::html;
use std::fmt::Write;

/// What the order mail speaks of.
pub struct OrderMail<'a> {
    pub store: &'a StoreFace,
    pub order: &'a OrderView,
    pub order_url: &'a str,
}

/// Subject, text and HTML.
pub fn order(mail: OrderMail) -> (String, String, String) {
    let subject = format!("Your order {} from {}", mail.order.number, mail.store.name);
    (subject.clone(), text(&mail), html_body(&mail, &subject))
}

fn text(mail: &OrderMail) -> String {
    let order = mail.order;
    let mut text = format!("Thank you. Your order {} is ready.\n\nOpen it to download your files{}:\n{}\n\n", order.number, if has_licenses(order) { " and see your keys" } else { "" }, mail.order_url);
    for line in &order.items {
        let _infallible = writeln!(text, "{} × {} ({})  {}\n    {}: {}", line.quantity, line.title, line.variant_name, line.line_total, line.terms.label(), line.terms.summary());
    }
    if order.amount_discount > 0 {
        let _infallible = writeln!(text, "Discount  -{}", order.money(order.amount_discount));
    }
    let _infallible = write!(text, "Total  {}\n\nKeep this mail: the link above opens your order at any time.\n{}\n", order.money(order.amount_total), contact(mail));
    text
}

fn has_licenses(order: &OrderView) -> bool {
    order.items.iter().any(|line| !line.licenses.is_empty())
}

fn contact(mail: &OrderMail) -> String {
    match &mail.store.support_email {
        Some(email) => format!("Something is not right? Answer this mail or write to {email}."),
        None => "Something is not right? Answer this mail.".to_owned(),
    }
}

fn html_body(mail: &OrderMail, title: &str) -> String {
    let order = mail.order;
    let cell = "padding:10px 0;border-top:1px solid #8884;vertical-align:top;";
    let right = "padding:10px 0 10px 16px;border-top:1px solid #8884;vertical-align:top;text-align:right;white-space:nowrap;";
    let content = html! {
        h1 style="margin:0 0 8px;font:400 28px/1.2 Georgia,serif;" { "Thank you. Your order is ready." }
        p style="margin:0 0 24px;" { "Order " (order.number) ". Your files" @if has_licenses(order) { " and keys" } " are on its page." }
        p style="margin:0 0 32px;" {
            a href=(mail.order_url) style="display:inline-block;padding:12px 20px;border-radius:6px;background:#2b56c6;color:#fff;text-decoration:none;font-weight:600;" { "Open your order" }
        }
        table role="presentation" style="width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums;" {
            tbody {
                @for line in &order.items {
                    tr {
                        td style=(cell) {
                            strong { (line.title) } br;
                            (line.variant_name) @if line.quantity > 1 { " × " (line.quantity) } br;
                            span style="font-size:14px;opacity:.75;" { (line.terms.label()) ": " (line.terms.summary()) }
                        }
                        td style=(right) { (line.line_total) }
                    }
                }
                @if order.amount_discount > 0 {
                    tr { td style=(cell) { "Discount" } td style=(right) { "-" (order.money(order.amount_discount)) } }
                }
                tr { td style=(cell) { strong { "Total" } } td style=(right) { strong { (order.money(order.amount_total)) } } }
            }
        }
        p style="margin:24px 0 0;font-size:14px;opacity:.75;" { "Keep this mail: the button opens your order at any time. " (contact(mail)) }
    };
    frame(title, &mail.store.name, &content)
}
