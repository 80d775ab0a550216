//! Where creators run the shop.

pub mod attention;
mod frame;
pub mod order;
pub mod orders;
pub mod overview;
pub mod refund;
pub mod settings;
mod status;
