//! Where creators run the shop.

pub mod analytics;
pub mod attention;
mod chart;
pub mod customer;
pub mod customers;
mod frame;
pub mod health;
pub mod help;
pub mod order;
pub mod orders;
pub mod overview;
pub mod promotion;
pub mod promotions;
pub mod refund;
pub mod settings;
mod status;
