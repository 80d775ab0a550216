//! The key that a shop's files are verified with.

use crate::Error;
use data_encoding::HEXLOWER_PERMISSIVE;
use ed25519_dalek::VerifyingKey;

/// A public key of a shop. `GET /v1/licenses/public-keys` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(pub(crate) VerifyingKey);

impl PublicKey {
    /// # Errors
    /// [`Error::Key`] for bytes that are no point of the curve, or one that signs nothing.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| Error::Key)?;
        if key.is_weak() { Err(Error::Key) } else { Ok(Self(key)) }
    }

    /// From 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`Error::Key`] for any other text.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        let text = text.trim().as_bytes();
        if text.len() != 64 {
            return Err(Error::Key);
        }
        HEXLOWER_PERMISSIVE.decode_mut(text, &mut bytes).map_err(|_| Error::Key)?;
        Self::from_bytes(&bytes)
    }

    pub fn to_bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }
}
