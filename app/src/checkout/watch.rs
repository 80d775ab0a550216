//! The order page's patience: it asks until the payment is confirmed, then shows the goods.

use super::order::get_order_status;
use leptos::prelude::*;
use std::time::Duration;

const ASK_EVERY: Duration = Duration::from_millis(1500);

/// Reloads the page once the order has another status.
#[island]
pub fn OrderWatch(id: String, key: String, status: String) -> impl IntoView {
    Effect::new(move || {
        let (id, key, status) = (id.clone(), key.clone(), status.clone());
        // Stops with the page that it reloads.
        let _handle = set_interval_with_handle(
            move || {
                let (id, key, status) = (id.clone(), key.clone(), status.clone());
                leptos::task::spawn_local(async move {
                    if get_order_status(id, key).await.is_ok_and(|now| now != status) {
                        reload();
                    }
                });
            },
            ASK_EVERY,
        );
    });
}

fn reload() {
    if let Err(error) = window().location().reload() {
        leptos::logging::warn!("the page could not be reloaded: {error:?}");
    }
}
