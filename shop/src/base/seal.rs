//! What the database keeps and must be read again, under the secret key: license keys, signing keys.

use super::secret::SecretKey;
use super::world::chance;
use crate::{Error, Result};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

const NONCE_BYTES: usize = 24;

/// What a sealed text is for, and of which row: a text that was moved to another row can't be opened there.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    pub purpose: &'a str,
    pub row: &'a [u8],
}

impl Label<'_> {
    fn cipher(&self, secret: &SecretKey) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&secret.derive("sealed", self.purpose.as_bytes()).into())
    }
}

/// The text, sealed: a nonce and what XChaCha20-Poly1305 makes of it.
///
/// # Errors
/// `Unexpected` for texts longer than the cipher takes (256 GiB).
pub fn seal(secret: &SecretKey, label: Label<'_>, text: &[u8]) -> Result<Vec<u8>> {
    let nonce = chance::<NONCE_BYTES>();
    let payload = Payload { msg: text, aad: label.row };
    let sealed = label.cipher(secret).encrypt(&XNonce::from(nonce), payload).map_err(|_| anyhow::anyhow!("a text could not be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

/// The text of what [`seal`] made.
///
/// # Errors
/// `Unexpected` where another secret key has sealed it, or where it was changed.
pub fn open(secret: &SecretKey, label: Label<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
    let cannot = || {
        let purpose = label.purpose;
        Error::Unexpected(anyhow::anyhow!("what is sealed for {purpose} can't be opened: is SHOP_SECRET_KEY the one that sealed it?"))
    };
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(cannot)?;
    let payload = Payload { msg: sealed, aad: label.row };
    label.cipher(secret).decrypt(&XNonce::from(*nonce), payload).map_err(|_| cannot())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABEL: Label<'_> = Label { purpose: "license key", row: b"one" };

    fn key(text: &str) -> SecretKey {
        SecretKey::new(&text.repeat(32)).unwrap()
    }

    #[test]
    fn what_is_sealed_is_opened_by_the_same_key_alone() {
        let sealed = seal(&key("a"), LABEL, b"ABC-DEF").unwrap();
        assert_eq!(open(&key("a"), LABEL, &sealed).unwrap(), b"ABC-DEF");
        assert_ne!(seal(&key("a"), LABEL, b"ABC-DEF").unwrap(), sealed, "equal texts look different");
        assert!(open(&key("b"), LABEL, &sealed).is_err());
        assert!(open(&key("a"), Label { row: b"two", ..LABEL }, &sealed).is_err());
        assert!(open(&key("a"), Label { purpose: "signing key", ..LABEL }, &sealed).is_err());
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let sealed = seal(&key("a"), LABEL, b"ABC-DEF").unwrap();
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(open(&key("a"), LABEL, &changed).is_err());
            assert!(open(&key("a"), LABEL, &sealed[..i]).is_err());
        }
    }
}
