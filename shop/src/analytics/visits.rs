//! Who looks at the shop, counted without cookies and without knowing anybody.
//!
//! A visitor is a hash of address and browser under a salt that lives a day and is then thrown away with all hashes, so that
//! nobody can be told from another the day after, nor found out by trying. What is counted waits in memory for a few seconds.

use crate::base::database::begin_write;
use crate::base::entities::{product, visit_day, visit_salt, visitor};
use crate::base::secret::hmac_sha256;
use crate::stores::calendar::Calendar;
use crate::{Result, Shop, chance};
use domain::id::Id;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Hash = [u8; 16];

/// Today is looked at again so often, should somebody change the time zone.
const TODAY_MS: i64 = 60_000;
/// What one process keeps of a day; who comes after that is counted by the database alone.
const MAX_KNOWN: usize = 100_000;
/// What may wait to be written.
const MAX_WAITING: usize = 20_000;
/// One address counts as at most this many visitors a day: a family, an office; not a script that changes its name.
const MAX_A_DAY: u32 = 30;
/// At most this many referrers are told apart in a day.
const MAX_REFERRERS: usize = 1_000;
const MAX_REFERRER_CHARS: usize = 100;
const ROWS_AT_ONCE: usize = 200;
/// The part of all places beyond [`MAX_REFERRERS`].
const OTHER: &str = "other";

/// What waits to be written, and what is known of today.
#[derive(Default)]
pub struct Visits(Mutex<State>);

#[derive(Default)]
struct State {
    today: Option<Today>,
    counts: HashMap<(i64, &'static str, String), Visited>,
    newcomers: Vec<(i64, Hash, String)>,
    /// Where today's visitors came from.
    known: HashMap<Hash, String>,
    by_address: HashMap<Hash, u32>,
    referrers: HashSet<String>,
}

#[derive(Clone)]
struct Today {
    day: i64,
    span: Range<i64>,
    looked_at: i64,
    salt: Vec<u8>,
}

impl Visits {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who is counted, for today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visitor {
    day: i64,
    hash: Hash,
    address: Hash,
}

/// What was looked at, and where the visitor came from.
#[derive(Clone, Copy, Debug, Default)]
pub struct View<'a> {
    /// The slug of a product.
    pub product: Option<&'a str>,
    /// The page before, as the browser tells it.
    pub referrer: Option<&'a str>,
    /// The query of the page's address, for the campaign in it.
    pub query: Option<&'a str>,
}

/// How often pages were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Visited {
    pub n_views: i64,
    pub n_visitors: i64,
    pub n_carts: i64,
}

impl Visited {
    pub fn add(&mut self, other: Visited) {
        self.n_views += other.n_views;
        self.n_visitors += other.n_visitors;
        self.n_carts += other.n_carts;
    }
}

/// Who this is today; neither the address nor the browser's name is kept. Nobody is known for the moment in which a day begins,
/// until [`refresh`] has its salt: no page waits for the database to be counted.
pub fn visitor(shop: &Shop, address: IpAddr, browser: &str) -> Option<Visitor> {
    let today = shop.visits.state().today.clone().filter(|today| today.span.contains(&shop.clock.now_ms()))?;
    let address = match address {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        // A household has one network, and devices change their address in it.
        IpAddr::V6(ip) => ip.octets()[..8].to_vec(),
    };
    let hash = |parts: &[&[u8]]| -> Hash {
        let mac = hmac_sha256(&today.salt, parts);
        std::array::from_fn(|n| mac[n])
    };
    Some(Visitor { day: today.day, hash: hash(&[b"visitor", &address, browser.as_bytes()]), address: hash(&[b"address", &address]) })
}

/// Learns which day it is and its salt, if that is not known.
pub async fn refresh(shop: &Shop) -> Result<()> {
    let now = shop.clock.now_ms();
    let is_fresh = |today: &&Today| today.span.contains(&now) && now - today.looked_at < TODAY_MS;
    if shop.visits.state().today.as_ref().filter(is_fresh).is_some() {
        return Ok(());
    }
    let calendar = Calendar::of(shop).await?;
    let day = calendar.day_of(now);
    let salt = salt(shop, day).await?;
    let mut state = shop.visits.state();
    if state.today.as_ref().is_none_or(|before| before.salt != salt) {
        state.known.clear();
        state.by_address.clear();
        state.referrers.clear();
    }
    state.today = Some(Today { day, span: calendar.span(day..day + 1), looked_at: now, salt });
    Ok(())
}

/// The salt of a day, which all replicas share.
async fn salt(shop: &Shop, day: i64) -> Result<Vec<u8>> {
    use visit_salt::{ActiveModel, Column, Entity};
    let key = (shop.settings.store_id, day);
    if let Some(row) = Entity::find_by_id(key).one(&shop.db).await? {
        return Ok(row.salt);
    }
    let row = ActiveModel { store_id: Set(key.0), day: Set(key.1), salt: Set(chance::<32>().to_vec()) };
    let known = OnConflict::columns([Column::StoreId, Column::Day]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(&shop.db).await?;
    Ok(Entity::find_by_id(key).one(shop.db.writer()).await?.map(|row| row.salt).unwrap_or_default())
}

/// Counts a page that was looked at.
pub fn note(shop: &Shop, visitor: &Visitor, view: View<'_>) {
    let referrer = origin_of(view, host_of(&shop.settings.base_url).unwrap_or_default());
    let mut state = shop.visits.state();
    if state.counts.len() + state.newcomers.len() > MAX_WAITING {
        return;
    }
    let day = visitor.day;
    if !state.known.contains_key(&visitor.hash) {
        let n_before = state.by_address.get(&visitor.address).copied().unwrap_or(0);
        if n_before >= MAX_A_DAY {
            return;
        }
        if state.by_address.len() < MAX_KNOWN {
            state.by_address.insert(visitor.address, n_before + 1);
        }
        let referrer =
            if state.referrers.contains(&referrer) || state.referrers.len() < MAX_REFERRERS { referrer } else { OTHER.to_owned() };
        state.referrers.insert(referrer.clone());
        if state.known.len() < MAX_KNOWN {
            state.known.insert(visitor.hash, referrer.clone());
        }
        state.newcomers.push((day, visitor.hash, referrer));
    }
    state.counts.entry((day, "all", String::new())).or_default().n_views += 1;
    if let Some(product) = view.product {
        state.counts.entry((day, "product", product.to_owned())).or_default().n_views += 1;
    }
}

/// Counts a cart that a visitor began.
pub(crate) fn note_cart(shop: &Shop, visitor: &Visitor) {
    shop.visits.state().counts.entry((visitor.day, "all", String::new())).or_default().n_carts += 1;
}

/// Where a visitor came from today: a campaign, or the host of the page before; nothing where that is not known.
pub(crate) async fn origin(shop: &Shop, visitor: &Visitor) -> Result<String> {
    if let Some(referrer) = shop.visits.state().known.get(&visitor.hash) {
        return Ok(referrer.clone());
    }
    let row = visitor::Entity::find_by_id((shop.settings.store_id, visitor.day, visitor.hash.to_vec())).one(&shop.db).await?;
    Ok(row.map(|row| row.referrer).unwrap_or_default())
}

/// The campaign that the address names, else the host of the page before, if that is another's.
fn origin_of(view: View<'_>, own: &str) -> String {
    let campaign = view.query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("utm_source="));
    let campaign = campaign
        .map(str::to_ascii_lowercase)
        .filter(|source| (1..=60).contains(&source.len()) && source.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
    let host = || view.referrer.and_then(host_of).filter(|host| *host != own).map(str::to_ascii_lowercase);
    let host = || host().map(|host| host.strip_prefix("www.").map(str::to_owned).unwrap_or(host));
    campaign.or_else(host).unwrap_or_default()
}

/// The host of a URL, without its port.
fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    let fits = (1..=MAX_REFERRER_CHARS).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    fits.then_some(host)
}

/// Writes what waits. What can't be written is lost, as it would be with the process.
pub async fn flush(shop: &Shop) -> Result<()> {
    let (counts, newcomers) = {
        let mut state = shop.visits.state();
        (std::mem::take(&mut state.counts), std::mem::take(&mut state.newcomers))
    };
    if counts.is_empty() && newcomers.is_empty() {
        return Ok(());
    }
    let ids = products(shop, counts.keys().filter(|(_, kind, _)| *kind == "product").map(|(_, _, slug)| slug.as_str())).await?;
    let store_id = shop.settings.store_id;
    // In the order of their keys, so that two replicas don't wait for each other crosswise.
    let mut rows: BTreeMap<(i64, &'static str, String), Visited> = BTreeMap::new();
    for ((day, kind, part), visited) in counts {
        let part = match kind {
            "product" => match ids.get(&part) {
                Some(id) => id.clone(),
                None => continue,
            },
            _ => part,
        };
        rows.entry((day, kind, part)).or_default().add(visited);
    }
    let tx = begin_write(&shop.db).await?;
    for some in newcomers.chunks(ROWS_AT_ONCE) {
        for (day, referrer) in insert_visitors(&tx, store_id, some).await? {
            rows.entry((day, "all", String::new())).or_default().n_visitors += 1;
            rows.entry((day, "referrer", referrer)).or_default().n_visitors += 1;
        }
    }
    for ((day, kind, part), visited) in rows {
        let row = visit_day::ActiveModel {
            store_id: Set(store_id),
            day: Set(day),
            kind: Set(kind.to_owned()),
            part: Set(part),
            n_views: Set(visited.n_views),
            n_visitors: Set(visited.n_visitors),
            n_carts: Set(visited.n_carts),
        };
        visit_day::Entity::insert(row).on_conflict(added(visited)).exec_without_returning(&tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Adds to what a day has already.
fn added(visited: Visited) -> OnConflict {
    use visit_day::{Column, Entity};
    let plus = |column: Column, n: i64| Expr::col((Entity, column)).add(n);
    OnConflict::columns([Column::StoreId, Column::Kind, Column::Day, Column::Part])
        .value(Column::NViews, plus(Column::NViews, visited.n_views))
        .value(Column::NVisitors, plus(Column::NVisitors, visited.n_visitors))
        .value(Column::NCarts, plus(Column::NCarts, visited.n_carts))
        .to_owned()
}

/// Those of the visitors whom nobody has counted today, and where they came from.
async fn insert_visitors(tx: &DatabaseTransaction, store_id: Id, visitors: &[(i64, Hash, String)]) -> Result<Vec<(i64, String)>> {
    use visitor::{ActiveModel, Column, Entity};
    let mut sorted: Vec<&(i64, Hash, String)> = visitors.iter().collect();
    sorted.sort();
    sorted.dedup_by_key(|(day, hash, _)| (*day, *hash));
    let rows = sorted.into_iter().map(|(day, hash, referrer)| ActiveModel {
        store_id: Set(store_id),
        day: Set(*day),
        hash: Set(hash.to_vec()),
        referrer: Set(referrer.clone()),
    });
    let known = OnConflict::columns([Column::StoreId, Column::Day, Column::Hash]).do_nothing().to_owned();
    let new = Entity::insert_many(rows).on_conflict(known).exec_with_returning(tx).await?;
    Ok(new.into_iter().map(|row| (row.day, row.referrer)).collect())
}

/// The ids of products, as their parts are named, by slug.
async fn products(shop: &Shop, slugs: impl Iterator<Item = &str>) -> Result<HashMap<String, String>> {
    let slugs: HashSet<&str> = slugs.collect();
    let mut ids = HashMap::new();
    for some in slugs.into_iter().collect::<Vec<_>>().chunks(ROWS_AT_ONCE) {
        let rows: Vec<(Id, String)> = product::Entity::find()
            .select_only()
            .columns([product::Column::Id, product::Column::Slug])
            .filter(product::Column::StoreId.eq(shop.settings.store_id))
            .filter(product::Column::Slug.is_in(some.iter().copied()))
            .into_tuple()
            .all(&shop.db)
            .await?;
        ids.extend(rows.into_iter().map(|(id, slug)| (slug, id.simple().to_string())));
    }
    Ok(ids)
}

/// Throws away salts and hashes of days that are over: from then on nobody can say who it was.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    // A flush of yesterday's last seconds is behind us, and no time zone is further away than a day.
    let day = Calendar::of(shop).await?.day_of(shop.clock.now_ms() - TODAY_MS);
    let store_id = shop.settings.store_id;
    let salts = visit_salt::Entity::delete_many().filter(visit_salt::Column::StoreId.eq(store_id));
    salts.filter(visit_salt::Column::Day.lt(day)).exec(&shop.db).await?;
    let visitors = visitor::Entity::delete_many().filter(visitor::Column::StoreId.eq(store_id));
    visitors.filter(visitor::Column::Day.lt(day)).exec(&shop.db).await?;
    Ok(())
}

/// The days of a kind.
fn days_of(shop: &Shop, days: Range<i64>, kind: &str) -> Select<visit_day::Entity> {
    use visit_day::Column;
    visit_day::Entity::find()
        .filter(Column::StoreId.eq(shop.settings.store_id))
        .filter(Column::Kind.eq(kind))
        .filter(Column::Day.gte(days.start))
        .filter(Column::Day.lt(days.end))
}

/// How often the shop was looked at on each day.
pub(crate) async fn by_day(shop: &Shop, days: Range<i64>) -> Result<BTreeMap<i64, Visited>> {
    let rows = days_of(shop, days, "all").all(&shop.db).await?;
    Ok(rows.into_iter().map(|row| (row.day, Visited { n_views: row.n_views, n_visitors: row.n_visitors, n_carts: row.n_carts })).collect())
}

/// The same, in parts.
pub(crate) async fn parts(shop: &Shop, days: Range<i64>, kind: &str) -> Result<BTreeMap<String, Visited>> {
    use visit_day::Column;
    #[derive(FromQueryResult)]
    struct Row {
        part: String,
        #[sea_orm(nested)]
        visited: Visited,
    }
    // PostgreSQL sums whole numbers as decimals.
    let sum = |column: Column| column.sum().cast_as("BIGINT");
    let rows = days_of(shop, days, kind)
        .select_only()
        .column(Column::Part)
        .column_as(sum(Column::NViews), "n_views")
        .column_as(sum(Column::NVisitors), "n_visitors")
        .column_as(sum(Column::NCarts), "n_carts")
        .group_by(Column::Part)
        .into_model::<Row>()
        .all(&shop.db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.part, row.visited)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_campaign_or_a_host_and_nothing_more() {
        let of = |referrer: &str, query: &str| {
            let view = View { product: None, referrer: Some(referrer).filter(|text| !text.is_empty()), query: Some(query) };
            origin_of(view, "shop.test")
        };
        assert_eq!(of("https://www.News.example/item?id=1&user=ada", ""), "news.example");
        assert_eq!(of("https://ada:secret@news.example:8443/", ""), "news.example");
        assert_eq!(of("https://news.example/", "a=b&utm_source=Letter-7"), "letter-7");
        assert_eq!(of("https://news.example/", "utm_source=%3Cscript%3E"), "news.example");
        for nothing in ["", "https://shop.test/cart", "android-app://com.example", "https://", "nonsense", "https://ä.example/"] {
            assert_eq!(of(nothing, ""), "", "{nothing}");
        }
    }
}
