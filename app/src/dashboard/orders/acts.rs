//! What members do about an order and for its customer.

use crate::dashboard::health::acts::PAGE as HEALTH;
use crate::dashboard::several;
use crate::error::AppError;
use crate::layout::request::{self, Acting};
use crate::layout::with_query;
use domain::member::Permission;
use domain::money::Money;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What was typed into one of the forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpForm {
    /// Which form it was.
    pub act: String,
    pub email: String,
    pub body: String,
    pub extra: String,
    pub file: String,
    pub days: String,
}

/// The name of the forms among those that were refused.
pub const FORM: &str = "order_help";

/// Does something for an order and ends the form: with a notice, or with the form as it was typed.
async fn help<F>(
    order: &str,
    typed: HelpForm,
    notice: &str,
    act: impl FnOnce(shop::Shop, shop::accounts::audit::Actor) -> F,
) -> Result<String, AppError>
where
    F: Future<Output = shop::Result<()>>,
{
    let page = request::order_page(order);
    let act = async |Acting { shop, by, .. }| act(shop, by).await.map(|()| request::with_notice(&page, notice));
    // What nobody typed is not worth a draft: the sentence is enough.
    if typed.act.is_empty() {
        return request::act_to(Permission::HelpCustomers, &page, act).await;
    }
    request::submit(Permission::HelpCustomers, FORM, &typed, &page, act).await
}

/// A number as it was typed; what is no number becomes 0, which its range refuses.
fn number(text: &str) -> i64 {
    text.trim().parse().unwrap_or(0)
}

fn key(attempt: &str) -> Option<String> {
    Some(format!("dashboard:{attempt}")).filter(|_| !attempt.is_empty())
}

/// Writes a note that the customer never sees.
#[server(prefix = "/_fn", endpoint = "add_note")]
pub async fn add_note(order: String, body: String, attempt: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "note".to_owned(), body: body.clone(), ..HelpForm::default() };
    help(&order, typed, "noted", async |shop, by| shop::orders::add_note(&shop, &by, &order, &body, key(&attempt).as_deref()).await).await
}

/// Adds downloads to a file, or to all of them.
#[server(prefix = "/_fn", endpoint = "add_downloads")]
pub async fn add_downloads(order: String, file: String, extra: String, attempt: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "downloads".to_owned(), file: file.clone(), extra: extra.clone(), ..HelpForm::default() };
    let act = async |shop, by| {
        let file = Some(file.as_str()).filter(|file| !file.is_empty());
        shop::orders::add_downloads(&shop, &by, &order, file, number(&extra), key(&attempt).as_deref()).await
    };
    help(&order, typed, "downloads_added", act).await
}

/// Lets downloads count from nothing.
#[server(prefix = "/_fn", endpoint = "reset_downloads")]
pub async fn reset_downloads(order: String, file: String) -> Result<String, AppError> {
    let act = async |shop, by| {
        let file = Some(file.as_str()).filter(|file| !file.is_empty());
        shop::orders::reset_downloads(&shop, &by, &order, file).await
    };
    help(&order, HelpForm::default(), "downloads_reset", act).await
}

/// Lets links and licenses last longer.
#[server(prefix = "/_fn", endpoint = "extend_access")]
pub async fn extend_access(order: String, days: String, attempt: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "extend".to_owned(), days: days.clone(), ..HelpForm::default() };
    let act = async |shop, by| shop::orders::extend(&shop, &by, &order, number(&days), key(&attempt).as_deref()).await;
    help(&order, typed, "extended", act).await
}

/// Moves the order to the right address, and mails it there.
#[server(prefix = "/_fn", endpoint = "correct_email")]
pub async fn correct_email(order: String, email: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "email".to_owned(), email: email.clone(), ..HelpForm::default() };
    help(&order, typed, "email_corrected", async |shop, by| shop::orders::correct_email(&shop, &by, &order, &email).await).await
}

/// Gives the order another link, and mails it if that was chosen.
#[server(prefix = "/_fn", endpoint = "renew_link")]
pub async fn renew_link(order: String, attempt: String, #[server(default)] mail: bool) -> Result<String, AppError> {
    let act = async |shop, by| shop::orders::renew_link(&shop, &by, &order, mail, key(&attempt).as_deref()).await;
    help(&order, HelpForm::default(), if mail { "link_renewed_mailed" } else { "link_renewed" }, act).await
}

/// Closes the order, or a line of it, which is named by its id.
#[server(prefix = "/_fn", endpoint = "close_access")]
pub async fn close_access(order: String, item: String) -> Result<String, AppError> {
    let act = async |shop, by| shop::orders::close_access(&shop, &by, &order, line(&item)?.as_ref()).await;
    help(&order, HelpForm::default(), "access_closed_now", act).await
}

/// Opens again what a member closed.
#[server(prefix = "/_fn", endpoint = "open_access")]
pub async fn open_access(order: String, item: String) -> Result<String, AppError> {
    let act = async |shop, by| shop::orders::open_access(&shop, &by, &order, line(&item)?.as_ref()).await;
    help(&order, HelpForm::default(), "access_opened", act).await
}

/// The line that a form names; nothing for the whole order.
///
/// # Errors
/// `item_unknown`.
fn line(item: &str) -> shop::Result<Option<shop::orders::LineName>> {
    Some(item).filter(|item| !item.is_empty()).map(shop::orders::LineName::read).transpose()
}

/// Tries again what failed for an order. For members who may.
#[server(prefix = "/_fn", endpoint = "retry_delivery")]
pub async fn retry_delivery(order: String, #[server(default)] back: String) -> Result<String, AppError> {
    let page = if back == HEALTH { back } else { request::order_page(&order) };
    request::act(Permission::RetryWork, &page, "retried", async |Acting { shop, by, .. }| {
        shop::orders::retry_delivery(&shop, &by, &order).await
    })
    .await
}

/// Sends the customer the mail with the order's page again.
#[server(prefix = "/_fn", endpoint = "mail_order")]
pub async fn mail_order(order: String) -> Result<String, AppError> {
    let page = request::order_page(&order);
    request::act(Permission::HelpCustomers, &page, "mailed", async |Acting { shop, by, .. }| {
        shop::orders::resend_for_member(&shop, &by, &order).await
    })
    .await
}

/// Sends the customers of the orders that are chosen in the list their mails again.
#[server(prefix = "/_fn", endpoint = "mail_orders")]
pub async fn mail_orders(
    #[server(default)] act: String,
    #[server(default)] chosen: Vec<String>,
    #[server(default)] back: String,
) -> Result<String, AppError> {
    let page = several::list_page("/dashboard/orders", &back);
    request::act_to(Permission::HelpCustomers, &page, async |Acting { shop, member, by }| {
        if act.is_empty() {
            return Ok(page.clone());
        }
        let outcome = shop::orders::resend_several(&shop, &by, &chosen).await?;
        several::done(&shop, &member, &outcome, &page).await
    })
    .await
}

/// Gives money back, once for each `attempt`. An empty amount is all that is left, of the line or the order; `item` is
/// `product/tier`, or empty for the whole order.
#[server(prefix = "/_fn", endpoint = "refund_order")]
pub async fn refund_order(order: String, amount: String, item: String, reason: String, attempt: String) -> Result<String, AppError> {
    use domain::ledger::RefundState;
    use shop::payments::refunds::RefundRequest;
    let page = request::order_page(&order);
    let typed = format!("{}#refund", with_query(&page, &[("amount", &amount), ("item", &item), ("reason", &reason)]));
    request::act_to(Permission::Refund, &typed, async |Acting { shop, by, .. }| {
        let currency = shop::orders::find_for_member(&shop, &order).await?.view.currency;
        let amount = match amount.trim() {
            "" => None,
            text => Some(
                Money::parse(text, currency)
                    .ok_or_else(|| {
                        shop::Error::refused(
                            "amount_unreadable",
                            format!("Write the amount as a number, such as {}.", Money::example(currency)),
                        )
                    })?
                    .amount,
            ),
        };
        let item = line(&item)?;
        let request = RefundRequest {
            order: order.clone(),
            amount,
            item,
            reason: Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
            request_key: Some(format!("dashboard:{attempt}")),
            by: Some(by),
        };
        let refund = shop::payments::refunds::request(&shop, request).await?;
        let notice = if refund.state == RefundState::Succeeded { "refunded" } else { "refund_begun" };
        Ok(request::with_notice(&page, notice))
    })
    .await
}
