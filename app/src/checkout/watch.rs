//! The order page's patience: it asks until the payment is confirmed, then shows the goods.

use super::order::get_order_status;
use leptos::prelude::*;
use std::time::Duration;

/// Most payments are confirmed at once; a bank that takes days is asked ever more rarely.
const FIRST: Duration = Duration::from_secs(2);
const N_QUICK: u32 = 20;
const LATER: Duration = Duration::from_secs(20);

/// Reloads the page once the order has another status.
#[island]
pub fn OrderWatch(id: String, key: String, status: String) -> impl IntoView {
    Effect::new(move || ask_later(0, id.clone(), key.clone(), status.clone()));
}

fn ask_later(n_asked: u32, id: String, key: String, status: String) {
    let pause = if n_asked < N_QUICK { FIRST } else { LATER };
    set_timeout(
        move || {
            leptos::task::spawn_local(async move {
                match get_order_status(id.clone(), key.clone()).await {
                    Ok(now) if now != status => reload(),
                    // Out of reach for a moment, or no news: the next answer may differ.
                    _ => ask_later(n_asked + 1, id, key, status),
                }
            });
        },
        pause,
    );
}

fn reload() {
    if let Err(error) = window().location().reload() {
        leptos::logging::warn!("the page could not be reloaded: {error:?}");
    }
}
