//! What pages and forms show and send: the shapes between the use cases and the browser. The rules are at the root of this crate.

pub mod analytics;
pub mod customer;
pub mod dashboard;
pub mod files;
pub mod form;
pub mod goods;
pub mod health;
pub mod license;
pub mod offer;
pub mod settings;
pub mod several;
pub mod storefront;
