//! The license verifier for C, and for every language that can call C or load WebAssembly.
//!
//! Texts go in as a pointer and a length, UTF-8 without a NUL at the end. Answers come back as JSON with a NUL at the end, which the
//! caller gives back to `lv_free`: `{"ok":true,"license":{…}}`, or `{"ok":false,"code":"FILE_EXPIRED","error":"…"}`.

use license_verifier::{Challenge, Error, License, PublicKey, from_unix, verify_license_file, verify_machine_file, verify_proof};
use serde_json::{Value, json};
use std::ffi::{CString, c_char};
use std::panic::catch_unwind;
use std::slice;

/// A text of the caller's; empty where there is none, or where it is no UTF-8.
///
/// # Safety
/// `text` must point to `len` bytes that stay as they are meanwhile, or be null.
unsafe fn text<'a>(text: *const u8, len: usize) -> &'a str {
    if text.is_null() || len > isize::MAX as usize {
        return "";
    }
    // SAFETY: the caller promises that there are `len` bytes, which nobody changes meanwhile.
    std::str::from_utf8(unsafe { slice::from_raw_parts(text, len) }).unwrap_or_default()
}

/// Public keys as hexadecimal digits, with commas or blanks between them.
fn keys(text: &str) -> Result<Vec<PublicKey>, Error> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|key| !key.is_empty()).map(PublicKey::from_hex).collect()
}

fn license(license: &License) -> Value {
    json!({
        "id": license.id,
        "key": license.key,
        "name": license.name,
        "status": license.status,
        "expiry": license.expiry.map(from_unix),
        "max_machines": license.max_machines,
        "product_id": license.product_id,
        "variant_id": license.variant_id,
        "features": license.features,
        "max_version": license.max_version,
        "updates_until": license.updates_until.map(from_unix),
        "is_trial": license.is_trial,
    })
}

/// Hands an answer over. A panic must not leave this library.
fn answer(act: impl FnOnce() -> Result<Value, Error> + std::panic::UnwindSafe) -> *mut c_char {
    let json = match catch_unwind(act) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => json!({ "ok": false, "code": error.code(), "error": error.to_string() }),
        Err(_) => json!({ "ok": false, "code": "INTERNAL", "error": "The license file could not be verified." }),
    };
    // JSON writes a NUL as an escape, so there is none in it.
    CString::new(json.to_string()).unwrap_or_default().into_raw()
}

/// Verifies a license file. `keys` are public keys as hexadecimal digits with commas between them, `now` is in seconds since 1970.
///
/// # Safety
/// Each pointer must point to as many bytes as its length says, or be null. The answer is given back to `lv_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_verify_license_file(
    file: *const u8,
    file_len: usize,
    public_keys: *const u8,
    public_keys_len: usize,
    now: i64,
) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (file, public_keys) = unsafe { (text(file, file_len), text(public_keys, public_keys_len)) };
    answer(move || {
        let verified = verify_license_file(file, &keys(public_keys)?, now)?;
        Ok(json!({ "ok": true, "license": license(&verified) }))
    })
}

/// Verifies a machine file for the device with this fingerprint.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_verify_machine_file(
    file: *const u8,
    file_len: usize,
    public_keys: *const u8,
    public_keys_len: usize,
    fingerprint: *const u8,
    fingerprint_len: usize,
    now: i64,
) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (file, public_keys, fingerprint) =
        unsafe { (text(file, file_len), text(public_keys, public_keys_len), text(fingerprint, fingerprint_len)) };
    answer(move || {
        let machine = verify_machine_file(file, &keys(public_keys)?, fingerprint, now)?;
        let of_machine = json!({ "id": machine.id, "name": machine.name, "fingerprint": machine.fingerprint });
        Ok(json!({ "ok": true, "machine": of_machine, "license": license(&machine.license) }))
    })
}

/// Verifies the `proof` of an answer of the shop.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_verify_proof(
    proof: *const u8,
    proof_len: usize,
    public_keys: *const u8,
    public_keys_len: usize,
    nonce: i64,
) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (proof, public_keys) = unsafe { (text(proof, proof_len), text(public_keys, public_keys_len)) };
    answer(move || {
        let proof = verify_proof(proof, &keys(public_keys)?, nonce)?;
        let said = json!({
            "valid": proof.valid, "code": proof.code, "license_id": proof.license_id, "instance_id": proof.instance_id,
            "fingerprint": proof.fingerprint, "issued": from_unix(proof.issued),
        });
        Ok(json!({ "ok": true, "proof": said }))
    })
}

/// The text that a program without a network shows: `{"ok":true,"challenge":"challenge/…"}`.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_challenge(fingerprint: *const u8, fingerprint_len: usize, name: *const u8, name_len: usize) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (fingerprint, name) = unsafe { (text(fingerprint, fingerprint_len), text(name, name_len)) };
    answer(move || Ok(json!({ "ok": true, "challenge": Challenge::new(fingerprint, name)?.to_text() })))
}

/// Whether a version of the software is no higher than the highest one of a license: 1 or 0.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_covers_version(max: *const u8, max_len: usize, version: *const u8, version_len: usize) -> i32 {
    // SAFETY: the caller's promise is that of this function.
    let (max, version) = unsafe { (text(max, max_len), text(version, version_len)) };
    catch_unwind(|| i32::from(max.is_empty() || license_verifier::is_covered(max, version))).unwrap_or(0)
}

/// Gives an answer back.
///
/// # Safety
/// `answer` must come from this library and be given back once, or be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_free(answer: *mut c_char) {
    if !answer.is_null() {
        // SAFETY: it was made by `CString::into_raw` and comes back once.
        drop(unsafe { CString::from_raw(answer) });
    }
}

/// Memory of this library for a text of the caller's: WebAssembly has no other. Given back to `lv_release`.
#[unsafe(no_mangle)]
pub extern "C" fn lv_alloc(len: usize) -> *mut u8 {
    // More than the largest text that is read would only be refused later.
    const MOST: usize = 1024 * 1024;
    if len == 0 || len > MOST {
        return std::ptr::null_mut();
    }
    Box::into_raw(vec![0u8; len].into_boxed_slice()).cast()
}

/// Gives memory of `lv_alloc` back, with its length.
///
/// # Safety
/// `memory` must come from `lv_alloc` with this length and be given back once, or be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_release(memory: *mut u8, len: usize) {
    if !memory.is_null() {
        // SAFETY: it was made as a slice of this length and comes back once.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(memory, len)) });
    }
}
