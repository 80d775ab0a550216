//! The form that uploads: one file by itself, many and of any size where a script sends them in parts.

use domain::files::{FileRole, TierName};
#[cfg(not(feature = "hydrate"))]
use leptos::ev::{DragEvent, Event};
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

/// A plain form for one file; what makes it faster and patient comes with [`UploadZone`].
#[component]
pub fn UploadForm(place: UploadPlace, tiers: Vec<TierName>, label: &'static str, help: &'static str) -> impl IntoView {
    let key = place.replaces.clone().unwrap_or_else(|| format!("{}-{}", place.role.as_str(), place.release.as_deref().unwrap_or("now")));
    let (id, help_id, title_id) = (format!("file-{key}"), format!("file-help-{key}"), format!("title-{key}"));
    let accept = place.role.is_picture().then_some("image/jpeg,image/png,image/webp");
    let title_label = match place.role {
        FileRole::Cover | FileRole::Gallery => Some("Words for who can't see it"),
        FileRole::Sample => Some("Title"),
        FileRole::Good => None,
    };
    let is_many = place.replaces.is_none() && place.role != FileRole::Cover;
    let has_choice = tiers.len() > 1;
    view! {
        <UploadZone>
            <form class="upload" method="post" enctype="multipart/form-data" action=format!("/dashboard/products/{}/upload", place.slug) data-product=place.slug data-many=is_many.then_some("")>
                <input type="hidden" name="role" value=place.role.as_str()/>
                <input type="hidden" name="release" value=place.release.unwrap_or_default()/>
                <input type="hidden" name="replaces" value=place.replaces.unwrap_or_default()/>
                {title_label.map(|label| view! {
                    <div class="field">
                        <label for=title_id.clone()>{label}</label>
                        <input class="input" id=title_id name="title" maxlength="150" autocomplete="off"/>
                    </div>
                })}
                {has_choice.then(|| view! {
                    <fieldset class="choices">
                        <legend>"For which tiers"</legend>
                        {tiers.into_iter().map(|tier| view! { <label><input type="checkbox" name="variant" value=tier.key/>{tier.name}</label> }).collect_view()}
                        <p class="help">"Nothing chosen means all of them."</p>
                    </fieldset>
                })}
                <div class="drop">
                    <label for=id.clone()>{label}</label>
                    <input id=id type="file" name="file" accept=accept required aria-describedby=help_id.clone()/>
                    <p class="help" id=help_id>{help}</p>
                </div>
                <button class="button plain without-script" type="submit">"Upload"</button>
            </form>
        </UploadZone>
    }
}

/// What becomes of a file that somebody chose.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "a server shows none on its way"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Waiting,
    Sending,
    Paused,
    Offline,
    Finishing,
    Done,
    Failed,
}

/// What the person wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Go,
    Pause,
    Cancel,
}

/// A file on its way, as the page shows it.
#[derive(Clone)]
pub struct Sending {
    pub key: u32,
    pub name: String,
    pub size: f64,
    /// Bytes that are there.
    pub sent: RwSignal<f64>,
    /// Bytes a second, smoothed.
    pub speed: RwSignal<f64>,
    pub stage: RwSignal<Stage>,
    /// What went wrong.
    pub told: RwSignal<String>,
    pub wish: RwSignal<Wish>,
}

/// Sends the files of the form in it in parts, and shows how far they are. Asleep where the browser can't hash: there the form is
/// as it is without a script.
#[island]
pub fn UploadZone(children: Children) -> impl IntoView {
    let items = RwSignal::new(Vec::<Sending>::new());
    let is_awake = RwSignal::new(false);
    let is_over = RwSignal::new(false);
    Effect::new(move || is_awake.set(window().is_secure_context()));
    view! {
        <div
            class="zone"
            class:is-awake=move || is_awake.get()
            class:is-over=move || is_over.get()
            on:change=move |event| chosen(&event, is_awake, items)
            on:dragover=move |event| dragged_over(&event, is_awake, is_over)
            on:dragleave=move |_| is_over.set(false)
            on:drop=move |event| dropped(&event, is_awake, is_over, items)
        >
            {children()}
            <ul class="sendings" aria-label="Uploads" hidden=move || items.with(Vec::is_empty)>
                <For each=move || items.get() key=|item| item.key children=move |item| view! { <SendingRow item/> }/>
            </ul>
        </div>
    }
}

#[component]
fn SendingRow(item: Sending) -> impl IntoView {
    let Sending { key, name, size, sent, speed, stage, told, wish } = item;
    let percent = move || if size > 0.0 { (sent.get() * 100.0 / size) as u32 } else { 0 };
    let facts = move || match stage.get() {
        Stage::Waiting => "Waiting".to_owned(),
        Stage::Sending => progress(sent.get(), size, speed.get()),
        Stage::Paused => format!("Paused at {}\u{a0}%", percent()),
        Stage::Offline => "The connection is lost. It goes on by itself.".to_owned(),
        Stage::Finishing => "All there. It is being checked.".to_owned(),
        Stage::Done => "Done".to_owned(),
        Stage::Failed => told.get(),
    };
    let is_over = move || stage.get() == Stage::Done;
    let is_still = move || matches!(stage.get(), Stage::Paused | Stage::Failed);
    let label = format!("Progress of {name}");
    let (of_pause, of_cancel) = (format!(" {name}"), format!(" {name}"));
    view! {
        <li class:failed=move || stage.get() == Stage::Failed class:over=is_over>
            <p class="good-name">{name}</p>
            <progress max="100" value=percent aria-label=label></progress>
            <p class="sending-facts number">{facts}</p>
            // Told when it changes, and not at each percent.
            <span class="sr-only" aria-live="polite">{move || match stage.get() {
                Stage::Failed => told.get(),
                Stage::Done => "Done".to_owned(),
                Stage::Offline => "The connection is lost".to_owned(),
                Stage::Paused => "Paused".to_owned(),
                _ => String::new(),
            }}</span>
            <div class="sending-acts" hidden=is_over>
                <button class="link-button" type="button" on:click=move |_| set_wish(key, wish, if is_still() { Wish::Go } else { Wish::Pause })>
                    {move || match stage.get() { Stage::Paused => "Go on", Stage::Failed => "Try again", _ => "Pause" }}
                    <span class="sr-only">{of_pause}</span>
                </button>
                <button class="link-button" type="button" on:click=move |_| set_wish(key, wish, Wish::Cancel)>"Cancel"<span class="sr-only">{of_cancel}</span></button>
            </div>
        </li>
    }
}

/// `43.0 MB of 1.0 GB · 12.3 MB a second · 2 min left`
fn progress(sent: f64, size: f64, speed: f64) -> String {
    use domain::catalog::human_size;
    let so_far = format!("{} of {}", human_size(sent as i64), human_size(size as i64));
    if speed < 1.0 {
        return so_far;
    }
    format!("{so_far} · {}/s · {} left", human_size(speed as i64), duration(((size - sent) / speed) as i64))
}

fn duration(secs: i64) -> String {
    match secs {
        ..60 => format!("{} s", secs.max(1)),
        60..3600 => format!("{} min", (secs + 30) / 60),
        _ => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}

#[cfg(not(feature = "hydrate"))]
fn chosen(_: &Event, _: RwSignal<bool>, _: RwSignal<Vec<Sending>>) {}
#[cfg(not(feature = "hydrate"))]
fn dragged_over(_: &DragEvent, _: RwSignal<bool>, _: RwSignal<bool>) {}
#[cfg(not(feature = "hydrate"))]
fn dropped(_: &DragEvent, _: RwSignal<bool>, _: RwSignal<bool>, _: RwSignal<Vec<Sending>>) {}
#[cfg(not(feature = "hydrate"))]
fn set_wish(_: u32, _: RwSignal<Wish>, _: Wish) {}

#[cfg(feature = "hydrate")]
use super::send::{chosen, dragged_over, dropped, set_wish};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_plainly() {
        assert_eq!(progress(0.0, 2_000_000.0, 0.0), "0 B of 2.0 MB");
        assert_eq!(progress(1_000_000.0, 2_000_000.0, 100_000.0), "1.0 MB of 2.0 MB · 100.0 kB/s · 10 s left");
        assert_eq!((duration(0), duration(100), duration(4000)), ("1 s".to_owned(), "2 min".to_owned(), "1 h 6 min".to_owned()));
    }
}
