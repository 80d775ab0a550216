//! What tests of the shop stand on: both databases, and a bucket.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something fails")]

pub mod bucket;
pub mod postgres;

pub use shop_testing_macros::on_both_databases;

#[doc(hidden)]
pub use rstest;

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The address of a database with the shop's tables; SQLite's lies in this folder, and its tables are made by whoever opens it.
    pub async fn shop_database(self, folder: &std::path::Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", folder.join("shop.db").display()),
            Self::Postgres => postgres::shop_database().await,
        }
    }
}
