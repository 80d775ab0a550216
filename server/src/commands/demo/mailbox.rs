//! The demo's mailbox: what the shop has mailed.

use crate::http::assets::Assets;
use crate::http::page::{Stylesheet, plain};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use mail_parser::{Address, Message, MessageParser};
use maud::{Markup, html};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use time::OffsetDateTime;
use time::macros::format_description;

pub fn router(folder: PathBuf) -> Router {
    Router::new()
        .route("/mailbox", get(list))
        .route("/mailbox/{id}", get(show))
        .route("/mailbox/{id}/html", get(show_html))
        .route("/mailbox/frame.js", get(([(header::CONTENT_TYPE, "text/javascript")], FRAME)))
        .layer(from_fn(for_this_machine))
        .with_state(Arc::new(folder))
}

/// Makes the frame as high as the mail in it.
const FRAME: &str = "const frame = document.querySelector('.mailbody'); \
    const fit = () => { frame.style.height = `${frame.contentDocument.body.offsetHeight + 2}px`; }; \
    frame.addEventListener('load', fit); addEventListener('resize', fit); if (frame.contentDocument?.readyState === 'complete') fit();";

/// Mails hold links that open orders: a site elsewhere whose name leads to this machine must not read them through a browser here.
async fn for_this_machine(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name);
    let is_here = name == "localhost" || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if is_here {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "The mailbox is read at 127.0.0.1 or localhost.").into_response()
}

type Folder = State<Arc<PathBuf>>;

async fn list(State(folder): Folder) -> Response {
    let mut mails = Vec::new();
    if let Ok(entries) = std::fs::read_dir(folder.as_path()) {
        for entry in entries.flatten() {
            let path = entry.path();
            let (Some(id), true) = (
                path.file_stem().and_then(|name| name.to_str()).map(str::to_owned),
                path.extension().is_some_and(|extension| extension == "eml"),
            ) else {
                continue;
            };
            let sent = entry.metadata().and_then(|metadata| metadata.modified()).ok();
            if let Ok(bytes) = std::fs::read(&path) {
                mails.push((sent, id, bytes));
            }
        }
    }
    mails.sort_by_key(|(sent, _, _)| std::cmp::Reverse(*sent));
    let body = html! {
        h1 class="mb-6" { "Mailbox" }
        p class="quiet mb-6" { "What the shop has sent. Nothing of it left this machine." }
        @if mails.is_empty() {
            div class="empty" {
                h2 { "No mail yet" }
                p { "Buy something, and its mail appears here." }
                a class="button" href="/" { "To the shop" }
            }
        }
        ul class="rows" {
            @for (_, id, bytes) in &mails {
                @if let Some(mail) = MessageParser::default().parse(bytes) {
                    li {
                        div {
                            a href={ "/mailbox/" (id) } { (mail.subject().unwrap_or("(no subject)")) }
                            p class="quiet text-sm" { (address(mail.from())) " to " (address(mail.to())) }
                        }
                        span class="quiet text-sm number" { (sent_at(&mail)) }
                    }
                }
            }
        }
    };
    page("Mailbox", &body)
}

/// The first of some addresses, with its name where it has one.
fn address(of: Option<&Address>) -> String {
    let Some(first) = of.and_then(|of| of.first()) else { return String::new() };
    let address = first.address().unwrap_or_default();
    first.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
}

/// When the mail says that it was sent.
fn sent_at(mail: &Message) -> String {
    let at = mail.date().and_then(|date| OffsetDateTime::from_unix_timestamp(date.to_timestamp()).ok());
    let format = format_description!("[month repr:short] [day padding:none], [year], [hour]:[minute] UTC");
    at.and_then(|at| at.format(format).ok()).unwrap_or_default()
}

fn read(folder: &std::path::Path, id: &str) -> Option<Vec<u8>> {
    // Ids are the letters and digits of a job; nothing else names a file here.
    id.bytes().all(|b| b.is_ascii_alphanumeric()).then(|| std::fs::read(folder.join(format!("{id}.eml"))).ok()).flatten()
}

async fn show(State(folder): Folder, Path(id): Path<String>) -> Response {
    let Some(bytes) = read(&folder, &id) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(mail) = MessageParser::default().parse(&bytes) else { return StatusCode::NOT_FOUND.into_response() };
    let text = mail.body_text(0).unwrap_or_default();
    let subject = mail.subject().unwrap_or("(no subject)");
    let body = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/mailbox" { "Mailbox" } }
        h1 { (subject) }
        dl class="mailhead" {
            div { dt { "From" } dd { (address(mail.from())) } }
            div { dt { "To" } dd { (address(mail.to())) } }
            div { dt { "Sent" } dd { (sent_at(&mail)) } }
        }
        iframe class="mailbody" title="The mail as HTML" src={ "/mailbox/" (id) "/html" } {}
        p class="help" { a href={ "/mailbox/" (id) "/html" } { "Open it on a page of its own" } }
        script src="/mailbox/frame.js" {}
        h2 class="mt-6 mb-2" { "As text" }
        pre class="mailtext" tabindex="0" { (links(&text)) }
    };
    page(subject, &body)
}

/// The text with its links made clickable.
fn links(text: &str) -> Markup {
    html! {
        @for line in text.lines() {
            @if line.starts_with("http://") || line.starts_with("https://") { a href=(line) { (line) } } @else { (line) }
            "\n"
        }
    }
}

async fn show_html(State(folder): Folder, Path(id): Path<String>) -> Response {
    let Some(bytes) = read(&folder, &id) else { return StatusCode::NOT_FOUND.into_response() };
    let Some(html) = MessageParser::default().parse(&bytes).and_then(|mail| mail.body_html(0).map(|html| html.into_owned())) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Links leave the frame; nothing in it runs.
    let html = html.replacen("<head>", "<head><base target=\"_top\">", 1);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; \
                  sandbox allow-same-origin allow-top-navigation-by-user-activation allow-popups";
    ([(header::CONTENT_SECURITY_POLICY, policy), (header::X_FRAME_OPTIONS, "SAMEORIGIN")], Html(html)).into_response()
}

fn page(title: &str, body: &Markup) -> Response {
    let stylesheet = Stylesheet::of(&Assets::new());
    let head = html! {
        header class="site-head" {
            div class="site-width" {
                a class="store-name" href="/" { "Demo mailbox" }
                nav aria-label="Shop" { a href="/" { "Back to the shop" } }
            }
        }
    };
    plain(title, &stylesheet, &head, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt;

    #[tokio::test]
    async fn only_this_machine_reads_the_mail() {
        let folder = tempfile::tempdir().unwrap();
        for (host, status) in [
            ("127.0.0.1:3000", 200),
            ("localhost", 200),
            ("[::1]:3000", 200),
            ("evil.example", 421),
            ("127.0.0.1.evil.example:3000", 421),
            ("192.168.1.5", 421),
        ] {
            let request = Request::get("/mailbox").header(header::HOST, host).body(Body::empty()).unwrap();
            let answer = router(folder.path().to_owned()).oneshot(request).await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{host}");
        }
    }
}
