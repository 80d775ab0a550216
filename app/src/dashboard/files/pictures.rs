//! What everybody sees before buying: cover, gallery, samples.

use crate::dashboard::files::acts::{DescribeFile, OrderPictures, RemoveFile};
use crate::dashboard::files::zone::{UploadForm, UploadPlace};
use crate::islands::DragOrder;
use domain::pages::storefront::human_size;
use domain::{
    files::FileRole,
    pages::files::{FileView, PictureView, SampleView},
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const PICTURES: &str =
    "JPEG, PNG or WebP, up to 25 MB. It is converted for screens in several sizes; location and camera data are removed.";

#[component]
pub fn CoverSection(slug: String, cover: Option<PictureView>, may_edit: bool) -> impl IntoView {
    let place = UploadPlace { slug: slug.clone(), role: FileRole::Cover, release: None, replaces: None };
    let label = if cover.is_some() { "Another cover" } else { "A cover" };
    view! {
        <section aria-labelledby="cover">
            <h2 id="cover">"Cover"</h2>
            {match cover {
                Some(cover) => view! { <ul class="pictures"><li><Picture slug view=cover may_edit/></li></ul> }.into_any(),
                None => view! { <p class="quiet">"No cover yet. Until there is one, cards show the title."</p> }.into_any(),
            }}
            {may_edit.then(|| view! { <UploadForm place tiers=Vec::new() label help=PICTURES/> })}
        </section>
    }
}

#[component]
pub fn GallerySection(slug: String, gallery: Vec<PictureView>, may_edit: bool) -> impl IntoView {
    let place = UploadPlace { slug: slug.clone(), role: FileRole::Gallery, release: None, replaces: None };
    let ids: Vec<String> = gallery.iter().map(|view| view.file.id.clone()).collect();
    let n = gallery.len();
    let items = gallery
        .into_iter()
        .enumerate()
        .map(|(i, view)| {
            let id = view.file.id.clone();
            let name = view.file.name.clone();
            let moves = may_edit.then(|| {
                view! {
                    <div class="moves">
                        {(i > 0).then(|| view! {
                            <Move slug=slug.clone() order=swapped(&ids, i - 1, i) word="Earlier" name=name.clone()/>
                        })}
                        {(i + 1 < n).then(|| view! {
                            <Move slug=slug.clone() order=swapped(&ids, i, i + 1) word="Later" name=name.clone()/>
                        })}
                    </div>
                }
            });
            view! { <li data-picture=id draggable=may_edit.then_some("true")><Picture slug=slug.clone() view may_edit/>{moves}</li> }
        })
        .collect_view();
    view! {
        <section aria-labelledby="gallery">
            <h2 id="gallery">"Gallery"</h2>
            {if n == 0 {
                view! {
                    <p class="quiet">"No pictures yet. They appear beside the cover on the product's page, in this order."</p>
                }.into_any()
            } else if may_edit && n > 1 {
                view! {
                    <DragOrder>
                        <ul class="pictures">{items}</ul>
                        <form method="post" action=OrderPictures::PATH>
                            <input type="hidden" name="slug" value=slug.clone()/>
                            <input type="hidden" name="order" value=""/>
                        </form>
                    </DragOrder>
                }.into_any()
            } else {
                view! { <ul class="pictures">{items}</ul> }.into_any()
            }}
            {may_edit.then(|| view! { <UploadForm place tiers=Vec::new() label="Pictures" help=PICTURES/> })}
        </section>
    }
}

fn swapped(ids: &[String], a: usize, b: usize) -> String {
    let mut ids = ids.to_vec();
    ids.swap(a, b);
    ids.join(" ")
}

#[component]
fn Move(slug: String, order: String, word: &'static str, name: String) -> impl IntoView {
    view! {
        <form method="post" action=OrderPictures::PATH>
            <input type="hidden" name="slug" value=slug/>
            <input type="hidden" name="order" value=order/>
            <button class="link-button" type="submit">{word}<span class="sr-only">{format!(": {name}")}</span></button>
        </form>
    }
}

#[component]
fn Picture(slug: String, view: PictureView, may_edit: bool) -> impl IntoView {
    let PictureView { file, picture } = view;
    let size = match (picture.width, picture.height) {
        (Some(width), Some(height)) => format!("{width} × {height}, {}", human_size(file.size_bytes)),
        _ => human_size(file.size_bytes),
    };
    let src = picture.at_least(320).to_owned();
    view! {
        <img src=src alt=picture.alt.clone() width=picture.width height=picture.height loading="lazy" decoding="async"/>
        <p class="quiet text-sm">{size}</p>
        {file.warning.clone().map(|warning| view! { <p class="error">{warning}</p> })}
        {may_edit.then(|| {
            let hint = picture.alt.is_empty().then_some("What it shows, for people who can't see it.");
            view! { <Words slug file title=picture.alt label="Alt text" hint/> }
        })}
    }
}

/// The form for the words beside a file, and the button that takes it away.
#[component]
fn Words(slug: String, file: FileView, title: String, label: &'static str, hint: Option<&'static str>) -> impl IntoView {
    let (id, hint_id) = (format!("words-{}", file.id), format!("hint-{}", file.id));
    let of_what = format!(" the {} of {}", label.to_lowercase(), file.name);
    view! {
        <form class="words" method="post" action=DescribeFile::PATH>
            <input type="hidden" name="slug" value=slug.clone()/>
            <input type="hidden" name="file" value=file.id.clone()/>
            <label for=id.clone()>{label}</label>
            <input
                class="input" id=id name="title" maxlength="150" value=title aria-describedby=hint.map(|_| hint_id.clone())
            />
            <button class="link-button" type="submit">"Save"<span class="sr-only">{of_what}</span></button>
            {hint.map(|hint| view! { <p class="help" id=hint_id>{hint}</p> })}
        </form>
        <form method="post" action=RemoveFile::PATH>
            <input type="hidden" name="slug" value=slug/>
            <input type="hidden" name="file" value=file.id/>
            <button class="link-button" type="submit">"Remove"<span class="sr-only">{format!(" {}", file.name)}</span></button>
        </form>
    }
}

#[component]
pub fn Samples(slug: String, samples: Vec<SampleView>, may_edit: bool) -> impl IntoView {
    let place = UploadPlace { slug: slug.clone(), role: FileRole::Sample, release: None, replaces: None };
    let is_empty = samples.is_empty();
    view! {
        <section aria-labelledby="samples">
            <h2 id="samples">"Samples"</h2>
            <p class="quiet">"Anybody may open these before buying: a chapter, a track, a demo. Files to sell don't belong here."</p>
            {(!is_empty).then(|| view! {
                <ul class="goods">
                    {samples.into_iter().map(|sample| {
                        let SampleView { file, title, url } = sample;
                        view! {
                            <li>
                                <div class="good-head">
                                    <a class="good-name" href=url>{file.name.clone()}</a>
                                    <span class="quiet number">{human_size(file.size_bytes)}</span>
                                </div>
                                <p class="good-facts"><span>{file.media_type.clone()}</span></p>
                                {may_edit.then(|| view! {
                                    <div class="good-acts"><Words slug=slug.clone() file title label="Title" hint=None/></div>
                                })}
                            </li>
                        }
                    }).collect_view()}
                </ul>
            })}
            {may_edit.then(|| view! {
                <UploadForm place tiers=Vec::new() label="A sample" help="Up to 10 GB. PDF, text, audio and video open in the browser."/>
            })}
        </section>
    }
}
