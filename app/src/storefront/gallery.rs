//! The pictures of a product on a stage that keeps its size.

use crate::components::{Cover, cover_size};
use domain::catalog::{Kind, Picture};
use leptos::prelude::*;

/// The cover, and a thumbnail for each picture. The thumbnails are radio buttons and the style sheet shows the chosen
/// picture: no script, and the arrow keys work. Pictures that are not shown are not fetched.
#[component]
pub fn Gallery(cover: Option<Picture>, pictures: Vec<Picture>, kind: Kind, title: String) -> impl IntoView {
    let (width, height) = cover_size(kind);
    let has_choice = !pictures.is_empty();
    let thumbs: Vec<Picture> = cover.iter().chain(&pictures).cloned().collect();
    view! {
        <div class="gallery">
            <div class=format!("stage stage-{}", kind.as_str())>
                <div class="stage-picture"><Cover picture=cover kind title is_first=true/></div>
                {pictures.into_iter().map(|picture| view! {
                    <div class="stage-picture"><img class="cover" src=picture.url alt=picture.alt loading="lazy" decoding="async"/></div>
                }).collect_view()}
            </div>
            {has_choice.then(|| view! {
                <fieldset class="thumbs">
                    <legend class="sr-only">"Pictures"</legend>
                    {thumbs.into_iter().enumerate().map(|(i, picture)| view! {
                        <label class="thumb">
                            <input class="sr-only" type="radio" name="picture" autocomplete="off" checked=i == 0/>
                            <img src=picture.url alt=picture.alt width=width height=height loading="lazy" decoding="async"/>
                        </label>
                    }).collect_view()}
                </fieldset>
            })}
        </div>
    }
}
