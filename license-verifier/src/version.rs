//! Versions of software, compared number by number.

/// Whether a version is no higher than the highest one. `2` and `2.x` cover all of `2.x`, `2.4` all of `2.4.x`.
///
/// A version that has no number where the highest one has one is not covered: nobody can tell what it is.
pub fn is_covered(max: &str, version: &str) -> bool {
    let mut numbers = numbers(version);
    // As people write it: any number may stand there.
    let max = max.trim_end_matches(".x");
    for most in self::numbers(max) {
        let (Some(most), Some(number)) = (most, numbers.next().unwrap_or(Some(0))) else { return false };
        if number != most {
            return number < most;
        }
    }
    true
}

/// `v2.4.1-beta+7` as 2, 4 and 1.
fn numbers(version: &str) -> impl Iterator<Item = Option<u64>> {
    let version = version.trim().trim_start_matches(['v', 'V']);
    let plain = version.split(['-', '+', ' ']).next().unwrap_or_default();
    plain.split('.').map(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::is_covered;

    #[test]
    fn the_highest_version_covers_what_is_below_it_and_its_own_patches() {
        for (max, version) in [
            ("2", "2.9.1"),
            ("2.x", "2.9.1"),
            ("2.x.x", "1.9"),
            ("2", "1.0"),
            ("2.4", "2.4.17"),
            ("2.4", "2.3.9"),
            ("2.4.1", "v2.4.1-beta"),
            ("2.4", "2"),
        ] {
            assert!(is_covered(max, version), "{version} within {max}");
        }
        for (max, version) in [
            ("2", "3.0"),
            ("2.x", "3.0"),
            ("x", "1.0"),
            ("", "1.0"),
            ("2", "10"),
            ("2.4", "2.5"),
            ("2.4", "2.40"),
            ("2.4.1", "2.4.2"),
            ("2", "x"),
            ("2", ""),
        ] {
            assert!(!is_covered(max, version), "{version} within {max}");
        }
    }
}
