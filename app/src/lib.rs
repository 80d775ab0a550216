//! What people see: pages, islands, components and server functions, sorted by what they are about.
//!
//! Pages are HTML first and made on the server alone, where they reach the shop by server functions. Only islands are compiled for the
//! browser, and only pages that have one load WebAssembly ([`layout::page_has_islands`]).

// A view is a type as deep as its markup.
#![recursion_limit = "512"]

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod checkout;
#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
pub mod dashboard;
pub mod error;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod layout;
#[cfg(feature = "ssr")]
pub mod notices;
#[cfg(feature = "ssr")]
mod routes;
#[cfg(feature = "ssr")]
pub mod storefront;

#[cfg(feature = "ssr")]
pub use {layout::shell, routes::App};
