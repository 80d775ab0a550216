//! A statement that no entity says.

/// Lets one after another keep an open form, until the transaction ends.
pub(super) const LOCK_OPEN: &str = "SELECT pg_advisory_xact_lock(7719520260102)";
