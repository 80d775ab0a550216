//! The mail that tells the owner what a day brought.

use super::order::LINES;
use super::sale::setting;
use super::{CELL, NUMBER, QUIET, TITLE, button, frame};
use crate::stores::calendar::{Calendar, iso};
use domain::pages::analytics::{BreakdownRow, Figures};
use domain::pages::storefront::StoreFace;
use maud::html;
use std::fmt::Write;

/// What the mail speaks of.
pub struct DailySalesMail<'a> {
    pub store: &'a StoreFace,
    /// Counted from 1970-01-01, in the store's time zone.
    pub day: i64,
    pub figures: &'a Figures,
    /// What was sold most, as products.
    pub best: &'a [BreakdownRow],
}

/// Subject, text and HTML.
pub fn daily_sales(mail: DailySalesMail) -> (String, String, String) {
    let calendar = Calendar::named(&mail.store.time_zone);
    let day = calendar.day_text(calendar.start_of(mail.day));
    let (orders, revenue) = (counted(mail.figures.n_orders, "order"), mail.figures.revenue());
    let title = format!("{orders} on {day}");
    let subject = format!("{title} \u{2014} {revenue}");
    let facts = facts(mail.figures);
    let url = format!("{}/dashboard/analytics?from={day}&to={day}", mail.store.base_url, day = iso(mail.day));
    let setting = setting(mail.store);
    let mut text = format!("{title}\n\n");
    for (label, value) in &facts {
        let _infallible = writeln!(text, "{label}: {value}");
    }
    text.push_str("\nSold most:\n");
    for row in mail.best {
        let _infallible = writeln!(text, "{}  {}  {}", row.name, sold(row), row.paid);
    }
    let _infallible =
        write!(text, "\nOpen the day in the dashboard:\n{url}\n\nYou get an email for each day with sales. To change that:\n{setting}\n");
    let content = html! {
        h1 style=(TITLE) { (title) }
        table width="100%" cellpadding="0" cellspacing="0" style=(LINES) {
            @for (label, value) in &facts { tr { td style=(CELL) { (label) } td style=(NUMBER) { strong { (value) } } } }
        }
        p style="margin:0 0 8px;font-size:14px;" { "Sold most" }
        table width="100%" cellpadding="0" cellspacing="0" style=(LINES) {
            @for row in mail.best {
                tr {
                    td style=(CELL) { strong { (row.name) } br; span style="font-size:14px;" { (sold(row)) } }
                    td style=(NUMBER) { (row.paid) }
                }
            }
        }
        (button(&url, "Open the day in the dashboard"))
        p style=(QUIET) { "You get an email for each day with sales. " a href=(setting) { "Change that in the settings" } "." }
    };
    let html = frame(&subject, &format!("Revenue {revenue}"), mail.store, &content);
    (subject, text, html)
}

/// Labels and values; what did not happen is left out.
fn facts(figures: &Figures) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Orders", figures.n_orders.to_string()), ("Paid", figures.paid.to_string())];
    for (label, n, amount) in [("Refunds", figures.n_refunds, figures.refunded), ("Lost disputes", figures.n_lost, figures.lost)] {
        if n > 0 {
            facts.push((label, format!("{n}, {amount}")));
        }
    }
    facts.push(("Revenue", figures.revenue().to_string()));
    facts
}

fn sold(row: &BreakdownRow) -> String {
    format!("{} sold", row.n_pieces.unwrap_or(row.n_orders))
}

fn counted(n: i64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{NASTY, store};
    use super::*;
    use domain::money::{Currency, Money};

    #[test]
    fn the_owner_reads_what_a_day_brought() {
        let money = |amount| Money::new(amount, Currency::USD);
        let figures = Figures {
            n_orders: 3,
            paid: money(4_090),
            n_refunds: 1,
            refunded: money(1_000),
            lost: money(0),
            discounted: money(0),
            n_sales: 3,
            n_lost: 0,
            n_new_customers: 0,
            n_downloads: 0,
            n_views: 0,
            n_visitors: 0,
            n_carts: 0,
        };
        let best = [BreakdownRow {
            key: "a".into(),
            name: NASTY.into(),
            n_orders: 1,
            n_pieces: Some(2),
            paid: money(2_400),
            refunded: money(0),
            lost: money(0),
            n_views: None,
            n_visitors: None,
        }];
        // 2026-11-30
        let (subject, text, html) = daily_sales(DailySalesMail { store: &store(), day: 20_787, figures: &figures, best: &best });
        assert_eq!(subject, "3 orders on Nov 30, 2026 \u{2014} $30.90");
        for part in ["$40.90", "1, $10.00", "$30.90", "2 sold", "$24.00", "/dashboard/settings#emails"] {
            assert!(text.contains(part) && html.contains(part), "{part} is not in\n{text}");
        }
        assert!(text.contains("?from=2026-11-30&to=2026-11-30") && !text.contains("Lost") && !html.contains("<img"), "{text}");
    }
}
