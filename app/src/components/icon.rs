//! Icons in the strokes of Lucide (ISC license), inlined.

use leptos::prelude::*;

/// The icons that the shop uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Alert,
    Cart,
    Chart,
    Check,
    ChevronDown,
    ChevronUp,
    Circle,
    Close,
    Contrast,
    Dashboard,
    Done,
    Download,
    Expand,
    ExternalLink,
    Help,
    Info,
    Key,
    Lock,
    Menu,
    Package,
    Plus,
    Pulse,
    Receipt,
    Search,
    Sliders,
    Tag,
    Undo,
    User,
    Users,
}

impl IconName {
    fn path(self) -> &'static str {
        match self {
            IconName::Alert => "m21.7 18-8-14a2 2 0 0 0-3.4 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.7-3ZM12 9v4M12 17h.01",
            IconName::Cart => "M6 2 3 6v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V6l-3-4ZM3 6h18M16 10a4 4 0 0 1-8 0",
            IconName::Chart => "M3 3v16a2 2 0 0 0 2 2h16M19 9l-5 5-4-4-3 3",
            IconName::Check => "M20 6 9 17l-5-5",
            IconName::Circle => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
            IconName::ChevronDown => "m6 9 6 6 6-6",
            IconName::ChevronUp => "m18 15-6-6-6 6",
            IconName::Close => "M18 6 6 18M6 6l12 12",
            IconName::Contrast => "M12 3a9 9 0 1 0 0 18ZM12 3a9 9 0 0 1 0 18",
            IconName::Dashboard => "M3 3h7v9H3zM14 3h7v5h-7zM14 12h7v9h-7zM3 16h7v5H3z",
            IconName::Done => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 12.5l2.5 2.5L16 9.5",
            IconName::Download => "M12 3v12M7 10l5 5 5-5M5 21h14",
            IconName::Expand => "M15 3h6v6M9 21H3v-6M21 3l-7 7M3 21l7-7",
            IconName::ExternalLink => "M15 3h6v6M10 14 21 3M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6",
            IconName::Help => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5a2.5 2.5 0 0 1 4.9.8c0 1.7-2.4 2-2.4 3.2M12 16.5h.01",
            IconName::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 16v-4M12 8h.01",
            IconName::Lock => "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4",
            IconName::Menu => "M4 6h16M4 12h16M4 18h16",
            IconName::Package => "M12 22 3.5 17V7L12 2l8.5 5v10ZM12 22V12M3.5 7l8.5 5 8.5-5M7.7 4.5l8.5 5",
            IconName::Plus => "M5 12h14M12 5v14",
            IconName::Pulse => "M22 12h-4l-3 9L9 3l-3 9H2",
            IconName::Key => "M15.5 14a5.5 5.5 0 1 0-5.2-3.7L3 17.5V21h3.5l1-1v-2h2v-2h2l1.3-1.3a5.5 5.5 0 0 0 1.7.3ZM16.5 7.5h.01",
            IconName::Receipt => "M4 2v20l2-1 2 1 2-1 2 1 2-1 2 1 2-1 2 1V2l-2 1-2-1-2 1-2-1-2 1-2-1-2 1ZM8 8h8M8 12h8M8 16h5",
            IconName::Search => "m21 21-4.3-4.3M19 11a8 8 0 1 1-16 0 8 8 0 0 1 16 0Z",
            IconName::Sliders => "M21 5h-7M10 5H3M21 12h-9M8 12H3M21 19h-5M12 19H3M14 3v4M8 10v4M16 17v4",
            IconName::Tag => {
                "M12.6 2.6A2 2 0 0 0 11.2 2H4a2 2 0 0 0-2 2v7.2a2 2 0 0 0 .6 1.4l8.7 8.7a2.4 2.4 0 0 0 3.4 0l6.6-6.6a2.4 2.4 0 0 0 \
                0-3.4ZM7.5 7.5h.01"
            }
            IconName::Undo => "M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 0 11H11",
            IconName::User => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM6.5 19a6 6 0 0 1 11 0",
            IconName::Users => {
                "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM22 21v-2a4 4 0 0 0-3-4M16 3a4 4 0 0 1 0 8"
            }
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
