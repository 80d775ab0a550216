//! Uploads that broke off, or are on their way in another window.

use crate::dashboard::files::acts::CancelUpload;
use domain::pages::storefront::human_size;
use domain::{files::UploadState, pages::files::UploadView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn Unfinished(slug: String, uploads: Vec<UploadView>, may_edit: bool) -> impl IntoView {
    if uploads.is_empty() || !may_edit {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="unfinished">
            <h2 id="unfinished">"Not finished"</h2>
            <p class="quiet">
                "Choose the same file again in the same place to resume its upload. Unfinished uploads are deleted after a week."
            </p>
            <ul class="rows">
                {uploads.into_iter().map(|upload| {
                    let state = match upload.state {
                        UploadState::Finishing => "uploaded, being checked".to_owned(),
                        _ => format!("{} of {} arrived", human_size(upload.received_bytes), human_size(upload.size_bytes)),
                    };
                    view! {
                        <li>
                            <div><p class="good-name">{upload.name.clone()}</p><p class="quiet text-sm">{state}</p></div>
                            <form method="post" action=CancelUpload::PATH>
                                <input type="hidden" name="slug" value=slug.clone()/>
                                <input type="hidden" name="upload" value=upload.id/>
                                <button class="link-button" type="submit">
                                    "Discard"<span class="sr-only">{format!(" {}", upload.name)}</span>
                                </button>
                            </form>
                        </li>
                    }
                }).collect_view()}
            </ul>
        </section>
    }
    .into_any()
}
