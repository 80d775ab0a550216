//! What an archive says of itself, before customers unpack it. Nothing is unpacked here.

use crate::files::{ByteRange, FileError, FileStore, Stored};
use crate::{Error, Result, base::refusals};
use bytes::Bytes;
use futures::TryStreamExt;
use std::io::{Error as IoError, ErrorKind, Read, Result as IoResult, Seek, SeekFrom};

/// The list of an archive's entries stands at its end; a longer one is not read. A hundred thousand names fit many times.
const MAX_LIST_BYTES: u64 = 32 * 1024 * 1024;
const MAX_ENTRIES: usize = 100_000;
/// What grows to more than this, and by more than [`MAX_GROWTH`], is no honest archive.
const MAX_UNPACKED_BYTES: u128 = 1024 * 1024 * 1024;
const MAX_GROWTH: u128 = 1000;
/// From here on the seller is told.
const LARGE_GROWTH: u128 = 100;

const UNREADABLE: &str = "archive_unreadable";
const EXPANDS: &str = "archive_expands";

/// A warning in words; nothing for an unknown code.
pub(crate) fn warning_text(code: &str) -> Option<&'static str> {
    Some(match code {
        UNREADABLE => "The list of this archive could not be read. Open the file once yourself before you sell it.",
        EXPANDS => "This archive unpacks to more than a hundred times its size. Customers' programs may refuse it.",
        _ => return None,
    })
}

/// What is odd about a file that was stored, if it is a ZIP; a code of [`warning_text`], or nothing.
///
/// # Errors
/// Refuses entries that would be unpacked elsewhere than asked for, too many entries, and what grows beyond measure.
pub(crate) async fn check(files: &dyn FileStore, stored: &Stored, media_type: &str) -> Result<&'static str> {
    if !matches!(media_type, "application/zip" | "application/epub+zip") {
        return Ok("");
    }
    let (object_key, size_bytes) = (stored.object_key.as_str(), stored.size_bytes.unsigned_abs());
    let start = size_bytes.saturating_sub(MAX_LIST_BYTES);
    let range = ByteRange { start, end_inclusive: size_bytes.saturating_sub(1) };
    let chunks: Vec<Bytes> =
        files.get(object_key, Some(range)).await?.try_collect().await.map_err(|error| FileError::Unavailable(error.into()))?;
    let tail = Tail { start, bytes: chunks.concat(), at: 0 };
    tokio::task::spawn_blocking(move || judge(tail, size_bytes)).await.map_err(anyhow::Error::from)?
}

fn judge(tail: Tail, size_bytes: u64) -> Result<&'static str> {
    let Ok(archive) = zip::ZipArchive::new(tail) else { return Ok(UNREADABLE) };
    if archive.len() > MAX_ENTRIES {
        return Err(refusals::ARCHIVE_TOO_MANY.into());
    }
    if let Some(name) = archive.file_names().find(|name| leads_elsewhere(name)) {
        let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
        let text = format!(
            "The archive has an entry \u{201c}{name}\u{201d}, which would be unpacked outside of its folder. Pack it again without."
        );
        return Err(Error::refused("archive_leads_elsewhere", text));
    }
    let (unpacked, packed) = (archive.decompressed_size().unwrap_or(0), u128::from(size_bytes.max(1)));
    if unpacked > MAX_UNPACKED_BYTES && unpacked / packed > MAX_GROWTH {
        return Err(refusals::ARCHIVE_BOMB.into());
    }
    Ok(if unpacked / packed > LARGE_GROWTH { EXPANDS } else { "" })
}

/// Whether a name leaves the folder that an archive is unpacked in: an absolute path, a drive, a step up.
fn leads_elsewhere(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    name.starts_with(['/', '\\']) || has_drive || name.contains('\0') || name.split(['/', '\\']).any(|step| step == "..")
}

/// The end of a file in memory, read as if it were the whole; what comes before can't be read.
struct Tail {
    /// Where in the file it begins.
    start: u64,
    bytes: Vec<u8>,
    at: u64,
}

impl Tail {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Read for Tail {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        let Some(from) = self.at.checked_sub(self.start) else { return Err(ErrorKind::Unsupported.into()) };
        let rest = self.bytes.get(usize::try_from(from).map_err(IoError::other)?..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Tail {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.end().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder_or_is_told() {
        for good in ["a.txt", "folder/a.txt", "..a/b..", "a..b", "folder/"] {
            assert!(!leads_elsewhere(good), "{good}");
        }
        for bad in ["../a", "a/../../b", "/etc/passwd", "\\windows\\a", "C:\\a", "c:a", "a\\..\\..\\b", "a\0b"] {
            assert!(leads_elsewhere(bad), "{bad}");
        }
    }
}
