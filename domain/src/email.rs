//! Email addresses.

use crate::text::{is_invisible, narrow};
use serde::{Deserialize, Serialize};

/// An address that mail can be sent to, as the person wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Please enter an email address such as name@example.com.")]
pub struct NotAnEmail;

impl Email {
    /// Reads an address, without the white space around it and the marks that nobody sees.
    ///
    /// Deliberately narrower than RFC 5321: no quoted local parts, no address literals, no control characters,
    /// so that an address can stand in a header, a page and a CSV without surprise.
    ///
    /// # Errors
    /// [`NotAnEmail`].
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text: String = text.chars().filter(|c| !is_invisible(*c)).map(narrow).collect();
        let text = text.trim();
        let (local, host) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let local_fits = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        let host_fits = host.len() <= 253
            && host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            });
        (local_fits && host_fits && text.len() <= 254).then(|| Self(text.to_owned())).ok_or(NotAnEmail)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which one customer is recognized: lower case, without a `+tag`.
    ///
    /// Dots are kept: only one provider ignores them, and joining two people is worse than parting one.
    pub fn normalized(&self) -> String {
        let lower = self.0.to_lowercase();
        match lower.rsplit_once('@') {
            Some((local, host)) => format!("{}@{host}", without_tag(local)),
            None => lower,
        }
    }
}

fn without_tag(local: &str) -> &str {
    local.split('+').next().filter(|l| !l.is_empty()).unwrap_or(local)
}

/// How the normalized form of each address begins that begins so, in lower case: `lena+sh` may be `lena+shop@…`, which is recognized
/// as `lena@…`.
pub fn recognized_beginning(lower: &str) -> String {
    match lower.rsplit_once('@') {
        Some((local, host)) => format!("{}@{host}", without_tag(local)),
        None if without_tag(lower) != lower => format!("{}@", without_tag(lower)),
        None => lower.to_owned(),
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_written_and_recognized_in_any_case() {
        let email = Email::parse("  Ada+Books@Example.COM ").unwrap();
        assert_eq!(email.as_str(), "Ada+Books@Example.COM");
        assert_eq!(email.normalized(), "ada@example.com");
    }

    #[test]
    fn the_beginning_of_an_address_is_that_of_who_is_recognized_by_it() {
        let address = Email::parse("lena+shop@mail.test").unwrap();
        for n in 1..=address.as_str().len() {
            let beginning = recognized_beginning(&address.as_str()[..n]);
            assert!(address.normalized().starts_with(&beginning), "{beginning}");
        }
        assert_eq!(recognized_beginning("lena+sh"), "lena@");
        assert_eq!(recognized_beginning("lena+shop@mail.test"), "lena@mail.test");
        assert_eq!(recognized_beginning("+le"), "+le");
    }

    #[test]
    fn an_address_is_read_however_it_was_pasted() {
        for pasted in ["reader@mail.test\u{200b}", "\u{feff}reader@mail.test", "rea\u{2060}der@mail.test\u{a0}", "ｒｅａｄｅｒ＠mail.test"]
        {
            assert_eq!(Email::parse(pasted).unwrap().as_str(), "reader@mail.test", "{pasted:?}");
        }
    }

    #[test]
    fn what_could_break_a_header_is_no_address() {
        for bad in [
            "",
            "a",
            "a@b",
            "@b.c",
            "a@@b.c",
            "a@b..c",
            "a@-b.c",
            "a\r\nBcc: x@y.z",
            "a b@c.d",
            "a@b.c\0",
            "<a@b.c>",
            ".a@b.c",
            &format!("{}@b.c", "a".repeat(65)),
        ] {
            assert_eq!(Email::parse(bad), Err(NotAnEmail), "{bad:?}");
        }
    }
}
