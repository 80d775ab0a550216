//! The mail that brings an order to its customer.

use super::outbox::{JobRow, Stop};
use crate::mail::templates::Trouble;
use crate::mail::{self, Mail, MailError};
use crate::{Result, Shop, orders, stores};
use domain::id::{Id, order_number};
use sea_orm::ConnectionTrait;
use sea_orm::prelude::Uuid;

fn order_id(job: &JobRow) -> Option<Id> {
    Uuid::try_parse(&job.payload).ok()
}

pub(super) async fn send(shop: &Shop, job: &JobRow) -> std::result::Result<(), Stop> {
    let order_id = order_id(job).ok_or_else(|| Stop::GiveUp("the payload is no id".to_owned()))?;
    let order = orders::reload(shop, order_id).await?;
    let view = orders::view(shop, &order).await?;
    let store = stores::face(shop).await?;
    let url = orders::order_url(shop, &order);
    let (subject, text, html) = mail::templates::order(mail::templates::OrderMail { store: &store, order: &view, order_url: &url });
    let mail = Mail { message_id: message_id(shop, job), to: order.email.clone(), subject, text, html, reply_to: store.support_email };
    deliver(shop, &mail).await
}

/// Writes into the order's timeline that its mail was sent.
pub(super) async fn note(db: &impl ConnectionTrait, shop: &Shop, job: &JobRow) -> Result<()> {
    match order_id(job) {
        Some(id) => orders::note(db, shop, id, "mailed", "").await,
        None => Ok(()),
    }
}

/// What the owner reads when the mail is given up.
pub(super) async fn trouble(shop: &Shop, job: &JobRow, why: &str) -> String {
    let order = match order_id(job) {
        Some(id) => orders::reload(shop, id).await.ok(),
        None => None,
    };
    let number = order.map(|order| order_number(&order.public_id));
    let what = format!("The mail that brings an order could not be sent: {why}. The order itself is paid and delivered on its page.");
    let to_do = "See whether the customer's address is right and the mail server takes your mails, then write to the customer.";
    Trouble { what: &what, order: number.as_deref(), to_do }.to_string()
}

/// The same for every try of a job, so that a mail program shows a repeated mail once.
pub(super) fn message_id(shop: &Shop, job: &JobRow) -> String {
    let host =
        shop.settings.base_url.split_once("://").map_or("localhost", |(_, rest)| rest).split([':', '/']).next().unwrap_or("localhost");
    format!("<{}@{host}>", job.id.simple())
}

pub(super) async fn deliver(shop: &Shop, mail: &Mail) -> std::result::Result<(), Stop> {
    shop.mail.send(mail).await.map_err(|error| match error {
        MailError::Permanent(_) => Stop::GiveUp(error.to_string()),
        MailError::Transient(_) => Stop::Retry(error.to_string()),
    })
}
