//! Signed files, by which software knows its license without a network.

use super::activations::seats;
use super::answer::{Answer, InstanceView, Outcome};
use super::{history, key, key_ring, lookup};
use crate::base::database::begin_write;
use crate::{Result, Shop};
use domain::id::Id;
use domain::license::{LicenseCode, LicenseEvent};
use license_verifier::{License, Lifetime, Machine, Proof, SigningKey};

/// Which file is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOut<'a> {
    pub key: &'a str,
    /// The seat that the file is for. The file is for any device without one and without a fingerprint, and where the seat has none.
    pub instance_id: Option<&'a str>,
    pub fingerprint: Option<&'a str>,
    pub ttl: Ttl,
}

/// How long a file is to be good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ttl {
    #[default]
    Usual,
    Secs(i64),
    /// As long as the license, where its seller allows it.
    Endless,
}

const DAY_SECS: i64 = 24 * 60 * 60;
const USUAL_SECS: i64 = 30 * DAY_SECS;
const SHORTEST_SECS: i64 = 3600;
/// A file is good for a year at most, so that a refund is noticed some day.
pub(super) const LONGEST_SECS: i64 = 366 * DAY_SECS;

/// A signed file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseFile {
    pub certificate: String,
    /// Seconds.
    pub ttl: Option<i64>,
    /// Milliseconds since 1970.
    pub issued: i64,
    pub expiry: Option<i64>,
}

/// Makes a license file, or a machine file where a seat with a fingerprint is named; the file is absent where the answer is a refusal.
pub async fn check_out(shop: &Shop, wanted: CheckOut<'_>) -> Result<(Outcome, Option<LicenseFile>)> {
    let refused = |code, answer| Ok((Outcome::refused(code, answer), None));
    let Some(hmac) = key::lookup_hash(shop, wanted.key) else { return Ok((Outcome::not_found(), None)) };
    let Some(found) = lookup::find(&shop.db, shop, &hmac).await? else { return Ok((Outcome::not_found(), None)) };
    let (id, code, usage, is_endless) = (found.id(), found.code(shop), found.standing().activation_usage, found.policy().endless_files);
    let answer = found.answer(shop, usage)?;
    if code != LicenseCode::Valid {
        return refused(code, Some(answer));
    }
    let seat = match seats::find(&shop.db, shop, id, wanted.instance_id, wanted.fingerprint).await? {
        seats::Found::Seat(seat) => Some(seats::view(seat)),
        seats::Found::NotAsked => None,
        seats::Found::Refused(code) => return refused(code, Some(answer)),
    };
    let ttl = match wanted.ttl {
        Ttl::Usual => Some(USUAL_SECS),
        Ttl::Secs(secs) if secs >= SHORTEST_SECS => Some(secs.min(LONGEST_SECS)),
        Ttl::Endless if is_endless => None,
        Ttl::Secs(_) | Ttl::Endless => return refused(LicenseCode::CheckoutTtlInvalid, None),
    };
    let file = sign(shop, &answer, seat.as_ref(), ttl).await?;
    note(shop, id, seat.as_ref().map_or("", |seat| &seat.name)).await?;
    Ok((Outcome::valid(answer, seat), Some(file)))
}

pub(super) async fn note(shop: &Shop, license_id: Id, device: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    history::note(&tx, shop, license_id, LicenseEvent::FileIssued, device).await?;
    Ok(tx.commit().await?)
}

/// A file that ends with its license at the latest.
pub(super) async fn sign(shop: &Shop, answer: &Answer, seat: Option<&InstanceView>, ttl: Option<i64>) -> Result<LicenseFile> {
    let key = key_ring::active(shop).await?;
    let issued = shop.clock.now_ms() / 1000;
    let left = answer.license.expires_at.map(|at| (at / 1000 - issued).max(0));
    let ttl = match (ttl, left) {
        (Some(ttl), Some(left)) => Some(ttl.min(left)),
        (ttl, left) => ttl.or(left),
    };
    let certificate = written(&key, answer, seat, Lifetime { issued, ttl });
    let certificate = certificate.map_err(|error| anyhow::anyhow!("a license file could not be signed: {error}"))?;
    Ok(LicenseFile { certificate, ttl, issued: issued * 1000, expiry: ttl.map(|ttl| (issued + ttl) * 1000) })
}

fn written(
    key: &SigningKey,
    answer: &Answer,
    seat: Option<&InstanceView>,
    lifetime: Lifetime,
) -> std::result::Result<String, license_verifier::Error> {
    let license = license(answer);
    match seat.and_then(|seat| Some((seat, seat.fingerprint.clone()?))) {
        None => key.license_file(&license, lifetime),
        Some((seat, fingerprint)) => {
            key.machine_file(&Machine { id: seat.id.to_string(), fingerprint, name: seat.name.clone(), license }, lifetime)
        }
    }
}

/// The license as a file has it.
fn license(answer: &Answer) -> License {
    let Answer { license, meta, .. } = answer;
    License {
        id: license.number.to_string(),
        key: license.key.clone(),
        name: format!("{}, {}", meta.product_name, meta.variant_name),
        status: "ACTIVE".to_owned(),
        expiry: license.expires_at.map(|at| at / 1000),
        max_machines: license.activation_limit,
        metadata: Default::default(),
        product_id: meta.product_id.to_string(),
        variant_id: meta.variant_id.to_string(),
        features: license.policy.features.clone(),
        max_version: license.policy.max_version.clone(),
        updates_until: license.updates_until.map(|at| at / 1000),
        is_trial: license.policy.is_trial,
    }
}

/// What was answered, signed for the number that the program has sent: nobody between can make it up.
pub async fn prove(shop: &Shop, outcome: &Outcome, nonce: i64) -> Result<Option<String>> {
    let Some(answer) = &outcome.answer else { return Ok(None) };
    let proof = Proof {
        nonce,
        valid: outcome.code == LicenseCode::Valid,
        code: <&str>::from(outcome.code).to_owned(),
        license_id: answer.license.number.to_string(),
        instance_id: outcome.instance.as_ref().map(|seat| seat.id.to_string()),
        fingerprint: outcome.instance.as_ref().and_then(|seat| seat.fingerprint.clone()),
        issued: shop.clock.now_ms() / 1000,
    };
    let signed = key_ring::active(shop).await?.proof(&proof);
    Ok(Some(signed.map_err(|error| anyhow::anyhow!("a proof could not be signed: {error}"))?))
}
