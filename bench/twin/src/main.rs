//! The list page by hand: axum, maud and sqlx over the shop's own rows. What it costs is the floor that the shop is held against.

mod page;
mod rows;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::serve::ListenerExt;
use rows::{Category, Store};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::error::Error;
use std::sync::Arc;
use tokio::net::TcpListener;

/// How many cards a page has, as in the shop.
const PAGE_SIZE: usize = 24;

/// What every page has, read once: the shop keeps it as well.
struct Shelf {
    db: SqlitePool,
    store: Store,
    categories: Vec<Category>,
}

async fn list(State(shelf): State<Arc<Shelf>>) -> Result<Html<String>, StatusCode> {
    show(&shelf).await.map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn show(Shelf { db, store, categories }: &Shelf) -> sqlx::Result<String> {
    let mut cards = rows::newest(db, store.id, PAGE_SIZE as i64 + 1).await?;
    let has_more = cards.len() > PAGE_SIZE;
    cards.truncate(PAGE_SIZE);
    Ok(page::list(store, categories, &cards, has_more).into_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(database), Some(address)) = (arguments.next(), arguments.next()) else { return Err("usage: twin DATABASE ADDRESS".into()) };
    // The shop's own settings, so that only the code differs.
    let options = SqliteConnectOptions::new()
        .filename(database)
        .pragma("mmap_size", "134217728")
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory");
    let db = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
    let store = rows::store(&db).await?;
    let categories = rows::categories(&db, store.id).await?;
    let app = Router::new().route("/products", get(list)).with_state(Arc::new(Shelf { db, store, categories }));
    let listener = TcpListener::bind(address).await?.tap_io(|socket| {
        // A socket that keeps Nagle's algorithm is slower, not wrong.
        let _kept = socket.set_nodelay(true);
    });
    axum::serve(listener, app).await?;
    Ok(())
}
