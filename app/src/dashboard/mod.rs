//! Where creators run the shop.

pub mod attention;
pub mod categories;
mod fields;
mod frame;
pub mod order;
pub mod orders;
pub mod overview;
pub mod product;
mod product_form;
pub mod products;
pub mod refund;
pub mod settings;
pub mod see;
mod status;
pub mod terms;
mod tier;
