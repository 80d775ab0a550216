//! A tier of a product, as people and software name it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A product and one of its tiers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierRef {
    /// A slug.
    pub product: String,
    /// A key; whoever reads the name says what it means that there is none.
    pub variant: Option<String>,
}

impl TierRef {
    /// Reads `slug/key` or `slug`.
    pub fn parse(text: &str) -> Self {
        match text.trim().split_once('/') {
            Some((product, variant)) => Self { product: product.trim().to_owned(), variant: Some(variant.trim().to_owned()) },
            None => Self { product: text.trim().to_owned(), variant: None },
        }
    }
}

impl fmt::Display for TierRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            Some(variant) => write!(f, "{}/{variant}", self.product),
            None => f.write_str(&self.product),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for (text, product, variant) in [("a/b", "a", Some("b")), ("a", "a", None), ("a/", "a", Some(""))] {
            let name = TierRef::parse(text);
            assert_eq!((name.product.as_str(), name.variant.as_deref(), name.to_string().as_str()), (product, variant, text));
        }
        assert_eq!(TierRef::parse(" a / b "), TierRef::parse("a/b"));
    }
}
