//! Whether a file may be believed, and what it says.

use crate::armor::Kind;
use crate::payload::{ACTIVE, LICENSES, License, LicenseFile, MACHINES, Machine, MachineFile, Meta, Named};
use crate::{Error, PublicKey, envelope};
use serde::de::DeserializeOwned;

/// How far ahead of this computer's clock a file may have been issued, in seconds: clocks differ by minutes.
pub const MAX_AHEAD_SECS: i64 = 5 * 60;

/// The license of a file, when it was signed by one of the keys and may be used now; `now` is in seconds since 1970.
///
/// # Errors
/// Says why not.
pub fn verify_license_file(file: &str, keys: &[PublicKey], now: i64) -> Result<License, Error> {
    let payload: LicenseFile = read(Kind::License, file, keys)?;
    check_meta(&payload.meta, now)?;
    usable(payload.data, now)
}

/// The device and the license of a machine file, when it is for the device with this fingerprint. No file is for an empty one: a
/// program that could not tell its device must not pass for any.
///
/// # Errors
/// Says why not.
pub fn verify_machine_file(file: &str, keys: &[PublicKey], fingerprint: &str, now: i64) -> Result<Machine, Error> {
    let MachineFile { data, included, meta } = read(Kind::Machine, file, keys)?;
    check_meta(&meta, now)?;
    if data.machine.kind != MACHINES {
        return Err(Error::Malformed);
    }
    if fingerprint.is_empty() || data.machine.attributes.fingerprint != fingerprint {
        return Err(Error::Fingerprint);
    }
    let of_machine = &data.relationships.license.data;
    let license = included.into_iter().find(|license| license.id == of_machine.id).ok_or(Error::Malformed)?;
    Ok(Machine {
        id: data.machine.id,
        fingerprint: data.machine.attributes.fingerprint,
        name: data.machine.attributes.name,
        license: usable(license, now)?,
    })
}

fn read<T: DeserializeOwned>(kind: Kind, file: &str, keys: &[PublicKey]) -> Result<T, Error> {
    serde_json::from_slice(&envelope::open(kind, file, keys)?).map_err(|_| Error::Malformed)
}

fn check_meta(meta: &Meta, now: i64) -> Result<(), Error> {
    if meta.issued > now.saturating_add(MAX_AHEAD_SECS) {
        return Err(Error::Clock);
    }
    if meta.expiry.is_some_and(|at| now >= at) { Err(Error::FileExpired) } else { Ok(()) }
}

fn usable(license: Named<License>, now: i64) -> Result<License, Error> {
    if license.kind != LICENSES {
        return Err(Error::Malformed);
    }
    let license = License { id: license.id, ..license.attributes };
    if license.status != ACTIVE {
        return Err(Error::LicenseInactive);
    }
    if license.expiry.is_some_and(|at| now >= at) { Err(Error::LicenseExpired) } else { Ok(license) }
}

impl License {
    /// The same license, when it is one of this product, by its number: a shop signs the files of all its products with one key, so a
    /// program asks for its own.
    ///
    /// # Errors
    /// [`Error::Product`] otherwise.
    pub fn of_product(self, product_id: &str) -> Result<Self, Error> {
        if self.product_id == product_id { Ok(self) } else { Err(Error::Product) }
    }
}

impl Machine {
    /// As [`License::of_product`].
    ///
    /// # Errors
    /// [`Error::Product`] otherwise.
    pub fn of_product(self, product_id: &str) -> Result<Self, Error> {
        let license = self.license.of_product(product_id)?;
        Ok(Self { license, ..self })
    }
}
