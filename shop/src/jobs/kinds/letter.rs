//! What the mails have in common: how one is sent, and what is said when a customer's is given up.

use super::{Done, GivenUp, Stop};
use crate::base::entities::order;
use crate::jobs::mail::{Mail, MailError};
use crate::jobs::outbox::JobRow;
use crate::{Shop, customers, kill_point, stores};

/// Subject, text and HTML.
pub(super) type Written = (String, String, String);

/// Sends the customer of an order a mail.
pub(super) async fn send_to_customer(shop: &Shop, job: &JobRow, order: order::Model, (subject, text, html): Written) -> Result<Done, Stop> {
    // Nobody reads what would go there.
    if customers::is_erased_address(&order.email) {
        return Ok(Done::Needless);
    }
    let store = stores::face(shop).await?;
    let (reply_to, from_name) = (store.support_email, Some(store.sender_name).filter(|name| !name.is_empty()));
    kill_point!("before_mail");
    deliver(shop, &Mail { message_id: message_id(shop, job), to: order.email, subject, text, html, reply_to, from_name }).await?;
    kill_point!("after_smtp");
    Ok(Done::AsAsked)
}

/// What the owner reads when a customer's mail is given up.
pub(super) fn given_up(what: String) -> GivenUp {
    let to_do = "See whether the customer's address is right and the mail server takes your mails, then write to the customer.";
    GivenUp { what, to_do }
}

/// The same for every try of a job, so that a mail program shows a repeated mail once.
pub(super) fn message_id(shop: &Shop, job: &JobRow) -> String {
    let host =
        shop.settings.base_url.split_once("://").map_or("localhost", |(_, rest)| rest).split([':', '/']).next().unwrap_or("localhost");
    format!("<{}@{host}>", job.id.simple())
}

pub(super) async fn deliver(shop: &Shop, mail: &Mail) -> Result<(), Stop> {
    shop.mail.send(mail).await.map_err(|error| match error {
        MailError::Permanent(_) => Stop::GiveUp(error.to_string()),
        MailError::Transient(_) => Stop::Retry(error.to_string()),
    })
}
