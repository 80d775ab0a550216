//! The lines around a file, as PEM has them (RFC 7468).

use crate::Error;
use alloc::string::String;
use alloc::vec::Vec;
use data_encoding::BASE64;

/// Larger than any file of a shop.
pub const MAX_BYTES: usize = 64 * 1024;

/// What a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    License,
    Machine,
}

impl Kind {
    fn label(self) -> &'static str {
        match self {
            Kind::License => "LICENSE FILE",
            Kind::Machine => "MACHINE FILE",
        }
    }

    /// What stands before the signed text, so that one kind can't be taken for the other.
    pub fn prefix(self) -> &'static str {
        match self {
            Kind::License => "license/",
            Kind::Machine => "machine/",
        }
    }
}

/// What stands between the lines of a file of this kind.
pub fn open(kind: Kind, file: &str) -> Result<Vec<u8>, Error> {
    if file.len() > MAX_BYTES {
        return Err(Error::TooLarge);
    }
    let file = file.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let rest = file.strip_prefix("-----BEGIN ").ok_or(Error::Malformed)?;
    let (label, rest) = rest.split_once("-----").ok_or(Error::Malformed)?;
    if label != kind.label() {
        let is_other = [Kind::License, Kind::Machine].iter().any(|other| other.label() == label);
        return Err(if is_other { Error::WrongKind } else { Error::Malformed });
    }
    let rest = rest.strip_suffix("-----").ok_or(Error::Malformed)?;
    let (body, end) = rest.rsplit_once("-----END ").ok_or(Error::Malformed)?;
    if end != kind.label() {
        return Err(Error::Malformed);
    }
    // Lines may be as long as whoever sent the file has made them.
    let body: String = body.chars().filter(|c| !matches!(c, '\r' | '\n' | ' ' | '\t')).collect();
    BASE64.decode(body.as_bytes()).map_err(|_| Error::Malformed)
}

#[cfg(feature = "sign")]
pub fn close(kind: Kind, content: &[u8]) -> String {
    const LINE: usize = 64;
    let mut file = alloc::format!("-----BEGIN {}-----\n", kind.label());
    let text = BASE64.encode(content);
    for line in text.as_bytes().chunks(LINE) {
        file.extend(line.iter().map(|b| char::from(*b)));
        file.push('\n');
    }
    file.push_str(&alloc::format!("-----END {}-----\n", kind.label()));
    file
}
