//! What other languages call. All code that trusts its caller stands here, each place with its reason.
#![allow(unsafe_code, reason = "a function for C takes pointers, and nobody but its caller knows what they point to")]

use license_verifier::Error;
use serde_json::{Value, json};
use std::ffi::{CString, c_char};
use std::panic::{UnwindSafe, catch_unwind};
use std::slice;

/// A text of the caller's; empty for a null pointer, absent where it is no UTF-8.
///
/// # Safety
/// `text` must point to `len` bytes that stay as they are meanwhile, or be null.
unsafe fn text<'a>(text: *const u8, len: usize) -> Option<&'a str> {
    if text.is_null() {
        return Some("");
    }
    if len > isize::MAX as usize {
        return None;
    }
    // SAFETY: the caller promises that there are `len` bytes, which nobody changes meanwhile.
    std::str::from_utf8(unsafe { slice::from_raw_parts(text, len) }).ok()
}

/// Hands an answer over, to texts that could all be read. A panic must not leave this library.
fn answer<T: UnwindSafe>(texts: Option<T>, act: impl FnOnce(T) -> Result<Value, Error> + UnwindSafe) -> *mut c_char {
    let json = match catch_unwind(|| act(texts.ok_or(Error::Malformed)?)) {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => json!({ "ok": false, "code": error.code(), "error": error.to_string() }),
        Err(_) => json!({ "ok": false, "code": "INTERNAL", "error": "The license file could not be verified." }),
    };
    // JSON writes a NUL as an escape, so there is none in it.
    CString::new(json.to_string()).unwrap_or_default().into_raw()
}

/// Verifies a license file: `{"ok":true,"license":{…}}`.
///
/// `public_keys` are hexadecimal digits, with commas between several keys. `product_id` is the number of your product; null takes the
/// license of any product of the shop. `now` is in seconds since 1970.
///
/// # Safety
/// Each pointer must point to as many bytes as its length says, or be null. The answer is given back to `lv_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_verify_license_file(
    file: *const u8,
    file_len: usize,
    public_keys: *const u8,
    public_keys_len: usize,
    product_id: *const u8,
    product_id_len: usize,
    now: i64,
) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (file, keys, product) = unsafe { (text(file, file_len), text(public_keys, public_keys_len), text(product_id, product_id_len)) };
    answer(file.zip(keys).zip(product), move |((file, keys), product)| crate::license_file(file, keys, product, now))
}

/// Verifies a machine file for the device with this fingerprint: `{"ok":true,"machine":{…},"license":{…}}`.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_verify_machine_file(
    file: *const u8,
    file_len: usize,
    public_keys: *const u8,
    public_keys_len: usize,
    product_id: *const u8,
    product_id_len: usize,
    fingerprint: *const u8,
    fingerprint_len: usize,
    now: i64,
) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (file, keys, product) = unsafe { (text(file, file_len), text(public_keys, public_keys_len), text(product_id, product_id_len)) };
    // SAFETY: as above.
    let fingerprint = unsafe { text(fingerprint, fingerprint_len) };
    answer(file.zip(keys).zip(product.zip(fingerprint)), move |((file, keys), (product, fingerprint))| {
        crate::machine_file(file, keys, product, fingerprint, now)
    })
}

/// Verifies the `proof` of an answer of the shop: `{"ok":true,"proof":{"valid":true,"license_id":…}}`. A no is signed as well: look at
/// `valid`, and compare the license and the device with what you asked for.
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
    let (proof, keys) = unsafe { (text(proof, proof_len), text(public_keys, public_keys_len)) };
    answer(proof.zip(keys), move |(proof, keys)| crate::proof(proof, keys, nonce))
}

/// The text that a program without a network shows: `{"ok":true,"challenge":"challenge/…"}`.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_challenge(fingerprint: *const u8, fingerprint_len: usize, name: *const u8, name_len: usize) -> *mut c_char {
    // SAFETY: the caller's promise is that of this function.
    let (fingerprint, name) = unsafe { (text(fingerprint, fingerprint_len), text(name, name_len)) };
    answer(fingerprint.zip(name), |(fingerprint, name)| crate::challenge(fingerprint, name))
}

/// Whether a version of the software is no higher than the `max_version` of a license, where null covers all: 1 or 0.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_covers_version(max: *const u8, max_len: usize, version: *const u8, version_len: usize) -> i32 {
    // SAFETY: the caller's promise is that of this function.
    let texts = unsafe { text(max, max_len).zip(text(version, version_len)) };
    whether(texts, crate::covers_version)
}

/// Whether a version that was released at a time is within the `updates_until` of a license, where null covers all: 1 or 0. Both are
/// written as in a license: `2026-01-24T14:15:07Z`.
///
/// # Safety
/// As for `lv_verify_license_file`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lv_covers_release(until: *const u8, until_len: usize, released: *const u8, released_len: usize) -> i32 {
    // SAFETY: the caller's promise is that of this function.
    let texts = unsafe { text(until, until_len).zip(text(released, released_len)) };
    whether(texts, crate::covers_release)
}

fn whether(texts: Option<(&str, &str)>, covers: fn(&str, &str) -> bool) -> i32 {
    catch_unwind(|| texts.is_some_and(|(a, b)| covers(a, b))).unwrap_or(false).into()
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
