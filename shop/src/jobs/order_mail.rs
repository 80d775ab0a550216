//! The mail that brings an order to its customer.

use super::outbox::{JobRow, Stop};
use crate::mail::{self, Mail, MailError};
use crate::{Shop, orders, stores};
use domain::id::Id;
use sea_orm::prelude::Uuid;

fn order_id(job: &JobRow) -> Option<Id> {
    Uuid::try_parse(&job.payload).ok()
}

pub(super) async fn send(shop: &Shop, job: &JobRow) -> Result<(), Stop> {
    let order_id = order_id(job).ok_or_else(|| Stop::GiveUp("the payload is no id".to_owned()))?;
    let order = orders::reload(shop, order_id).await?;
    let view = orders::view(shop, &order).await?;
    let store = stores::face(shop).await?;
    let url = orders::order_url(shop, &order);
    let (subject, text, html) = mail::templates::order(mail::templates::OrderMail { store: &store, order: &view, order_url: &url });
    let mail = Mail { message_id: message_id(shop, job), to: order.email.clone(), subject, text, html, reply_to: store.support_email };
    deliver(shop, &mail).await?;
    Ok(orders::note(&shop.db, shop, order.id, "mailed", "").await?)
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
