//! The header for C says what the library has.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something fails")]

use std::path::Path;

/// The header of the sources as they are.
fn header() -> String {
    let mut written = Vec::new();
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        include_guard: Some("LICENSE_VERIFIER_H".to_owned()),
        header: Some("/* Verifies the signed license files of a Weightless shop, offline. Made by cbindgen. */".to_owned()),
        cpp_compat: true,
        documentation_style: cbindgen::DocumentationStyle::C99,
        ..cbindgen::Config::default()
    };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/abi.rs");
    cbindgen::Builder::new().with_src(source).with_config(config).generate().unwrap().write(&mut written);
    String::from_utf8(written).unwrap()
}

#[test]
fn the_header_is_that_of_the_sources() {
    let kept = include_str!("../include/license_verifier.h");
    assert_eq!(kept, header(), "write it again: cargo test -p license-verifier-c -- --ignored");
}

#[test]
#[ignore = "writes the header"]
fn write_the_header() {
    std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("include/license_verifier.h"), header()).unwrap();
}
