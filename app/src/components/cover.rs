//! Covers keep the shape of their kind.

use domain::word::Word;
use domain::{catalog::Kind, pages::storefront::Picture};
use leptos::prelude::*;

/// The cover of a product, or its title where there is none. The first one on a page is fetched before the others.
#[component]
pub fn Cover(
    picture: Option<Picture>,
    kind: Kind,
    #[prop(into)] title: String,
    #[prop(optional)] is_first: bool,
    #[prop(optional)] is_decoration: bool,
    /// Whether it is seen before anybody scrolls, so that it is fetched at once.
    #[prop(optional)]
    is_near: bool,
) -> impl IntoView {
    let class = format!("cover cover-{}", kind.as_str());
    match picture {
        Some(picture) => {
            let (width, height) = picture_size(&picture, kind);
            let srcset = picture.srcset();
            // On cards five stand in a row; alone it fills a phone, or half of a wide page.
            let sizes =
                srcset.is_some().then_some(if is_first { "(min-width: 900px) 600px, 100vw" } else { "(min-width: 1024px) 240px, 50vw" });
            let alt = if is_decoration { String::new() } else { picture.alt };
            let loading = if is_first || is_near { "eager" } else { "lazy" };
            view! {
                <img
                    class=class src=picture.url srcset=srcset sizes=sizes alt=alt width=width height=height loading=loading
                    fetchpriority=is_first.then_some("high") decoding="async"
                />
            }
            .into_any()
        }
        None => view! { <div class=format!("{class} cover-blank") aria-hidden="true">{title}</div> }.into_any(),
    }
}

/// What a picture is wide and high; the shape of its kind where that is not known.
pub fn picture_size(picture: &Picture, kind: Kind) -> (u32, u32) {
    picture.width.zip(picture.height).unwrap_or_else(|| cover_size(kind))
}

/// The shape of a kind's covers, so that their place is kept before they arrive.
pub fn cover_size(kind: Kind) -> (u32, u32) {
    match kind {
        Kind::Book => (900, 1200),
        Kind::Audio => (1000, 1000),
        _ => (1280, 800),
    }
}
