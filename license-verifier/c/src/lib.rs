//! The license verifier for C, and for every language that can call C or load WebAssembly.
//!
//! Texts go in as a pointer and a length, UTF-8 without a NUL at the end. Answers come back as JSON with a NUL at the end, which the
//! caller gives back to `lv_free`: `{"ok":true,"license":{…}}`, or `{"ok":false,"code":"FILE_EXPIRED","error":"…"}`.

mod abi;

pub use abi::*;

use license_verifier::{
    Challenge, Error, License, PublicKey, from_unix, is_covered, to_unix, verify_license_file, verify_machine_file, verify_proof,
};
use serde_json::{Value, json};

/// Public keys as hexadecimal digits, with commas or blanks between them.
fn keys(text: &str) -> Result<Vec<PublicKey>, Error> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|key| !key.is_empty()).map(PublicKey::from_hex).collect()
}

/// The license, when it is one of this product; of any product where none is named.
fn of_product(license: License, product_id: &str) -> Result<License, Error> {
    if product_id.is_empty() { Ok(license) } else { license.of_product(product_id) }
}

fn license(license: &License) -> Value {
    json!({
        "id": license.id,
        "key": license.key,
        "name": license.name,
        "status": license.status,
        "expiry": license.expiry.map(from_unix),
        "max_machines": license.max_machines,
        "metadata": license.metadata,
        "product_id": license.product_id,
        "variant_id": license.variant_id,
        "features": license.features,
        "max_version": license.max_version,
        "updates_until": license.updates_until.map(from_unix),
        "is_trial": license.is_trial,
    })
}

fn license_file(file: &str, public_keys: &str, product_id: &str, now: i64) -> Result<Value, Error> {
    let verified = of_product(verify_license_file(file, &keys(public_keys)?, now)?, product_id)?;
    Ok(json!({ "ok": true, "license": license(&verified) }))
}

fn machine_file(file: &str, public_keys: &str, product_id: &str, fingerprint: &str, now: i64) -> Result<Value, Error> {
    let machine = verify_machine_file(file, &keys(public_keys)?, fingerprint, now)?;
    let of_machine = json!({ "id": machine.id, "name": machine.name, "fingerprint": machine.fingerprint });
    Ok(json!({ "ok": true, "machine": of_machine, "license": license(&of_product(machine.license, product_id)?) }))
}

fn proof(proof: &str, public_keys: &str, nonce: i64) -> Result<Value, Error> {
    let proof = verify_proof(proof, &keys(public_keys)?, nonce)?;
    let said = json!({
        "valid": proof.valid, "code": proof.code, "license_id": proof.license_id, "instance_id": proof.instance_id,
        "fingerprint": proof.fingerprint, "issued": from_unix(proof.issued),
    });
    Ok(json!({ "ok": true, "proof": said }))
}

fn challenge(fingerprint: &str, name: &str) -> Result<Value, Error> {
    Ok(json!({ "ok": true, "challenge": Challenge::new(fingerprint, name)?.to_text() }))
}

fn covers_version(max: &str, version: &str) -> bool {
    max.is_empty() || is_covered(max, version)
}

/// What can't be read is not covered.
fn covers_release(until: &str, released: &str) -> bool {
    until.is_empty() || to_unix(until).zip(to_unix(released)).is_some_and(|(until, released)| released <= until)
}
