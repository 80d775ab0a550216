//! Downloads: limits, links and why one is refused.

use serde::{Deserialize, Serialize};

/// How often each file may be fetched when the seller did not say otherwise.
pub const DEFAULT_LIMIT: i64 = 5;
/// How long a link works.
pub const LINK_TTL_SECS: i64 = 48 * 60 * 60;
/// How long after its last byte a transfer may be resumed without a second charge.
pub const SESSION_SECS: i64 = 6 * 60 * 60;
/// How long a transfer may take in all, however often it is resumed.
pub const MAX_SESSION_SECS: i64 = 7 * 24 * 60 * 60;

/// How many bytes one unit of a budget gives: the file, and what is sent again after broken connections. Without a bound a link that
/// is passed on would be worth any number of downloads.
pub fn bytes_a_unit(file_bytes: i64) -> i64 {
    file_bytes.saturating_mul(3).saturating_add(1024 * 1024)
}

/// Why a download is refused. Each has its page and its HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DownloadRefusal {
    /// 404
    #[error("This download link is not known.")]
    Unknown,
    /// 410
    #[error("This download link has expired. Open your order to get a new one.")]
    Expired,
    /// 410
    #[error("This file is not part of your purchase any more. Open your order to see the files that you have.")]
    Removed,
    /// 403
    #[error("All downloads of this file are used up. Write to the shop and it will add more.")]
    UsedUp,
    /// 403
    #[error("This purchase was refunded, so its files are no longer available.")]
    Revoked,
    /// 403
    #[error("This purchase is on hold while its payment is being clarified.")]
    Suspended,
    /// 403
    #[error("The shop has closed this purchase. Write to the shop if you think this is wrong.")]
    Closed,
}

impl DownloadRefusal {
    pub fn code(self) -> &'static str {
        match self {
            DownloadRefusal::Unknown => "download_unknown",
            DownloadRefusal::Expired => "download_expired",
            DownloadRefusal::Removed => "file_removed",
            DownloadRefusal::UsedUp => "download_limit_reached",
            DownloadRefusal::Revoked => "access_revoked",
            DownloadRefusal::Suspended => "access_suspended",
            DownloadRefusal::Closed => "access_closed",
        }
    }
}

/// A link that was minted for the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintedLink {
    pub url: String,
    /// Milliseconds since 1970.
    pub expires_at: i64,
    pub downloads_left: i64,
}
