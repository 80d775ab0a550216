//! Where creators run the shop.

pub mod attention;
pub mod files;
mod frame;
pub mod order;
pub mod orders;
pub mod overview;
pub mod refund;
pub mod settings;
mod status;
