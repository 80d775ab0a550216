//! Where a text speaks of a customer: by an address as the shop knows addresses, in any case, with any tag, as typed or as in a URL
//! or in JSON. `bob@x.io` and `b@x.io.uk` are not `b@x.io`.

use domain::email::Email;

/// What stands where an address stood.
const ERASED: &str = "erased";

/// The addresses of one person.
pub(super) struct Mentions(Vec<Address>);

struct Address {
    local: String,
    host: String,
}

impl Mentions {
    /// Of the spellings that somebody has used. What is no address is found nowhere.
    pub fn of<'a>(spellings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known: Vec<String> =
            spellings.into_iter().filter_map(|text| Email::parse(text).ok()).map(|email| email.normalized()).collect();
        known.sort();
        known.dedup();
        let parts = known.iter().filter_map(|address| address.rsplit_once('@'));
        Self(parts.map(|(local, host)| Address { local: local.to_owned(), host: host.to_owned() }).collect())
    }

    /// Patterns for `LIKE … ESCAPE '\'` over a text in lower case. They find all texts that speak of the person, and some others.
    pub fn patterns(&self) -> Vec<String> {
        let plain = |text: &str| -> String {
            // What URLs and JSON may write in another way.
            text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '%' }).collect()
        };
        self.0.iter().map(|address| format!("%{}%{}%", plain(&address.local), plain(&address.host))).collect()
    }

    /// The text without the addresses; `None` where it has none.
    pub fn without(&self, text: &str) -> Option<String> {
        let signs = signs(text);
        let mut out = String::new();
        let mut from = 0;
        for at in (0..signs.len()).filter(|at| signs[*at].byte == b'@') {
            let found = self.0.iter().find_map(|address| address.around(&signs, at));
            if let Some((start, end)) = found.filter(|(start, _)| *start >= from) {
                out.push_str(&text[from..start]);
                out.push_str(ERASED);
                from = end;
            }
        }
        (from > 0).then(|| out + &text[from..])
    }
}

impl Address {
    /// From where to where in the text the address stands around this `@`.
    fn around(&self, signs: &[Sign], at: usize) -> Option<(usize, usize)> {
        let end = at + 1 + self.host.len();
        let has_host = signs.get(at + 1..end).is_some_and(|host| reads(host, &self.host)) && ends_at(signs, end);
        let tags = (0..at).rev().take_while(|n| is_of_local(signs[*n].byte)).filter(|n| signs[*n].byte == b'+');
        let start = std::iter::once(at).chain(tags).find_map(|end| {
            let start = end.checked_sub(self.local.len())?;
            (reads(&signs[start..end], &self.local) && begins_at(signs, start)).then_some(start)
        });
        start.filter(|_| has_host).map(|start| (signs[start].start, signs[end - 1].end))
    }
}

/// A character as it is meant, in lower case, and where it stands; 0 is one that no address has.
#[derive(Clone, Copy)]
struct Sign {
    byte: u8,
    start: usize,
    end: usize,
}

fn signs(text: &str) -> Vec<Sign> {
    let bytes = text.as_bytes();
    let mut all = Vec::with_capacity(bytes.len());
    let mut start = 0;
    while start < bytes.len() {
        let escaped = |skipped: usize| {
            let digits = bytes.get(start + skipped..start + skipped + 2)?;
            let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            Some((if byte.is_ascii_graphic() { byte.to_ascii_lowercase() } else { 0 }, skipped + 2))
        };
        let read = match bytes[start] {
            b'%' => escaped(1),
            b'\\' if bytes[start..].starts_with(b"\\u00") => escaped(4),
            _ => None,
        };
        let (byte, length) = read.unwrap_or((bytes[start].to_ascii_lowercase(), 1));
        all.push(Sign { byte, start, end: start + length });
        start += length;
    }
    all
}

fn reads(signs: &[Sign], word: &str) -> bool {
    signs.iter().map(|sign| sign.byte).eq(word.bytes())
}

/// What local parts are made of in practice. RFC 5321 allows more, such as `=` and `/`, which rather stand before an address.
fn is_of_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._+-'&~".contains(&byte)
}

/// Whether an address may begin here. Signs alone before it are punctuation; with a letter they are another address.
fn begins_at(signs: &[Sign], start: usize) -> bool {
    for n in (0..start).rev() {
        let byte = signs[n].byte;
        if byte.is_ascii_alphanumeric() {
            // The end of a line in JSON.
            let n_backslashes = signs[..n].iter().rev().take_while(|sign| sign.byte == b'\\').count();
            return matches!(byte, b'n' | b'r' | b't') && n_backslashes % 2 == 1;
        }
        if !is_of_local(byte) {
            return true;
        }
    }
    true
}

/// Whether a host may end here: what follows may end a sentence, but be no further label.
fn ends_at(signs: &[Sign], end: usize) -> bool {
    let is_word = |n: usize| signs.get(n).is_some_and(|sign| sign.byte.is_ascii_alphanumeric());
    let is_joint = signs.get(end).is_some_and(|sign| matches!(sign.byte, b'.' | b'-'));
    !(is_word(end) || is_joint && is_word(end + 1))
}

#[cfg(test)]
mod tests {
    use super::Mentions;

    fn without(text: &str, address: &str) -> String {
        Mentions::of([address]).without(text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn an_address_goes_out_of_a_text_in_any_case() {
        assert_eq!(without("550 <Ada@Example.com>: no; ada@example.com", "ada@example.com"), "550 <erased>: no; erased");
        assert_eq!(without("nothing of it", "ada@example.com"), "nothing of it");
        assert_eq!(without("Ä ada@example.com ß", "ada@example.com"), "Ä erased ß");
    }

    #[test]
    fn an_address_is_found_whatever_stands_around_it() {
        for (text, left) in [
            ("b@x.io", "erased"),
            ("Ask b@x.io. Then b@x.io, b@x.io; (b@x.io) b@x.io!", "Ask erased. Then erased, erased; (erased) erased!"),
            ("'b@x.io' \"b@x.io\" `b@x.io` **b@x.io** _b@x.io_", "'erased' \"erased\" `erased` **erased** _erased_"),
            ("mailto:b@x.io?subject=x /customers/b@x.io/", "mailto:erased?subject=x /customers/erased/"),
            ("?email=b%40x.io&next=%22B%40X.io%22", "?email=erased&next=%22erased%22"),
            (
                r#"{"email":"b@x.io","note":"see:\nb@x.io\nend","tag":"\u003cb\u0040x.io\u003e"}"#,
                r#"{"email":"erased","note":"see:\nerased\nend","tag":"\u003cerased\u003e"}"#,
            ),
            ("…b@x.io… 地址b@x.io。", "…erased… 地址erased。"),
            ("...b@x.io... -b@x.io-", "...erased... -erased-"),
            ("b@x.io\0b@x.io\r\n\tb@x.io", "erased\0erased\r\n\terased"),
        ] {
            assert_eq!(without(text, "B@x.io"), left, "{text}");
        }
    }

    #[test]
    fn an_address_is_found_with_every_tag() {
        for address in ["b@x.io", "b+old@x.io"] {
            assert_eq!(without("b+a@x.io B+a+b.c@x.io b%2Bnews%40x.io b@x.io", address), "erased erased erased erased");
        }
        assert_eq!(without("<+tag@x.io>", "+tag@x.io"), "<erased>");
    }

    #[test]
    fn the_address_of_somebody_else_stays() {
        for text in [
            "bob@x.io billing-b@x.io a.b@x.io a_b@x.io a+b@x.io o'b@x.io r&b@x.io",
            "bob+b@x.io a.b+b@x.io bob%40x.io a%2Eb%40x.io a%2Bb@x.io",
            "b@x.io.uk b@x.iou b@x.io-mail.com b@my.x.io b@x%2Eio.uk",
            "B @x.io b@ x.io b@x .io b@xyio",
            r#"{"note":"a\\nb@x.io"}"#,
        ] {
            assert_eq!(without(text, "b@x.io"), text);
        }
        assert_eq!(without("b@x.io bob@x.io,b@x.io", "b@x.io"), "erased bob@x.io,erased");
    }

    #[test]
    fn signs_that_only_few_addresses_have_are_found_too() {
        for address in ["a=b@x.io", "a/b@x.io", "_b@x.io", "o'brien@x.io", "100%@x.io", "-@x.io"] {
            assert_eq!(without(&format!("<{address}>"), address), "<erased>");
        }
    }

    #[test]
    fn a_pattern_finds_every_spelling() {
        assert_eq!(Mentions::of(["B+x@my-x.io", "o'b_c@x.io", "none"]).patterns(), ["%b%my-x.io%", "%o%b%c%x.io%"]);
    }
}
