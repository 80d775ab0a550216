//! What a snapshot says of itself.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `manifest.json`: enough to see whether a snapshot is whole, and what a program must know to read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// The version of the program.
    pub program: String,
    /// `sqlite` or `postgres`.
    pub engine: String,
    /// The changes that the schema has had, oldest first.
    pub migrations: Vec<String>,
    /// Rows by table.
    pub counts: BTreeMap<String, i64>,
    /// What lies beside it.
    pub parts: Vec<Part>,
    pub n_objects: usize,
    pub objects_bytes: i64,
    /// Keys of files that the database names and that were gone or damaged; only where the operator asked to go on without them.
    pub missing: Vec<String>,
}

/// A file of the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub size_bytes: u64,
    /// Hexadecimal.
    pub sha256: String,
}

/// Size and hash of a file of the snapshot.
pub(super) fn part(folder: &Path, name: &str) -> std::io::Result<Part> {
    let mut file = File::open(folder.join(name))?;
    let (mut hash, mut size_bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let n = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        size_bytes += bytes.len() as u64;
    }
    Ok(Part { name: name.to_owned(), size_bytes, sha256: data_encoding::HEXLOWER.encode(&hash.finalize()) })
}

pub(super) fn rfc3339(millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}
