//! Where creators run the shop.

pub mod overview;
