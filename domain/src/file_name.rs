//! Names of files that stand side by side.

use unicode_normalization::UnicodeNormalization;

/// The longest name of a file, in characters.
pub const MAX_CHARS: usize = 150;

/// By what two names are one to people and to the folder that both are saved in: any case, composed or not.
fn key(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// This name, or where it is taken this name with the least number that is free: `track (2).wav`.
pub fn told_apart<'a>(name: &str, taken: impl IntoIterator<Item = &'a str>) -> String {
    let taken: std::collections::HashSet<String> = taken.into_iter().map(key).collect();
    let numbered = (2_u64..).map(|n| with_number(name, n));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(&key(name))).unwrap_or_default()
}

fn with_number(name: &str, n: u64) -> String {
    let (stem, ending) = split(name);
    let end = format!(" ({n}){ending}");
    let room = MAX_CHARS.saturating_sub(end.chars().count());
    let stem: String = stem.chars().take(room).collect();
    format!("{}{end}", stem.trim_end())
}

/// The name and its ending with the point, both of which say what opens it: `.tar.gz`.
fn split(name: &str) -> (&str, &str) {
    const LONGEST_ENDING: usize = 12;
    let is_ending = |at: usize| at > 0 && name.len() - at <= LONGEST_ENDING && !name[at..].contains(' ');
    match name.rfind('.').filter(|at| is_ending(*at)) {
        Some(at) => {
            let at = name[..at].strip_suffix(".tar").map_or(at, |stem| if stem.is_empty() { at } else { stem.len() });
            name.split_at(at)
        }
        None => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_ending() {
        for (name, taken, told) in [
            ("track.wav", vec![], "track.wav"),
            ("track.wav", vec!["track.wav"], "track (2).wav"),
            ("track.wav", vec!["TRACK.wav", "track (2).WAV"], "track (3).wav"),
            ("Gro\u{308}ße.epub", vec!["Größe.epub"], "Gro\u{308}ße (2).epub"),
            ("site.tar.gz", vec!["site.tar.gz"], "site (2).tar.gz"),
            ("README", vec!["readme"], "README (2)"),
            (".env", vec![".env"], ".env (2)"),
            ("Vol. 2 of all", vec!["Vol. 2 of all"], "Vol. 2 of all (2)"),
        ] {
            assert_eq!(told_apart(name, taken), told, "{name}");
        }
        let long = format!("{}.wav", "a".repeat(MAX_CHARS - 4));
        let told = told_apart(&long, [long.as_str()]);
        assert!(told.ends_with("a (2).wav") && told.chars().count() == MAX_CHARS, "{told}");
    }
}
