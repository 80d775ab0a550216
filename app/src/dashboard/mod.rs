//! Where creators run the shop.

pub mod attention;
pub mod customer;
pub mod customers;
mod frame;
pub mod health;
pub mod help;
pub mod order;
pub mod orders;
pub mod overview;
pub mod refund;
pub mod settings;
mod status;
