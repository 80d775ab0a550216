//! The mails that let a member in, and the one that tries the mail server.

use super::{QUIET, TITLE, button, frame};
use crate::accounts::Purpose;
use domain::pages::storefront::StoreFace;
use maud::html;

/// What the mail speaks of.
pub struct EntryMail<'a> {
    pub store: &'a StoreFace,
    pub purpose: Purpose,
    /// Opens the shop once: the member's alone.
    pub url: &'a str,
}

/// Subject, text and HTML.
pub fn entry(mail: EntryMail) -> (String, String, String) {
    let name = &mail.store.name;
    let (subject, title, what, label, end) = match mail.purpose {
        Purpose::SignIn => (
            format!("Your link to sign in to {name}"),
            "Sign in",
            "Open this link in the browser where you asked for it. It works once, within ten minutes.",
            "Sign in",
            "If you did not ask for it, ignore this email: nobody can sign in without the link.",
        ),
        Purpose::Invitation => (
            format!("You are invited to run {name}"),
            "You are invited",
            "You are invited to help run this shop. Choose a password to join. The link works once, within seven days.",
            "Accept the invitation",
            "If you don't know this shop, ignore this email.",
        ),
    };
    let text = format!("{what}\n\n{}\n\n{end}\n\n{name}\n", mail.url);
    let content = html! {
        h1 style=(TITLE) { (title) }
        p style="margin:0 0 24px;" { (what) }
        (button(mail.url, label))
        p style=(QUIET) { (end) }
    };
    let html = frame(&subject, what, mail.store, &content);
    (subject, text, html)
}

/// A mail that shows that mails arrive.
pub fn test(store: &StoreFace) -> (String, String, String) {
    let subject = format!("A test email from {}", store.name);
    let what = "This email was sent from the settings of your shop. If you can read it, the shop's emails arrive.";
    let content = html! {
        h1 style=(TITLE) { "Mails arrive" }
        p style=(QUIET) { (what) }
    };
    let html = frame(&subject, what, store, &content);
    (subject, format!("{what}\n\n{}\n", store.name), html)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{URL, store};
    use super::*;

    #[test]
    fn a_link_says_how_long_it_works_and_that_it_may_be_ignored() {
        for (purpose, how_long) in [(Purpose::SignIn, "ten minutes"), (Purpose::Invitation, "seven days")] {
            let (subject, text, html) = entry(EntryMail { store: &store(), purpose, url: URL });
            assert!(subject.contains("Papier & Ink") && text.contains(URL));
            for part in [how_long, "ignore this email"] {
                assert!(text.contains(part) && html.contains(part), "{part}\n{text}");
            }
        }
    }

    #[test]
    fn a_mail_names_the_seller_below() {
        let (_, _, html) = test(&store());
        assert!(html.contains("Papier &amp; Ink Ltd · 1 Quiet Lane"), "{html}");
    }
}
