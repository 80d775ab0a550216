//! What the forms about the files of a product do.

use crate::error::AppError;
use crate::layout::request::{self, Acting};
use domain::member::Permission;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The page of a product's files; the dashboard for a name that is not valid.
pub(super) fn page_of(slug: &str) -> String {
    domain::slug::Slug::parse(slug).map_or_else(|_| "/dashboard".to_owned(), |slug| format!("/dashboard/products/{}/files", slug.as_str()))
}

/// Takes a file out of a release.
#[server(prefix = "/_fn", endpoint = "remove_good")]
pub async fn remove_good(slug: String, release: String, file: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "file_removed", async |Acting { shop, by, .. }| {
        shop::catalog::releases::remove_file(&shop, &by, &slug, &release, &file).await
    })
    .await
}

/// Says which tiers a file belongs to; none means all of them.
#[server(prefix = "/_fn", endpoint = "assign_tiers")]
pub async fn assign_tiers(slug: String, release: String, file: String, #[server(default)] tiers: Vec<String>) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "saved", async |Acting { shop, by, .. }| {
        shop::catalog::releases::set_tiers(&shop, &by, &slug, &release, &file, &tiers).await
    })
    .await
}

/// Gives a picture words for who cannot see it, or a sample its title.
#[server(prefix = "/_fn", endpoint = "describe_file")]
pub async fn describe_file(slug: String, file: String, title: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "saved", async |Acting { shop, by, .. }| {
        shop::catalog::describe(&shop, &by, &slug, &file, &title).await
    })
    .await
}

/// Takes a cover, a picture or a sample off the product.
#[server(prefix = "/_fn", endpoint = "remove_file")]
pub async fn remove_file(slug: String, file: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "file_removed", async |Acting { shop, by, .. }| {
        shop::catalog::remove_picture(&shop, &by, &slug, &file).await
    })
    .await
}

/// Puts the gallery into an order: ids, separated by spaces.
#[server(prefix = "/_fn", endpoint = "order_pictures")]
pub async fn order_pictures(slug: String, order: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act_to(Permission::EditProducts, &page, async |Acting { shop, by, .. }| {
        let ids: Vec<String> = order.split_whitespace().map(str::to_owned).collect();
        shop::catalog::order_gallery(&shop, &by, &slug, &ids).await?;
        Ok(format!("{page}#gallery"))
    })
    .await
}

/// The name that the forms' drafts are kept under.
pub(super) const FORM: &str = "release";

/// What somebody typed of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseWords {
    /// The release that it is about; nothing for a new one.
    pub release: String,
    pub version: String,
    pub notes: String,
    /// The revision that the form was made from.
    #[serde(default)]
    pub revision: String,
}

impl ReleaseWords {
    /// Labels and values, to be held against what is saved.
    pub(super) fn fields(&self) -> [(&'static str, &str); 2] {
        [("Version", &self.version), ("What is new", &self.notes)]
    }
}

/// Prepares a release with the files of the one that customers have.
#[server(prefix = "/_fn", endpoint = "prepare_release")]
pub async fn prepare_release(slug: String, version: String, notes: String, #[server(default)] attempt: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    let typed = ReleaseWords { version: version.clone(), notes: notes.clone(), ..ReleaseWords::default() };
    request::submit(Permission::EditProducts, FORM, &typed, &page, async |Acting { shop, by, .. }| {
        let new = shop::catalog::releases::NewRelease { version, notes, is_draft: true };
        let once = request::once(&attempt, ("release", &slug, &new));
        shop::catalog::releases::create(&shop, &by, &slug, new, once.as_ref()).await?;
        Ok(request::with_notice(&page, "release_prepared"))
    })
    .await
}

/// Gives a release another version or other notes.
#[server(prefix = "/_fn", endpoint = "change_release")]
pub async fn change_release(
    slug: String,
    release: String,
    version: String,
    notes: String,
    #[server(default)] revision: String,
    #[server(default)] on_top: String,
) -> Result<String, AppError> {
    let page = page_of(&slug);
    let (mut revision, mut on_top) = (revision, on_top);
    let made_from = request::made_from(&mut revision, &mut on_top);
    let typed = ReleaseWords { release: release.clone(), version: version.clone(), notes: notes.clone(), revision };
    request::submit(Permission::EditProducts, FORM, &typed, &page, async |Acting { shop, by, .. }| {
        let change =
            shop::catalog::releases::ReleaseChange { revision: made_from, version: Some(version), notes: Some(notes), is_published: None };
        shop::catalog::releases::update(&shop, &by, &slug, &release, change).await?;
        Ok(request::with_notice(&page, "saved"))
    })
    .await
}

/// Gives customers the release that was prepared.
#[server(prefix = "/_fn", endpoint = "publish_release")]
pub async fn publish_release(slug: String, release: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "release_published", async |Acting { shop, by, .. }| {
        shop::catalog::releases::publish(&shop, &by, &slug, &release).await.map(drop)
    })
    .await
}

/// Throws a release away: one in preparation, or an old one.
#[server(prefix = "/_fn", endpoint = "discard_release")]
pub async fn discard_release(slug: String, release: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "release_deleted", async |Acting { shop, by, .. }| {
        shop::catalog::releases::delete(&shop, &by, &slug, &release).await
    })
    .await
}

/// Gives an upload up, with all that arrived of it.
#[server(prefix = "/_fn", endpoint = "cancel_upload")]
pub async fn cancel_upload(slug: String, upload: String) -> Result<String, AppError> {
    let page = page_of(&slug);
    request::act(Permission::EditProducts, &page, "upload_canceled", async |Acting { shop, .. }| {
        shop::files::uploads::cancel(&shop, &upload).await
    })
    .await
}
