//! The pictures of a product on a stage that keeps its size.

use crate::components::{Cover, Icon, IconName, picture_size};
use domain::word::Word;
use domain::{catalog::Kind, pages::storefront::Picture};
use leptos::prelude::*;

/// A thumbnail is shown half as wide, on a screen of twice the density.
const THUMB_WIDTH: u32 = 256;

/// The cover, and a thumbnail for each picture. The thumbnails are radio buttons and the style sheet shows the chosen
/// picture: no script, and the arrow keys work. Pictures that are not shown are not fetched.
#[component]
pub fn Gallery(cover: Option<Picture>, pictures: Vec<Picture>, kind: Kind, title: String) -> impl IntoView {
    let has_choice = !pictures.is_empty();
    let thumbs: Vec<Picture> = cover.iter().chain(&pictures).cloned().collect();
    view! {
        <div class="gallery">
            <div class=format!("stage stage-{}", kind.as_str())>
                <StagePicture url=cover.as_ref().map(|picture| picture.url.clone())>
                    <Cover picture=cover kind title is_first=true/>
                </StagePicture>
                {pictures.into_iter().map(|picture| {
                    let srcset = picture.srcset();
                    let sizes = srcset.is_some().then_some("(min-width: 900px) 600px, 100vw");
                    view! {
                        <StagePicture url=Some(picture.url.clone())>
                            <img
                                class="cover" src=picture.url srcset=srcset sizes=sizes alt=picture.alt width=picture.width
                                height=picture.height loading="lazy" decoding="async"
                            />
                        </StagePicture>
                    }
                }).collect_view()}
            </div>
            {has_choice.then(|| view! {
                <fieldset class="thumbs">
                    <legend class="sr-only">"Pictures"</legend>
                    {thumbs.into_iter().enumerate().map(|(i, picture)| {
                        let (width, height) = picture_size(&picture, kind);
                        let src = picture.at_least(THUMB_WIDTH).to_owned();
                        view! {
                            <label class="thumb">
                                <input class="sr-only" type="radio" name="picture" autocomplete="off" checked=i == 0/>
                                <img src=src alt=picture.alt width=width height=height loading="lazy" decoding="async"/>
                            </label>
                        }
                    }).collect_view()}
                </fieldset>
            })}
        </div>
    }
}

/// A picture on the stage, with the way to see all of it.
#[component]
fn StagePicture(url: Option<String>, children: Children) -> impl IntoView {
    let whole = url
        .map(|url| view! { <a class="icon-button whole" href=url aria-label="Show the whole picture"><Icon name=IconName::Expand/></a> });
    view! { <div class="stage-picture">{children()}{whole}</div> }
}
