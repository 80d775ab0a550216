//! The shop's secret key and what is derived from it.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// The key behind access keys, download tokens and sealed fields.
pub struct SecretKey(SecretString);

/// Why a text is no secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret key needs at least 32 bytes")]
pub struct TooShort;

impl SecretKey {
    /// # Errors
    /// [`TooShort`] below 32 bytes.
    pub fn new(text: &str) -> Result<Self, TooShort> {
        (text.len() >= 32).then(|| Self(text.to_owned().into())).ok_or(TooShort)
    }

    /// 32 bytes that only this key, this purpose and this data give. HMAC-SHA256 (RFC 2104).
    pub fn derive(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        hmac_sha256(self.0.expose_secret().as_bytes(), &[purpose.as_bytes(), &[0], data])
    }
}

/// HMAC-SHA256 over the parts in a row.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length, so the error can't occur; an all-zero answer would match nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// SHA-256, as the database keeps of tokens that it must recognize and never tell.
pub fn sha256(data: &[u8]) -> Vec<u8> {
    Sha256::digest(data).to_vec()
}

/// Whether two secrets are equal, in time that tells nothing of where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    a.ct_eq(b).into()
}

/// Bytes as text for URLs: Crockford-like base 32, lower case.
pub fn token_text(bytes: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}
