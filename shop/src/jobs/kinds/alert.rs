//! A word to the owner when something needs a person.

use super::letter::{deliver, message_id};
use super::{Done, GivenUp, Stop, Work};
use crate::jobs::mail::{Mail, templates};
use crate::jobs::outbox::JobRow;
use crate::{Shop, stores};
use async_trait::async_trait;

pub(super) struct Alert;

#[async_trait]
impl Work for Alert {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        // Without an address the log has said it already.
        let Some(to) = shop.settings.alert_email.clone() else { return Ok(Done::AsAsked) };
        let store = stores::face(shop).await?;
        let (subject, text, html) = templates::alert(templates::AlertMail { store: &store, text: &job.payload });
        let mail = Mail { message_id: message_id(shop, job), to, subject, text, html, reply_to: None, from_name: None };
        deliver(shop, &mail).await?;
        Ok(Done::AsAsked)
    }

    /// The next one would fail like it.
    fn given_up(&self, _: &str) -> Option<GivenUp> {
        None
    }
}

/// Why something failed, as far as a mail needs it: an accident's own text may be a page.
pub(in crate::jobs) fn in_short(why: &str) -> String {
    why.lines().next().unwrap_or_default().chars().take(300).collect()
}
