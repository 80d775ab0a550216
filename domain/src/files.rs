//! The files of a product as those see them who run the shop.

use crate::catalog::Picture;
use crate::form::FormRefusal;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The largest file that can be uploaded.
pub const MAX_FILE_BYTES: i64 = 10 * 1024 * 1024 * 1024;
/// The largest picture.
pub const MAX_PICTURE_BYTES: i64 = 25 * 1024 * 1024;

/// What a file is to its product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FileRole {
    Cover,
    Gallery,
    /// Shown, heard or read before buying.
    Sample,
    /// Bought, never public.
    Good,
}

impl FileRole {
    /// Whether it is drawn anew and shown in several sizes.
    pub fn is_picture(self) -> bool {
        matches!(self, FileRole::Cover | FileRole::Gallery)
    }
}

/// Where an upload in parts stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UploadState {
    /// Parts are taken.
    Open,
    /// Its parts are put together and looked at.
    Finishing,
    /// There is a file.
    Done,
    /// What came is not taken.
    Refused,
    /// Nobody came back to it, and its parts were thrown away.
    Swept,
}

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

/// How many parts a file has.
pub fn n_parts(size_bytes: i64, part_bytes: i64) -> i64 {
    let part_bytes = part_bytes.max(1);
    size_bytes / part_bytes + i64::from(size_bytes % part_bytes != 0)
}

/// How long this part of a file is; nothing where it has no such part.
pub fn part_length(size_bytes: i64, part_bytes: i64, number: i64) -> Option<i64> {
    let n = n_parts(size_bytes, part_bytes);
    (1..=n).contains(&number).then(|| if number == n { size_bytes - (n - 1) * part_bytes } else { part_bytes })
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
    pub tiers: Vec<TierName>,
    pub cover: Option<PictureView>,
    pub gallery: Vec<PictureView>,
    pub samples: Vec<SampleView>,
    /// The draft first, then latest first.
    pub releases: Vec<ReleaseView>,
    /// Those that broke off, or are on their way.
    pub uploads: Vec<UploadView>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_as_long_as_its_parts() {
        for (size, part, n, last) in [(1, 8, 1, 1), (8, 8, 1, 8), (9, 8, 2, 1), (16, 8, 2, 8), (17, 8, 3, 1)] {
            assert_eq!(n_parts(size, part), n, "{size}");
            assert_eq!(part_length(size, part, n), Some(last), "{size}");
            assert_eq!((1..=n).filter_map(|number| part_length(size, part, number)).sum::<i64>(), size);
            assert_eq!((part_length(size, part, 0), part_length(size, part, n + 1)), (None, None));
        }
    }
}
