//! What is done about a customer.

use crate::error::AppError;
use crate::layout::request::{self, Acting};
use domain::member::Permission;
use leptos::prelude::*;

pub(super) const FORM: &str = "erase_customer";

/// Forgets who a customer was, for ever; the address is typed so that nobody else is meant.
#[server(prefix = "/_fn", endpoint = "erase_customer")]
pub async fn erase_customer(customer: String, confirmation: String) -> Result<String, AppError> {
    // The name of a customer is hexadecimal; anything else leads to the list.
    let is_name = !customer.is_empty() && customer.bytes().all(|b| b.is_ascii_hexdigit());
    let page = if is_name { format!("/dashboard/customers/{customer}") } else { "/dashboard/customers".to_owned() };
    request::submit(Permission::EraseCustomers, FORM, &confirmation, &page, async |Acting { shop, by, .. }| {
        let known = shop::customers::file(&shop, &customer).await?.customer;
        if confirmation.trim().to_lowercase() != known.email.to_lowercase() {
            return Err(shop::Error::refused("confirmation_differs", "This is not the address of this customer. Nothing was erased.")
                .at("confirmation"));
        }
        let notice = match shop::customers::erase(&shop, &by, &customer).await? {
            shop::customers::Erased::Everywhere => "customer_erased_now",
            shop::customers::Erased::GoesOn => "customer_erasing",
        };
        Ok(request::with_notice(&page, notice))
    })
    .await
}
