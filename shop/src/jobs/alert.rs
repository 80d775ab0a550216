//! A word to the owner when something needs a person.

use super::customer_mail::{deliver, message_id};
use super::outbox::{JobRow, Stop};
use crate::jobs::mail::{self, Mail};
use crate::{Shop, stores};

/// Why something failed, as far as a mail needs it: an accident's own text may be a page.
pub(super) fn in_short(why: &str) -> String {
    why.lines().next().unwrap_or_default().chars().take(300).collect()
}

pub(super) async fn send(shop: &Shop, job: &JobRow) -> Result<(), Stop> {
    // Without an address the log has said it already.
    let Some(to) = shop.settings.alert_email.clone() else { return Ok(()) };
    let store = stores::face(shop).await?;
    let (subject, text, html) = mail::templates::alert(mail::templates::AlertMail { store: &store, text: &job.payload });
    deliver(shop, &Mail { message_id: message_id(shop, job), to, subject, text, html, reply_to: None, from_name: None }).await
}
