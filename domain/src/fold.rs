//! Text as it is compared in a search: without case, accents and forms of writing.

use crate::text::is_invisible;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, plain forms (NFKC), no accents, and Latin letters that have none written in basic ones: `Größe` is `grosse`, `Łódź`
/// is `lodz`. What is no letter stays. Signs that make other letters in their script, such as those of kana and Devanagari, stay too.
pub fn fold(text: &str) -> String {
    fold_with(text, |_| None)
}

/// As [`fold`], with umlauts and their like written in two letters: `Größe` is `groesse`.
pub fn fold_long(text: &str) -> String {
    fold_with(text, |c| match c {
        'ä' => Some("ae"),
        'ö' | 'ø' => Some("oe"),
        'ü' => Some("ue"),
        'å' => Some("aa"),
        _ => None,
    })
}

fn fold_with(text: &str, long: impl Fn(char) -> Option<&'static str>) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)).nfkc().flat_map(char::to_lowercase).nfc() {
        match long(c).or_else(|| basic(c)) {
            Some(letters) => folded.push_str(letters),
            None => folded.extend(std::iter::once(c).nfd().filter(|c| !is_accent(*c)).map(|c| if c == 'ς' { 'σ' } else { c })),
        }
    }
    folded.nfc().collect()
}

/// Latin letters that don't decompose.
fn basic(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŋ' => "n",
        'ŧ' => "t",
        _ => return None,
    })
}

/// Marks over and under letters of Europe, points of Hebrew, vowels of Arabic and the line that only makes its words longer.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Whether words have this in them: letters, digits and the marks that belong to letters.
pub fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Whether words of this letter's script are written without blanks between them, or grow long, so that a part of one is looked for.
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        // Thai, Lao; Myanmar; Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, and Han with the mark that repeats it.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        // Syllables of Hangul.
        | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_word_is_one_however_it_is_written() {
        for (text, folded) in [
            ("ÉTÉ 2027", "ete 2027"),
            ("Gro\u{308}\u{df}e", "grosse"),
            ("GRÖẞE", "grosse"),
            ("Łódź", "lodz"),
            ("Ærø", "aero"),
            ("İstanbul ıssız", "istanbul issiz"),
            ("ＡＢＣ　ﬁ", "abc fi"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("Ёлка", "елка"),
            ("ガーデン ﾊﾟﾝ", "ガーデン パン"),
            ("정원", "정원"),
            ("हिन्दी", "हिन्दी"),
            ("كِتَابـ", "كتاب"),
            ("C++ & \"x_y\"", "c++ & \"x_y\""),
            ("Soft\u{ad}ware\u{200b}", "software"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
        assert_eq!(fold_long("Größe Øre Smørrebrød Åse"), "groesse oere smoerrebroed aase");
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_so(text in "\\PC{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
