//! Icons in the strokes of Lucide (ISC license), inlined.

use leptos::prelude::*;

/// The icons that the shop uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Cart,
    Check,
    Circle,
    Contrast,
    Download,
    ExternalLink,
    Info,
    Lock,
    Undo,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            IconName::Cart => "M6 2 3 6v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V6l-3-4ZM3 6h18M16 10a4 4 0 0 1-8 0",
            IconName::Check => "M20 6 9 17l-5-5",
            IconName::Circle => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
            IconName::Contrast => "M12 3a9 9 0 1 0 0 18ZM12 3a9 9 0 0 1 0 18",
            IconName::Download => "M12 3v12M7 10l5 5 5-5M5 21h14",
            IconName::ExternalLink => "M15 3h6v6M10 14 21 3M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6",
            IconName::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 16v-4M12 8h.01",
            IconName::Lock => "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
            IconName::Undo => "M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
        }
    }
}

/// An icon beside its words; without words of its own.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg
            class="icon" width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.5"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
        >
            <path d=name.path()></path>
        </svg>
    }
}
