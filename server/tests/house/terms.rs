//! Pages, mails and messages speak by docs/terms.md.

use crate::support::{sources, without_tests};

/// What a shopper or a creator would have to guess, and what to say instead.
const REFUSED: [(&str, &str); 17] = [
    ("E-mail", "Email"),
    ("e-mail", "email"),
    ("Given back", "Refunded"),
    ("given back", "refunded"),
    ("Taken off", "Discounts"),
    ("Pieces", "Units"),
    ("Came from", "Source"),
    ("Signs of life", "Status"),
    ("handed over", "delivered"),
    ("Come in", "Accept"),
    ("Taken away", "Removed"),
    ("so many", "the number"),
    ("so much", "the amount"),
    ("for who ", "for whom it is"),
    ("It stands", "where it is shown"),
    ("misfit", "field error"),
    ("gone astray", "not arrived"),
];

/// The texts in quotes of a source, without its comments.
fn texts(source: &str) -> Vec<String> {
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    // A quotation mark as a character opens no text.
    let code = lines.collect::<Vec<_>>().join("\n").replace("'\"'", "' '");
    let mut texts = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find('"') {
        let mut end = at + 1;
        let bytes = rest.as_bytes();
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(rest.len());
        texts.push(rest.get(at + 1..end).unwrap_or_default().to_owned());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    texts
}

#[test]
fn texts_are_told_from_code() {
    let found = texts("let a = \"one \\\" two\"; // no\n// \"three\"\nb(\"four\")");
    assert_eq!(found, ["one \\\" two", "four"]);
}

#[test]
fn pages_mails_and_messages_use_the_terms() {
    let mut found = Vec::new();
    for folder in ["app/src", "domain/src", "shop/src", "server/src"] {
        for (path, source) in sources(folder) {
            for text in texts(&without_tests(&source)) {
                for (word, instead) in REFUSED {
                    if text.contains(word) {
                        found.push(format!("{folder}/{path}: {word:?} in {text:?}; say {instead:?}"));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "docs/terms.md has one name for each thing:\n{}", found.join("\n"));
}
