//! The mails that let members in.

use super::customer_mail::{deliver, message_id};
use super::outbox::{Done, JobRow, Stop};
use crate::jobs::mail::{Mail, templates};
use crate::{Shop, accounts, stores};
use domain::id::Id;

pub(super) async fn send(shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
    let id = Id::try_parse(&job.payload).map_err(|_| Stop::GiveUp("the payload is no id".to_owned()))?;
    // A link that was used or ended meanwhile opens nothing, and a mail about it would only puzzle.
    let Some(entry) = accounts::find_for_mail(shop, id).await? else { return Ok(Done::Needless) };
    let store = stores::face(shop).await?;
    let url = accounts::entry_url(shop, id);
    let (subject, text, html) = templates::entry(templates::EntryMail { store: &store, purpose: entry.purpose, url: &url });
    let mail = Mail { message_id: message_id(shop, job), to: entry.email, subject, text, html, reply_to: None, from_name: None };
    deliver(shop, &mail).await?;
    Ok(Done::AsAsked)
}
