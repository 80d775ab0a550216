//! Slugs: the readable names in URLs.

/// A name for URLs: lower-case letters, digits and single hyphens, at most 80 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slug(String);

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
            && text.len() <= 80
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        fits.then(|| Self(text.to_owned())).ok_or(NotASlug)
    }

    /// A slug for a title; `None` when nothing of it can stand in a URL.
    pub fn from_title(title: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in title.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() == 80 {
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
