//! What customers get: the files of a release, and which tiers they belong to.

use super::words::{EditWords, PrepareForm};
use crate::components::Day;
use crate::dashboard::files::acts::{AssignTiers, ReleaseWords, RemoveGood};
use crate::dashboard::files::zone::{UploadForm, UploadPlace};
use domain::pages::form::Filled;
use domain::pages::storefront::human_size;
use domain::{
    files::FileRole,
    pages::files::{GoodView, ReleaseView, TierName},
};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What customers have now.
#[component]
pub fn Goods(
    slug: String,
    release: Option<ReleaseView>,
    tiers: Vec<TierName>,
    may_edit: bool,
    has_draft: bool,
    words: Filled<ReleaseWords>,
) -> impl IntoView {
    let Some(release) = release else {
        return view! {
            <section aria-labelledby="goods">
                <h2 id="goods">"What customers get"</h2>
                <p class="quiet">"No files yet. The first ones make version 1.0, which everybody gets who buys the product."</p>
                {may_edit.then(|| view! { <GoodUpload slug release=None tiers/> })}
            </section>
        }
        .into_any();
    };
    let heading = format!("What customers get: {}", release.version);
    view! {
        <section aria-labelledby="goods">
            <h2 id="goods">{heading}</h2>
            <p class="quiet text-sm">"Published "<Day at_ms=release.created_at/></p>
            {(!release.notes.is_empty()).then(|| view! { <p class="release-notes">{release.notes.clone()}</p> })}
            <GoodList slug=slug.clone() release=release.clone() tiers=tiers.clone() may_edit/>
            {may_edit.then(|| view! {
                <EditWords slug=slug.clone() release words=words.clone() prefix="newest"/>
                {(!has_draft).then(|| view! {
                    <PrepareForm slug=slug.clone() words/>
                    <details class="aside">
                        <summary>"Add a file to this version"</summary>
                        <p class="help">"Everybody who bought the product gets it at once. To replace a file, prepare a new release."</p>
                        <GoodUpload slug release=None tiers/>
                    </details>
                })}
            })}
        </section>
    }
    .into_any()
}

/// The form that adds a good to a release.
#[component]
pub fn GoodUpload(slug: String, release: Option<String>, tiers: Vec<TierName>) -> impl IntoView {
    let place = UploadPlace { slug, role: FileRole::Good, release, replaces: None };
    view! {
        <UploadForm
            place tiers label="Files to sell" help="Up to 10 GB each. After a lost connection, an upload continues where it stopped."
        />
    }
}

#[component]
pub fn GoodList(slug: String, release: ReleaseView, tiers: Vec<TierName>, may_edit: bool) -> impl IntoView {
    let (id, version, is_draft) = (release.id, release.version, release.is_draft);
    view! {
        <ul class="goods">
            {release.goods.into_iter().map(|good| view! {
                <Good slug=slug.clone() release=id.clone() version=version.clone() is_draft good tiers=tiers.clone() may_edit/>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn Good(
    slug: String,
    release: String,
    version: String,
    is_draft: bool,
    good: GoodView,
    tiers: Vec<TierName>,
    may_edit: bool,
) -> impl IntoView {
    let GoodView { file, tiers: chosen, also_in } = good;
    let names: Vec<String> = tiers.iter().filter(|tier| chosen.contains(&tier.key)).map(|tier| tier.name.clone()).collect();
    // The tiers that it belonged to may be gone.
    let is_left_over = !chosen.is_empty() && names.is_empty();
    let belongs = match chosen.is_empty() {
        true => "All tiers".to_owned(),
        false if is_left_over => "No tier".to_owned(),
        false => names.join(", "),
    };
    let has_choice = tiers.len() > 1 || is_left_over;
    let loss = if is_draft {
        format!("\u{201c}{}\u{201d} will not be in {version}. Earlier releases keep it.", file.name)
    } else {
        format!("Everybody who bought the product loses \u{201c}{}\u{201d} at once.", file.name)
    };
    view! {
        <li>
            <div class="good-head">
                <span class="good-name">{file.name.clone()}</span>
                <span class="quiet number">{human_size(file.size_bytes)}</span>
            </div>
            <p class="good-facts">
                <span>{belongs}</span>
                <span>{file.media_type.clone()}</span>
                {(!also_in.is_empty()).then(|| view! { <span>{format!("Also in {}", also_in.join(", "))}</span> })}
                <span>"Added "<Day at_ms=file.created_at/></span>
            </p>
            <p class="hash"><span class="quiet">"SHA-256 "</span><code>{file.sha256}</code></p>
            {file.warning.map(|warning| view! { <p class="error">{warning}</p> })}
            {is_left_over.then(|| view! {
                <p class="error">"Its tier was removed: who bought that keeps the file, and no new buyer gets it. Choose its tiers."</p>
            })}
            {may_edit.then(|| view! {
                <div class="good-acts">
                    {is_draft.then(|| {
                        let place = UploadPlace {
                            slug: slug.clone(),
                            role: FileRole::Good,
                            release: Some(release.clone()),
                            replaces: Some(file.id.clone()),
                        };
                        view! {
                            <details>
                                <summary>"Replace"<span class="sr-only">{format!(" {}", file.name)}</span></summary>
                                <UploadForm
                                    place tiers=Vec::new() label="The new file" help="It keeps the place and the tiers of the old one."
                                />
                            </details>
                        }
                    })}
                    {has_choice.then(|| view! {
                        <details>
                            <summary>"Tiers"<span class="sr-only">{format!(" of {}", file.name)}</span></summary>
                            <form class="stack" method="post" action=AssignTiers::PATH>
                                <Hidden slug=slug.clone() release=release.clone() file=file.id.clone()/>
                                <fieldset class="choices">
                                    <legend class="help">"Who gets it. Choose none for everybody."</legend>
                                    {tiers.into_iter().map(|tier| view! {
                                        <label>
                                            <input type="checkbox" name="tiers[]" checked=chosen.contains(&tier.key) value=tier.key/>
                                            {tier.name}
                                        </label>
                                    }).collect_view()}
                                </fieldset>
                                <div><button class="button plain" type="submit">"Save"</button></div>
                            </form>
                        </details>
                    })}
                    <details>
                        <summary>"Remove"<span class="sr-only">{format!(" {}", file.name)}</span></summary>
                        <form class="stack" method="post" action=RemoveGood::PATH>
                            <Hidden slug release file=file.id/>
                            <p class="help">{loss}</p>
                            <div><button class="button danger" type="submit">"Remove"</button></div>
                        </form>
                    </details>
                </div>
            })}
        </li>
    }
}

#[component]
fn Hidden(slug: String, release: String, file: String) -> impl IntoView {
    view! {
        <input type="hidden" name="slug" value=slug/>
        <input type="hidden" name="release" value=release/>
        <input type="hidden" name="file" value=file/>
    }
}
