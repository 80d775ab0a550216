//! What the page shows: the store and its categories, and the newest goods.

use sqlx::{FromRow, SqlitePool};
use uuid::Uuid;

#[derive(FromRow)]
pub struct Store {
    pub id: Uuid,
    pub name: String,
    pub tagline: String,
    pub support_email: Option<String>,
}

#[derive(FromRow)]
pub struct Category {
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub slug: String,
    pub name: String,
}

#[derive(FromRow)]
pub struct Card {
    pub id: Uuid,
    pub slug: String,
    pub title: String,
    pub kind: String,
    pub price_from: i64,
    pub has_price_range: bool,
    pub pay_what_you_want: bool,
    pub cover_file_id: Option<Uuid>,
    pub cover_name: Option<String>,
    pub category_name: Option<String>,
    pub published_at: i64,
}

pub async fn store(db: &SqlitePool) -> sqlx::Result<Store> {
    sqlx::query_as("SELECT id, name, tagline, support_email FROM stores ORDER BY id LIMIT 1").fetch_one(db).await
}

pub async fn categories(db: &SqlitePool, store_id: Uuid) -> sqlx::Result<Vec<Category>> {
    sqlx::query_as("SELECT id, parent_id, slug, name FROM categories WHERE store_id = $1 AND is_active ORDER BY position, name")
        .bind(store_id)
        .fetch_all(db)
        .await
}

pub async fn newest(db: &SqlitePool, store_id: Uuid, limit: i64) -> sqlx::Result<Vec<Card>> {
    sqlx::query_as(
        "SELECT p.id, p.slug, p.title, p.kind, p.price_from, p.has_price_range, p.pay_what_you_want, p.cover_file_id, f.name AS cover_name, c.name AS category_name, p.published_at \
         FROM products p LEFT JOIN files f ON f.id = p.cover_file_id LEFT JOIN categories c ON c.id = p.category_id \
         WHERE p.store_id = $1 AND p.status = 'published' ORDER BY p.published_at DESC, p.id DESC LIMIT $2",
    )
    .bind(store_id)
    .bind(limit)
    .fetch_all(db)
    .await
}
