//! The shop from outside: the very server that ships, on a real port.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something fails")]

mod abuse;
mod analytics;
mod api;
mod carts;
mod currency;
mod dashboard;
mod downloads;
mod edge;
mod entry;
mod fields;
mod goods;
mod help;
mod lost_goods;
mod media;
mod members;
mod offers;
mod open_drafts;
mod openapi;
mod order_links;
mod orders;
mod pages;
mod parts;
mod program;
mod promotions;
mod roles;
mod sales;
mod sent_twice;
mod slugs;
mod smuggling;
mod storage;
mod support;
mod two_tabs;
mod unkeepable;
mod uploads;
mod webhooks;
