//! Where goods are looked at.

pub mod catalog;
pub mod home;
pub mod product;
pub mod tiers;
