//! The mail that lets a member in by a one-time link.

use super::letter::{deliver, message_id};
use super::{Done, GivenUp, Stop, Work, id_in};
use crate::jobs::mail::{Mail, templates};
use crate::jobs::outbox::JobRow;
use crate::{Shop, accounts, stores};
use async_trait::async_trait;

pub(super) struct EntryMail;

#[async_trait]
impl Work for EntryMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let id = id_in(job)?;
        // A link that was used or ended meanwhile opens nothing, and a mail about it would only puzzle.
        let Some(entry) = accounts::find_for_mail(shop, id).await? else { return Ok(Done::Needless) };
        let store = stores::face(shop).await?;
        let url = accounts::entry_url(shop, id);
        let (subject, text, html) = templates::entry(templates::EntryMail { store: &store, purpose: entry.purpose, url: &url });
        let mail = Mail { message_id: message_id(shop, job), to: entry.email, subject, text, html, reply_to: None, from_name: None };
        deliver(shop, &mail).await?;
        Ok(Done::AsAsked)
    }

    fn given_up(&self, why: &str) -> Option<GivenUp> {
        let what = format!("A mail with a link into the shop could not be sent: {why}.");
        Some(GivenUp { what, to_do: "See whether the mail server takes your mails; then the link can be asked for again." })
    }
}
