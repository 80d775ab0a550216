//! Where goods are bought and received.

pub mod acts;
mod awaited;
pub mod cart;
pub mod find;
pub mod form;
pub mod license_acts;
mod license_key;
pub mod line;
pub mod order;
pub mod order_acts;
pub mod owned;
pub mod ready;
pub mod receipt;
