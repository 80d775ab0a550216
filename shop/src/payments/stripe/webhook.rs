//! Stripe's events at the door: checked, kept, acknowledged. Nothing else happens in the request.
//!
//! Scheme: <https://docs.stripe.com/webhooks#verify-manually>. Written here because a header may carry several
//! `v1` while a secret is being rolled, and any of them counts.

use crate::base::database::is_sqlite;
use crate::base::secret::{equal, hmac_sha256};
use crate::{Error, Shop, jobs, kill_point};
use futures::FutureExt;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::sync::Arc;

/// How far the signature's time may be from ours, in seconds.
const TOLERANCE_SECS: i64 = 300;
/// How the refusal begins of what was signed at another time.
const RIGHT_SIGNATURE: &str = "the signature is right";
/// No header of Stripe's is longer.
const MAX_HEADER_BYTES: usize = 4096;

/// Why an event is not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookRefusal {
    /// 400
    #[error("the signature is missing or wrong")]
    BadSignature,
    /// 400: signed by Stripe, at a time that is not now.
    #[error(
        "{}, and its time is {} seconds {} the clock of this shop",
        RIGHT_SIGNATURE,
        .ahead_secs.unsigned_abs(),
        if *.ahead_secs < 0 { "ahead of" } else { "behind" }
    )]
    OtherTime {
        /// By how much our clock is ahead.
        ahead_secs: i64,
    },
    /// 400
    #[error("the body is no event")]
    Malformed,
    /// 503: Stripe will send it again.
    #[error("the event could not be kept")]
    Unavailable(#[source] Error),
}

/// Takes an event in: after this returns, it survives a power cut.
pub async fn receive(shop: &Shop, signature: Option<&str>, body: &[u8]) -> Result<(), WebhookRefusal> {
    let now = shop.clock.now_ms();
    let Some(signed_at) = signed_at(shop.settings.stripe_webhook_secret.expose_secret(), signature.unwrap_or_default(), body) else {
        return Err(refused("signature", WebhookRefusal::BadSignature));
    };
    let ahead_secs = (now / 1000).saturating_sub(signed_at);
    if ahead_secs.saturating_abs() > TOLERANCE_SECS {
        shop.clocks.note_refusal(ahead_secs.saturating_mul(1000));
        tracing::warn!(
            ahead_secs,
            "an event that Stripe signed was refused: this machine's clock is wrong, or it was sent again by somebody"
        );
        return Err(refused("time", WebhookRefusal::OtherTime { ahead_secs }));
    }
    kill_point!("after_hmac");
    let malformed = || refused("malformed", WebhookRefusal::Malformed);
    let event: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let (Some(id), Some(kind)) = (text("/id"), text("/type")) else { return Err(malformed()) };
    let names = [Some(id), Some(kind), text("/account"), text("/api_version"), text("/data/object/id")];
    if names.into_iter().flatten().any(|name| name.chars().any(char::is_control)) {
        return Err(malformed());
    }
    let new = NewEvent {
        id: id.to_owned(),
        kind: kind.to_owned(),
        livemode: event.pointer("/livemode").and_then(Value::as_bool).unwrap_or(false),
        account: text("/account").map(str::to_owned),
        api_version: text("/api_version").map(str::to_owned),
        object_id: text("/data/object/id").unwrap_or_default().to_owned(),
        happened_at: event.pointer("/created").and_then(Value::as_i64).map(|secs| secs.saturating_mul(1000)),
        raw: body.to_vec(),
    };
    keep_durably(shop, new).await.map_err(WebhookRefusal::Unavailable)?;
    kill_point!("after_inbox_commit");
    tracing::info!(event = id, kind, "event received");
    metrics::counter!("inbox_received_total").increment(1);
    shop.wake.events.notify_one();
    Ok(())
}

fn refused(why: &'static str, refusal: WebhookRefusal) -> WebhookRefusal {
    metrics::counter!("webhooks_refused_total", "why" => why).increment(1);
    refusal
}

/// Sends a signed message that is no event to the address that Stripe is to call, and tells what came instead of this shop.
///
/// Only a shop with the same secret gets past the signature and finds that the message is invalid.
pub async fn check_way_here(shop: &Shop, url: &str) -> Result<(), String> {
    const BODY: &[u8] = b"{}";
    let now = shop.clock.now_ms() / 1000;
    let mac = hmac_sha256(shop.settings.stripe_webhook_secret.expose_secret().as_bytes(), &[now.to_string().as_bytes(), b".", BODY]);
    let signature = format!("t={now},v1={}", data_encoding::HEXLOWER.encode(&mac));
    let (status, answer) = shop.stripe.client.call_webhook(url, &signature, BODY).await?;
    if status == 400 && answer == WebhookRefusal::Malformed.to_string().as_bytes() {
        return Ok(());
    }
    Err(if status == 400 && answer == WebhookRefusal::BadSignature.to_string().as_bytes() {
        "a shop with another webhook secret answers there".to_owned()
    } else if status == 400 && answer.starts_with(RIGHT_SIGNATURE.as_bytes()) {
        format!("a machine of this shop answers there, and its clock or the one here is wrong: {}", String::from_utf8_lossy(&answer))
    } else {
        format!("something else answers there, with status {status}")
    })
}

/// An event that is new to the inbox, unless it is a copy.
pub(crate) struct NewEvent {
    pub id: String,
    pub kind: String,
    pub livemode: bool,
    pub account: Option<String>,
    pub api_version: Option<String>,
    pub object_id: String,
    /// When it happened, milliseconds since 1970.
    pub happened_at: Option<i64>,
    pub raw: Vec<u8>,
}

async fn keep_durably(shop: &Shop, event: NewEvent) -> Result<bool, Error> {
    // One statement needs no transaction where it waits for nobody.
    if !is_sqlite(&shop.db) {
        return jobs::keep_event(&shop.db, shop, &event).await;
    }
    let context = Arc::new((shop.clone(), event));
    let change = shop.db.change(move |tx| {
        let context = context.clone();
        async move { jobs::keep_event(tx, &context.0, &context.1).await }.boxed()
    });
    change.await
}

/// Whether a body that comes with this header could be signed at all: only then is it worth reading. Its time is no matter yet: a
/// signature that is right at a time that is not now tells of a clock that is wrong.
pub fn may_be_signed(signature: Option<&str>) -> bool {
    signature.is_some_and(|header| time_in(header).is_some() && header.contains("v1="))
}

/// The time in a signature, as it is written and in seconds since 1970.
fn time_in(header: &str) -> Option<(&str, i64)> {
    let time = fields(header).find(|(name, _)| *name == "t").map(|(_, time)| time).filter(|_| header.len() <= MAX_HEADER_BYTES)?;
    Some((time, time.parse().ok()?))
}

fn fields(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(',').filter_map(|field| field.trim().split_once('='))
}

/// When a body was signed with this secret, in seconds since 1970; nothing where it was not.
fn signed_at(secret: &str, header: &str, body: &[u8]) -> Option<i64> {
    let (time, secs) = time_in(header).filter(|_| !secret.is_empty())?;
    let expected = hmac_sha256(secret.as_bytes(), &[time.as_bytes(), b".", body]);
    let is_signed = fields(header)
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, hex)| data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok())
        .fold(false, |found, candidate| equal(&candidate, &expected) | found);
    is_signed.then_some(secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test";
    const NOW: i64 = 1_800_000_000;

    fn header(secs: i64, body: &[u8]) -> String {
        let mac = hmac_sha256(SECRET.as_bytes(), &[secs.to_string().as_bytes(), b".", body]);
        format!("t={secs},v1={}", data_encoding::HEXLOWER.encode(&mac))
    }

    #[test]
    fn any_v1_of_several_counts() {
        let good = header(NOW, b"{}");
        for header in [&good, &format!("{good},v1=bad"), &good.replace("v1=", "v1=00,v1=")] {
            assert_eq!(signed_at(SECRET, header, b"{}"), Some(NOW), "{header}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_never_panics() {
        let good = header(NOW, b"{}");
        let long = "a".repeat(10_000);
        for bad in [
            "",
            "t=,v1=",
            "v0=00",
            &format!("t={NOW}"),
            &format!("t={NOW},v1=zz"),
            &format!("t={},v1=00", i64::MIN),
            &format!("t={NOW},v0=00"),
            &long,
        ] {
            assert_eq!(signed_at(SECRET, bad, b"{}"), None, "{bad}");
        }
        assert_eq!(signed_at(SECRET, &good, b"{ }"), None);
        assert_eq!(signed_at("", &good, b"{}"), None);
    }
}
