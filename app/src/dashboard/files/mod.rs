//! All files of a product: goods with their releases, cover and gallery, samples, and what is on its way.

use crate::dashboard::files::acts::{FORM, ReleaseWords};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::products::tabs::{Tab, Tabs};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::files::ProductFiles;
use domain::pages::form::Filled;
use goods::Goods;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use pictures::{CoverSection, GallerySection, Samples};
use releases::{DraftRelease, OlderReleases};
use serde::{Deserialize, Serialize};
use unfinished::Unfinished;

pub mod acts;
mod goods;
mod pictures;
mod releases;
mod unfinished;
mod words;
mod zone;

/// A product's files, and who is looking at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesSheet {
    pub member: MemberView,
    pub files: ProductFiles,
    /// The form of a release, as it was refused.
    pub release: Filled<ReleaseWords>,
}

/// For members who may see products.
#[server(prefix = "/_fn", endpoint = "get_product_files")]
pub async fn get_product_files(slug: String, draft: String) -> Result<FilesSheet, AppError> {
    let (shop, member) = request::viewer(Permission::SeeProducts).await?;
    let files = shop::catalog::files(&shop, &slug).await?;
    let release = request::filled(&shop, &member, FORM, &draft, ReleaseWords::default()).await?;
    Ok(FilesSheet { member, files, release })
}

#[component]
pub fn FilesPage() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {
                let (slug, draft) = (slug.clone(), draft.clone());
                Suspend::new(async move {
                    let store = load_store().await;
                    match get_product_files(slug, draft).await {
                        Ok(sheet) => view! {
                            <Title text=page_title(&format!("Files of {}", sheet.files.title), &store)/>
                            <Files sheet/>
                        }.into_any(),
                        Err(error) => refused(error),
                    }
                })
            }
        </Suspense>
    }
}

#[component]
fn Files(sheet: FilesSheet) -> impl IntoView {
    let FilesSheet { member, files, release } = sheet;
    let may_edit = member.role.may(Permission::EditProducts);
    let ProductFiles { slug, title, is_open, tiers, cover, gallery, samples, releases, uploads } = files;
    let (drafts, published): (Vec<_>, Vec<_>) = releases.into_iter().partition(|release| release.is_draft);
    let mut published = published.into_iter();
    let (newest, older, draft) = (published.next(), published.collect::<Vec<_>>(), drafts.into_iter().next());
    let has_draft = draft.is_some();
    let n_files = newest.as_ref().map_or(0, |release| release.goods.len());
    view! {
        <Frame member here="/dashboard/products">
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>
                    <li><a href="/dashboard/products">"Products"</a></li>
                    <li><a href=format!("/dashboard/products/{slug}")>{title.clone()}</a></li>
                </ol>
            </nav>
            <h1>"Files"</h1>
            {may_edit.then(|| view! { <Tabs slug=slug.clone() here=Tab::Files n_files is_open/> })}
            <div class="files">
                <div>
                    <Unfinished slug=slug.clone() uploads may_edit/>
                    {draft.map(|draft| view! {
                        <DraftRelease slug=slug.clone() release=draft tiers=tiers.clone() words=release.clone() may_edit/>
                    })}
                    <Goods slug=slug.clone() release=newest tiers=tiers.clone() may_edit has_draft words=release/>
                    <OlderReleases slug=slug.clone() releases=older may_edit/>
                </div>
                <div>
                    <CoverSection slug=slug.clone() cover may_edit/>
                    <GallerySection slug=slug.clone() gallery may_edit/>
                    <Samples slug samples may_edit/>
                </div>
            </div>
        </Frame>
    }
}
