//! The form that uploads: files as a plain form sends them, of any size and patient where a script sends them in parts.

use crate::islands::UploadZone;
use domain::word::Word;
use domain::{files::FileRole, pages::files::TierName};
use leptos::prelude::*;

/// Where an upload is to go.
#[derive(Clone, Debug)]
pub struct UploadPlace {
    pub slug: String,
    pub role: FileRole,
    pub release: Option<String>,
    /// The file of the release that it takes the place of.
    pub replaces: Option<String>,
}

/// A plain form for files; what makes it faster and patient comes with [`UploadZone`]. Their words are asked for once they are there.
#[component]
pub fn UploadForm(place: UploadPlace, tiers: Vec<TierName>, label: &'static str, help: &'static str) -> impl IntoView {
    let key = place.replaces.clone().unwrap_or_else(|| format!("{}-{}", place.role.as_str(), place.release.as_deref().unwrap_or("now")));
    let (id, help_id) = (format!("file-{key}"), format!("file-help-{key}"));
    let accept = place.role.is_picture().then_some("image/jpeg,image/png,image/webp");
    let is_many = place.replaces.is_none() && place.role != FileRole::Cover;
    let has_choice = tiers.len() > 1;
    view! {
        <UploadZone>
            <form
                class="upload" method="post" enctype="multipart/form-data" action=format!("/dashboard/products/{}/upload", place.slug)
                data-product=place.slug data-many=is_many.then_some("")
            >
                <input type="hidden" name="role" value=place.role.as_str()/>
                <input type="hidden" name="release" value=place.release.unwrap_or_default()/>
                <input type="hidden" name="replaces" value=place.replaces.unwrap_or_default()/>
                {has_choice.then(|| view! {
                    <fieldset class="choices">
                        <legend>"For which tiers"</legend>
                        {tiers.into_iter().map(|tier| view! {
                            <label><input type="checkbox" name="variant" value=tier.key/>{tier.name}</label>
                        }).collect_view()}
                        <p class="help">"Choose none for all of them."</p>
                    </fieldset>
                })}
                <div class="drop">
                    <label for=id.clone()>{label}</label>
                    <input
                        id=id type="file" name="file" accept=accept multiple=is_many required aria-describedby=help_id.clone()
                    />
                    <p class="help" id=help_id>{help}</p>
                    <p class="drop-hint" aria-hidden="true">{if is_many { "Drop files here" } else { "Drop a file here" }}</p>
                </div>
                <button class="button plain without-script" type="submit">"Upload"</button>
            </form>
        </UploadZone>
    }
}
