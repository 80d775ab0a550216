//! Products on cards, and the shelves of the front page.

use super::list::{Filter, list};
use super::{picture, sql};
use crate::base::database::{Stored, statement};
use crate::base::entities::product;
use crate::{Result, Shop};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::{
    catalog::{Kind, Sort},
    pages::storefront::{HomeShelves, Picture, ProductCard, ProductQuery},
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
    pay_what_you_want: bool,
    is_for_sale: bool,
    delivers: bool,
    cover_file_id: Option<Id>,
    cover_alt: String,
    cover_name: Option<String>,
    cover_width: Option<i64>,
    cover_height: Option<i64>,
    cover_sizes: Option<String>,
    category_name: Option<String>,
    pub sort_value: i64,
}

impl CardRow {
    fn cover(&self) -> Option<Picture> {
        let name = self.cover_name.as_deref().unwrap_or("cover");
        let sizes = self.cover_sizes.as_deref().unwrap_or_default();
        Some(picture(self.cover_file_id?, name, &self.cover_alt, self.cover_width, self.cover_height, sizes))
    }

    pub fn into_card(self) -> ProductCard {
        ProductCard {
            cover: self.cover(),
            price_from: Money::new(self.price_from, *self.currency),
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

/// Other products of the same category, the best sold first.
pub(super) async fn more_like(shop: &Shop, product_id: Id, category_id: Option<Id>) -> Result<Vec<ProductCard>> {
    let Some(category_id) = category_id else { return Ok(Vec::new()) };
    let mut filter = Filter::published(shop);
    let (category, product) = (filter.bind(category_id), filter.bind(product_id));
    filter.and(format!("p.category_id = {category} AND p.id <> {product}"));
    let sql = sql::cards("p.n_sold", "products p", &filter.sql, "ORDER BY p.published_at DESC, p.id DESC", N_MORE);
    let rows = CardRow::find_by_statement(statement(&shop.db, sql, filter.values)).all(&shop.db).await?;
    Ok(rows.into_iter().map(CardRow::into_card).collect())
}

/// Covers that stand in a row on a wide screen.
const N_ONE_ROW: usize = 5;

/// One good thing shown large, then rows of covers.
pub async fn home(shop: &Shop) -> Result<HomeShelves> {
    let mut popular =
        list(shop, &ProductQuery { sort: Sort::Popular, ..ProductQuery::default() }, 1 + N_ONE_ROW as u64).await?.items.into_iter();
    let featured = popular.next();
    let popular: Vec<ProductCard> = popular.collect();
    let free = list(shop, &ProductQuery { sort: Sort::Price, ..ProductQuery::default() }, N_ONE_ROW as u64).await?.items;
    let free: Vec<ProductCard> = free.into_iter().filter(|card| card.price_from.is_zero() && card.delivers).collect();
    // Nothing new is shown that is popular or free and so stands elsewhere, and no row is left nearly empty.
    let is_elsewhere = |card: &ProductCard| featured.iter().chain(&popular).chain(&free).any(|other| other.slug == card.slug);
    let newest = list(shop, &ProductQuery::default(), 4 * N_ONE_ROW as u64).await?.items;
    let mut newest: Vec<ProductCard> = newest.into_iter().filter(|card| !is_elsewhere(card)).take(2 * N_ONE_ROW).collect();
    if newest.len() > N_ONE_ROW {
        newest.truncate(newest.len() / N_ONE_ROW * N_ONE_ROW);
    }
    let mut shelves = Vec::new();
    let of_home: [(&str, &str, Vec<ProductCard>); 3] = [
        ("Popular", "/products?sort=popular", popular),
        ("New on the shelf", "/products", newest),
        ("Free to take", "/products?sort=price", free),
    ];
    for (title, link, cards) in of_home {
        if !cards.is_empty() {
            shelves.push((title.to_owned(), link.to_owned(), cards));
        }
    }
    Ok(HomeShelves { featured, shelves })
}
