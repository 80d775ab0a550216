//! What nearly every page needs and hardly anybody changes, kept until the catalog changes.

use crate::base::entities::category;
use crate::{Result, Shop};
use domain::pages::storefront::StoreFace;
use domain::terms::TermsWords;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A change makes what is kept stale at once, here and where replicas are followed; one that was written past the use cases is
/// seen after this long.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// All that is kept. Whoever edits one of these things reads it from the database.
#[derive(Default)]
pub struct Memos {
    pub(crate) face: Memo<StoreFace>,
    pub(crate) categories: Memo<Arc<[category::Model]>>,
    pub(crate) terms: Memo<Arc<[TermsWords]>>,
    /// The store's texts as HTML: terms, privacy, refunds.
    pub(crate) policies: Memo<[Option<Arc<str>>; 3]>,
}

/// One thing as it was read last.
pub(crate) struct Memo<T>(Mutex<Option<Kept<T>>>);

struct Kept<T> {
    catalog_changes: u64,
    read_at: Instant,
    value: T,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Memo<T> {
    /// The value that is kept, or the one that is read, which begins only then.
    pub async fn or_read(&self, shop: &Shop, read: impl Future<Output = Result<T>>) -> Result<T> {
        let (catalog_changes, read_at) = (shop.catalog_changes.load(Ordering::SeqCst), Instant::now());
        if let Some(kept) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref()
            && kept.catalog_changes == catalog_changes
            && read_at.duration_since(kept.read_at) < KEPT_FOR
        {
            return Ok(kept.value.clone());
        }
        let value = read.await?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { catalog_changes, read_at, value: value.clone() });
        Ok(value)
    }
}
