//! Files on their way in, many and of any size.

use super::browser::{chosen, dragged_over, dropped, set_command};
use super::sending::{Command, Sending, Stage};
use leptos::prelude::*;

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
    let Sending { key, name, size, sent, speed, stage, told, command } = item;
    let percent = move || if size > 0.0 { (sent.get() * 100.0 / size) as u32 } else { 0 };
    let facts = move || match stage.get() {
        Stage::Waiting => "Waiting".to_owned(),
        Stage::Sending => progress(sent.get(), size, speed.get()),
        Stage::Paused => format!("Paused at {}%", percent()),
        Stage::Offline => "The connection is lost. The upload continues when it is back.".to_owned(),
        Stage::Finishing => "Uploaded. It is being checked.".to_owned(),
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
                <button
                    class="link-button" type="button"
                    on:click=move |_| set_command(key, command, if is_still() { Command::Go } else { Command::Pause })
                >
                    {move || match stage.get() { Stage::Paused => "Resume", Stage::Failed => "Try again", _ => "Pause" }}
                    <span class="sr-only">{of_pause}</span>
                </button>
                <button class="link-button" type="button" on:click=move |_| set_command(key, command, Command::Cancel)>
                    "Cancel"<span class="sr-only">{of_cancel}</span>
                </button>
            </div>
        </li>
    }
}

/// `43.0 MB of 1.0 GB · 12.3 MB a second · 2 min left`
fn progress(sent: f64, size: f64, speed: f64) -> String {
    use domain::pages::storefront::human_size;
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
