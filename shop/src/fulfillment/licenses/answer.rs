//! What software is told of a license.

use domain::id::Id;
use domain::license::{LicenseCode, LicensePolicy, LicenseStatus};
use sha2::{Digest, Sha256};

/// A license as software sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseView {
    /// A positive number below 2^53 that tells nothing of how much is sold.
    pub number: i64,
    pub status: LicenseStatus,
    pub key: String,
    pub activation_limit: Option<i64>,
    pub activation_usage: i64,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub updates_until: Option<i64>,
    pub policy: LicensePolicy,
    pub is_test: bool,
}

/// A seat as software sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceView {
    pub id: Id,
    pub name: String,
    pub created_at: i64,
    pub fingerprint: Option<String>,
    /// Until when a floating seat is kept.
    pub lease_until: Option<i64>,
}

/// What a license was bought as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetaView {
    pub store_id: i64,
    pub order_id: i64,
    pub order_item_id: i64,
    pub product_id: i64,
    pub product_name: String,
    pub product_slug: String,
    pub variant_id: i64,
    pub variant_name: String,
    pub customer_id: i64,
    pub customer_email: String,
}

/// A license with what it was bought as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub id: Id,
    pub license: LicenseView,
    pub meta: MetaView,
}

/// What became of a request. Without an answer the key is not known, or not to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub code: LicenseCode,
    pub answer: Option<Box<Answer>>,
    pub instance: Option<InstanceView>,
}

impl Outcome {
    pub(super) fn refused(code: LicenseCode, answer: Option<Answer>) -> Self {
        Self { code, answer: answer.map(Box::new), instance: None }
    }

    pub(super) fn valid(answer: Answer, instance: Option<InstanceView>) -> Self {
        Self { code: LicenseCode::Valid, answer: Some(Box::new(answer)), instance }
    }

    /// The key is unknown, or one of another product: which of both is told to nobody.
    pub(super) fn not_found() -> Self {
        Self::refused(LicenseCode::NotFound, None)
    }
}

/// The number that software knows something by: positive, below 2^53, always the same, and without order.
pub fn number_of(id: Id) -> i64 {
    let hash = Sha256::digest(id.as_bytes());
    hash.iter().take(8).fold(0i64, |number, byte| (number << 8 | i64::from(*byte)) & ((1 << 53) - 1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_into_javascript_and_tell_nothing() {
        let ids = [uuid::Uuid::nil(), uuid::Uuid::max(), uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)];
        let numbers = ids.map(number_of);
        assert!(numbers.iter().all(|number| (1..1 << 53).contains(number)), "{numbers:?}");
        assert_eq!(numbers, ids.map(number_of));
        assert!((numbers[2] - numbers[3]).abs() > 1_000_000);
    }
}
