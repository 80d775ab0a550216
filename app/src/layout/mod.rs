//! The frame of every page.

mod shell;
mod site;

pub use shell::{page_has_islands, shell};
pub use site::{NotFound, SiteFoot, SiteHead};

/// What server functions ask of the request and tell the response.
#[cfg(feature = "ssr")]
pub mod request;
