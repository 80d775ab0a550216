//! The words and rules of the trade. No I/O, no async, no clock: what is true of a shop on paper.
//!
//! Native and WASM. Parse at the door; inside, the type is the proof.

pub mod cart;
pub mod catalog;
pub mod clock;
pub mod currency_names;
pub mod download;
pub mod draft;
pub mod email;
pub mod entitlement;
pub mod file_name;
pub mod files;
pub mod fold;
pub mod id;
pub mod job;
pub mod ledger;
pub mod license;
pub mod lines;
pub mod media_type;
pub mod member;
pub mod money;
pub mod order;
pub mod pages;
pub mod payment;
pub mod price;
pub mod promotion;
pub mod slug;
pub mod sorting;
pub mod terms;
pub mod text;
pub mod tier;
pub mod timeline;
mod typed;
pub mod word;
