//! Object keys: random, so that one tells nothing of another, and never a path.

use super::FileError;

/// A new key of 160 random bits: two letters that spread objects over folders, a slash, 30 more.
pub fn new_object_key() -> String {
    let text = crate::base::secret::token_text(&crate::chance::<20>());
    let (folder, rest) = text.split_at(2);
    format!("{folder}/{rest}")
}

/// Refuses whatever this shop did not make up itself.
pub(super) fn check(key: &str) -> Result<(), FileError> {
    let fits = key.len() == 33
        && key.bytes().enumerate().all(|(i, b)| if i == 2 { b == b'/' } else { b.is_ascii_lowercase() || b.is_ascii_digit() });
    fits.then_some(()).ok_or(FileError::InvalidKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_keys_are_keys() {
        assert!(check(&new_object_key()).is_ok());
        for bad in ["", "../../etc/passwd", "aa/../../../../../../../../../etc", "/etc/passwd", "aa/b", &"a".repeat(33)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
