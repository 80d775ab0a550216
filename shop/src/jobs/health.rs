//! How the shop is: what needs a person, and the signs that the rest is well.

use super::sql;
use crate::base::database::{shared_now_ms, statement};
use crate::files::check::{self, MissingFile};
use crate::jobs::{self, Backlog};
use crate::{
    Error, Result, Shop, catalog, fulfillment,
    jobs::clocks,
    payments::{disputes, refunds},
};
use domain::id::order_number;
use domain::ledger::RefundState;
use domain::money::Money;
use domain::pages::dashboard::{FailureRow, MailRow, RefundRow};
use domain::pages::health::{FailedRefund, HealthReport, MissingRow, OpenDispute, Signs, StrandedRow, UndeliveredRow};
use sea_orm::FromQueryResult;
use std::time::Duration;

/// What has been due for so long waits for a worker that does not come.
const LATE_MS: i64 = 5 * 60 * 1000;
/// A delivery that is not whole after so long is not about to be.
const UNDELIVERED_MS: i64 = 2 * 60 * 1000;
/// How long the file store may take to give a sign of life.
const STORAGE_PATIENCE: Duration = Duration::from_secs(5);

/// At most this many files are looked for at a time.
const N_FILES: u64 = 500;

/// What needs a person, and the signs of life; of the files, the first ones.
pub async fn report(shop: &Shop) -> Result<HealthReport> {
    report_from(shop, None).await
}

/// As [`report`], where the check of the files goes on from [`HealthReport::more_files`].
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn report_from(shop: &Shop, files: Option<&str>) -> Result<HealthReport> {
    let undelivered = undelivered(shop).await?;
    let (mut missing, mut more_files) = (Vec::new(), None);
    let mut storage = storage(shop).await;
    if storage.is_none() {
        match tokio::time::timeout(STORAGE_PATIENCE, check::find_missing(shop, files, N_FILES)).await {
            Ok(Ok(checked)) => {
                let row = |file: MissingFile| MissingRow { name: file.name, product: file.product, is_cut: file.found_bytes.is_some() };
                missing = checked.missing.into_iter().map(row).collect();
                more_files = checked.next_cursor;
            }
            Ok(Err(Error::Unavailable(refusal))) => storage = Some(refusal.message),
            Ok(Err(error)) => return Err(error),
            Err(_) => storage = Some(format!("it did not answer within {STORAGE_PATIENCE:?}")),
        }
    }
    Ok(HealthReport {
        disputes: disputes::to_answer(shop).await?,
        failures: jobs::failures(shop).await?.into_iter().map(FailureRow::from).collect(),
        mails: jobs::mails_retried(shop).await?.into_iter().map(MailRow::from).collect(),
        refunds: refunds::failed(shop).await?.into_iter().map(failed_refund).collect(),
        undelivered,
        storage,
        missing,
        more_files,
        stranded: jobs::stranded(shop).await?.into_iter().map(|row| StrandedRow { kind: row.kind, n: row.n, since: row.since }).collect(),
        clocks: clocks::wrong(shop).await?,
        empty_tiers: catalog::empty_tiers(shop).await?,
        signs: signs(shop).await?,
    })
}

/// Money that came in or went back without what belongs to it.
#[derive(Clone, Debug, Default)]
pub struct Unsettled {
    pub n_undelivered: usize,
    pub n_failed_refunds: usize,
    pub disputes: Vec<OpenDispute>,
}

/// How much of a report is about money: a part that costs little.
pub async fn unsettled(shop: &Shop) -> Result<Unsettled> {
    let (n_undelivered, n_failed_refunds) = (undelivered(shop).await?.len(), refunds::failed(shop).await?.len());
    Ok(Unsettled { n_undelivered, n_failed_refunds, disputes: disputes::to_answer(shop).await? })
}

async fn undelivered(shop: &Shop) -> Result<Vec<UndeliveredRow>> {
    let late = shop.clock.now_ms() - UNDELIVERED_MS;
    let unfinished = fulfillment::unfinished(shop).await?.into_iter().filter(|(_, _, paid_at)| *paid_at < late);
    Ok(unfinished.map(|(_, id, paid_at)| UndeliveredRow { number: order_number(&id), id, paid_at }).collect())
}

fn failed_refund(refund: refunds::FailedRow) -> FailedRefund {
    FailedRefund {
        order: (refund.public_id.clone(), order_number(&refund.public_id)),
        refund: RefundRow {
            state: RefundState::Failed,
            amount: Money::new(refund.amount, *refund.currency),
            item: None,
            reason: refund.reason,
            failure: refund.failure,
            by: None,
            created_at: refund.updated_at,
        },
    }
}

/// Why the files can't be reached, for a person; the log has the rest.
async fn storage(shop: &Shop) -> Option<String> {
    match tokio::time::timeout(STORAGE_PATIENCE, shop.files.check()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::error!(?error, "the file store is not well");
            Some(error.to_string())
        }
        Err(_) => Some(format!("it did not answer within {STORAGE_PATIENCE:?}")),
    }
}

#[derive(FromQueryResult)]
struct SignsRow {
    webhook_at: Option<i64>,
    list_read_until: Option<i64>,
    mail_at: Option<i64>,
    event_due_at: Option<i64>,
    job_due_at: Option<i64>,
}

/// When the parts of the shop were last seen at work.
pub(crate) async fn signs(shop: &Shop) -> Result<Signs> {
    let row = SignsRow::find_by_statement(statement(&shop.db, sql::signs(), [shop.settings.store_id.into()])).one(&shop.db).await?;
    let row = row.ok_or(Error::NotFound)?;
    let Backlog { n_events, n_jobs, .. } = jobs::backlog(shop).await?;
    let now = shared_now_ms(&shop.db, shop).await?;
    let is_late = [row.event_due_at, row.job_due_at].into_iter().flatten().any(|due_at| due_at < now - LATE_MS);
    Ok(Signs {
        webhook_at: row.webhook_at,
        list_read_until: row.list_read_until.map(|secs| secs * 1000),
        mail_at: row.mail_at,
        n_waiting: n_events + n_jobs,
        is_late,
    })
}
