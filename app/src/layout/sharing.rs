//! What chats, mails and networks show of a link to a page (<https://ogp.me>).

use domain::pages::storefront::{Picture, StoreFace};
use leptos::prelude::*;
use leptos_meta::Meta;

/// The page as it presents itself beside links to it. `path` is its path in the shop.
#[component]
pub fn Sharing(
    store: StoreFace,
    path: String,
    #[prop(into)] title: String,
    #[prop(into)] description: String,
    picture: Option<Picture>,
    #[prop(optional)] is_product: bool,
) -> impl IntoView {
    let base_url = store.base_url;
    view! {
        <Meta property="og:type" content=if is_product { "product" } else { "website" }/>
        <Meta property="og:site_name" content=store.name/>
        <Meta property="og:title" content=title/>
        <Meta property="og:description" content=description/>
        <Meta property="og:url" content=format!("{base_url}{path}")/>
        {picture.map(|picture| view! { <SharedImage picture base_url/> })}
    }
}

#[component]
fn SharedImage(picture: Picture, base_url: String) -> impl IntoView {
    let alt = (!picture.alt.is_empty()).then(|| picture.alt.clone());
    // Pictures from before there was one for this have the page's own alone, of a type that is not known here.
    let (path, size, media_type) = match picture.shared {
        Some(shared) => (shared.url, Some((shared.width, shared.height)), Some("image/jpeg")),
        None => (picture.url, picture.width.zip(picture.height), None),
    };
    let is_wide = size.is_some_and(|(width, height)| u64::from(width) * 2 >= u64::from(height) * 3);
    view! {
        <Meta property="og:image" content=format!("{base_url}{path}")/>
        {size.map(|(width, height)| view! {
            <Meta property="og:image:width" content=width.to_string()/><Meta property="og:image:height" content=height.to_string()/>
        })}
        {media_type.map(|media_type| view! { <Meta property="og:image:type" content=media_type/> })}
        {alt.map(|alt| view! { <Meta property="og:image:alt" content=alt/> })}
        // A large card shows half as much in height as in width: of a book's cover it would cut the title off.
        <Meta name="twitter:card" content=if is_wide { "summary_large_image" } else { "summary" }/>
    }
}
