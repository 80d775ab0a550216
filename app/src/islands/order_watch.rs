//! The order page's patience: it asks until the payment is confirmed, then shows the goods.

use super::browser::later;
use leptos::prelude::*;

/// Reloads the page once the order has another status than the one in `data-order-status`. Asks at `data-order-ask`.
#[island]
pub fn OrderWatch() -> impl IntoView {
    Effect::new(|| later(0));
}
