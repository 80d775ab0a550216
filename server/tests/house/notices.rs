//! What ships is named in the notices, with its license.

use crate::support::{crates, read};
use std::collections::HashSet;

#[test]
fn the_notices_name_the_crates_that_ship_and_none_that_are_gone() {
    let notices = read("NOTICES.txt");
    let named: HashSet<(&str, &str)> = notices.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(' ')).collect();
    for (package, target) in [("server", "x86_64-unknown-linux-gnu"), ("frontend", "wasm32-unknown-unknown")] {
        let crates = crates(package, target);
        for (name, rest) in crates.iter().filter(|line| !line.contains(" (/")).filter_map(|line| line.split_once(" v")) {
            let version = rest.split(' ').next().unwrap();
            assert!(named.contains(&(name, version)), "{name} {version} is not in NOTICES.txt: run `make notices`");
        }
    }
    let lock = read("Cargo.lock");
    for (name, version) in named.iter().filter(|(_, version)| version.starts_with(|first: char| first.is_ascii_digit())) {
        let package = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(lock.contains(&package), "{name} {version} is in NOTICES.txt, but no longer used: run `make notices`");
    }
}
