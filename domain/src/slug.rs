//! Slugs: the readable names in URLs.

/// A name for URLs: lower-case letters, digits and single hyphens, at most 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

const MAX_CHARS: usize = 80;

/// Why a text is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a slug has 1 to 80 lower-case letters, digits and single hyphens")]
pub struct NotASlug;

impl Slug {
    /// Reads a slug as it stands.
    ///
    /// # Errors
    /// [`NotASlug`].
    pub fn parse(text: &str) -> Result<Self, NotASlug> {
        let fits = !text.is_empty()
            && text.len() <= MAX_CHARS
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        fits.then(|| Self(text.to_owned())).ok_or(NotASlug)
    }

    /// A slug for a title; `None` when nothing of it can stand in a URL. One that is too long ends with a whole word.
    pub fn from_title(title: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in title.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() > MAX_CHARS {
                // The first word alone may be longer than all of it.
                let end = slug.rfind('-').unwrap_or(MAX_CHARS);
                slug.truncate(end);
                break;
            }
        }
        Self::parse(slug.trim_end_matches('-')).ok()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_becomes_a_readable_slug() {
        assert_eq!(Slug::from_title("The Quiet Manual, 2nd Edition!").unwrap().as_str(), "the-quiet-manual-2nd-edition");
        assert_eq!(Slug::from_title("***"), None);
        let long = format!("{}and some more", "word ".repeat(15));
        assert_eq!(Slug::from_title(&long).unwrap().as_str(), format!("{}and", "word-".repeat(15)));
        assert_eq!(Slug::from_title(&"x".repeat(90)).unwrap().as_str(), "x".repeat(80));
        assert_eq!(Slug::from_title(&"x".repeat(80)).unwrap().as_str(), "x".repeat(80));
    }

    proptest! {
        #[test]
        fn whatever_the_title_the_slug_is_one(title in ".{0,200}") {
            if let Some(slug) = Slug::from_title(&title) {
                prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug));
            }
        }
    }
}
