//! How long files and lines may be.

use crate::support::sources;

const FOLDERS: [&str; 12] = [
    "domain/src",
    "license-verifier",
    "shop/src",
    "shop/tests",
    "app/src",
    "frontend/src",
    "server/src",
    "server/tests",
    "migration/src",
    "stripe-emulator/src",
    "stripe-emulator/tests",
    "testing",
];

pub const MAX_LINES: usize = 450;
/// What `rustfmt.toml` says.
const MAX_CHARS: usize = 140;
/// Lines that are longer: statements in migrations that have run. May only fall.
pub const MAX_LONG_LINES: usize = 20;

fn all() -> impl Iterator<Item = (String, String)> {
    FOLDERS.iter().flat_map(|folder| sources(folder).into_iter().map(move |(path, source)| (format!("{folder}/{path}"), source)))
}

/// The file with the most lines, and how many.
pub fn longest() -> (usize, String) {
    all().map(|(path, source)| (source.lines().count(), path)).max().unwrap()
}

#[test]
fn no_file_is_longer_than_one_can_read() {
    let long: Vec<String> = all()
        .filter_map(|(path, source)| Some((path, source.lines().count())).filter(|(_, n)| *n > MAX_LINES))
        .map(|(path, n)| format!("{path}: {n} lines"))
        .collect();
    assert!(long.is_empty(), "a file has at most {MAX_LINES} lines: split these by what they are about\n{}", long.join("\n"));
}

/// Lines that are too long, by file.
fn long_lines() -> Vec<(usize, String)> {
    let count = |source: &str| source.lines().filter(|line| line.chars().count() > MAX_CHARS).count();
    let mut long: Vec<(usize, String)> = all().map(|(path, source)| (count(&source), path)).filter(|(n, _)| *n > 0).collect();
    long.sort();
    long
}

pub fn n_long_lines() -> usize {
    long_lines().iter().map(|(n, _)| n).sum()
}

#[test]
fn lines_are_as_long_as_the_formatter_allows() {
    let n = n_long_lines();
    let places: Vec<String> = long_lines().into_iter().map(|(n, path)| format!("{n} in {path}")).collect();
    assert!(
        n <= MAX_LONG_LINES,
        "{n} lines over {MAX_CHARS} characters, {MAX_LONG_LINES} before: break a long string by a backslash at the line's end, give \
         the attributes of a tag lines of their own, and say in two sentences what one can't hold.\n{}",
        places.join("\n")
    );
}
