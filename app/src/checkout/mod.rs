//! Where goods are bought and received.

#[cfg(feature = "hydrate")]
mod ask;
pub mod cart;
pub mod copy;
pub mod form;
pub mod order;
pub mod ready;
pub mod receipt;
pub mod watch;
