//! What the examples of the documentation verify.

/// The public key of [`LICENSE_FILE`], as hexadecimal digits.
pub const PUBLIC_KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
/// A day on which [`LICENSE_FILE`] is good, in seconds since 1970.
pub const NOW: i64 = 1_780_000_000;
pub const LICENSE_FILE: &str = include_str!("../examples/license.lic");
pub const MACHINE_FILE: &str = include_str!("../examples/machine.lic");
pub const FINGERPRINT: &str = "a1b2c3d4";
