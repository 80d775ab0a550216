//! Products on cards, and the shelves of the front page.

use super::list::{Filter, list, newest_of_each};
use super::{PictureRow, categories, sql};
use crate::base::database::{Stored, statement};
use crate::base::entities::{category, product};
use crate::{Result, Shop};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::{
    catalog::{Kind, Sort},
    pages::storefront::{HomeShelves, ProductCard, ProductQuery},
};
use sea_orm::FromQueryResult;

#[derive(FromQueryResult)]
pub(super) struct CardRow {
    pub id: Id,
    slug: String,
    title: String,
    promise: String,
    kind: Stored<Kind, product::Entity>,
    price_from: i64,
    currency: Stored<Currency, product::Entity>,
    has_price_range: bool,
    price_above: Option<i64>,
    pay_what_you_want: bool,
    n_included: i64,
    is_for_sale: bool,
    delivers: bool,
    pub category_id: Option<Id>,
    #[sea_orm(nested(prefix = "cover_"))]
    cover: Option<PictureRow>,
    cover_alt: String,
    category_name: Option<String>,
    pub sort_value: i64,
}

impl CardRow {
    pub fn into_card(self) -> ProductCard {
        ProductCard {
            cover: self.cover.map(|row| row.with_alt(&self.cover_alt)),
            price_from: Money::new(self.price_from, *self.currency),
            price_above: self.price_above.map(|amount| Money::new(amount, *self.currency)),
            n_included: self.n_included,
            kind: *self.kind,
            slug: self.slug,
            title: self.title,
            promise: self.promise,
            category: self.category_name,
            has_price_range: self.has_price_range,
            pay_what_you_want: self.pay_what_you_want,
            is_for_sale: self.is_for_sale,
            delivers: self.delivers,
        }
    }
}

/// How many other products a page shows.
const N_MORE: u64 = 4;

/// Other products of the same category, the newest first, and where these are few, of those around it; without those that come with
/// this one anyway.
pub(super) async fn more_like(
    shop: &Shop,
    product_id: Id,
    tree: &[category::Model],
    category_id: Option<Id>,
    within: &[&str],
) -> Result<Vec<ProductCard>> {
    let Some(category_id) = category_id else { return Ok(Vec::new()) };
    let mut filter = Filter::published(shop);
    let (category, product) = (filter.bind(category_id), filter.bind(product_id));
    filter.and(format!("p.category_id = {category} AND p.id <> {product}"));
    let sql = sql::cards("p.n_sold", "products p", &filter.sql, "ORDER BY p.published_at DESC, p.id DESC", N_MORE + within.len() as u64);
    let mut rows = CardRow::find_by_statement(statement(&shop.db, sql, filter.values)).all(&shop.db).await?;
    if rows.len() < N_MORE as usize
        && let Some((top, _)) = categories::path(tree, Some(category_id)).first()
    {
        let around: Vec<Id> = categories::subtree(tree, top).into_iter().filter(|id| *id != category_id).collect();
        rows.extend(newest_of_each(shop, &around, N_MORE).await?);
    }
    let others = rows.into_iter().map(CardRow::into_card).filter(|card| !within.contains(&card.slug.as_str()));
    Ok(others.take(N_MORE as usize).collect())
}

/// Covers that stand in a row on a wide screen.
const N_ONE_ROW: usize = 5;
/// At most this many categories have a row on the front page, and none that is nearly empty.
const MAX_CATEGORY_ROWS: usize = 4;
const MIN_OF_ROW: usize = 3;

/// One good thing shown large, then rows of covers: what sells, categories, the rest of what is new, what is free.
pub async fn home(shop: &Shop) -> Result<HomeShelves> {
    let asked = |sort| ProductQuery { sort, ..ProductQuery::default() };
    let mut popular = list(shop, &asked(Sort::Popular), 1 + N_ONE_ROW as u64).await?.items.into_iter();
    let featured = popular.next();
    let free = list(shop, &asked(Sort::Price), N_ONE_ROW as u64).await?.items;
    let free = free.into_iter().filter(|card| card.price_from.is_zero() && card.delivers).collect();
    let mut shelves = vec![("Popular".to_owned(), "/products?sort=popular".to_owned(), popular.collect())];
    shelves.extend(category_rows(shop).await?);
    let last = ("Free".to_owned(), "/products?sort=price".to_owned(), free);
    // Nothing new is shown that stands elsewhere, and no row is left nearly empty.
    let is_elsewhere = |card: &ProductCard| {
        let on_shelves = shelves.iter().chain([&last]).flat_map(|(_, _, cards)| cards);
        featured.iter().chain(on_shelves).any(|other: &ProductCard| other.slug == card.slug)
    };
    let newest = list(shop, &asked(Sort::Newest), 4 * N_ONE_ROW as u64).await?.items;
    let mut newest: Vec<ProductCard> = newest.into_iter().filter(|card| !is_elsewhere(card)).take(2 * N_ONE_ROW).collect();
    if newest.len() > N_ONE_ROW {
        newest.truncate(newest.len() / N_ONE_ROW * N_ONE_ROW);
    }
    shelves.extend([("New on the shelf".to_owned(), "/products".to_owned(), newest), last]);
    shelves.retain(|(_, _, cards)| !cards.is_empty());
    Ok(HomeShelves { featured, shelves })
}

/// The newest of each category at the top of the tree, with what is below it.
async fn category_rows(shop: &Shop) -> Result<Vec<(String, String, Vec<ProductCard>)>> {
    let tree = categories::all(shop).await?;
    let mut rows: Vec<(Vec<Id>, String, String, Vec<ProductCard>)> = tree
        .iter()
        .filter(|category| category.parent_id.is_none())
        .map(|top| {
            let link = format!("/products?category={}", top.slug);
            (categories::subtree(&tree, &top.slug), top.name.clone(), link, Vec::new())
        })
        .collect();
    let all: Vec<Id> = rows.iter().flat_map(|(ids, ..)| ids.iter().copied()).collect();
    for row in newest_of_each(shop, &all, N_ONE_ROW as u64).await? {
        let place = rows.iter_mut().find(|(ids, ..)| row.category_id.is_some_and(|id| ids.contains(&id)));
        if let Some((_, _, _, cards)) = place.filter(|(_, _, _, cards)| cards.len() < N_ONE_ROW) {
            cards.push(row.into_card());
        }
    }
    let rows = rows.into_iter().filter(|(_, _, _, cards)| cards.len() >= MIN_OF_ROW).take(MAX_CATEGORY_ROWS);
    Ok(rows.map(|(_, name, link, cards)| (name, link, cards)).collect())
}
