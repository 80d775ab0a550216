//! The bytes of downloads on their way out. They are counted in memory and written every few seconds, one row for each address and
//! hour: a download manager asks for thousands of parts, and SQLite has one writer. A crash loses the seconds since.

use super::session::{Grant, MAX_USER_AGENT_CHARS};
use crate::base::database::begin_write;
use crate::base::entities::{download_link, download_record, download_session};
use crate::{Result, Shop, orders};
use domain::download::{MAX_SESSION_SECS, SESSION_SECS, bytes_a_unit};
use domain::id::Id;
use domain::timeline::Step;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// At most this many addresses of a download are told apart within an hour; the others are one row.
const MAX_ADDRESSES: usize = 32;
/// At most this many downloads are written in one transaction.
const SESSIONS_AT_ONCE: usize = 100;
/// A download is remembered for so long after its last byte: a request that read the database a moment ago must not take what was
/// written since for nothing.
const REMEMBERED_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// A download's end moves by steps, not with each byte.
const STEP_MS: i64 = 60 * 1000;

/// The downloads that this process is sending.
#[derive(Default)]
pub struct Transfers {
    running: Mutex<HashMap<Id, Arc<Running>>>,
    /// One writes at a time.
    turn: tokio::sync::Mutex<()>,
    /// A transfer that was just paid for has ended: its order's timeline should tell soon.
    ended: Notify,
}

struct Running {
    link_id: Id,
    order_id: Id,
    file_name: String,
    started_at: i64,
    n_allowed: i64,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    /// As of the last writing, by all replicas.
    n_written: i64,
    n_waiting: i64,
    n_open: usize,
    last_at: i64,
    /// The order's timeline has not heard of it.
    is_news: bool,
    parts: Vec<Part>,
}

/// What one address fetched within an hour, as far as it is not written.
#[derive(Clone, Debug)]
struct Part {
    hour: i64,
    /// What tells addresses apart; empty for those beyond [`MAX_ADDRESSES`].
    network: String,
    ip: String,
    user_agent: String,
    range_start: i64,
    n_bytes: i64,
    n_requests: i64,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Transfers {
    /// How many bytes a download was given, as far as this process knows; nothing of one that it is not sending.
    pub(super) fn given(&self, session_id: Id) -> i64 {
        let running = held(&self.running).get(&session_id).cloned();
        running.map_or(0, |running| held(&running.counted).given())
    }

    /// Whether bytes of this download are on their way.
    pub(super) fn is_open(&self, session_id: Id) -> bool {
        let running = held(&self.running).get(&session_id).cloned();
        running.is_some_and(|running| held(&running.counted).n_open > 0)
    }

    /// Resolves when there is something to write that somebody may be waiting to see.
    pub async fn has_news(&self) {
        self.ended.notified().await;
    }
}

impl Counted {
    fn given(&self) -> i64 {
        self.n_written + self.n_waiting
    }

    /// The part that an address's bytes belong to.
    fn part(&mut self, hour: i64, client: &Client, range_start: i64) -> &mut Part {
        let at = |parts: &[Part], network: &str| parts.iter().position(|part| part.hour == hour && part.network == network);
        let known = at(&self.parts, &client.network);
        let nobody = Client::default();
        let client = if known.is_none() && self.parts.len() >= MAX_ADDRESSES { &nobody } else { client };
        let n = known.or_else(|| at(&self.parts, &client.network)).unwrap_or_else(|| {
            let Client { network, ip, user_agent } = client.clone();
            self.parts.push(Part { hour, network, ip, user_agent, range_start, n_bytes: 0, n_requests: 0 });
            self.parts.len() - 1
        });
        &mut self.parts[n]
    }
}

/// Who fetches.
#[derive(Clone, Debug, Default)]
struct Client {
    network: String,
    ip: String,
    user_agent: String,
}

impl Client {
    fn new(ip: &str, user_agent: &str) -> Self {
        // A household has one network of IPv6, and devices change their address in it.
        let network = match ip.parse() {
            Ok(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64)).to_string(),
            _ => ip.to_owned(),
        };
        Self { network, ip: ip.to_owned(), user_agent: user_agent.chars().take(MAX_USER_AGENT_CHARS).collect() }
    }
}

/// One answer's bytes on their way out. It ends when it is dropped.
pub struct Transfer {
    shop: Shop,
    running: Arc<Running>,
    client: Client,
    range_start: i64,
    has_begun: bool,
}

/// Begins to count the bytes of an answer; nothing where none are sent.
pub fn begin(shop: &Shop, grant: &Grant, range_start: u64, ip: &str, user_agent: &str) -> Option<Transfer> {
    let session = grant.session?;
    let mut all = held(&shop.transfers.running);
    let running = all.entry(session.id).or_insert_with(|| {
        Arc::new(Running {
            link_id: grant.link_id,
            order_id: grant.order_id,
            file_name: grant.file.name.clone(),
            started_at: session.started_at,
            n_allowed: bytes_a_unit(grant.file.size_bytes),
            counted: Mutex::default(),
        })
    });
    let running = running.clone();
    {
        let mut counted = held(&running.counted);
        counted.n_open += 1;
        counted.n_written = Ord::max(counted.n_written, session.n_bytes);
        counted.is_news |= grant.has_paid;
    }
    drop(all);
    let range_start = i64::try_from(range_start).unwrap_or(i64::MAX);
    Some(Transfer { shop: shop.clone(), running, client: Client::new(ip, user_agent), range_start, has_begun: false })
}

impl Transfer {
    /// Counts bytes that are about to be sent. `false` when the download has been given all that its unit is worth: they are not to
    /// be sent.
    #[must_use]
    pub fn take(&mut self, n_bytes: u64) -> bool {
        let now = self.shop.clock.now_ms();
        let mut counted = held(&self.running.counted);
        if counted.given() >= self.running.n_allowed {
            return false;
        }
        let n_bytes = i64::try_from(n_bytes).unwrap_or(i64::MAX);
        counted.n_waiting = counted.n_waiting.saturating_add(n_bytes);
        counted.last_at = now;
        let part = counted.part(now.div_euclid(HOUR_MS), &self.client, self.range_start);
        part.n_bytes = part.n_bytes.saturating_add(n_bytes);
        part.n_requests += i64::from(!self.has_begun);
        self.has_begun = true;
        true
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        let mut counted = held(&self.running.counted);
        counted.n_open = counted.n_open.saturating_sub(1);
        if counted.is_news && counted.n_waiting > 0 {
            self.shop.transfers.ended.notify_one();
        }
    }
}

/// What is written of a download at a time.
struct Batch {
    session_id: Id,
    running: Arc<Running>,
    n_bytes: i64,
    last_at: i64,
    is_news: bool,
    parts: Vec<Part>,
}

/// Writes what waits. What can't be written now waits for the next time.
///
/// # Errors
/// When the database can't be written to.
pub async fn flush(shop: &Shop) -> Result<()> {
    let _turn = shop.transfers.turn.lock().await;
    let mut batches: Vec<Batch> = held(&shop.transfers.running).iter().filter_map(|(id, running)| batch(*id, running)).collect();
    // In one order, so that two replicas don't wait for each other crosswise.
    batches.sort_by_key(|batch| batch.session_id);
    for some in batches.chunks(SESSIONS_AT_ONCE) {
        let tx = begin_write(&shop.db).await?;
        let mut totals = Vec::with_capacity(some.len());
        for batch in some {
            totals.push(write(&tx, shop, batch).await?);
        }
        tx.commit().await?;
        for (batch, total) in some.iter().zip(totals) {
            batch.is_written(total);
        }
    }
    let recent = shop.clock.now_ms() - REMEMBERED_MS;
    held(&shop.transfers.running).retain(|_, running| {
        let counted = held(&running.counted);
        counted.n_open > 0 || counted.n_waiting > 0 || counted.last_at > recent
    });
    Ok(())
}

fn batch(session_id: Id, running: &Arc<Running>) -> Option<Batch> {
    let counted = held(&running.counted);
    (counted.n_waiting > 0).then(|| Batch {
        session_id,
        running: running.clone(),
        n_bytes: counted.n_waiting,
        last_at: counted.last_at,
        is_news: counted.is_news,
        parts: counted.parts.clone(),
    })
}

impl Batch {
    /// Takes what was written off what waits.
    fn is_written(&self, total: i64) {
        let mut counted = held(&self.running.counted);
        counted.n_waiting -= self.n_bytes;
        counted.n_written = total;
        counted.is_news &= !self.is_news;
        for (part, written) in counted.parts.iter_mut().zip(&self.parts) {
            part.n_bytes -= written.n_bytes;
            part.n_requests -= written.n_requests;
        }
        let hour = self.last_at.div_euclid(HOUR_MS);
        // The hour's addresses are remembered, so that no more than so many are told apart in it.
        counted.parts.retain(|part| part.hour == hour || part.n_bytes > 0 || part.n_requests > 0);
    }
}

/// Writes a batch and tells how many bytes the download was given by all replicas together.
async fn write(tx: &DatabaseTransaction, shop: &Shop, batch: &Batch) -> Result<i64> {
    use download_session::Column;
    let updated = download_session::Entity::update_many()
        .col_expr(Column::NBytes, Expr::col(Column::NBytes).add(batch.n_bytes))
        .col_expr(Column::LastAt, Expr::value(batch.last_at))
        .filter(Column::Id.eq(batch.session_id))
        .exec_with_returning(tx)
        .await?;
    // One that is gone, as old ones go, has nobody to tell of it.
    let Some(session) = updated.into_iter().next() else { return Ok(batch.running.n_allowed) };
    for part in batch.parts.iter().filter(|part| part.n_bytes > 0 || part.n_requests > 0) {
        write_part(tx, shop, batch.session_id, part).await?;
    }
    let until = Ord::min(batch.last_at + SESSION_SECS * 1000, batch.running.started_at + MAX_SESSION_SECS * 1000);
    let prolonged = download_link::Entity::update_many()
        .col_expr(download_link::Column::SessionUntil, Expr::value(until))
        .filter(download_link::Column::Id.eq(batch.running.link_id))
        // A link that a member ended has none, and stays ended.
        .filter(download_link::Column::SessionUntil.lt(until - STEP_MS));
    prolonged.exec(tx).await?;
    if batch.is_news {
        orders::note(tx, shop, batch.running.order_id, Step::Fetched, &batch.running.file_name).await?;
    }
    Ok(session.n_bytes)
}

async fn write_part(tx: &DatabaseTransaction, shop: &Shop, session_id: Id, part: &Part) -> Result<()> {
    use download_record::{Column, Entity};
    let row = download_record::ActiveModel {
        id: Set(part_id(session_id, part)),
        store_id: Set(shop.settings.store_id),
        session_id: Set(session_id),
        range_start: Set(part.range_start),
        n_bytes: Set(part.n_bytes),
        ip: Set(part.ip.clone()),
        user_agent: Set(part.user_agent.clone()),
        created_at: Set(shop.clock.now_ms()),
        n_requests: Set(part.n_requests),
        is_short: Set(false),
    };
    let added = OnConflict::column(Column::Id)
        .value(Column::NBytes, Expr::col((Entity, Column::NBytes)).add(part.n_bytes))
        .value(Column::NRequests, Expr::col((Entity, Column::NRequests)).add(part.n_requests))
        .to_owned();
    Entity::insert(row).on_conflict(added).exec_without_returning(tx).await?;
    Ok(())
}

/// The same for the same download, address and hour on every replica, and in the order of time as all ids are.
fn part_id(session_id: Id, part: &Part) -> Id {
    let digest =
        Sha256::new().chain_update(session_id.as_bytes()).chain_update(part.hour.to_be_bytes()).chain_update(&part.network).finalize();
    let random: [u8; 10] = std::array::from_fn(|n| digest[n]);
    uuid::Builder::from_unix_timestamp_millis((part.hour * HOUR_MS).unsigned_abs(), &random).into_uuid()
}
