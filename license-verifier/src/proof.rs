//! An answer of the shop that can't be made up by anybody between: signed, and for one question.

use crate::armor::MAX_BYTES;
use crate::{Error, PublicKey, envelope, instant};
use alloc::string::String;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

const PREFIX: &str = "proof/";

/// What the shop has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The number that the program has sent.
    pub nonce: i64,
    pub valid: bool,
    pub code: String,
    pub license_id: String,
    pub instance_id: Option<String>,
    pub fingerprint: Option<String>,
    /// Seconds since 1970.
    #[serde(with = "instant::required")]
    pub issued: i64,
}

/// What the `proof` of an answer says, when it was signed by one of the keys for this nonce: a number that the program has drawn for
/// this one request.
///
/// What it says may be a no: look at [`Proof::valid`]. And it may be of another license, which whoever stands between has asked for
/// instead: compare [`Proof::license_id`], [`Proof::instance_id`] or [`Proof::fingerprint`] with what the program has asked for.
///
/// # Errors
/// Says why not.
pub fn verify_proof(proof: &str, keys: &[PublicKey], nonce: i64) -> Result<Proof, Error> {
    if proof.len() > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    let (payload, signature) = proof.strip_prefix(PREFIX).and_then(|rest| rest.split_once('.')).ok_or(Error::Malformed)?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| Error::Malformed)?;
    envelope::check(keys, &envelope::signed_text(PREFIX, payload), &signature)?;
    let payload = BASE64URL_NOPAD.decode(payload.as_bytes()).map_err(|_| Error::Malformed)?;
    let proof: Proof = serde_json::from_slice(&payload).map_err(|_| Error::Malformed)?;
    if proof.nonce == nonce { Ok(proof) } else { Err(Error::Nonce) }
}

#[cfg(feature = "sign")]
impl Proof {
    /// The text and its signature, as an answer has them.
    pub(crate) fn signed(&self, sign: impl Fn(&[u8]) -> [u8; 64]) -> Option<String> {
        let payload = BASE64URL_NOPAD.encode(&serde_json::to_vec(self).ok()?);
        let signature = sign(&envelope::signed_text(PREFIX, &payload));
        Some(alloc::format!("{PREFIX}{payload}.{}", BASE64URL_NOPAD.encode(&signature)))
    }
}
