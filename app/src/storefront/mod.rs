//! Where goods are looked at.

pub mod catalog;
pub mod catalog_url;
pub mod gallery;
pub mod home;
pub mod inside;
pub mod product;
pub mod rail;
pub mod sample;
pub mod tiers;

pub mod structured_data;
