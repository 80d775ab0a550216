//! What every other room stands on: the database and its entities, errors, the clock, chance and secrets, requests that are sent
//! twice, forms that two people have open.

pub(crate) mod at_once;
pub mod backup;
pub mod database;
pub mod drafts;
pub(crate) mod entities;
pub mod error;
pub(crate) mod memo;
pub mod once;
pub mod refusals;
pub(crate) mod revisions;
pub mod seal;
pub mod secret;
pub(crate) mod texts;
pub mod world;
