//! A word to the owner: what failed, which order, what to do.

use super::{TITLE, frame};
use domain::pages::storefront::StoreFace;
use maud::html;
use std::fmt;

/// What needs a person.
pub struct AlertMail<'a> {
    pub store: &'a StoreFace,
    /// Plain text; an empty line parts paragraphs. [`Trouble`] writes it.
    pub text: &'a str,
}

/// What went wrong, as the payload of an alert: its `Display` is the text of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble<'a> {
    /// One sentence, and whether money moved.
    pub what: &'a str,
    /// The order's number, when it is about one.
    pub order: Option<&'a str>,
    /// The one next step.
    pub to_do: &'a str,
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        if let Some(order) = self.order {
            write!(f, "\n\nOrder: {order}")?;
        }
        write!(f, "\n\nWhat to do: {}", self.to_do)
    }
}

/// Subject, text and HTML.
pub fn alert(mail: AlertMail) -> (String, String, String) {
    let subject = format!("{} needs your attention", mail.store.name);
    let content = html! {
        h1 style=(TITLE) { "Your shop needs your attention" }
        @for paragraph in mail.text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
            p style="margin:0 0 16px;" {
                @for (i, line) in paragraph.lines().enumerate() {
                    @if i > 0 { br; }
                    (line)
                }
            }
        }
    };
    let html = frame(&subject, mail.text.lines().next().unwrap_or_default(), mail.store, &content);
    (subject, format!("{}\n", mail.text.trim_end()), html)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{NASTY, store};
    use super::*;

    #[test]
    fn an_alert_says_what_failed_which_order_and_what_to_do() {
        let text = Trouble { what: NASTY, order: Some("4F7K-9QXZ"), to_do: "Refund one of the payments in Stripe." }.to_string();
        let (subject, text, html) = alert(AlertMail { store: &store(), text: &text });
        assert_eq!(subject, "Papier & Ink needs your attention");
        assert_eq!(text, format!("{NASTY}\n\nOrder: 4F7K-9QXZ\n\nWhat to do: Refund one of the payments in Stripe.\n"));
        assert_eq!(html.matches("<p style=\"margin:0 0 16px;\">").count(), 3);
        assert!(!html.contains("<img"));
    }

    #[test]
    fn an_alert_of_one_sentence_is_one_paragraph() {
        let (_, text, html) = alert(AlertMail { store: &store(), text: "Order 1 was paid twice." });
        assert!(text == "Order 1 was paid twice.\n" && html.contains("<p style=\"margin:0 0 16px;\">Order 1 was paid twice.</p>"));
    }
}
