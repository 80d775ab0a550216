//! Downloads: one authorization for every way to a file. A link is minted for the owner, costs nothing until it is used,
//! and one use covers all requests of one transfer, so that a broken one can be resumed.

mod access;
mod budget;
mod forget;
mod session;
mod sql;
mod sweep;
mod transfer;

pub use access::mint;
pub(crate) use access::owned_files;
pub(crate) use budget::{add_extra, end_links, extend_links, names, reset};
pub(crate) use forget::forget;
pub use session::{Grant, Link, Visit, authorize, find, release};
pub(crate) use sweep::{KEEP_MS, sweep};
pub use transfer::{Transfer, Transfers, begin, flush};
