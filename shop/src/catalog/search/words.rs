//! Text in words.
//!
//! A word is kept folded. Where its script has no blanks between words, it is kept in pairs of letters, and its last letter alone, so
//! that any part of it is found: 設計図 as 設計, 計図, 図. Words that a hyphen or an apostrophe joins are kept as one too (`ebook`),
//! and a word with signs behind it with these (`c++`).

use domain::fold::{fold, fold_long, is_of_word, is_unspaced};
use std::collections::HashSet;
use unicode_normalization::UnicodeNormalization;

/// Longer words are the same as far as this.
const MAX_WORD: usize = 64;
/// At most this many letters of a word in pairs are searched for.
const MAX_PAIRS: usize = 24;
/// The most signs that belong to a word.
const MAX_SIGNS: usize = 3;
/// The most words that are kept of one text.
const MAX_TERMS: usize = 20_000;

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub text: String,
    /// Whether it may be the beginning of a word only.
    pub is_beginning: bool,
}

/// Words that are written as one, such as `E-book`, `l’été` and `C++`.
#[derive(Clone, Debug)]
pub struct Chunk {
    words: Vec<String>,
    /// `+` and `#` behind it.
    signs: String,
    /// Folded words that serve as well.
    pub(super) others: Vec<String>,
}

/// The chunks of a text, in order.
pub fn chunks(text: &str) -> impl Iterator<Item = Chunk> {
    // Composed first: a letter and its mark are one.
    let letters: Vec<char> = text.nfkc().filter(|c| !domain::text::is_invisible(*c)).collect();
    let mut at = 0;
    std::iter::from_fn(move || {
        at += letters[at..].iter().position(|c| is_of_word(*c))?;
        let mut words = Vec::new();
        loop {
            let n = letters[at..].iter().take_while(|c| is_of_word(**c)).count();
            words.push(letters[at..at + n].iter().collect());
            at += n;
            match letters[at..] {
                [joint, next, ..] if is_joint(joint) && is_of_word(next) => at += 1,
                _ => break,
            }
        }
        let n = letters[at..].iter().take_while(|c| matches!(c, '+' | '#')).count();
        let is_end = letters.get(at + n).is_none_or(|c| !is_of_word(*c));
        let signs = if is_end && n <= MAX_SIGNS { letters[at..at + n].iter().collect() } else { String::new() };
        at += n;
        Some(Chunk { words, signs, others: Vec::new() })
    })
}

fn is_joint(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\'' | '\u{2018}' | '\u{2019}' | '.' | '\u{200c}')
}

impl Chunk {
    /// Alternatives of which one has to fit, each with all its terms: its words begin words of a text.
    pub fn begun(&self) -> Vec<Vec<Term>> {
        self.alternatives(true)
    }

    /// The same as whole words, with the signs behind them.
    pub fn whole(&self) -> Vec<Vec<Term>> {
        let mut alternatives = self.alternatives(false);
        if !self.signs.is_empty() {
            for term in alternatives.iter_mut().filter_map(|terms| terms.last_mut()) {
                term.text.push_str(&self.signs);
            }
        }
        alternatives
    }

    fn alternatives(&self, is_beginning: bool) -> Vec<Vec<Term>> {
        let mut alternatives = Vec::new();
        for write in [fold, fold_long] {
            // What a joint follows was typed to its end.
            let is_open = |n: usize| is_beginning && n + 1 == self.words.len();
            alternatives.push(self.words.iter().enumerate().flat_map(|(n, word)| terms(&write(word), is_open(n))).collect());
            if let Some(one) = self.as_one(write) {
                alternatives.push(vec![Term { text: one, is_beginning }]);
            }
        }
        alternatives.extend(self.others.iter().map(|word| vec![Term { text: word.clone(), is_beginning: false }]));
        alternatives.retain(|terms: &Vec<Term>| !terms.is_empty());
        let mut seen = Vec::new();
        alternatives.retain(|terms| {
            !seen.contains(terms) && {
                seen.push(terms.clone());
                true
            }
        });
        alternatives
    }

    /// Joined words as one.
    fn as_one(&self, write: fn(&str) -> String) -> Option<String> {
        let one: String = self.words.iter().map(|word| write(word)).collect();
        let fits = self.words.len() > 1 && one.chars().count() <= MAX_WORD && !one.chars().any(is_unspaced);
        fits.then_some(one)
    }
}

/// What is looked for, for a folded word.
fn terms(word: &str, is_beginning: bool) -> Vec<Term> {
    let mut terms = Vec::new();
    for run in runs(word) {
        match run[..] {
            [only] if is_unspaced(only) => terms.push(Term { text: only.to_string(), is_beginning: true }),
            [first, ..] if is_unspaced(first) => {
                let pairs = run.windows(2).take(MAX_PAIRS).map(|pair| pair.iter().collect());
                terms.extend(pairs.map(|text| Term { text, is_beginning: false }));
            }
            _ => terms.push(Term { text: run.iter().take(MAX_WORD).collect(), is_beginning }),
        }
    }
    terms
}

/// A folded word where its letters change between scripts with blanks and such without.
fn runs(word: &str) -> Vec<Vec<char>> {
    let letters: Vec<char> = word.chars().filter(|c| is_of_word(*c)).collect();
    letters.chunk_by(|a, b| is_unspaced(*a) == is_unspaced(*b)).map(<[char]>::to_vec).collect()
}

/// All that is kept of a text, each once.
pub fn kept(text: &str) -> Vec<String> {
    let (mut seen, mut kept) = (HashSet::new(), Vec::new());
    let mut keep = |text: String| {
        if !text.is_empty() && kept.len() < MAX_TERMS && seen.insert(text.clone()) {
            kept.push(text);
        }
    };
    for chunk in chunks(text) {
        for write in [fold as fn(&str) -> String, fold_long] {
            for word in &chunk.words {
                keep_word(&write(word), &mut keep);
            }
            if let Some(one) = chunk.as_one(write) {
                keep(one);
            }
            if let (false, Some(last)) = (chunk.signs.is_empty(), chunk.words.last()) {
                keep(write(last).chars().take(MAX_WORD).chain(chunk.signs.chars()).collect());
            }
        }
    }
    kept
}

fn keep_word(word: &str, keep: &mut impl FnMut(String)) {
    for run in runs(word) {
        match run[..] {
            [first, .., last] if is_unspaced(first) => {
                for pair in run.windows(2) {
                    keep(pair.iter().collect());
                }
                keep(last.to_string());
            }
            _ => keep(run.iter().take(MAX_WORD).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_in_words_that_are_typed() {
        for (text, words) in [
            ("E-book kit", "e book ebook kit"),
            ("C++ in a week, C#", "c c++ in a week c#"),
            ("静かな庭", "静か かな な庭 庭"),
            ("第2版", "第 2 版"),
            ("Größe des Gartens", "grosse groesse des gartens"),
            ("l’été", "l ete lete"),
            ("a+b ++ #tag", "a b tag"),
            ("정원의", "정원 원의 의"),
            ("'\"*-:", ""),
        ] {
            assert_eq!(kept(text).join(" "), words, "{text}");
        }
        assert!(kept(&"x".repeat(5000)).iter().all(|word| word.len() <= MAX_WORD));
    }
}
