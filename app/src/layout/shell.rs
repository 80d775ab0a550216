//! The document around a page.

use crate::App;
use leptos::html;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The color of the paper in each theme, which browsers paint their own frame in: `--paper` of `style/tokens.css`.
pub const PAPER: Paper = Paper { light: "#fbfaf7", dark: "#0d1014" };

/// A color in each theme.
pub struct Paper {
    pub light: &'static str,
    pub dark: &'static str,
}

/// Whether a page has something to hydrate. All others load no WebAssembly.
pub fn page_has_islands(path: &str) -> bool {
    path == "/cart" || path.starts_with("/orders/") || (path.starts_with("/dashboard/products/") && path.ends_with("/files"))
}

/// The document. Assets are addressed under the package's hashed folder, which the server sets when it starts.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let path = current_path().unwrap_or_default();
    let (is_live, is_dashboard) = (page_has_islands(&path), path.starts_with("/dashboard") || path == "/setup");
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <script src="/theme.js"></script>
                <script src=if is_dashboard { "/dashboard.js" } else { "/shop.js" } defer></script>
                <link rel="stylesheet" href=stylesheet/>
                <link rel="preload" href="/fonts/inter-latin-wght-normal.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <link
                    rel="preload" href="/fonts/newsreader-latin-wght-normal.woff2" r#as="font" r#type="font/woff2" crossorigin="anonymous"
                />
                {frame_color("light", PAPER.light)}
                {frame_color("dark", PAPER.dark)}
                <link rel="icon" href="/favicon.ico" sizes="32x32"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/apple-touch-icon.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                {is_live.then(|| view! { <HydrationScripts options islands=true/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// In which color browsers paint their own frame, where the system's theme is this one.
fn frame_color(theme: &str, color: &'static str) -> impl IntoView {
    html::meta().name("theme-color").content(color).attr("media", format!("(prefers-color-scheme: {theme})"))
}

/// The path of the page that is asked for; none where routes are listed alone.
pub(super) fn current_path() -> Option<String> {
    use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::page_has_islands;

    #[test]
    fn pages_of_goods_load_no_webassembly() {
        for path in ["/", "/products", "/products/a", "/dashboard", "/nowhere"] {
            assert!(!page_has_islands(path), "{path}");
        }
        for path in ["/cart", "/orders/a", "/dashboard/products/a/files"] {
            assert!(page_has_islands(path), "{path}");
        }
    }
}
