//! A private key, as operators keep it.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use license_verifier::SigningKey;

/// What stands before the 32 bytes of a private key of Ed25519 in PKCS#8 (RFC 8410 §7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// An Ed25519 key: PKCS#8 as PEM, as `openssl genpkey -algorithm ed25519` writes it, or its 32 bytes as base64 or hexadecimal digits.
/// `None` for anything else.
pub fn parse_signing_key(text: &str) -> Option<SigningKey> {
    // A variable of one line has its line breaks written out.
    let text = text.replace("\\n", "\n");
    let text = text.trim();
    let bytes = match text.strip_prefix("-----BEGIN PRIVATE KEY-----") {
        Some(rest) => {
            let body: String = rest.strip_suffix("-----END PRIVATE KEY-----")?.split_whitespace().collect();
            BASE64.decode(body.as_bytes()).ok()?
        }
        // PKCS#8 as base64 has as many letters.
        None if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?,
        None => BASE64.decode(text.as_bytes()).ok()?,
    };
    let seed = bytes.strip_prefix(&PKCS8).unwrap_or(&bytes);
    <[u8; 32]>::try_from(seed).ok().map(|seed| SigningKey::from_seed(&seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_operators_keep_it() {
        let hex = "07".repeat(32);
        let base64 = BASE64.encode(&[7; 32]);
        let der = BASE64.encode(&[&PKCS8[..], &[7; 32]].concat());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n");
        let expected = SigningKey::from_seed(&[7; 32]).kid();
        for text in [hex.as_str(), &base64, &der, &pem, &pem.replace('\n', "\\n")] {
            assert_eq!(parse_signing_key(text).map(|key| key.kid()), Some(expected.clone()), "{text}");
        }
        for text in ["", "short", &"zz".repeat(32), &base64[1..], &BASE64.encode(&[7; 64]), "-----BEGIN PRIVATE KEY-----"] {
            assert!(parse_signing_key(text).is_none(), "{text}");
        }
    }
}
