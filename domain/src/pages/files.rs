//! The files of a product as those see them who run the shop.

use super::form::FormRefusal;
use super::storefront::Picture;
use crate::files::{FileRole, UploadState, n_parts};
use serde::{Deserialize, Serialize};

/// A file as a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileView {
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// What is odd about it, in words.
    pub warning: Option<String>,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// A file that customers get with a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodView {
    pub file: FileView,
    /// Keys of the tiers that it belongs to; none means all of them.
    pub tiers: Vec<String>,
    /// Versions of other releases that have the same file.
    pub also_in: Vec<String>,
}

/// A version of a product's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    pub id: String,
    pub version: String,
    pub notes: String,
    /// Prepared; customers don't have it yet.
    pub is_draft: bool,
    /// What customers have now.
    pub is_newest: bool,
    /// Milliseconds since 1970: when it was published, or begun where it is a draft.
    pub created_at: i64,
    /// Counts the changes of version and notes.
    pub revision: i64,
    pub goods: Vec<GoodView>,
}

/// A picture of the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureView {
    pub file: FileView,
    pub picture: Picture,
}

/// Something to try before buying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleView {
    pub file: FileView,
    pub title: String,
    pub url: String,
}

/// A part that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartView {
    /// From 1.
    pub number: i64,
    /// Hexadecimal.
    pub sha256: String,
}

/// An upload in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadView {
    pub id: String,
    pub name: String,
    pub role: FileRole,
    pub size_bytes: i64,
    /// The length of every part but the last.
    pub part_bytes: i64,
    pub state: UploadState,
    /// In the order of their numbers.
    pub parts: Vec<PartView>,
    pub received_bytes: i64,
    pub file: Option<FileView>,
    pub refusal: Option<FormRefusal>,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

impl UploadView {
    pub fn n_parts(&self) -> i64 {
        n_parts(self.size_bytes, self.part_bytes)
    }
}

/// A tier as a form names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierName {
    pub key: String,
    pub name: String,
}

/// All files of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductFiles {
    pub slug: String,
    pub title: String,
    /// Whether its page is in the shop.
    pub is_open: bool,
    pub tiers: Vec<TierName>,
    pub cover: Option<PictureView>,
    pub gallery: Vec<PictureView>,
    pub samples: Vec<SampleView>,
    /// The draft first, then latest first.
    pub releases: Vec<ReleaseView>,
    /// Those that broke off, or are on their way.
    pub uploads: Vec<UploadView>,
}
