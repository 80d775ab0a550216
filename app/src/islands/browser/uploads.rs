//! Sends files in parts from the browser: each hashed, each again until it is there, and none that is there already.

use crate::islands::sending::{Command, Sending, Stage};
use leptos::ev::{DragEvent, Event, beforeunload};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::js_sys::{ArrayBuffer, Date, JSON, Object, Promise, Reflect, Uint8Array};
use leptos::web_sys::{Blob, Element, File, FileList, FormData, HtmlFormElement, HtmlInputElement, ProgressEvent, XmlHttpRequest};
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_futures::wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::wasm_bindgen::{JsCast, JsValue};

/// More at once share one line and finish no sooner.
const N_AT_ONCE: u32 = 2;
const POLL_MS: i32 = 200;
/// A part that makes no progress for so long is sent again.
const STALLED_MS: f64 = 45_000.0;
/// A lost connection is tried again after this, and ever more rarely.
const RETRY_MS: i32 = 1_000;
const MAX_RETRY_MS: i32 = 20_000;
/// A part that arrives damaged so often will not arrive.
const N_DAMAGED: u32 = 4;

thread_local! {
    static NEXT_KEY: Cell<u32> = const { Cell::new(0) };
    /// Files that are being sent, over all zones of the page.
    static N_RUNNING: Cell<u32> = const { Cell::new(0) };
    /// Files that are not over yet.
    static N_BUSY: Cell<u32> = const { Cell::new(0) };
    /// Files that were refused: what is told of them is not taken away by a reload.
    static N_FAILED: Cell<u32> = const { Cell::new(0) };
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
    /// The part of each file that is on its way.
    static ON_ITS_WAY: RefCell<Vec<(u32, XmlHttpRequest)>> = const { RefCell::new(Vec::new()) };
}

pub fn chosen(event: &Event, is_awake: RwSignal<bool>, items: RwSignal<Vec<Sending>>) {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
    if input.type_() != "file" || !is_awake.get_untracked() {
        return;
    }
    let (Some(files), Some(form)) = (input.files(), input.form()) else { return };
    take(&files, &form, items);
    // The same file can be chosen again, and the form is not sent with it.
    input.set_value("");
}

pub fn dragged_over(event: &DragEvent, is_awake: RwSignal<bool>, is_over: RwSignal<bool>) {
    if is_awake.get_untracked() {
        event.prevent_default();
        is_over.set(true);
    }
}

pub fn dropped(event: &DragEvent, is_awake: RwSignal<bool>, is_over: RwSignal<bool>, items: RwSignal<Vec<Sending>>) {
    if !is_awake.get_untracked() {
        return;
    }
    event.prevent_default();
    is_over.set(false);
    let zone = event.target().and_then(|target| target.dyn_into::<Element>().ok()).and_then(|at| at.closest(".zone").ok().flatten());
    let form = zone.and_then(|zone| zone.query_selector("form").ok().flatten()).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    if let (Some(form), Some(files)) = (form, event.data_transfer().and_then(|data| data.files())) {
        take(&files, &form, items);
    }
}

/// What the person wants; what is on its way for the file is given up unless it is to go on.
pub fn set_command(key: u32, command: RwSignal<Command>, wanted: Command) {
    command.set(wanted);
    if wanted != Command::Go {
        let request = ON_ITS_WAY.with_borrow(|all| all.iter().find(|(of, _)| *of == key).map(|(_, request)| request.clone()));
        if let Some(request) = request {
            let _aborted = request.abort();
        }
    }
}

fn take(files: &FileList, form: &HtmlFormElement, items: RwSignal<Vec<Sending>>) {
    guard();
    let n = if form.has_attribute("data-many") { files.length() } else { files.length().min(1) };
    for file in (0..n).filter_map(|i| files.item(i)) {
        let Some(body) = beginning(form, &file) else { continue };
        let item = Sending {
            key: NEXT_KEY.replace(NEXT_KEY.get() + 1),
            name: file.name(),
            size: file.size(),
            sent: RwSignal::new(0.0),
            speed: RwSignal::new(0.0),
            stage: RwSignal::new(Stage::Waiting),
            told: RwSignal::new(String::new()),
            command: RwSignal::new(Command::Go),
        };
        items.update(|items| items.push(item.clone()));
        N_BUSY.set(N_BUSY.get() + 1);
        spawn_local(see_through(item, file, body, items));
    }
}

/// Asks before a page is left that still sends.
fn guard() {
    if IS_GUARDED.replace(true) {
        return;
    }
    // It lives as long as the page.
    let _listening = window_event_listener(beforeunload, |event| {
        if N_BUSY.get() > 0 {
            event.prevent_default();
        }
    });
}

/// The words that begin an upload, as JSON.
fn beginning(form: &HtmlFormElement, file: &File) -> Option<String> {
    let fields = FormData::new_with_form(form).ok()?;
    let body = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&body, &name.into(), value).is_ok();
    set("product", &form.get_attribute("data-product")?.into());
    set("name", &file.name().into());
    set("size_bytes", &file.size().into());
    set("mark", &(file.last_modified() as i64).to_string().into());
    for name in ["role", "release", "replaces", "title"] {
        let value = fields.get(name);
        if value.as_string().is_some_and(|text| !text.is_empty()) {
            set(name, &value);
        }
    }
    let variants = fields.get_all("variant");
    if variants.length() > 0 {
        set("variants", &variants);
    }
    JSON::stringify(&body).ok().map(String::from)
}

/// Why an attempt ended.
enum Trouble {
    /// The person stopped it.
    Stopped,
    /// The shop can't be reached, or can't take it now.
    Lost,
    /// The upload is over; another begins.
    Over,
    Refused(String),
}

async fn see_through(item: Sending, file: File, body: String, items: RwSignal<Vec<Sending>>) {
    let (mut retry_ms, mut n_over) = (RETRY_MS, 0u32);
    let mut id = None;
    loop {
        if item.command.get_untracked() == Command::Cancel {
            if let Some(id) = &id {
                let _given_up = ask("DELETE", &format!("/dashboard/uploads/{id}"), None).await;
            }
            items.update(|items| items.retain(|other| other.key != item.key));
            break over();
        }
        if item.command.get_untracked() == Command::Pause {
            item.stage.set(Stage::Paused);
            sleep(POLL_MS).await;
            continue;
        }
        if N_RUNNING.get() >= N_AT_ONCE {
            item.stage.set(Stage::Waiting);
            sleep(POLL_MS).await;
            continue;
        }
        N_RUNNING.set(N_RUNNING.get() + 1);
        let before = item.sent.get_untracked();
        let ended = attempt(&item, &file, &body, &mut id).await;
        N_RUNNING.set(N_RUNNING.get() - 1);
        match ended {
            Ok(()) => {
                item.sent.set(item.size);
                item.stage.set(Stage::Done);
                break over();
            }
            Err(Trouble::Stopped) => {}
            // It is begun again, unless that helps nothing.
            Err(Trouble::Over) if n_over < N_DAMAGED => {
                n_over += 1;
                wait(&item, RETRY_MS).await;
            }
            Err(Trouble::Over) => {
                n_over = 0;
                fail(&item, "This upload was ended elsewhere.".to_owned()).await;
            }
            Err(Trouble::Lost) => {
                item.stage.set(Stage::Offline);
                // What made progress is not waited long for.
                retry_ms = if item.sent.get_untracked() > before { RETRY_MS } else { (retry_ms * 2).min(MAX_RETRY_MS) };
                wait(&item, retry_ms).await;
            }
            Err(Trouble::Refused(message)) => fail(&item, message).await,
        }
    }
}

/// Says what is wrong, and waits for what the person wants.
async fn fail(item: &Sending, message: String) {
    item.told.set(message);
    item.stage.set(Stage::Failed);
    item.command.set(Command::Pause);
    N_FAILED.set(N_FAILED.get() + 1);
    N_BUSY.set(N_BUSY.get() - 1);
    while item.command.get_untracked() == Command::Pause {
        sleep(POLL_MS).await;
    }
    N_BUSY.set(N_BUSY.get() + 1);
    N_FAILED.set(N_FAILED.get() - 1);
}

/// One file less; after the last the page is shown anew, with what has come.
fn over() {
    N_BUSY.set(N_BUSY.get() - 1);
    if N_BUSY.get() > 0 || N_FAILED.get() > 0 {
        return;
    }
    let location = window().location();
    if let Ok(path) = location.pathname() {
        let _gone = location.replace(&format!("{path}?notice=file_added"));
    }
}

async fn wait(item: &Sending, ms: i32) {
    let until = Date::now() + f64::from(ms);
    while Date::now() < until && item.command.get_untracked() == Command::Go {
        sleep(POLL_MS).await;
    }
}

async fn attempt(item: &Sending, file: &File, body: &str, id: &mut Option<String>) -> Result<(), Trouble> {
    item.stage.set(Stage::Sending);
    item.speed.set(0.0);
    let upload = match ask("POST", "/dashboard/uploads", Some(body)).await {
        Err(Trouble::Over) => return Err(Trouble::Refused("This product is not there any more.".to_owned())),
        outcome => outcome?,
    };
    let this = text(&upload, "id").ok_or(Trouble::Lost)?;
    *id = Some(this.clone());
    let part_bytes = number(&upload, "part_bytes").filter(|n| *n >= 1.0).ok_or(Trouble::Lost)?;
    let there = parts_there(&upload);
    let (mut at, mut n) = (0.0, 1u32);
    item.sent.set(0.0);
    let url = format!("/dashboard/uploads/{this}");
    while at < item.size {
        check(item)?;
        let end = (at + part_bytes).min(item.size);
        let part = file.slice_with_f64_and_f64(at, end).map_err(|_| unreadable())?;
        let hash = hash(&part).await?;
        let is_there = there.iter().any(|(number, known)| *number == n && *known == hash.hex);
        if !is_there {
            send_part(item, &format!("{url}/parts/{n}"), &part, &hash.base64, at).await?;
        }
        item.sent.set(end);
        (at, n) = (end, n + 1);
    }
    check(item)?;
    item.stage.set(Stage::Finishing);
    let mut ended = ask("POST", &format!("{url}/finish"), Some("{}")).await?;
    loop {
        match text(&ended, "state").as_deref() {
            Some("done") => return Ok(()),
            Some("refused") => {
                let refusal = Reflect::get(&ended, &"refusal".into()).unwrap_or_default();
                return Err(Trouble::Refused(text(&refusal, "message").unwrap_or_default()));
            }
            _ => {
                sleep(1_000).await;
                check(item)?;
                ended = ask("POST", &format!("{url}/finish"), Some("{}")).await?;
            }
        }
    }
}

fn check(item: &Sending) -> Result<(), Trouble> {
    if item.command.get_untracked() == Command::Go { Ok(()) } else { Err(Trouble::Stopped) }
}

fn unreadable() -> Trouble {
    Trouble::Refused("The file can't be read any more. Cancel, and choose it again.".to_owned())
}

/// Numbers and hashes of the parts that the shop has.
fn parts_there(upload: &JsValue) -> Vec<(u32, String)> {
    let parts = Reflect::get(upload, &"parts".into()).unwrap_or_default();
    let Ok(parts) = parts.dyn_into::<leptos::web_sys::js_sys::Array>() else { return Vec::new() };
    parts.iter().filter_map(|part| Some((number(&part, "number")? as u32, text(&part, "sha256")?))).collect()
}

struct Hash {
    hex: String,
    base64: String,
}

async fn hash(part: &Blob) -> Result<Hash, Trouble> {
    let bytes: ArrayBuffer = JsFuture::from(part.array_buffer()).await.map_err(|_| unreadable())?.unchecked_into();
    let subtle = window().crypto().map_err(|_| unreadable())?.subtle();
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", &bytes).map_err(|_| unreadable())?;
    let digest = Uint8Array::new(&JsFuture::from(digest).await.map_err(|_| unreadable())?).to_vec();
    let hex = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
    let binary: String = digest.iter().map(|byte| char::from(*byte)).collect();
    Ok(Hash { hex, base64: window().btoa(&binary).map_err(|_| unreadable())? })
}

async fn send_part(item: &Sending, url: &str, part: &Blob, digest: &str, at: f64) -> Result<(), Trouble> {
    for _ in 0..N_DAMAGED {
        match put(item, url, part, digest, at).await.map_err(|_| Trouble::Lost)? {
            (200..300, _) => return Ok(()),
            _ if item.command.get_untracked() != Command::Go => return Err(Trouble::Stopped),
            (404 | 409, _) => return Err(Trouble::Over),
            (400, answer) if refusal_code(&answer).as_deref() == Some("part_damaged") => {}
            (status, answer) => return Err(trouble(status, &answer)),
        }
    }
    Err(Trouble::Lost)
}

/// Sends a part, and tells the status and the answer; 0 where there was none.
async fn put(item: &Sending, url: &str, part: &Blob, digest: &str, at: f64) -> Result<(u16, String), JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open("PUT", url)?;
    request.set_request_header("content-digest", &format!("sha-256=:{digest}:"))?;
    request.set_request_header("content-type", "application/octet-stream")?;
    let (sent, speed) = (item.sent, item.speed);
    let began = Date::now();
    let heard = std::rc::Rc::new(Cell::new((began, at)));
    let measured = heard.clone();
    let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        let (now, bytes) = (Date::now(), at + event.loaded());
        let (then, before) = measured.get();
        sent.set(bytes);
        // Over half a second and more, so that a full buffer doesn't read as a fast line.
        if now - then >= 500.0 {
            let latest = (bytes - before) * 1000.0 / (now - then);
            speed.update(|speed| *speed = if *speed < 1.0 { latest } else { *speed * 0.7 + latest * 0.3 });
            measured.set((now, bytes));
        }
    });
    request.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    let key = item.key;
    ON_ITS_WAY.with_borrow_mut(|all| all.push((key, request.clone())));
    request.send_with_opt_blob(Some(part))?;
    let is_over = std::rc::Rc::new(Cell::new(false));
    spawn_local(watch(request.clone(), heard.clone(), is_over.clone()));
    let outcome = JsFuture::from(ended).await;
    is_over.set(true);
    ON_ITS_WAY.with_borrow_mut(|all| all.retain(|(of, _)| *of != key));
    outcome?;
    // Small files are over before they were measured.
    let (then, before) = heard.get();
    if before <= at && Date::now() > then {
        let latest = part.size() * 1000.0 / (Date::now() - then);
        speed.update(|speed| *speed = if *speed < 1.0 { latest } else { *speed * 0.7 + latest * 0.3 });
    }
    Ok((request.status()?, request.response_text()?.unwrap_or_default()))
}

/// Gives a part up that makes no progress any more: a line that is cut is not always told.
async fn watch(request: XmlHttpRequest, heard: std::rc::Rc<Cell<(f64, f64)>>, is_over: std::rc::Rc<Cell<bool>>) {
    while !is_over.get() {
        sleep(2_000).await;
        if !is_over.get() && Date::now() - heard.get().0 > STALLED_MS {
            let _aborted = request.abort();
            return;
        }
    }
}

/// Asks the shop in JSON.
async fn ask(method: &str, url: &str, body: Option<&str>) -> Result<JsValue, Trouble> {
    let (status, answer) = exchange(method, url, body).await.map_err(|_| Trouble::Lost)?;
    match status {
        200..300 => Ok(JSON::parse(&answer).unwrap_or_default()),
        404 => Err(Trouble::Over),
        _ => Err(trouble(status, &answer)),
    }
}

async fn exchange(method: &str, url: &str, body: Option<&str>) -> Result<(u16, String), JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open(method, url)?;
    request.set_timeout(60_000);
    if body.is_some() {
        request.set_request_header("content-type", "application/json")?;
    }
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_str(body)?;
    JsFuture::from(ended).await?;
    Ok((request.status()?, request.response_text()?.unwrap_or_default()))
}

fn trouble(status: u16, answer: &str) -> Trouble {
    match (status, refusal_code(answer).as_deref()) {
        (0 | 408 | 429 | 500 | 502..507, _) => Trouble::Lost,
        (409, Some("upload_over" | "parts_missing")) => Trouble::Over,
        // The shop says why in JSON; what has none came from before it.
        (413, None) => Trouble::Refused(
            "Something in front of the shop refused a part of 8 MB. Let its proxy take 16 MB at once (nginx: client_max_body_size 16m), \
             then try again."
                .to_owned(),
        ),
        (401, _) => Trouble::Refused("You are signed out. Sign in in another window, then try again here.".to_owned()),
        _ => {
            let error = JSON::parse(answer).and_then(|answer| Reflect::get(&answer, &"error".into())).unwrap_or_default();
            Trouble::Refused(text(&error, "message").unwrap_or_else(|| "The shop refused this file.".to_owned()))
        }
    }
}

fn refusal_code(answer: &str) -> Option<String> {
    let error = JSON::parse(answer).and_then(|answer| Reflect::get(&answer, &"error".into())).ok()?;
    text(&error, "code")
}

fn text(value: &JsValue, name: &str) -> Option<String> {
    Reflect::get(value, &name.into()).ok()?.as_string()
}

fn number(value: &JsValue, name: &str) -> Option<f64> {
    Reflect::get(value, &name.into()).ok()?.as_f64()
}

async fn sleep(ms: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        if window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            let _at_once = resolve.call0(&JsValue::NULL);
        }
    });
    let _slept = JsFuture::from(timer).await;
}
