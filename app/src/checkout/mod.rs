//! Where goods are bought and received.

pub mod acts;
pub mod cart;
pub mod form;
pub mod order;
pub mod order_acts;
pub mod ready;
pub mod receipt;
