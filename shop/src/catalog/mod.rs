//! What is on sale: lists, products, categories. Published goods only.

mod attach;
mod cards;
mod categories;
mod create;
mod cursor;
mod detail;
mod edit;
mod list;
mod media;
mod offer;
mod search;

pub(crate) use attach::{Attachment, FileFacts, attach, is_there, line, lock_product, product_named, tier_ids};
pub use attach::{NewFile, add_file};
pub use cards::home;
pub use categories::categories;
pub use create::{CreatedProduct, NewLicense, NewProduct, NewVariant, create_product};
pub use detail::{find_any_product, find_product};
pub use domain::files::FileRole;
pub use edit::{ProductChange, VariantChange, delete_product, update_product};
pub use list::list;
pub(crate) use media::{Shown, SizeRow, file_view, picture, shown};
pub use media::{describe, find_preview_file, media_path, order_gallery, remove_picture};
pub use offer::{Offer, load_offer};

/// How many cards a page of the catalog has.
pub const PAGE_SIZE: u64 = 24;

pub use crate::stores::face as store_face;
