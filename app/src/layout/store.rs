//! The store that a page belongs to, asked for once a page.

use crate::error::AppError;
use domain::pages::storefront::StoreFace;
use leptos::prelude::*;
use std::sync::{Arc, OnceLock};

/// The store as every page names it.
#[server(prefix = "/_fn", endpoint = "get_store")]
pub async fn get_store() -> Result<StoreFace, AppError> {
    Ok(shop::catalog::store_face(&super::request::shop()?).await?)
}

/// What this page has learned of the store so far.
#[derive(Clone, Default)]
struct StoreOfPage(Arc<OnceLock<StoreFace>>);

/// Gives the parts of a page one memory of their store.
pub fn provide_store() {
    provide_context(StoreOfPage::default());
}

/// The store of this page, where that is known already.
pub fn known_store() -> Option<StoreFace> {
    let page = use_context::<StoreOfPage>().unwrap_or_default();
    page.0.get().cloned().or_else(|| super::request::store().map(|store| page.0.get_or_init(|| store).clone()))
}

/// The store of this page. A store that can't be read leaves a page without a name rather than no page.
pub async fn load_store() -> StoreFace {
    if let Some(store) = known_store() {
        return store;
    }
    let page = use_context::<StoreOfPage>().unwrap_or_default();
    match get_store().await {
        Ok(store) => page.0.get_or_init(|| store).clone(),
        Err(_) => {
            super::request::mark_incomplete();
            StoreFace {
                name: "The shop".to_owned(),
                tagline: String::new(),
                support_email: None,
                seller: Vec::new(),
                policies: Vec::new(),
                refund_days: None,
                sender_name: String::new(),
                logo: None,
                base_url: String::new(),
                time_zone: String::new(),
            }
        }
    }
}

/// The title of a page: what it shows, then whose it is.
pub fn page_title(what: &str, store: &StoreFace) -> String {
    title_text(&format!("{what} · {}", store.name))
}

/// A title as it may stand in the document's head, where leptos_meta writes it as it is.
pub fn title_text(title: &str) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::title_text;

    #[test]
    fn a_title_ends_no_tag() {
        assert_eq!(title_text("</title><script>1 & 2"), "&lt;/title&gt;&lt;script&gt;1 &amp; 2");
    }
}
