//! How the shop is, for creators' software: what needs a person, and the signs of life.

use super::body::Creator;
use super::error::ApiError;
use super::instant::rfc3339;
use crate::state::AppState;
use app::dashboard::health::words::{mail_words, task_words};
use axum::Json;
use axum::extract::State;
use domain::member::Permission;
use domain::pages::dashboard::{FailureRow, MailRow};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct HealthReport {
    /// Nothing needs a person.
    is_well: bool,
    /// Work that was given up; `POST /failures/{id}/retry` tries it again.
    failures: Vec<Trouble>,
    /// Mails that are tried again.
    mails: Vec<RetriedMail>,
    /// Refunds that did not reach their customers.
    refunds: Vec<FailedRefund>,
    /// Orders that are paid and were not handed over; `POST /orders/{id}/retry` does it.
    undelivered_orders: Vec<String>,
    /// Disputes that wait for an answer, which Stripe takes.
    open_disputes: Vec<OpenDispute>,
    /// Why the files can't be reached.
    storage: Option<String>,
    /// Files whose bytes are gone, or are not all there; of the oldest five hundred.
    missing_files: Vec<MissingFile>,
    /// Work of kinds that only a newer version of the shop knows, and that nobody has taken for an hour.
    stranded_work: Vec<StrandedWork>,
    /// Machines whose clocks are wrong by more than five seconds.
    wrong_clocks: Vec<WrongClock>,
    /// Published variants that deliver nothing yet, so that nobody can buy them; no trouble, as they may be meant so.
    empty_variants: Vec<EmptyVariant>,
    /// RFC 3339, UTC.
    last_webhook_at: Option<String>,
    stripe_read_until: Option<String>,
    last_mail_at: Option<String>,
    waiting: i64,
    /// Something has been due for minutes: no worker runs, or it does not keep up.
    is_late: bool,
}

#[derive(Serialize, ToSchema)]
pub struct Trouble {
    id: String,
    what: String,
    order: Option<String>,
    reason: String,
    /// A payment contradicts its order, or there is no order for it.
    is_mismatch: bool,
    created_at: String,
}

impl From<FailureRow> for Trouble {
    fn from(row: FailureRow) -> Self {
        Self {
            what: task_words(&row.task),
            id: row.id,
            order: row.order_id,
            reason: row.reason,
            is_mismatch: row.is_mismatch,
            created_at: rfc3339(row.created_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RetriedMail {
    id: String,
    what: String,
    order: Option<String>,
    reason: Option<String>,
    attempts: i64,
    next_at: String,
}

impl From<MailRow> for RetriedMail {
    fn from(row: MailRow) -> Self {
        Self {
            id: row.id,
            what: mail_words(row.kind).to_owned(),
            order: row.order.map(|order| order.0),
            reason: row.reason,
            attempts: row.attempts,
            next_at: rfc3339(row.at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct MissingFile {
    name: String,
    /// The slug of a product that has it.
    product: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct EmptyVariant {
    /// The product's slug.
    product: String,
    variant: String,
}

#[derive(Serialize, ToSchema)]
pub struct StrandedWork {
    kind: String,
    count: i64,
    /// RFC 3339, UTC: the oldest has been due since then.
    since: String,
}

#[derive(Serialize, ToSchema)]
pub struct WrongClock {
    machine: String,
    /// Negative when behind, null when not known.
    ahead_of_stripe_ms: Option<i64>,
    ahead_of_database_ms: Option<i64>,
    /// Webhooks that were refused for it.
    refused_webhooks: i64,
    what: String,
    to_do: String,
}

impl From<domain::clock::WrongClock> for WrongClock {
    fn from(clock: domain::clock::WrongClock) -> Self {
        Self {
            what: clock.what(),
            to_do: clock.to_do().to_owned(),
            machine: clock.machine,
            ahead_of_stripe_ms: clock.ahead_of_stripe_ms,
            ahead_of_database_ms: clock.ahead_of_database_ms,
            refused_webhooks: clock.n_refused,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OpenDispute {
    order: String,
    amount: i64,
    currency: String,
    /// The bank only asks; no money has moved.
    is_inquiry: bool,
    /// Until when evidence is taken; RFC 3339, UTC.
    due_at: Option<String>,
}

impl From<domain::pages::health::OpenDispute> for OpenDispute {
    fn from(dispute: domain::pages::health::OpenDispute) -> Self {
        Self {
            order: dispute.order.0,
            amount: dispute.amount.amount,
            currency: dispute.amount.currency.code().to_owned(),
            is_inquiry: dispute.is_inquiry,
            due_at: dispute.due_at.map(rfc3339),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FailedRefund {
    order: String,
    amount: i64,
    currency: String,
    failure: Option<String>,
    failed_at: String,
}

#[utoipa::path(
    get, path = "/health-report", operation_id = "get_health_report", tag = "health_report",
    security(("api_key" = [])),
    responses((status = 200, description = "What needs a person, and the signs of life", body = HealthReport)),
)]
pub async fn show(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<HealthReport>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let report = shop::jobs::health::report(&state.shop).await?;
    Ok(Json(HealthReport {
        is_well: report.n_troubles() == 0,
        failures: report.failures.into_iter().map(Trouble::from).collect(),
        mails: report.mails.into_iter().map(RetriedMail::from).collect(),
        refunds: report
            .refunds
            .into_iter()
            .map(|failed| FailedRefund {
                order: failed.order.0,
                amount: failed.refund.amount.amount,
                currency: failed.refund.amount.currency.code().to_owned(),
                failure: failed.refund.failure,
                failed_at: rfc3339(failed.refund.created_at),
            })
            .collect(),
        undelivered_orders: report.undelivered.into_iter().map(|order| order.id).collect(),
        open_disputes: report.disputes.into_iter().map(OpenDispute::from).collect(),
        storage: report.storage,
        missing_files: report
            .missing
            .into_iter()
            .map(|file| MissingFile { name: file.name, product: file.product.map(|(slug, _)| slug) })
            .collect(),
        stranded_work: report
            .stranded
            .into_iter()
            .map(|row| StrandedWork { kind: row.kind, count: row.n, since: rfc3339(row.since) })
            .collect(),
        wrong_clocks: report.clocks.into_iter().map(WrongClock::from).collect(),
        empty_variants: report.empty_tiers.into_iter().map(|tier| EmptyVariant { product: tier.product, variant: tier.variant }).collect(),
        last_webhook_at: report.signs.webhook_at.map(rfc3339),
        stripe_read_until: report.signs.list_read_until.map(rfc3339),
        last_mail_at: report.signs.mail_at.map(rfc3339),
        waiting: report.signs.n_waiting,
        is_late: report.signs.is_late,
    }))
}
