//! Promotions as members see them, with what each has brought.

use super::sql;
use super::terms::NewPromotion;
use crate::base::database::{Stored, statement};
use crate::base::entities::promotion;
use crate::{Error, Result, Shop, stores};
use domain::fold::fold;
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::promotion::{PromotableProduct, PromotionGood, PromotionList, PromotionState, PromotionStatus, PromotionView, Reduction};
use domain::tier::TierRef;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use std::collections::HashMap;

/// Which promotions.
#[derive(Clone, Debug, Default)]
pub struct PromotionQuery {
    pub state: Option<PromotionState>,
    /// A part of the name or the code.
    pub q: Option<String>,
    /// From [`PromotionList::next_cursor`].
    pub cursor: Option<String>,
}

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct PromotionRow {
    pub id: Id,
    pub name: String,
    pub code: Option<String>,
    pub percent_off: Option<i64>,
    pub amount_off: Option<i64>,
    pub currency: Option<Stored<Currency, promotion::Entity>>,
    pub minimum_amount: Option<i64>,
    pub once_per_customer: bool,
    pub max_redemptions: Option<i64>,
    pub n_reserved: i64,
    pub n_redeemed: i64,
    pub starts_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub status: Stored<PromotionStatus, promotion::Entity>,
    pub created_at: i64,
    pub is_for_everything: bool,
    pub amount_sold: i64,
    pub amount_given: i64,
    pub revision: i64,
}

const PAGE: usize = 50;
/// How many are read at a time where a name is looked for.
const LOOKED_THROUGH: usize = 500;

/// Promotions by age, newest first; paged by key.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn list(shop: &Shop, query: &PromotionQuery) -> Result<PromotionList> {
    let now = shop.clock.now_ms();
    let mut conditions = vec!["p.store_id = $1".to_owned()];
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    if let Some(state) = query.state {
        conditions.push(condition(state, now));
    }
    if let Some(cursor) = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        let id = Uuid::try_parse(cursor)
            .map_err(|_| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page."))?;
        values.push(id.into());
        conditions.push(format!("p.id < ${}", values.len()));
    }
    let q = fold(query.q.as_deref().unwrap_or_default().trim());
    let q: String = q.chars().filter(|c| !c.is_control()).take(80).collect();
    let mut rows = if q.is_empty() {
        let sql = sql::promotions(&conditions.join(" AND "), PAGE + 1);
        PromotionRow::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?
    } else {
        named(shop, &q, &conditions, &values).await?
    };
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.simple().to_string());
    let chosen: Vec<Id> = rows.iter().filter(|row| !row.is_for_everything).map(|row| row.id).collect();
    let mut goods = goods_of(&shop.db, &chosen).await?;
    let currency = stores::currency(shop).await?;
    let promotions = rows.into_iter().filter_map(|row| view(&mut goods, row, currency, now)).collect();
    Ok(PromotionList { promotions, next_cursor })
}

/// Those whose name or code has this in it, without case and accents, which SQLite's own comparisons know of ASCII alone.
async fn named(shop: &Shop, q: &str, conditions: &[String], values: &[Value]) -> Result<Vec<PromotionRow>> {
    let mut rows: Vec<PromotionRow> = Vec::new();
    let mut last: Option<Id> = None;
    loop {
        let (mut conditions, mut values) = (conditions.to_vec(), values.to_vec());
        if let Some(last) = last {
            values.push(last.into());
            conditions.push(format!("p.id < ${}", values.len()));
        }
        let sql = sql::promotions(&conditions.join(" AND "), LOOKED_THROUGH);
        let next = PromotionRow::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
        let is_end = next.len() < LOOKED_THROUGH;
        last = next.last().map(|row| row.id);
        let is_named = |row: &PromotionRow| fold(&row.name).contains(q) || row.code.as_deref().is_some_and(|code| fold(code).contains(q));
        rows.extend(next.into_iter().filter(is_named));
        if is_end || rows.len() > PAGE {
            rows.truncate(PAGE + 1);
            return Ok(rows);
        }
    }
}

/// One promotion, by its id or its code.
///
/// # Errors
/// `NotFound` where the store has none.
pub async fn find(shop: &Shop, name: &str) -> Result<PromotionView> {
    let row = find_row(&shop.db, shop, name).await?;
    let mut goods = goods_of(&shop.db, &[row.id]).await?;
    let currency = stores::currency(shop).await?;
    view(&mut goods, row, currency, shop.clock.now_ms()).ok_or(Error::NotFound)
}

/// What promotions can be for: the newest products that are not archived, with their variants.
pub async fn promotable(shop: &Shop) -> Result<Vec<PromotableProduct>> {
    #[derive(FromQueryResult)]
    struct Row {
        slug: String,
        title: String,
        key: String,
        name: String,
    }
    let rows = Row::find_by_statement(statement(&shop.db, sql::PROMOTABLE, [shop.settings.store_id.into()])).all(&shop.db).await?;
    let mut products: Vec<PromotableProduct> = Vec::new();
    for row in rows {
        match products.last_mut() {
            Some(product) if product.slug == row.slug => product.variants.push((row.key, row.name)),
            _ => products.push(PromotableProduct { slug: row.slug, title: row.title, variants: vec![(row.key, row.name)] }),
        }
    }
    Ok(products)
}

/// Which rows stand so now; the same words as [`state_of`].
fn condition(state: PromotionState, now: i64) -> String {
    let ended = format!("(p.expires_at IS NOT NULL AND p.expires_at <= {now})");
    let used = "(p.max_redemptions IS NOT NULL AND p.n_reserved + p.n_redeemed >= p.max_redemptions)";
    let begun = format!("(p.starts_at IS NULL OR p.starts_at <= {now})");
    match state {
        PromotionState::Archived => "p.status = 'archived'".to_owned(),
        PromotionState::Expired => format!("p.status = 'active' AND {ended}"),
        PromotionState::UsedUp => format!("p.status = 'active' AND NOT {ended} AND {used}"),
        PromotionState::Scheduled => format!("p.status = 'active' AND NOT {ended} AND NOT {used} AND NOT {begun}"),
        PromotionState::Active => format!("p.status = 'active' AND NOT {ended} AND NOT {used} AND {begun}"),
    }
}

fn state_of(row: &PromotionRow, now: i64) -> PromotionState {
    if row.status == PromotionStatus::Archived {
        PromotionState::Archived
    } else if row.expires_at.is_some_and(|at| at <= now) {
        PromotionState::Expired
    } else if row.max_redemptions.is_some_and(|limit| row.n_reserved + row.n_redeemed >= limit) {
        PromotionState::UsedUp
    } else if row.starts_at.is_some_and(|at| at > now) {
        PromotionState::Scheduled
    } else {
        PromotionState::Active
    }
}

/// What it takes off, where the row makes sense.
pub(super) fn reduction(percent_off: Option<i64>, amount_off: Option<i64>, currency: Option<Currency>) -> Option<Reduction> {
    match (percent_off, amount_off) {
        (Some(percent), _) => Some(Reduction::Percent(percent)),
        (None, Some(amount)) => Some(Reduction::Amount(Money::new(amount, currency?))),
        (None, None) => None,
    }
}

fn view(goods: &mut HashMap<Id, Vec<PromotionGood>>, row: PromotionRow, store: Currency, now: i64) -> Option<PromotionView> {
    let currency = row.currency.map(|currency| *currency);
    Some(PromotionView {
        state: state_of(&row, now),
        reduction: reduction(row.percent_off, row.amount_off, currency)?,
        minimum: row.minimum_amount.zip(currency).map(|(amount, currency)| Money::new(amount, currency)),
        goods: (!row.is_for_everything).then(|| goods.remove(&row.id).unwrap_or_default()),
        id: row.id.simple().to_string(),
        name: row.name,
        code: row.code,
        once_per_customer: row.once_per_customer,
        max_redemptions: row.max_redemptions,
        n_reserved: row.n_reserved,
        n_redeemed: row.n_redeemed,
        sold: Money::new(row.amount_sold, store),
        given: Money::new(row.amount_given, store),
        starts_at: row.starts_at,
        expires_at: row.expires_at,
        created_at: row.created_at,
        revision: row.revision,
    })
}

/// The row of a promotion, by its id or its code.
pub(super) async fn find_row(db: &impl ConnectionTrait, shop: &Shop, name: &str) -> Result<PromotionRow> {
    let name = name.trim();
    if name.chars().any(char::is_control) {
        return Err(Error::NotFound);
    }
    let (condition, value): (_, Value) = match Uuid::try_parse(name) {
        Ok(id) => ("p.id = $2", id.into()),
        Err(_) => ("c.code_normalized = $2", super::normalized(name).into()),
    };
    PromotionRow::find_by_statement(statement(db, sql::promotion(condition), [shop.settings.store_id.into(), value]))
        .one(db)
        .await?
        .ok_or(Error::NotFound)
}

/// The promotion as whoever made it wanted it.
pub(super) async fn terms_of(db: &impl ConnectionTrait, row: &PromotionRow) -> Result<NewPromotion> {
    let goods = if row.is_for_everything {
        None
    } else {
        let mut goods = goods_of(db, &[row.id]).await?;
        let goods = goods.remove(&row.id).unwrap_or_default();
        Some(goods.into_iter().map(|good| TierRef { product: good.product, variant: good.variant }).collect())
    };
    Ok(NewPromotion {
        code: row.code.clone(),
        name: Some(row.name.clone()),
        percent_off: row.percent_off,
        amount_off: row.amount_off,
        currency: row.currency.map(|currency| currency.code().to_owned()),
        minimum_amount: row.minimum_amount,
        once_per_customer: row.once_per_customer,
        max_redemptions: row.max_redemptions,
        starts_at: row.starts_at,
        expires_at: row.expires_at,
        goods,
    })
}

async fn goods_of(db: &impl ConnectionTrait, ids: &[Id]) -> Result<HashMap<Id, Vec<PromotionGood>>> {
    #[derive(FromQueryResult)]
    struct Row {
        promotion_id: Id,
        slug: String,
        title: String,
        key: Option<String>,
        variant_name: Option<String>,
    }
    let mut goods: HashMap<Id, Vec<PromotionGood>> = HashMap::new();
    if ids.is_empty() {
        return Ok(goods);
    }
    let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    for row in Row::find_by_statement(statement(db, sql::goods_of(&places.join(", ")), ids.iter().map(|id| (*id).into()))).all(db).await? {
        let good = PromotionGood { product: row.slug, title: row.title, variant: row.key, variant_name: row.variant_name };
        goods.entry(row.promotion_id).or_default().push(good);
    }
    Ok(goods)
}
