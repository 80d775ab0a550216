//! Where goods are bought and received.

pub mod cart;
pub mod copy;
pub mod order;
pub mod watch;
