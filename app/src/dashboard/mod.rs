//! Where creators run the shop.

pub mod analytics;
pub mod attention;
pub mod categories;
mod chart;
mod conflict;
pub mod customer;
pub mod customers;
mod fields;
pub mod files;
mod frame;
pub mod health;
pub mod help;
pub mod order;
pub mod orders;
pub mod overview;
pub mod product;
mod product_form;
pub mod products;
pub mod promotion;
pub mod promotions;
pub mod refund;
pub mod search;
pub mod see;
pub mod settings;
mod status;
pub mod terms;
mod tier;
