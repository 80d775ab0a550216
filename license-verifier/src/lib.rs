//! Verifies the signed license files of a Weightless shop, offline.
//!
//! A program asks the shop for a license file once (`POST /v1/licenses/check-out`), keeps it, and verifies it each time it starts:
//! without a network, with the public key of the shop that is built into it. Nothing here reads files, opens sockets or asks for the
//! time: the program passes what there is.
//!
//! ```
//! # fn main() -> Result<(), license_verifier::Error> {
//! # let file = license_verifier::examples::LICENSE_FILE;
//! # let now = license_verifier::examples::NOW;
//! use license_verifier::{PublicKey, verify_license_file};
//!
//! let keys = [PublicKey::from_hex("ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c")?];
//! let license = verify_license_file(file, &keys, now)?.of_product("4242424242")?;
//! assert!(license.has_feature("export"));
//! assert!(license.covers_version("2.4.1"));
//! # Ok(())
//! # }
//! ```
#![no_std]

extern crate alloc;

mod armor;
mod challenge;
mod envelope;
mod error;
#[doc(hidden)]
pub mod examples;
mod instant;
mod key;
mod payload;
mod proof;
#[cfg(feature = "sign")]
mod sign;
mod verify;
mod version;

pub use challenge::Challenge;
#[doc(hidden)]
pub use envelope::is_signed;
pub use error::Error;
pub use instant::{from_unix, to_unix};
pub use key::PublicKey;
pub use payload::{License, Machine};
pub use proof::{Proof, verify_proof};
#[cfg(feature = "sign")]
pub use sign::{Lifetime, SigningKey};
pub use verify::{MAX_AHEAD_SECS, verify_license_file, verify_machine_file};
pub use version::is_covered;
