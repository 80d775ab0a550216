//! Where creators run the shop.

pub mod attention;
pub mod overview;
