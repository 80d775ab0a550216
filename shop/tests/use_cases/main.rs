//! What the shop does, use case by use case, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something fails")]

mod accounts;
mod analytics;
mod backup;
mod catalog;
mod checkout;
mod customers;
mod database;
mod downloads;
mod files;
mod free;
mod goods;
mod help;
mod instants;
mod jobs;
mod ledger;
mod lost_disputes;
mod mail;
mod media;
mod offers;
mod one_cart;
mod orders;
mod parts;
mod pasted;
mod promotions;
mod purchase;
mod refunds;
mod releases;
mod sales;
mod schema;
mod search;
mod slugs;
mod stores;
mod support;
mod upgrades;
mod uploads;
