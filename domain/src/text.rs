//! Text as people paste it: with marks that nobody sees, in composed and decomposed letters, in any direction.

use unicode_normalization::UnicodeNormalization;

/// What leaves no ink and says nothing: byte order marks, blanks without width, soft hyphens, marks of direction, invisible operators.
/// The joiners of Persian words and of emoji are not among these.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}')
        || is_override(c)
}

/// Turns the text behind it around, to the end of the page where nobody ends it (UAX #9).
fn is_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}')
}

/// Whether a character leaves ink. Blanks, joiners, selectors of variants, and letters that stand for nothing leave none.
fn is_visible(c: char) -> bool {
    let is_filler = matches!(
        c,
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200c}' | '\u{200d}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    !(c.is_whitespace() || c.is_control() || is_invisible(c) || is_filler)
}

/// Whether there is anything to see.
pub fn has_visible(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// A name or a title as it is kept: composed letters (NFC), without blanks and invisible marks at its edges, and without marks that
/// turn what stands behind it around. Lines stay lines.
pub fn tidy(text: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || is_invisible(c);
    // Inside, marks of direction and hyphens may have their place; what has none anywhere goes.
    let is_kept = |c: &char| !is_override(*c) && !matches!(c, '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}');
    text.chars().filter(is_kept).nfc().collect::<String>().trim_matches(is_edge).to_owned()
}

/// What somebody has to type exactly, such as a code, an address or a number: composed letters in their plain forms (NFKC), all
/// dashes alike, without blanks around it and without any mark that nobody sees.
pub fn typed(text: &str) -> String {
    let plain = text.nfkc().filter(|c| !is_invisible(*c)).map(|c| if is_dash(c) { '-' } else { c });
    plain.collect::<String>().trim().to_owned()
}

/// By what two names are one, such as tags: letters and digits alone, in lower case and plain forms. Empty for a name of signs.
pub fn key(name: &str) -> String {
    name.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// ASCII for its full-width forms, as keyboards of East Asia type it.
pub fn narrow(c: char) -> char {
    match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '\u{58a}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_needs_something_to_see() {
        for nothing in [
            "",
            " ",
            "\u{200b}\u{2060}",
            "\u{2800}",
            "\u{3164}",
            "\u{115f}",
            "\u{ad}",
            "\u{feff}\u{a0}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{202e}",
            "\u{e0041}",
        ] {
            assert!(!has_visible(nothing), "{nothing:?}");
        }
        for name in ["a", "書籍", "🎨", "👩\u{200d}💻", ".", "می\u{200c}خواهم"] {
            assert!(has_visible(name), "{name:?}");
            assert_eq!(tidy(name), name, "what people write stays as it is");
        }
    }

    #[test]
    fn a_name_is_kept_without_what_nobody_sees() {
        assert_eq!(tidy("\u{feff} Spring\u{200b}\u{a0}"), "Spring");
        assert_eq!(tidy("Spring \u{202e}gnirps"), "Spring gnirps");
        assert_eq!(tidy("Gro\u{308}\u{df}e"), "Größe");
        assert_eq!(tidy("two\nlines"), "two\nlines");
    }

    #[test]
    fn what_is_typed_exactly_is_the_same_however_it_was_pasted() {
        for spring in [
            "SPRING-10",
            "\u{200b}SPRING-10",
            "SPR\u{ad}ING-10\u{feff}",
            "\u{a0}SPRING‑10\u{2060}",
            "SPRING–10",
            "ＳＰＲＩＮＧ－１０",
            "\u{200e}SPRING−10\u{200f}",
        ] {
            assert_eq!(typed(spring), "SPRING-10", "{spring:?}");
        }
        assert_eq!(typed("reader@mail.test\u{200b}"), "reader@mail.test");
    }

    proptest! {
        #[test]
        fn what_is_tidy_stays_so(text in "\\PC{0,40}") {
            prop_assert_eq!(tidy(&tidy(&text)), tidy(&text));
            prop_assert_eq!(typed(&typed(&text)), typed(&text));
        }
    }
}
