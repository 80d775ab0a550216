//! What a caller in another language gets.
#![allow(unsafe_code, reason = "what is called is for C")]
#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use license_verifier::examples::{FINGERPRINT, LICENSE_FILE, MACHINE_FILE, NOW, PUBLIC_KEY};
use license_verifier_c::*;
use serde_json::Value;
use std::ffi::{CStr, c_char};
use std::ptr::null;

const PRODUCT: &str = "4242424242";

fn read(answer: *mut c_char) -> Value {
    // SAFETY: the library has just made this text, and it is given back once.
    unsafe {
        let json = serde_json::from_slice(CStr::from_ptr(answer).to_bytes()).unwrap();
        lv_free(answer);
        json
    }
}

fn license_file(file: &[u8], keys: &[u8], product: &[u8], now: i64) -> Value {
    // SAFETY: each text lives as long as the call.
    read(unsafe { lv_verify_license_file(file.as_ptr(), file.len(), keys.as_ptr(), keys.len(), product.as_ptr(), product.len(), now) })
}

fn machine_file(file: &str, product: &[u8], fingerprint: &[u8]) -> Value {
    let (file, keys) = (file.as_bytes(), PUBLIC_KEY.as_bytes());
    // SAFETY: each text lives as long as the call.
    read(unsafe {
        lv_verify_machine_file(
            file.as_ptr(),
            file.len(),
            keys.as_ptr(),
            keys.len(),
            product.as_ptr(),
            product.len(),
            fingerprint.as_ptr(),
            fingerprint.len(),
            NOW,
        )
    })
}

#[test]
fn a_caller_is_told_what_a_file_says_or_why_it_is_refused() {
    let (file, key) = (LICENSE_FILE.as_bytes(), PUBLIC_KEY.as_bytes());
    let said = license_file(file, key, PRODUCT.as_bytes(), NOW);
    assert_eq!((&said["ok"], &said["license"]["name"]), (&true.into(), &"Tide, Pro".into()));
    assert!(said["license"]["metadata"].is_object());
    let strangers = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let both = format!("{strangers}, {PUBLIC_KEY}");
    assert_eq!(license_file(file, both.as_bytes(), b"", NOW)["ok"], true, "several keys, and any product");
    for (answer, code) in [
        (license_file(file, key, b"1", NOW), "PRODUCT"),
        (license_file(file, strangers.as_bytes(), b"", NOW), "SIGNATURE"),
        (license_file(file, b"", b"", NOW), "SIGNATURE"),
        (license_file(file, b"key", b"", NOW), "KEY"),
        (license_file(file, key, b"", 0), "CLOCK"),
        (license_file(b"\xff", key, b"", NOW), "MALFORMED"),
        (license_file(file, key, b"\xff", NOW), "MALFORMED"),
        (license_file(MACHINE_FILE.as_bytes(), key, b"", NOW), "WRONG_KIND"),
        (machine_file(MACHINE_FILE, b"", b"other"), "FINGERPRINT"),
        (machine_file(MACHINE_FILE, b"", b""), "FINGERPRINT"),
        (machine_file(MACHINE_FILE, b"", b"\xff"), "MALFORMED"),
        (machine_file(MACHINE_FILE, b"1", FINGERPRINT.as_bytes()), "PRODUCT"),
    ] {
        assert_eq!((&answer["ok"], &answer["code"]), (&false.into(), &code.into()), "{answer}");
        assert!(answer["error"].as_str().unwrap().ends_with('.'));
    }
    assert_eq!(machine_file(MACHINE_FILE, PRODUCT.as_bytes(), FINGERPRINT.as_bytes())["machine"]["name"], "Anna's laptop");
    // SAFETY: null is no text.
    let nothing = read(unsafe { lv_verify_license_file(null(), 0, null(), 9, null(), 0, NOW) });
    assert_eq!(nothing["code"], "MALFORMED");
}

#[test]
fn what_cannot_be_read_is_not_covered() {
    type Covers = unsafe extern "C" fn(*const u8, usize, *const u8, usize) -> i32;
    // SAFETY: each text lives as long as the call.
    let ask = |covers: Covers, a: &[u8], b: &[u8]| unsafe { covers(a.as_ptr(), a.len(), b.as_ptr(), b.len()) };
    let (may, end) = (&b"2026-05-01T00:00:00.000000Z"[..], &b"2026-05-02T00:00:00Z"[..]);
    for (covers, limit, asked, expected) in [
        (lv_covers_version as Covers, &b"2"[..], &b"2.9"[..], 1),
        (lv_covers_version, b"2", b"3", 0),
        (lv_covers_version, b"", b"3", 1),
        (lv_covers_version, b"\xff", b"1", 0),
        (lv_covers_version, b"2", b"\xff", 0),
        (lv_covers_release, end, may, 1),
        (lv_covers_release, end, end, 1),
        (lv_covers_release, may, end, 0),
        (lv_covers_release, b"", end, 1),
        (lv_covers_release, end, b"", 0),
        (lv_covers_release, b"soon", may, 0),
        (lv_covers_release, b"\xff", may, 0),
    ] {
        assert_eq!(ask(covers, limit, asked), expected, "{limit:?} {asked:?}");
    }
    // SAFETY: null is no text, and memory is given back with its length.
    unsafe {
        assert_eq!(lv_covers_version(null(), 0, b"7".as_ptr(), 1), 1, "no limit");
        lv_free(std::ptr::null_mut());
        lv_release(lv_alloc(5), 5);
        lv_release(lv_alloc(0), 0);
        assert!(lv_alloc(usize::MAX).is_null());
    }
}
