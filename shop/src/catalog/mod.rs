//! What is on sale: lists, products, categories; and what creators do with them.

mod attach;
mod bundles;
mod cards;
mod categories;
mod category_slugs;
mod check;
mod create;
mod cursor;
mod detail;
mod edit;
mod editor;
mod facts;
mod files;
mod generated;
mod goods;
mod list;
pub mod markdown;
mod media;
mod names;
mod offer;
pub mod releases;
mod remove;
mod reprice;
pub mod sample;
mod search;
mod slugs;
mod sql;
pub(crate) mod steps;
mod tags;
mod terms;
mod tidy;

pub(crate) use attach::{Attachment, attach, is_there, line, lock_product, product_named, tier_ids};
pub use attach::{NewFile, add_file, add_file_once};
pub(crate) use bundles::{Included, included};
pub use bundles::{MAX_INCLUDED, TierName};
pub use cards::home;
pub(crate) use categories::add_sample_category;
pub use categories::{
    CategoryChange, NewCategory, all_categories, categories, category_id, create_category, delete_category, move_category, update_category,
};
pub use category_slugs::{CategoryPlace, place_of_category};
pub use create::{CreatedProduct, NewLicense, NewProduct, NewVariant, create_product};
pub use detail::{find_any_product, find_product};
pub use domain::files::FileRole;
pub use edit::{ProductChange, VariantChange, set_status, update_product};
pub use editor::{act_on_form, blank_form, choices, edited, save_form};
pub use facts::status_from;
pub use files::files;
pub(crate) use generated::{Generated, add_generated};
pub use goods::list_goods;
pub use list::{has_appeared, list};
pub(crate) use media::{Shown, file_view, picture, shown};
pub use media::{describe, find_preview_file, media_path, order_gallery, remove_picture};
pub use names::names;
pub(crate) use names::{Viewer, find_id, id_of, slugs_now};
pub use offer::{Offer, load_offer};
pub use remove::{delete_product, duplicate_product, restore_product};
pub(crate) use reprice::{n_priced, settle_old_prices};
pub(crate) use search::index_all;
pub use search::index_missing;
pub(crate) use slugs::id_that_had;
pub use slugs::{moved_to, moved_to_for_member, slug_now};
pub(crate) use sql::is_on_sale;
pub use tags::{delete_tag, merge_tag, rename_tag, tags};
pub use terms::{TermsChange, terms, terms_revisions, write_terms};
pub(crate) use terms::{current_terms_id, terms_of};

/// How many cards a page of the catalog has.
pub const PAGE_SIZE: u64 = 24;

pub use crate::stores::shown_face as store_face;
