//! The sources of the house as text.

use std::path::{Path, PathBuf};
use std::process::Command;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The Rust files of a folder with their paths in it.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let base = root().join(folder);
    let (mut folders, mut files) = (vec![base.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&base).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// A file up to its own tests.
pub fn without_tests(source: &str) -> String {
    source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// The crates that a package is made of on a target, as cargo says them: `axum v0.8.9`, with a path behind ours.
pub fn crates(package: &str, target: &str) -> Vec<String> {
    let arguments = ["tree", "--offline", "--package", package, "--target", target, "--edges", "normal", "--prefix", "none"];
    let output = Command::new(env!("CARGO")).args(arguments).args(["--format", "{p}"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
