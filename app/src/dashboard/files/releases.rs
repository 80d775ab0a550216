//! Releases that are prepared, published, described and thrown away.

use super::words::EditWords;
use crate::components::Day;
use crate::dashboard::files::acts::{DiscardRelease, PublishRelease, ReleaseWords};
use crate::dashboard::files::goods::{GoodList, GoodUpload};
use domain::pages::files::{ReleaseView, TierName};
use domain::pages::form::Filled;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

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
            <p class="quiet">
                "Customers don't have this yet. Replace, add and remove files here; publishing gives them everything at once."
            </p>
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
                                <p>
                                    <strong>{release.version.clone()}</strong>
                                    " "
                                    <span class="quiet">"· "<Day at_ms=release.created_at/></span>
                                </p>
                                {(!release.notes.is_empty()).then(|| view! { <p class="release-notes">{release.notes.clone()}</p> })}
                                <p class="quiet text-sm">{if names.is_empty() { "No files".to_owned() } else { names.join(", ") }}</p>
                            </div>
                            {may_edit.then(|| view! {
                                <form method="post" action=DiscardRelease::PATH>
                                    <input type="hidden" name="slug" value=slug.clone()/>
                                    <input type="hidden" name="release" value=release.id/>
                                    <button class="link-button" type="submit">
                                        "Delete"<span class="sr-only">{format!(" release {}", release.version)}</span>
                                    </button>
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
