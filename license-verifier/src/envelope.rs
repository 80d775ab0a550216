//! What is signed, and by whom. Keygen's shape, so that its verifiers read our files.

use crate::armor::{self, Kind};
use crate::{Error, PublicKey};
use alloc::string::String;
use alloc::vec::Vec;
use data_encoding::BASE64;
use ed25519_dalek::Signature;
use serde::{Deserialize, Serialize};

pub const ALGORITHM: &str = "base64+ed25519";

/// The content of a file.
#[derive(Serialize, Deserialize)]
pub struct Envelope {
    /// The payload, as base64.
    pub enc: String,
    /// The signature over `license/` or `machine/` and the text above, as base64.
    pub sig: String,
    pub alg: String,
    /// Which key has signed it: a hint, which nobody relies on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
}

/// What a signature is made of: the ASCII text, not its bytes.
pub fn signed_text(prefix: &str, text: &str) -> Vec<u8> {
    [prefix.as_bytes(), text.as_bytes()].concat()
}

/// Whether one of the keys has signed a text.
pub fn check(keys: &[PublicKey], message: &[u8], signature: &[u8]) -> Result<(), Error> {
    let signature = Signature::from_slice(signature).map_err(|_| Error::Malformed)?;
    if keys.iter().any(|key| key.0.verify_strict(message, &signature).is_ok()) { Ok(()) } else { Err(Error::Signature) }
}

/// Whether one of the keys has signed a message.
pub fn is_signed(keys: &[PublicKey], message: &[u8], signature: &[u8]) -> bool {
    check(keys, message, signature).is_ok()
}

/// The payload of a file that one of the keys has signed.
pub fn open(kind: Kind, file: &str, keys: &[PublicKey]) -> Result<Vec<u8>, Error> {
    let envelope: Envelope = serde_json::from_slice(&armor::open(kind, file)?).map_err(|_| Error::Malformed)?;
    // Said before anything is believed: whoever could choose the algorithm could choose none.
    if envelope.alg != ALGORITHM {
        return Err(Error::Algorithm);
    }
    let signature = BASE64.decode(envelope.sig.as_bytes()).map_err(|_| Error::Malformed)?;
    check(keys, &signed_text(kind.prefix(), &envelope.enc), &signature)?;
    BASE64.decode(envelope.enc.as_bytes()).map_err(|_| Error::Malformed)
}
