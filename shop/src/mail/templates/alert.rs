//! A word to the owner.

use super::frame;
use domain::catalog::StoreFace;
use maud::html;

/// What needs a person.
pub struct AlertMail<'a> {
    pub store: &'a StoreFace,
    pub text: &'a str,
}

/// Subject, text and HTML.
pub fn alert(mail: AlertMail) -> (String, String, String) {
    let subject = format!("{} needs your attention", mail.store.name);
    let html = frame(&subject, &mail.store.name, &html! { h1 style="margin:0 0 8px;font:400 22px/1.2 Georgia,serif;" { "Your shop needs you" } p { (mail.text) } });
    (subject, format!("{}\n", mail.text), html)
}
