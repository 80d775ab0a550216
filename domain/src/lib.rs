//! The words and rules of the trade. No I/O, no async, no clock: what is true of a shop on paper.
//!
//! Native and WASM. Parse at the door; inside, the type is the proof.

pub mod cart;
pub mod catalog;
pub mod dashboard;
pub mod download;
pub mod email;
pub mod entitlement;
pub mod files;
pub mod form;
pub mod id;
pub mod ledger;
pub mod member;
pub mod money;
pub mod order;
pub mod settings;
pub mod slug;
