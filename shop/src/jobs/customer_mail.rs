//! The mails that customers get: the order, a refund, a payment that failed.

use super::outbox::{Done, JobRow, Kind, Stop};
use crate::base::entities::{order, refund};
use crate::jobs::mail::templates::{self, Trouble};
use crate::jobs::mail::{Mail, MailError};
use crate::{Error, Result, Shop, customers, kill_point, orders, stores};
use domain::entitlement::EntitlementState;
use domain::id::{Id, order_number};
use domain::order::{OrderStatus, OrderView};
use domain::timeline::Step;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, EntityTrait};

type Written = (String, String, String);

/// Whom a mail goes to and what it says.
struct Letter {
    order: order::Model,
    written: Written,
}

pub(super) async fn send(shop: &Shop, job: &JobRow, kind: Kind) -> std::result::Result<Done, Stop> {
    let id = Uuid::try_parse(&job.payload).map_err(|_| Stop::GiveUp("the payload is no id".to_owned()))?;
    let letter = match kind {
        Kind::RefundMail => refund(shop, id).await?,
        Kind::PaymentFailedMail => payment_failed(shop, id).await?,
        _ => Some(order(shop, id).await?),
    };
    // What it would tell is not so any more.
    let Some(Letter { order, written: (subject, text, html) }) = letter else { return Ok(Done::Needless) };
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

async fn order(shop: &Shop, id: Id) -> Result<Letter> {
    let order = orders::reload(shop, id).await?;
    let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
    let url = orders::order_url(shop, &order);
    Ok(Letter { written: templates::order(templates::OrderMail { store: &store, order: &view, order_url: &url }), order })
}

async fn refund(shop: &Shop, id: Id) -> Result<Option<Letter>> {
    let refund = refund::Entity::find_by_id(id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    if !refund.state.counts() {
        return Ok(None);
    }
    let order = orders::reload(shop, refund.order_id).await?;
    let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
    let url = orders::order_url(shop, &order);
    let mail = templates::RefundMail {
        store: &store,
        order: &view,
        order_url: &url,
        amount: view.money(refund.amount),
        access: access(&view),
        item: refund.order_item_id.and_then(|id| view.items.iter().find(|line| line.id == id)).map(|line| line.title.as_str()),
    };
    Ok(Some(Letter { written: templates::refund(mail), order }))
}

fn access(order: &OrderView) -> EntitlementState {
    match order.status {
        OrderStatus::Refunded | OrderStatus::ChargedBack => EntitlementState::Revoked,
        OrderStatus::Disputed => EntitlementState::Suspended,
        _ => EntitlementState::Active,
    }
}

async fn payment_failed(shop: &Shop, id: Id) -> Result<Option<Letter>> {
    let order = orders::reload(shop, id).await?;
    if order.status != OrderStatus::Failed {
        return Ok(None);
    }
    let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
    let url = orders::order_url(shop, &order);
    let mail = templates::PaymentFailedMail { store: &store, order: &view, order_url: &url };
    Ok(Some(Letter { written: templates::payment_failed(mail), order }))
}

/// Writes into the order's timeline that its mail was sent; nothing where the job was no mail to a customer.
pub(super) async fn note_sent(db: &impl ConnectionTrait, shop: &Shop, job: &JobRow) -> Result<()> {
    let step = match job.kind() {
        Some(Kind::OrderMail) => Step::Mailed,
        Some(Kind::RefundMail) => Step::RefundMailed,
        Some(Kind::PaymentFailedMail) => Step::FailureMailed,
        Some(Kind::Refund | Kind::Alert | Kind::EntryMail | Kind::Erasure) | None => return Ok(()),
    };
    let Some(order_id) = job.order_id else { return Ok(()) };
    orders::note(db, shop, order_id, step, "").await
}

/// What the owner reads when the mail is given up.
pub(super) async fn trouble(shop: &Shop, job: &JobRow, kind: Kind, why: &str) -> String {
    let order = match job.order_id {
        Some(id) => orders::reload(shop, id).await.ok(),
        None => None,
    };
    let number = order.map(|order| order_number(&order.public_id));
    let what = match kind {
        Kind::RefundMail => format!("The mail that tells a customer of a refund could not be sent: {why}. The refund itself is made."),
        Kind::PaymentFailedMail => {
            format!("The mail that tells a customer of a failed payment could not be sent: {why}. Nothing was charged.")
        }
        _ => format!("The mail that brings an order could not be sent: {why}. The order itself is paid and delivered on its page."),
    };
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
