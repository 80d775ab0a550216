//! What the mails say. One purpose each; as HTML and as text, from the same facts.

mod alert;
mod entry;
mod links;
mod order;
mod payment;
mod refund;
mod sale;
mod sales_day;

pub use alert::{AlertMail, Trouble, alert};
pub use entry::{EntryMail, entry, test};
pub use links::{OrderLinksMail, order_links};
pub use order::{OrderMail, order};
pub use payment::{PaymentFailedMail, payment_failed};
pub use refund::{RefundMail, refund};
pub use sale::{SaleMail, sale};
pub use sales_day::{DailySalesMail, daily_sales};

use crate::stores::calendar::Calendar;
use domain::order::OrderView;
use domain::pages::storefront::StoreFace;
use maud::{DOCTYPE, Markup, html};

/// The accent with white on it, 5 : 1 and more in either scheme.
const ACCENT: &str = "#2b56c6";
const TITLE: &str = "margin:0 0 8px;font:400 28px/1.2 Georgia,serif;";
const COLUMN: &str = "max-width:560px;border-collapse:collapse;";
const BODY: &str = "text-align:left;font:16px/1.5 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif;overflow-wrap:anywhere;";
const LINK: &str = "display:inline-block;padding:12px 20px;color:#ffffff;text-decoration:none;font-weight:600;";
const QUIET: &str = "margin:0;font-size:14px;";
/// Hairlines of a gray that is seen on white and on black.
const CELL: &str = "padding:10px 0;border-top:1px solid #8a8f98;vertical-align:top;text-align:left;";
const NUMBER: &str = "padding:10px 0 10px 16px;border-top:1px solid #8a8f98;vertical-align:top;text-align:right;white-space:nowrap;";

/// What stands beside the subject in a list of mails, and nowhere in the mail.
const PREHEADER: &str = "display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:transparent;";

/// The frame of every mail: one column, inline styles, no color of text or paper, so that mail programs choose both
/// and dark stays legible. No script, and no picture that is one reader's own and would tell when a mail is read.
fn frame(title: &str, preheader: &str, store: &StoreFace, content: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                title { (title) }
            }
            body style="margin:0;padding:0;" {
                div style=(PREHEADER) { (preheader) }
                table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse;" {
                    tr {
                        td align="center" style="padding:32px 16px;" {
                            table role="presentation" width="100%" cellpadding="0" cellspacing="0" style=(COLUMN) {
                                tr {
                                    td style=(BODY) {
                                        p style="margin:0 0 24px;font:600 18px/1.2 Georgia,serif;" { (home(store)) }
                                        (content)
                                        p style="margin:32px 0 0;font-size:12px;" {
                                            (home(store)) @if !store.seller.is_empty() { br; (store.seller.join(" · ")) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

/// The shop's name, which leads there.
fn home(store: &StoreFace) -> Markup {
    html! {
        @if store.base_url.is_empty() {
            (store.name)
        } @else {
            a href=(store.base_url) style="color:inherit;text-decoration:none;" { (store.name) }
        }
    }
}

/// A day as the pages write it, in the store's time zone.
fn day(store: &StoreFace, at_ms: i64) -> String {
    Calendar::named(&store.time_zone).day_text(at_ms)
}

/// The one thing to do. A table, as some mail programs give links no padding.
fn button(url: &str, label: &str) -> Markup {
    html! {
        table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 32px;border-collapse:separate;" {
            tr {
                td bgcolor=(ACCENT) style={ "border-radius:6px;background-color:" (ACCENT) ";" } {
                    a href=(url) style=(LINK) { (label) }
                }
            }
        }
    }
}

/// How to get help.
fn contact(store: &StoreFace) -> String {
    match &store.support_email {
        Some(email) => format!("Something wrong? Just reply to this email, or write to {email}."),
        None => "Something wrong? Just reply to this email.".to_owned(),
    }
}

fn has_licenses(order: &OrderView) -> bool {
    order.items.iter().any(|line| !line.licenses.is_empty())
}

#[cfg(test)]
pub(super) mod examples {
    use domain::money::{Currency, Money};
    use domain::order::{OrderLine, OrderStatus, OrderView, OwnedLicense};
    use domain::pages::storefront::StoreFace;
    use domain::terms::LicenseTerms;

    pub const URL: &str = "https://shop.example/orders/abc?key=x&y=1";
    pub const NASTY: &str = "<img src=x onerror=alert(1)>\"'&";

    pub fn store() -> StoreFace {
        StoreFace {
            name: "Papier & Ink".into(),
            tagline: String::new(),
            support_email: Some("help@shop.example".into()),
            seller: vec!["Papier & Ink Ltd".into(), "1 Quiet Lane".into()],
            policies: Vec::new(),
            refund_days: None,
            sender_name: String::new(),
            logo: None,
            base_url: "https://shop.example".into(),
            time_zone: "UTC".into(),
        }
    }

    pub fn order() -> OrderView {
        let money = |amount| Money::new(amount, Currency::USD);
        let line = |title: &str, terms: LicenseTerms, quantity, unit, licenses| OrderLine {
            id: domain::id::Id::nil(),
            product: "p".into(),
            product_now: None,
            cover: None,
            variant: "v".into(),
            title: title.into(),
            variant_name: "Standard".into(),
            terms,
            terms_words: terms.words(),
            quantity,
            unit_price: money(unit),
            line_total: money(unit * quantity),
            part_of: None,
            files: Vec::new(),
            licenses,
            is_awaited: false,
        };
        let license = OwnedLicense {
            key: "SECRET-KEY".into(),
            status: domain::license::LicenseStatus::Active,
            activation_limit: None,
            activation_usage: 0,
            expires_at: None,
            id: domain::id::Id::nil(),
            updates_until: None,
            is_trial: false,
            is_replaceable: true,
            seats: Vec::new(),
        };
        OrderView {
            id: "abc".into(),
            number: "4F7K-9QXZ".into(),
            status: OrderStatus::Paid,
            email: "ada@example.com".into(),
            currency: Currency::USD,
            amount_subtotal: 2_597,
            amount_discount: 0,
            amount_tax: 0,
            amount_total: 2_597,
            amount_refunded: 0,
            amount_lost: 0,
            created_at: 0,
            paid_at: Some(0),
            paid_with: None,
            checkout_url: None,
            is_on_hold: false,
            is_closed: false,
            duplicate_of: None,
            items: vec![
                line(NASTY, LicenseTerms::Personal, 3, 299, Vec::new()),
                line("Tide, the app", LicenseTerms::Commercial, 1, 1_700, vec![license]),
            ],
        }
    }
}
