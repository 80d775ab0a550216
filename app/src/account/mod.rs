//! Getting in and out.

pub mod confirm;
pub mod entry;
pub mod setup;
pub mod sign_in;
pub mod sign_out;
mod ways_in;
