//! Version and notes of a release: typed when it begins, and changed later.

use crate::components::{Attempt, FormError, TextField};
use crate::dashboard::conflict::{RefusedForm, differences};
use crate::dashboard::files::acts::{ChangeRelease, PrepareRelease, ReleaseWords};
use domain::pages::files::ReleaseView;
use domain::pages::form::{Filled, FormRefusal};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

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
    let notes_help = "Customers read it on the product's page and on their order page. Nobody is emailed about a release.";
    view! {
        <TextField
            at=format!("{prefix}-version") name="version" label="Version" value=form.version refusal=refusal.clone() placeholder="1.1"
            is_required=true is_narrow=true max_length=40
        />
        <TextField
            at=format!("{prefix}-notes") name="notes" label="What is new" value=form.notes refusal rows=4 max_length=10_000 help=notes_help
        />
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
