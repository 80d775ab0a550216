//! What brings failed work on its way again.

use crate::error::AppError;
use crate::layout::request::{self, Acting};
use domain::member::Permission;
use leptos::prelude::*;

/// The address of this page.
pub const PAGE: &str = "/dashboard/health";

/// Tries again all that was given up.
#[server(prefix = "/_fn", endpoint = "retry_all")]
pub async fn retry_all() -> Result<String, AppError> {
    let act = async |Acting { shop, by, .. }| shop::jobs::retry_all(&shop, &by).await.map(drop);
    request::act(Permission::RetryWork, PAGE, "all_retried", act).await
}

/// Puts away what was given up: somebody has seen to it.
#[server(prefix = "/_fn", endpoint = "dismiss_failure")]
pub async fn dismiss_failure(id: String) -> Result<String, AppError> {
    request::act(Permission::RetryWork, PAGE, "dismissed", async |Acting { shop, by, .. }| shop::jobs::dismiss(&shop, &by, &id).await).await
}

/// Tries a mail at once that waits for its next try, or all of them.
#[server(prefix = "/_fn", endpoint = "hurry_mails")]
pub async fn hurry_mails(#[server(default)] id: String) -> Result<String, AppError> {
    let one = Some(id.as_str()).filter(|id| !id.is_empty());
    let act = async |Acting { shop, by, .. }| shop::jobs::hurry_mails(&shop, &by, one).await.map(drop);
    request::act(Permission::RetryWork, PAGE, "hurried", act).await
}

/// Tries again what was given up. For members who act, not for those who only look.
#[server(prefix = "/_fn", endpoint = "retry_failure")]
pub async fn retry_failure(id: String, #[server(default)] back: String) -> Result<String, AppError> {
    let page = if back == PAGE { PAGE } else { "/dashboard" };
    request::act(Permission::RetryWork, page, "retried", async |Acting { shop, by, .. }| shop::jobs::retry(&shop, &by, &id).await).await
}
