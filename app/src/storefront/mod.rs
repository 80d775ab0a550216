//! Where goods are looked at.

pub mod catalog;
pub mod catalog_url;
pub mod gallery;
pub mod home;
pub mod inside;
pub mod product;
pub mod tiers;

pub mod structured_data;
