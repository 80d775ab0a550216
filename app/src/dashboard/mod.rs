//! Where creators run the shop.

pub mod analytics;
mod chart;
mod conflict;
pub mod customers;
pub mod files;
mod frame;
pub mod health;
pub mod licenses;
pub mod orders;
pub mod overview;
pub mod products;
pub mod promotions;
mod rooms;
pub mod search;
pub mod settings;
mod several;
mod sorting;
mod status;

pub use frame::no_page;
