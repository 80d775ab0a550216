//! Webhooks: signed as Stripe signs them, repeated until somebody answers with 2xx.
//!
//! Scheme: <https://docs.stripe.com/webhooks#verify-manually>. Each try has a fresh time and signature.

use crate::Emulator;
use crate::clock::now;
use crate::faults::Disturbance;
use crate::state::{OWN_ENDPOINT, text};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Tries of one event at one endpoint.
const MAX_TRIES: u32 = 8;
const TIMEOUT: Duration = Duration::from_secs(20);
/// The real one does not overrun a small server either.
const MAX_AT_ONCE: usize = 16;

/// Sends events, and knows how many are under way.
pub struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    under_way: AtomicUsize,
    slots: Semaphore,
    held: Mutex<Vec<String>>,
}

impl Sender {
    pub fn new() -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            under_way: AtomicUsize::new(0),
            slots: Semaphore::new(MAX_AT_ONCE),
            held: Mutex::default(),
        }
    }

    /// Deliveries that have not ended.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
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
            let Some(event_id) = self.lock().outgoing.pop_front() else {
                break;
            };
            let disturbance = self.disturb();
            if disturbance.drop > 0 {
                self.lock().drop_event(&event_id);
                continue;
            }
            for id in self.in_order(event_id, disturbance.reorder) {
                self.spawn_deliveries(&id, disturbance);
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
    fn in_order(&self, event_id: String, reorder: u32) -> Vec<String> {
        let mut held = self.inner.sender.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push(event_id);
        if held.len() < reorder as usize {
            return Vec::new();
        }
        held.drain(..).rev().collect()
    }

    fn spawn_deliveries(&self, event_id: &str, disturbance: Disturbance) {
        let Some(event) = self.lock().event(event_id).cloned() else {
            return;
        };
        let delay = Duration::from_millis(disturbance.delay_millis);
        let copies = if disturbance.duplicate > 0 { 2 } else { 1 };
        let body = event.to_value().to_string();
        for endpoint_id in &event.waiting {
            for _ in 0..copies {
                let (emulator, body, event_id, endpoint_id) = (self.clone(), body.clone(), event.id.clone(), endpoint_id.clone());
                self.inner.sender.under_way.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    let is_taken = emulator.deliver(&endpoint_id, &body).await;
                    emulator.change(|state| state.settle_delivery(&event_id, &endpoint_id, is_taken));
                    emulator.inner.sender.under_way.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
    }

    /// Where an endpoint is; `None` when it has been deleted or disabled.
    fn endpoint(&self, id: &str) -> Option<Endpoint> {
        if id == OWN_ENDPOINT {
            let target = self.inner.options.webhook.as_ref()?;
            return Some(Endpoint { url: target.url.clone(), secret: target.secret.clone() });
        }
        let state = self.lock();
        let endpoint = state.find("webhook_endpoint", id).filter(|endpoint| text(endpoint, "status") == "enabled")?;
        Some(Endpoint { url: text(endpoint, "url").to_owned(), secret: state.endpoint_secrets.get(id)?.clone() })
    }

    async fn deliver(&self, endpoint_id: &str, body: &str) -> bool {
        let mut wait = self.inner.options.retry_base;
        for try_no in 1..=MAX_TRIES {
            // Asked for anew each time, as it may be gone by now.
            let Some(endpoint) = self.endpoint(endpoint_id) else {
                return false;
            };
            match self.post(&endpoint, body).await {
                Ok(status) if (200..300).contains(&status) => return true,
                outcome => {
                    tracing::debug!(url = %endpoint.url, try_no, ?outcome, "webhook not taken")
                }
            }
            if try_no < MAX_TRIES {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
        tracing::warn!(endpoint = endpoint_id, "webhook given up");
        false
    }

    async fn post(&self, endpoint: &Endpoint, body: &str) -> anyhow::Result<u16> {
        let _slot = self.inner.sender.slots.acquire().await?;
        let request = hyper::Request::post(&endpoint.url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("cache-control", "no-cache")
            .header("accept", "*/*; q=0.5, application/xml")
            .header("stripe-signature", signature(&endpoint.secret, now(), body))
            .body(Full::new(Bytes::from(body.to_owned())))?;
        let response = tokio::time::timeout(TIMEOUT, self.inner.sender.client.request(request)).await??;
        Ok(response.status().as_u16())
    }

    /// Sends what was held back, then waits until nothing is under way any more.
    pub(crate) async fn flush_events(&self) {
        let held: Vec<String> = self.inner.sender.held.lock().unwrap_or_else(PoisonError::into_inner).drain(..).rev().collect();
        for id in held {
            self.spawn_deliveries(&id, Disturbance::default());
        }
        self.send_events();
        while self.inner.sender.under_way() > 0 || !self.lock().outgoing.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn signature(secret: &str, time: i64, body: &str) -> String {
    // HMAC takes a key of any length, so this never fails.
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(format!("{time}.{body}").as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
    });
    // Test mode sends a second scheme, which everybody has to pass over.
    format!("t={time},v1={},v0={}", mac.unwrap_or_default(), "0".repeat(64))
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn a_signature_is_the_hmac_of_time_and_body() {
        // Made with `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test`.
        assert!(
            signature("whsec_test", 1_700_000_000, "{}")
                .starts_with("t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91,v0=")
        );
    }
}
