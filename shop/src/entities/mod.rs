//! One SeaORM entity a table: no logic, never serialised.
//!
//! A test holds their columns against the migrated schema of both databases.

pub mod activation;
pub mod api_key;
pub mod audit_entry;
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
pub mod file;
pub mod fraud_signal;
pub mod inbox_event;
pub mod invoice;
pub mod job;
pub mod license;
pub mod member;
pub mod order;
pub mod order_event;
pub mod order_item;
pub mod payment;
pub mod preview;
pub mod price;
pub mod product;
pub mod product_tag;
pub mod promotion;
pub mod promotion_code;
pub mod promotion_use;
pub mod refund;
pub mod release;
pub mod release_file;
pub mod session;
pub mod store;
pub mod tag;
pub mod tax_rate;
pub mod upload;
pub mod upload_part;
pub mod variant;
