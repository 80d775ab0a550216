//! Icons in the strokes of Lucide (ISC licence), inlined.

use leptos::prelude::*;

/// The icons that the shop uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Cart,
    Contrast,
    Download,
    Lock,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            IconName::Cart => "M6 2 3 6v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V6l-3-4ZM3 6h18M16 10a4 4 0 0 1-8 0",
            IconName::Contrast => "M12 3a9 9 0 1 0 0 18ZM12 3a9 9 0 0 1 0 18",
            IconName::Download => "M12 3v12M7 10l5 5 5-5M5 21h14",
            IconName::Lock => "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
        }
    }
}

/// An icon beside its words; without words of its own.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d=name.path()></path>
        </svg>
    }
}
