//! Where goods are bought and received.

pub mod cart;
pub mod form;
pub mod order;
pub mod ready;
pub mod receipt;
