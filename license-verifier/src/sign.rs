//! Makes what is verified here: for the shop.

use crate::armor::{self, Kind};
use crate::envelope::{ALGORITHM, Envelope, signed_text};
use crate::payload::{
    LICENSES, License, LicenseFile, MACHINES, Machine, MachineAttributes, MachineData, MachineFile, Meta, Named, Reference, Related,
    Relationships,
};
use crate::{Error, Proof, PublicKey};
use alloc::string::{String, ToString};
use alloc::vec;
use core::fmt;
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::Signer;
use serde::Serialize;

/// The private key of a shop.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// Nobody sees it in a log.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

/// From when to when a file is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Seconds since 1970.
    pub issued: i64,
    /// In seconds; for ever when absent.
    pub ttl: Option<i64>,
}

impl Lifetime {
    fn meta(self) -> Meta {
        Meta { issued: self.issued, expiry: self.ttl.map(|ttl| self.issued.saturating_add(ttl)), ttl: self.ttl }
    }
}

impl SigningKey {
    /// From 32 bytes that nobody can guess (RFC 8032).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// What the key is called: the first half of its public key.
    pub fn kid(&self) -> String {
        HEXLOWER.encode(&self.public_key().to_bytes()[..16])
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// # Errors
    /// [`Error::Malformed`] for what can't be written as JSON.
    pub fn license_file(&self, license: &License, lifetime: Lifetime) -> Result<String, Error> {
        let data = named(LICENSES, &license.id, license.clone());
        self.file(Kind::License, &LicenseFile { data, meta: lifetime.meta() })
    }

    /// # Errors
    /// As [`Self::license_file`].
    pub fn machine_file(&self, machine: &Machine, lifetime: Lifetime) -> Result<String, Error> {
        let attributes = MachineAttributes { fingerprint: machine.fingerprint.clone(), name: machine.name.clone() };
        let license = named(LICENSES, &machine.license.id, machine.license.clone());
        let data = MachineData {
            machine: named(MACHINES, &machine.id, attributes),
            relationships: Relationships { license: Related { data: Reference { kind: LICENSES.into(), id: license.id.clone() } } },
        };
        self.file(Kind::Machine, &MachineFile { data, included: vec![license], meta: lifetime.meta() })
    }

    /// # Errors
    /// As [`Self::license_file`].
    pub fn proof(&self, proof: &Proof) -> Result<String, Error> {
        proof.signed(|message| self.sign(message)).ok_or(Error::Malformed)
    }

    fn file(&self, kind: Kind, payload: &impl Serialize) -> Result<String, Error> {
        let enc = BASE64.encode(&serde_json::to_vec(payload).map_err(|_| Error::Malformed)?);
        let sig = BASE64.encode(&self.sign(&signed_text(kind.prefix(), &enc)));
        let envelope = Envelope { enc, sig, alg: ALGORITHM.to_string(), kid: Some(self.kid()) };
        Ok(armor::close(kind, &serde_json::to_vec(&envelope).map_err(|_| Error::Malformed)?))
    }
}

fn named<T>(kind: &str, id: &str, attributes: T) -> Named<T> {
    Named { kind: kind.into(), id: id.into(), attributes }
}
