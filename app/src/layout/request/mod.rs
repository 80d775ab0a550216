//! The request and the response, as server functions and pages see them.

mod answer;
mod cookies;
mod entry;
mod forms;
mod member;
mod session;
mod wire;

pub use answer::{
    IN_CATALOG, INCOMPLETE, is_form, lead_on, lead_on_to, lead_to, mark_in_catalog, mark_incomplete, set_status, with_notice,
};
pub use cookies::{cart_token, has_cookies, order_cookie, order_key, order_key_of, remember_cart, remember_count};
pub use entry::{
    SignInScale, begin_session, check_entry, check_proof, check_sign_in, lead_to_sign_in, origin, page_after, remember_next, take_next,
};
pub use forms::{filled, filled_open, finish, finish_form, finish_open_form, made_from, once, request_key, send_back};
pub use member::{Acting, act, act_to, acting, check, is_customer, known_member, member, provide_member, submit, viewer};
pub use session::{MemberLooks, end_session, is_member, member_of, session_id, signed_in};

use crate::error::AppError;
use domain::id::PublicId;
use domain::pages::storefront::StoreFace;
use http::request::Parts;
use leptos::prelude::use_context;
use shop::Shop;

/// The shop that this request is served by.
pub fn shop() -> Result<Shop, AppError> {
    use_context::<Shop>().ok_or_else(|| {
        tracing::error!("a server function ran outside of a request");
        AppError::accident()
    })
}

/// The store, when the server has asked for it before the page is made.
///
/// Parts of a page are made one after another, and a part that waits for a connection while another holds one unasked would stop
/// them all: so the one thing that every part needs is there before the first, and only one part of a page asks the database.
pub fn store() -> Option<StoreFace> {
    use_context::<Parts>()?.extensions.get().cloned()
}

/// Who looks, where they may be counted; what serves the pages knows.
pub fn visitor() -> Option<shop::analytics::visits::Visitor> {
    use_context::<Parts>()?.extensions.get().copied()
}

/// The dashboard's page of an order; the list where the id is not valid.
pub fn order_page(order: &str) -> String {
    PublicId::parse(order).map_or_else(|| "/dashboard/orders".to_owned(), |id| format!("/dashboard/orders/{}", id.as_str()))
}
