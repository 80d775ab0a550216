//! What a file is to its product, and how it is uploaded in parts.

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
