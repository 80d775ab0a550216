//! The key of a license: how it is made, kept and recognized.

use crate::base::entities::license;
use crate::base::seal::{self, Label};
use crate::base::secret::hmac_sha256;
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::license::{KeyFormat, LicensePolicy, normalized};

/// What the shop keeps of a key.
pub(super) struct Kept {
    /// What it is found by.
    pub hmac: Vec<u8>,
    /// What it was made from. Of a key from elsewhere, chance.
    pub nonce: Vec<u8>,
    pub sealed: Vec<u8>,
}

/// A key of the shop's own, which follows from its seed.
pub(super) fn make(shop: &Shop, license_id: Id, policy: &LicensePolicy, nonce: &[u8]) -> Result<Kept> {
    keep(shop, license_id, &policy.format.write(&policy.prefix, &derived(shop, nonce)), nonce)
}

/// The bytes that a key is written of.
fn derived(shop: &Shop, nonce: &[u8]) -> [u8; 16] {
    let bytes = shop.settings.secret_key.derive("license key", nonce);
    std::array::from_fn(|i| bytes[i])
}

/// Keeps a key that is there already.
///
/// # Errors
/// Refuses a text that nobody could look up.
pub(super) fn keep(shop: &Shop, license_id: Id, key: &str, nonce: &[u8]) -> Result<Kept> {
    let hmac = lookup_hash(shop, key).ok_or_else(not_a_key)?;
    let sealed = seal::seal(&shop.settings.secret_key, label(&license_id), key.as_bytes())?;
    Ok(Kept { hmac, nonce: nonce.to_vec(), sealed })
}

fn not_a_key() -> Error {
    Error::refused("license_key_invalid", "A license key has 1 to 256 characters, and letters and digits without accents.")
        .at("license_key")
}

fn label(license_id: &Id) -> Label<'_> {
    Label { purpose: "license key", row: license_id.as_bytes() }
}

/// What a key is read from.
pub(super) struct Source<'a> {
    pub license_id: Id,
    pub nonce: &'a [u8],
    pub sealed: Option<&'a [u8]>,
}

impl<'a> From<&'a license::Model> for Source<'a> {
    fn from(row: &'a license::Model) -> Self {
        Self { license_id: row.id, nonce: &row.key_nonce, sealed: row.key_sealed.as_deref() }
    }
}

/// The key, for whoever may see it.
pub(super) fn read(shop: &Shop, source: Source<'_>) -> Result<String> {
    match source.sealed {
        Some(sealed) => {
            let key = seal::open(&shop.settings.secret_key, label(&source.license_id), sealed)?;
            Ok(String::from_utf8(key).map_err(|_| anyhow::anyhow!("a license key is no text"))?)
        }
        // Keys of the first releases are kept nowhere: they follow from their nonce.
        None => Ok(KeyFormat::Hex.write("", &derived(shop, source.nonce))),
    }
}

/// What a key is found by; `None` for what can be no key.
pub(super) fn lookup_hash(shop: &Shop, key: &str) -> Option<Vec<u8>> {
    let key = normalized(key)?;
    Some(hmac_sha256(&shop.settings.secret_key.derive("license lookup", b""), &[key.as_bytes()]).to_vec())
}
