//! Releases that are prepared, published, described and thrown away.

use super::goods::{GoodList, GoodUpload};
use crate::components::{Day, FormError};
use crate::dashboard::conflict::{RefusedForm, differences};
use crate::dashboard::fields::{Attempt, TextField};
use crate::error::AppError;
use domain::files::{ReleaseView, TierName};
use domain::form::{Filled, FormRefusal};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

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
    fn fields(&self) -> [(&'static str, &str); 2] {
        [("Version", &self.version), ("What is new", &self.notes)]
    }
}

/// Prepares a release with the files of the one that customers have.
#[server(prefix = "/_fn", endpoint = "prepare_release")]
pub async fn prepare_release(slug: String, version: String, notes: String, #[server(default)] attempt: String) -> Result<String, AppError> {
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = super::page_of(&slug);
    let typed = ReleaseWords { version: version.clone(), notes: notes.clone(), ..ReleaseWords::default() };
    let prepared = async {
        request::check(&member, Permission::EditProducts)?;
        let new = shop::releases::NewRelease { version, notes, is_draft: true };
        let once = request::once(&attempt, ("release", &slug, &new));
        shop::releases::create(&shop, &(&member).into(), &slug, new, once.as_ref()).await?;
        Ok(request::with_notice(&page, "release_prepared"))
    };
    let outcome = prepared.await;
    request::finish_form(&shop, &member, FORM, &typed, outcome, &page).await
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
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = super::page_of(&slug);
    let (mut revision, mut on_top) = (revision, on_top);
    let made_from = request::made_from(&mut revision, &mut on_top);
    let typed = ReleaseWords { release: release.clone(), version: version.clone(), notes: notes.clone(), revision };
    let changed = async {
        request::check(&member, Permission::EditProducts)?;
        let change = shop::releases::ReleaseChange { revision: made_from, version: Some(version), notes: Some(notes), is_published: None };
        shop::releases::update(&shop, &(&member).into(), &slug, &release, change).await?;
        Ok(request::with_notice(&page, "saved"))
    };
    let outcome = changed.await;
    request::finish_form(&shop, &member, FORM, &typed, outcome, &page).await
}

/// Gives customers the release that was prepared.
#[server(prefix = "/_fn", endpoint = "publish_release")]
pub async fn publish_release(slug: String, release: String) -> Result<String, AppError> {
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = super::page_of(&slug);
    let published = async {
        request::check(&member, Permission::EditProducts)?;
        shop::releases::publish(&shop, &(&member).into(), &slug, &release).await?;
        Ok(request::with_notice(&page, "release_published"))
    };
    request::finish(published.await, &page)
}

/// Throws a release away: one in preparation, or an old one.
#[server(prefix = "/_fn", endpoint = "discard_release")]
pub async fn discard_release(slug: String, release: String) -> Result<String, AppError> {
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = super::page_of(&slug);
    let discarded = async {
        request::check(&member, Permission::EditProducts)?;
        shop::releases::delete(&shop, &(&member).into(), &slug, &release).await?;
        Ok(request::with_notice(&page, "release_deleted"))
    };
    request::finish(discarded.await, &page)
}

/// The form that begins a release.
#[component]
pub fn PrepareForm(slug: String, words: Filled<ReleaseWords>) -> impl IntoView {
    let is_ours = words.form.release.is_empty();
    let refusal = words.refusal.filter(|_| is_ours);
    let form = if is_ours { words.form } else { ReleaseWords::default() };
    let is_open = refusal.is_some();
    view! {
        <details class="aside" open=is_open>
            <summary class="button plain">"Prepare a new release"</summary>
            <form class="stack" method="post" action=PrepareRelease::PATH>
                <FormError refusal=refusal.clone()/>
                <p class="help">"It begins with the files that customers have now. Replace what is new, then publish all of it at once."</p>
                <input type="hidden" name="slug" value=slug/>
                <Attempt/>
                <Fields form refusal prefix="new"/>
                <div><button class="button" type="submit">"Prepare release"</button></div>
            </form>
        </details>
    }
}

/// Version and notes, beside each other's refusals.
#[component]
fn Fields(form: ReleaseWords, refusal: Option<FormRefusal>, prefix: &'static str) -> impl IntoView {
    let notes_help = "Customers read it on the product's page and in their library.";
    view! {
        <TextField at=format!("{prefix}-version") name="version" label="Version" value=form.version refusal=refusal.clone() placeholder="1.1" is_required=true is_narrow=true max_length=40/>
        <TextField at=format!("{prefix}-notes") name="notes" label="What is new" value=form.notes refusal rows=4 max_length=10_000 help=notes_help/>
    }
}

/// The release that is being prepared.
#[component]
pub fn DraftRelease(
    slug: String,
    release: ReleaseView,
    tiers: Vec<TierName>,
    words: Filled<ReleaseWords>,
    may_edit: bool,
) -> impl IntoView {
    let (id, version, n) = (release.id.clone(), release.version.clone(), release.goods.len());
    view! {
        <section class="draft panel" aria-labelledby="draft">
            <h2 id="draft">{format!("In preparation: {version}")}</h2>
            <p class="quiet">"Customers don't have this yet. Replace, add and remove files here; publishing gives them everything at once."</p>
            <GoodList slug=slug.clone() release=release.clone() tiers=tiers.clone() may_edit/>
            {may_edit.then(|| view! {
                <details class="aside" open=n == 0>
                    <summary>"Add a file"</summary>
                    <GoodUpload slug=slug.clone() release=Some(id.clone()) tiers/>
                </details>
                <EditWords slug=slug.clone() release=release.clone() words prefix="draft"/>
                <div class="actions mt-6">
                    <form method="post" action=PublishRelease::PATH>
                        <input type="hidden" name="slug" value=slug.clone()/>
                        <input type="hidden" name="release" value=id.clone()/>
                        <button class="button" type="submit">{format!("Publish {version}")}</button>
                    </form>
                    <form method="post" action=DiscardRelease::PATH>
                        <input type="hidden" name="slug" value=slug/>
                        <input type="hidden" name="release" value=id/>
                        <button class="link-button" type="submit">"Discard this release"</button>
                    </form>
                </div>
            })}
        </section>
    }
}

/// Version and notes of a release that exists.
#[component]
pub fn EditWords(slug: String, release: ReleaseView, words: Filled<ReleaseWords>, prefix: &'static str) -> impl IntoView {
    let is_ours = words.form.release == release.id;
    let refusal = words.refusal.filter(|_| is_ours);
    let revision = release.revision.to_string();
    let stands = ReleaseWords { release: release.id.clone(), version: release.version, notes: release.notes, revision };
    let form = if is_ours { words.form } else { stands.clone() };
    let theirs = differences(form.fields(), stands.fields());
    let (page, on_top) = (format!("/dashboard/products/{slug}/files"), ("on_top", stands.revision));
    let is_open = refusal.is_some();
    view! {
        <details class="aside" open=is_open>
            <summary>"Version and notes"</summary>
            <form class="stack" method="post" action=ChangeRelease::PATH>
                <RefusedForm refusal=refusal.clone() what="this release" theirs on_top page/>
                <input type="hidden" name="slug" value=slug/>
                <input type="hidden" name="release" value=release.id/>
                <input type="hidden" name="revision" value=form.revision.clone()/>
                <Fields form refusal prefix/>
                <div><button class="button plain" type="submit">"Save"</button></div>
            </form>
        </details>
    }
}

/// What customers had before.
#[component]
pub fn OlderReleases(slug: String, releases: Vec<ReleaseView>, may_edit: bool) -> impl IntoView {
    if releases.is_empty() {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="older">
            <h2 id="older">"Earlier releases"</h2>
            <ul class="rows">
                {releases.into_iter().map(|release| {
                    let names: Vec<String> = release.goods.iter().map(|good| good.file.name.clone()).collect();
                    view! {
                        <li>
                            <div>
                                <p><strong>{release.version.clone()}</strong>" "<span class="quiet">"· "<Day at_ms=release.created_at/></span></p>
                                {(!release.notes.is_empty()).then(|| view! { <p class="release-notes">{release.notes.clone()}</p> })}
                                <p class="quiet text-sm">{if names.is_empty() { "No files".to_owned() } else { names.join(", ") }}</p>
                            </div>
                            {may_edit.then(|| view! {
                                <form method="post" action=DiscardRelease::PATH>
                                    <input type="hidden" name="slug" value=slug.clone()/>
                                    <input type="hidden" name="release" value=release.id/>
                                    <button class="link-button" type="submit">"Delete"<span class="sr-only">{format!(" release {}", release.version)}</span></button>
                                </form>
                            })}
                        </li>
                    }
                }).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}
