//! One SeaORM entity for each table that the shop uses: no rules, never serialized. Where a row is part of a draft
//! ([`domain::draft`]), its columns are read and written beside them.
//!
//! A test holds their columns against the migrated schema of both databases (`tests.rs`).

pub mod activation;
pub mod api_key;
pub mod audit_entry;
pub mod bundle_item;
pub mod cart;
pub mod cart_item;
pub mod category;
pub mod customer;
pub mod dispute;
pub mod download_count;
pub mod download_link;
pub mod download_record;
pub mod download_session;
pub mod draft;
pub mod entitlement;
pub mod entry_link;
pub mod erasure;
pub mod file;
pub mod fraud_signal;
pub mod free_order;
pub mod inbox_event;
pub mod job;
pub mod license;
pub mod license_event;
pub mod license_terms;
pub mod member;
pub mod object_tombstone;
pub mod old_category_slug;
pub mod old_slug;
pub mod order;
pub mod order_event;
pub mod order_item;
pub mod order_note;
pub mod payment;
pub mod preview;
pub mod price;
pub mod product;
pub mod product_tag;
pub mod promotion;
pub mod promotion_code;
pub mod promotion_good;
pub mod promotion_use;
pub mod refund;
pub mod release;
pub mod release_file;
pub mod request_key;
pub mod sales_part;
pub mod session;
pub mod sign_in_try;
pub mod signing_key;
pub mod store;
pub mod tag;
pub mod upload;
pub mod upload_part;
pub mod variant;
pub mod visit_day;
pub mod visit_salt;
pub mod visitor;
pub mod wrong_clock;

#[cfg(test)]
mod tests;
