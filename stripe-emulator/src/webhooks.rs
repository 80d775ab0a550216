//! Webhooks: signed as Stripe signs them, repeated until somebody answers with 2xx.
//!
//! Scheme: <https://docs.stripe.com/webhooks#verify-manually>. Each try has a fresh time and signature.

use crate::Emulator;
use crate::api::public;
use crate::clock::now;
use crate::faults::Disturbance;
use crate::state::text;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Tries of one event at one endpoint.
const MAX_TRIES: u32 = 8;
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends events, and knows how many are under way.
pub struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    under_way: AtomicUsize,
    held: Mutex<Vec<String>>,
}

impl Sender {
    pub fn new() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), under_way: AtomicUsize::new(0), held: Mutex::default() }
    }
}

struct Endpoint {
    url: String,
    secret: String,
}

impl Emulator {
    /// Starts the delivery of everything that is still to be sent.
    pub(crate) fn send_events(&self) {
        // Without a runtime (a plain unit test) events wait for one.
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        loop {
            let Some(event_id) = self.lock().outgoing.pop_front() else { break };
            let disturbance = self.disturb();
            if disturbance.drop > 0 {
                continue;
            }
            for id in self.in_order(event_id, disturbance) {
                let copies = if disturbance.duplicate > 0 { 2 } else { 1 };
                for _ in 0..copies {
                    self.spawn_delivery(id.clone(), Duration::from_millis(disturbance.delay_millis));
                }
            }
        }
    }

    /// What the next event suffers, used up by one.
    fn disturb(&self) -> Disturbance {
        let mut faults = self.faults();
        let taken = faults.webhooks;
        faults.webhooks.drop = taken.drop.saturating_sub(1);
        if taken.drop == 0 {
            faults.webhooks.duplicate = taken.duplicate.saturating_sub(1);
        }
        taken
    }

    /// The events to send now: held back until enough have gathered, then newest first.
    fn in_order(&self, event_id: String, disturbance: Disturbance) -> Vec<String> {
        let mut held = self.inner.sender.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(event_id);
        if held.len() < disturbance.reorder as usize {
            return Vec::new();
        }
        held.drain(..).rev().collect()
    }

    fn spawn_delivery(&self, event_id: String, delay: Duration) {
        let Some(event) = self.lock().objects.get(&event_id).cloned() else { return };
        for endpoint in self.endpoints_for(text(&event, "type")) {
            let (emulator, event, event_id) = (self.clone(), event.clone(), event_id.clone());
            self.inner.sender.under_way.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                if emulator.deliver(&endpoint, &event).await {
                    emulator.lock().update(&event_id, json!({ "_delivered": true }));
                }
                emulator.inner.sender.under_way.fetch_sub(1, Ordering::SeqCst);
            });
        }
    }

    fn endpoints_for(&self, kind: &str) -> Vec<Endpoint> {
        let state = self.lock();
        let wants = |endpoint: &Value| {
            endpoint["enabled_events"].as_array().is_some_and(|events| events.iter().any(|event| event == "*" || event == kind))
        };
        let made = state.list("webhook_endpoint").filter(|endpoint| wants(endpoint)).filter_map(|endpoint| {
            Some(Endpoint { url: text(endpoint, "url").to_owned(), secret: state.endpoint_secrets.get(text(endpoint, "id"))?.clone() })
        });
        let given = self.inner.options.webhook.iter().map(|target| Endpoint { url: target.url.clone(), secret: target.secret.clone() });
        made.chain(given).collect()
    }

    async fn deliver(&self, endpoint: &Endpoint, event: &Value) -> bool {
        let body = public(event).to_string();
        let mut wait = self.inner.options.retry_base;
        for try_no in 1..=MAX_TRIES {
            match self.post(endpoint, &body).await {
                Ok(status) if (200..300).contains(&status) => return true,
                outcome => tracing::debug!(url = %endpoint.url, try_no, ?outcome, "webhook not taken"),
            }
            if try_no < MAX_TRIES {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
        tracing::warn!(url = %endpoint.url, event = text(event, "id"), "webhook given up");
        false
    }

    async fn post(&self, endpoint: &Endpoint, body: &str) -> anyhow::Result<u16> {
        let request = hyper::Request::post(&endpoint.url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", signature(&endpoint.secret, now(), body))
            .body(Full::new(Bytes::from(body.to_owned())))?;
        let response = tokio::time::timeout(TIMEOUT, self.inner.sender.client.request(request)).await??;
        Ok(response.status().as_u16())
    }

    /// Waits until nothing is under way any more.
    pub(crate) async fn flush_events(&self) {
        while self.inner.sender.under_way.load(Ordering::SeqCst) > 0 || !self.lock().outgoing.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn signature(secret: &str, time: i64, body: &str) -> String {
    // HMAC takes a key of any length.
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(format!("{time}.{body}").as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    });
    format!("t={time},v1={},v0={}", mac.unwrap_or_default(), "0".repeat(64))
}
