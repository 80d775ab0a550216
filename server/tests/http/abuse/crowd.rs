//! Many requests at once, and all that was wrong with their answers.

use crate::support::TestServer;
use bytes::Bytes;
use futures::StreamExt;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const AT_ONCE: usize = 8;

/// A request, and what it is called in the report.
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub what: String,
}

impl Ask {
    pub fn get(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new(), body: Vec::new(), what: what.into() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

static N_PANICS: AtomicUsize = AtomicUsize::new(0);

pub struct Crowd {
    client: Client<HttpConnector, Full<Bytes>>,
    base: String,
    troubles: Mutex<BTreeSet<String>>,
    n_asked: AtomicUsize,
    n_panics: usize,
}

impl Crowd {
    /// From now on every panic of this process counts, whoever catches it.
    pub fn before(server: &TestServer) -> Self {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            N_PANICS.fetch_add(1, Ordering::SeqCst);
            told(panic);
        }));
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            base: server.base.clone(),
            troubles: Mutex::default(),
            n_asked: AtomicUsize::new(0),
            n_panics: N_PANICS.load(Ordering::SeqCst),
        }
    }

    pub async fn send(&self, asks: impl IntoIterator<Item = Ask>) {
        futures::stream::iter(asks).for_each_concurrent(AT_ONCE, |ask| self.ask(ask)).await;
    }

    async fn ask(&self, ask: Ask) {
        self.n_asked.fetch_add(1, Ordering::SeqCst);
        let mut request = hyper::Request::builder().method(ask.method).uri(format!("{}{}", self.base, ask.path));
        for (name, value) in &ask.headers {
            let Ok(value) = hyper::header::HeaderValue::from_bytes(value.as_bytes()) else { return };
            request = request.header(*name, value);
        }
        let is_large = ask.body.len() > 200_000;
        // What the client itself can't send is no test of the server.
        let Ok(request) = request.body(Full::new(Bytes::from(ask.body))) else { return };
        let call = async {
            let response = self.client.request(request).await.ok()?;
            let (parts, body) = response.into_parts();
            Some((parts, body.collect().await.ok()?.to_bytes()))
        };
        match call.await {
            Some((parts, body)) => {
                for trouble in troubles(&ask.path, &parts, &body) {
                    self.note(format!("{trouble}: {} {}", ask.method, ask.what));
                }
            }
            // Whoever is refused before the end of a large body may find the other side closed.
            None if is_large => {}
            None => self.note(format!("no answer: {} {}", ask.method, ask.what)),
        }
    }

    fn note(&self, trouble: String) {
        self.troubles.lock().unwrap().insert(trouble);
    }

    /// Fails with all that was wrong.
    pub fn expect_peace(&self, at_least: usize) {
        let n_panics = N_PANICS.load(Ordering::SeqCst) - self.n_panics;
        let troubles = self.troubles.lock().unwrap();
        let n_asked = self.n_asked.load(Ordering::SeqCst);
        assert!(troubles.is_empty() && n_panics == 0, "{n_panics} panics, {} troubles in {n_asked}:\n{:#?}", troubles.len(), *troubles);
        assert!(n_asked >= at_least, "the table has shrunk to {n_asked} requests");
    }
}

/// What must not be in an answer to whatever somebody sends.
fn troubles(path: &str, parts: &hyper::http::response::Parts, body: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    let status = parts.status.as_u16();
    if status >= 500 {
        all.push(format!("{status}"));
    }
    if parts.headers.contains_key("x-evil") {
        all.push("a header was smuggled in".to_owned());
    }
    let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default());
    if ["//", "https://evil", "http://evil"].iter().any(|start| header("location").starts_with(start)) {
        all.push(format!("leads off the shop to {}", header("location")));
    }
    let is_html = header("content-type").starts_with("text/html");
    if is_html && String::from_utf8_lossy(body).contains("<script>alert(1)") {
        all.push("a script was let through".to_owned());
    }
    if status >= 400 && path.starts_with("/api/v1/") {
        let error: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let says = |field: &str| error["error"][field].as_str().is_some_and(|text| !text.is_empty());
        if !(says("code") && says("message")) {
            all.push(format!("{status} without words"));
        }
    }
    all
}
