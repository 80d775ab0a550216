//! Why a file is refused.

use core::fmt;

/// Why a license file, a machine file or a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not a file of this kind: damaged, cut, or something else.
    Malformed,
    /// Larger than any file of a shop.
    TooLarge,
    /// A machine file where a license file is needed, or the reverse.
    WrongKind,
    /// Signed in a way that this program does not accept.
    Algorithm,
    /// None of the public keys has signed it.
    Signature,
    /// It was issued in the future: the clock of this computer is wrong.
    Clock,
    /// The file is too old. The program asks the shop for a new one.
    FileExpired,
    /// The license itself is over.
    LicenseExpired,
    /// The shop had disabled the license when it issued the file.
    LicenseInactive,
    /// For another device.
    Fingerprint,
    /// For another product.
    Product,
    /// For another question than the program's.
    Nonce,
    /// Not a public key.
    Key,
}

impl Error {
    /// For software: stable, in capitals.
    pub fn code(self) -> &'static str {
        match self {
            Error::Malformed => "MALFORMED",
            Error::TooLarge => "TOO_LARGE",
            Error::WrongKind => "WRONG_KIND",
            Error::Algorithm => "ALGORITHM",
            Error::Signature => "SIGNATURE",
            Error::Clock => "CLOCK",
            Error::FileExpired => "FILE_EXPIRED",
            Error::LicenseExpired => "LICENSE_EXPIRED",
            Error::LicenseInactive => "LICENSE_INACTIVE",
            Error::Fingerprint => "FINGERPRINT",
            Error::Product => "PRODUCT",
            Error::Nonce => "NONCE",
            Error::Key => "KEY",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Malformed => "The license file is damaged.",
            Error::TooLarge => "The license file is too large.",
            Error::WrongKind => "This is another kind of license file.",
            Error::Algorithm => "The license file is signed in an unknown way.",
            Error::Signature => "The license file was not signed by this shop.",
            Error::Clock => "The license file was issued in the future. Check the date of this computer.",
            Error::FileExpired => "The license file has expired. Go online to renew it.",
            Error::LicenseExpired => "The license has expired.",
            Error::LicenseInactive => "The license is disabled.",
            Error::Fingerprint => "The license file is for another device.",
            Error::Product => "The license file is for another product.",
            Error::Nonce => "This is an answer to another question.",
            Error::Key => "This is no public key.",
        })
    }
}

impl core::error::Error for Error {}
