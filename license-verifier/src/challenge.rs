//! What a program without a network shows, for its owner to carry to the shop: the answer is a machine file.

use crate::Error;
use crate::armor::MAX_BYTES;
use alloc::string::String;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

const PREFIX: &str = "challenge/";
const MAX_FINGERPRINT_BYTES: usize = 4096;
const MAX_NAME_CHARS: usize = 255;

/// A device that asks for a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// What the device is recognized by.
    pub fingerprint: String,
    /// What its owner calls it.
    pub name: String,
}

impl Challenge {
    /// # Errors
    /// [`Error::Malformed`] for a fingerprint of more than 4096 bytes, a name of more than 255 characters, and for empty ones.
    pub fn new(fingerprint: &str, name: &str) -> Result<Self, Error> {
        let is_bounded = (1..=MAX_FINGERPRINT_BYTES).contains(&fingerprint.len()) && (1..=MAX_NAME_CHARS).contains(&name.chars().count());
        let is_plain = !fingerprint.contains('\0') && !name.chars().any(char::is_control);
        if !is_bounded || !is_plain || name.trim().is_empty() {
            return Err(Error::Malformed);
        }
        Ok(Self { fingerprint: fingerprint.into(), name: name.trim().into() })
    }

    /// One line of ASCII, for copying or for a QR code.
    pub fn to_text(&self) -> String {
        // Two texts can always be written as JSON.
        let json = serde_json::to_vec(self).unwrap_or_default();
        alloc::format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&json))
    }

    /// Reads what [`Challenge::to_text`] wrote, however it was pasted.
    ///
    /// # Errors
    /// [`Error::Malformed`] for any other text, [`Error::TooLarge`] for a long one.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLarge);
        }
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let json = text.strip_prefix(PREFIX).ok_or(Error::Malformed)?;
        let json = BASE64URL_NOPAD.decode(json.as_bytes()).map_err(|_| Error::Malformed)?;
        let read: Self = serde_json::from_slice(&json).map_err(|_| Error::Malformed)?;
        Self::new(&read.fingerprint, &read.name)
    }
}
