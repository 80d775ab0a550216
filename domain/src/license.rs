//! License keys: what a tier says of them, how they are written, and what software is answered.

use crate::entitlement::{Cause, EntitlementState};
use crate::text::{tidy, typed};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// How a key is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum KeyFormat {
    /// Four groups of eight hexadecimal digits: 128 bits.
    #[default]
    Hex,
    /// Five groups of five letters and digits without those that look alike; the last one checks the others: 120 bits.
    Readable,
    /// As a UUID is written: 122 bits.
    Uuid,
}

/// What a tier says of its keys, beside how many devices they work on and for how many days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LicensePolicy {
    pub format: KeyFormat,
    /// Stands before each key, such as `ACME`.
    pub prefix: String,
    /// A key to try the software with. It ends.
    pub is_trial: bool,
    /// For how many days after the purchase new versions are included; for ever when absent.
    pub updates_days: Option<i64>,
    /// A seat is given back when its device is silent for longer than [`LEASE_SECS`].
    pub is_floating: bool,
    /// What the software unlocks, in the seller's own words, such as `export`.
    pub features: Vec<String>,
    /// The highest version that a key is for, such as `2` or `2.4`; any when absent.
    pub max_version: Option<String>,
    /// Whether software may ask for a license file that never expires.
    pub endless_files: bool,
}

/// The most characters of a key's prefix.
pub const MAX_PREFIX_CHARS: usize = 12;
/// The most features of a tier.
pub const MAX_FEATURES: usize = 50;
/// The most characters of a feature.
pub const MAX_FEATURE_CHARS: usize = 60;

impl LicensePolicy {
    /// The words as they are kept, however they were typed.
    pub fn tidy(&mut self) {
        self.prefix = typed(&self.prefix).to_ascii_uppercase();
        self.features = self.features.iter().map(|feature| tidy(feature)).filter(|feature| !feature.is_empty()).collect();
        self.max_version = self.max_version.as_deref().map(typed).filter(|version| !version.is_empty());
    }
}

/// How often a device that holds a floating seat says that it is there, in seconds.
pub const HEARTBEAT_SECS: i64 = 600;
/// How long it may be silent, in seconds: one heartbeat, and what clocks and networks add.
pub const LEASE_SECS: i64 = HEARTBEAT_SECS + 30;

/// What software is told of a license. The words are Lemon Squeezy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LicenseStatus {
    Inactive,
    Active,
    Expired,
    Disabled,
}

/// Why software was answered as it was. The words are Keygen's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum LicenseCode {
    Valid,
    NotFound,
    Suspended,
    Revoked,
    Expired,
    MachineLimitExceeded,
    InstanceNotFound,
    FingerprintScopeMismatch,
    HeartbeatDead,
    CheckoutTtlInvalid,
    ParamInvalid,
    RateLimited,
    Unavailable,
}

/// What happened to a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LicenseEvent {
    Issued,
    Activated,
    Deactivated,
    /// A floating seat was given back, as its device was silent.
    LeaseEnded,
    /// A signed license file was made for a device that is offline.
    FileIssued,
    /// The key was replaced by another one.
    Rotated,
    Suspended,
    Reinstated,
    Revoked,
    Extended,
    LimitChanged,
    SeatsReset,
}

/// What decides whether a key may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// As the seller has it.
    pub license: EntitlementState,
    /// As the money has it.
    pub entitlement: EntitlementState,
    pub cause: Cause,
    /// Milliseconds since 1970.
    pub expires_at: Option<i64>,
    pub activation_usage: i64,
}

impl Standing {
    /// What software is answered: revoked before suspended, suspended before expired.
    pub fn code(&self, now: i64) -> LicenseCode {
        // What a member closed may be opened again.
        let is_closed = self.entitlement == EntitlementState::Revoked && self.cause == Cause::Member;
        let states = [self.license, if is_closed { EntitlementState::Suspended } else { self.entitlement }];
        if states.contains(&EntitlementState::Revoked) {
            LicenseCode::Revoked
        } else if states.contains(&EntitlementState::Suspended) {
            LicenseCode::Suspended
        } else if self.is_expired(now) {
            LicenseCode::Expired
        } else {
            LicenseCode::Valid
        }
    }

    pub fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Disabled wins, then expired, then active if a device uses it.
    pub fn status(&self, now: i64) -> LicenseStatus {
        match self.code(now) {
            LicenseCode::Revoked | LicenseCode::Suspended => LicenseStatus::Disabled,
            LicenseCode::Expired => LicenseStatus::Expired,
            _ if self.activation_usage > 0 => LicenseStatus::Active,
            _ => LicenseStatus::Inactive,
        }
    }
}

/// The longest key that is read, in bytes.
pub const MAX_KEY_BYTES: usize = 256;

/// A key as it is looked up: letters and digits in upper case, with 0 for O and 1 for I and L, however it was typed or pasted.
/// `None` for what is no key: too long, nothing to look up, or with letters of another alphabet.
pub fn normalized(key: &str) -> Option<String> {
    if key.len() > MAX_KEY_BYTES {
        return None;
    }
    let typed = typed(key);
    if typed.chars().any(|c| c.is_control() || (!c.is_ascii() && c.is_alphanumeric())) {
        return None;
    }
    let plain = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    Some(plain.collect()).filter(|plain: &String| !plain.is_empty())
}

/// Crockford's base 32: without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const READABLE_BYTES: usize = 15;

impl KeyFormat {
    /// A key out of 16 bytes that nobody can guess.
    pub fn write(self, prefix: &str, bytes: &[u8; 16]) -> String {
        let body = match self {
            KeyFormat::Hex => grouped(&hex(bytes), &[8; 4]),
            KeyFormat::Readable => readable(bytes),
            KeyFormat::Uuid => uuid::Builder::from_random_bytes(*bytes).into_uuid().hyphenated().to_string(),
        };
        if prefix.is_empty() { body } else { format!("{prefix}-{body}") }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn grouped(text: &str, lengths: &[usize]) -> String {
    let mut rest = text;
    let groups = lengths.iter().map(|n| {
        let (group, after) = rest.split_at_checked(*n).unwrap_or((rest, ""));
        rest = after;
        group
    });
    groups.collect::<Vec<_>>().join("-")
}

fn readable(bytes: &[u8; 16]) -> String {
    let mut letters = Vec::with_capacity(25);
    for five in bytes[..READABLE_BYTES].chunks(5) {
        let bits = five.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        letters.extend((0..8).rev().map(|i| (bits >> (5 * i) & 31) as usize));
    }
    letters.push(check_letter(&letters));
    let text: String = letters.into_iter().map(|letter| char::from(ALPHABET[letter])).collect();
    grouped(&text, &[5; 5])
}

/// Luhn's check, modulo 32: it finds each letter that is mistyped and nearly all neighbors that changed places.
fn check_letter(letters: &[usize]) -> usize {
    let sum: usize = letters
        .iter()
        .rev()
        .enumerate()
        .map(|(i, letter)| {
            let doubled = if i % 2 == 0 { letter * 2 } else { *letter };
            doubled / 32 + doubled % 32
        })
        .sum();
    (32 - sum % 32) % 32
}

/// Whether this has the shape of a readable key, whose last letter doesn't fit the others: somebody mistyped it.
pub fn is_mistyped(key: &str) -> bool {
    let Some(plain) = normalized(key) else { return false };
    let Some(at) = plain.len().checked_sub(25) else { return false };
    // Hexadecimal keys have 32 digits; a prefix may stand before either.
    if typed(key).split('-').next_back().map(str::len) != Some(5) {
        return false;
    }
    let letters: Option<Vec<usize>> = plain.as_bytes()[at..].iter().map(|c| ALPHABET.iter().position(|letter| letter == c)).collect();
    letters.is_some_and(|letters| check_letter(&letters[..24]) != letters[24])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_written_as_their_format_says() {
        let bytes = [0xab; 16];
        assert_eq!(KeyFormat::Hex.write("", &bytes), "ABABABAB-ABABABAB-ABABABAB-ABABABAB");
        assert_eq!(KeyFormat::Uuid.write("", &bytes), "abababab-abab-4bab-abab-abababababab");
        let readable = KeyFormat::Readable.write("ACME", &bytes);
        assert_eq!(readable.len(), 4 + 5 * 6);
        assert!(readable.starts_with("ACME-") && readable[5..].split('-').all(|group| group.len() == 5), "{readable}");
    }

    #[test]
    fn a_key_is_found_however_it_is_typed() {
        let key = "ABABABAB-10ABABAB-ABABABAB-ABABABAB";
        for typed in [
            " ababababioababababababababababab ",
            "ABABABAB\u{2013}1OABABAB\u{2014}ABABABAB ABABABAB",
            "ABABABAB-l0ABABAB-ABABABAB-ABABABAB\n",
            "ＡＢＡＢＡＢＡＢ-10ABABAB-ABABABAB-ABABABAB",
        ] {
            assert_eq!(normalized(typed), normalized(key), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_not_looked_up() {
        let look_alike = "\u{410}BABABAB-10ABABAB";
        for text in ["", "---", " ", "AB\0AB", look_alike, &"A".repeat(257), &"A".repeat(10_000_000)] {
            assert_eq!(normalized(text), None);
        }
    }

    fn standing(license: EntitlementState, entitlement: EntitlementState, cause: Cause) -> Standing {
        Standing { license, entitlement, cause, expires_at: Some(1_000), activation_usage: 1 }
    }

    #[test]
    fn money_and_seller_decide_together() {
        use EntitlementState::{Active, Revoked, Suspended};
        let code = |license, entitlement, cause| standing(license, entitlement, cause).code(999);
        assert_eq!(code(Active, Active, Cause::None), LicenseCode::Valid);
        assert_eq!(code(Suspended, Active, Cause::None), LicenseCode::Suspended);
        assert_eq!(code(Active, Suspended, Cause::Dispute), LicenseCode::Suspended);
        assert_eq!(code(Suspended, Revoked, Cause::Refund), LicenseCode::Revoked);
        assert_eq!(code(Revoked, Active, Cause::None), LicenseCode::Revoked);
        assert_eq!(code(Active, Revoked, Cause::Member), LicenseCode::Suspended);
    }

    #[test]
    fn a_key_is_over_at_the_very_instant_of_its_end() {
        let active = standing(EntitlementState::Active, EntitlementState::Active, Cause::None);
        assert_eq!((active.code(999), active.status(999)), (LicenseCode::Valid, LicenseStatus::Active));
        assert_eq!((active.code(1_000), active.status(1_000)), (LicenseCode::Expired, LicenseStatus::Expired));
        let suspended = standing(EntitlementState::Suspended, EntitlementState::Active, Cause::None);
        assert_eq!((suspended.code(1_000), suspended.status(1_000)), (LicenseCode::Suspended, LicenseStatus::Disabled));
    }

    proptest! {
        #[test]
        fn one_wrong_letter_is_seen(bytes: [u8; 16], place in 0usize..25, wrong in 1usize..32) {
            let key = KeyFormat::Readable.write("ACME", &bytes);
            prop_assert!(!is_mistyped(&key));
            prop_assert!(!is_mistyped(&key.to_lowercase()));
            let mut letters: Vec<char> = key.chars().collect();
            let at = 5 + place + place / 5;
            let letter = ALPHABET.iter().position(|letter| char::from(*letter) == letters[at]).unwrap();
            letters[at] = char::from(ALPHABET[(letter + wrong) % 32]);
            prop_assert!(is_mistyped(&letters.iter().collect::<String>()));
        }

        #[test]
        fn keys_of_chance_stay_apart(a: [u8; 16], b: [u8; 16]) {
            prop_assume!(a[..READABLE_BYTES] != b[..READABLE_BYTES]);
            for format in [KeyFormat::Hex, KeyFormat::Readable] {
                prop_assert_ne!(normalized(&format.write("LILO", &a)), normalized(&format.write("LILO", &b)));
            }
        }

        #[test]
        fn any_text_is_read_in_peace(text in "\\PC{0,300}") {
            let _ = (normalized(&text), is_mistyped(&text));
        }
    }
}
