//! What a shopper typed, as the full-text index of each database wants it.

/// At most this many words of a search count.
const MAX_WORDS: usize = 8;

/// The words of a search: letters and digits only, so that none can be an operator.
fn words(q: &str) -> Vec<String> {
    q.chars()
        .take(200)
        .collect::<String>()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(MAX_WORDS)
        .map(str::to_lowercase)
        .collect()
}

/// An FTS5 expression: every word must begin a word of the text. `None` when there is nothing to search for.
/// Source: <https://sqlite.org/fts5.html#full_text_query_syntax>
pub fn fts5(q: &str) -> Option<String> {
    let words = words(q);
    (!words.is_empty()).then(|| words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" "))
}

/// A `to_tsquery` expression with the same meaning.
pub fn tsquery(q: &str) -> Option<String> {
    let words = words(q);
    (!words.is_empty()).then(|| words.iter().map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & "))
}

/// What was typed in lower case, for the comparison with titles.
pub fn plain(q: &str) -> String {
    q.trim().chars().filter(|c| !c.is_control()).take(200).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_only_letters() {
        assert_eq!(fts5("quiet* OR \"x").as_deref(), Some("\"quiet\"* \"or\"* \"x\"*"));
        assert_eq!(tsquery("a & !b | (c)").as_deref(), Some("a:* & b:* & c:*"));
        assert_eq!(fts5(" '--%_ "), None);
    }
}
