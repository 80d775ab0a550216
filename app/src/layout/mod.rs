//! The frame of every page.

mod around;
mod policy;
mod sharing;
mod shell;
mod site;
mod store;
mod url;

pub use around::Around;
pub use policy::{GetPolicy, PolicyPage, get_policy};
pub use sharing::Sharing;
pub use shell::{PAPER, page_has_islands, shell};
pub use site::{NameHead, NotFound, SiteFoot, SiteHead, Trouble};
pub use store::{GetStore, get_store, known_store, load_store, page_title, provide_store, title_text};
pub use url::with_query;

pub mod people;

/// What server functions ask of the request and tell the response.
pub mod request;
