//! What is on sale: lists, products, categories. Published goods only.

mod cards;
mod categories;
mod create;
mod cursor;
mod detail;
mod edit;
mod list;
mod media;
mod names;
mod offer;
mod search;

pub use cards::home;
pub use categories::categories;
pub use create::{CreatedProduct, FileRole, NewFile, NewLicense, NewProduct, NewVariant, add_file, create_product};
pub use detail::{find_any_product, find_product};
pub use edit::{ProductChange, VariantChange, delete_product, update_product};
pub use list::list;
pub use media::{find_preview_file, media_path};
pub(crate) use names::id_of;
pub use names::names;
pub use offer::{Offer, load_offer};

/// How many cards a page of the catalog has.
pub const PAGE_SIZE: u64 = 24;

pub use crate::stores::face as store_face;
