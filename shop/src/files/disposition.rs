//! `Content-Disposition` for downloads. Source: RFC 6266, with RFC 8187 for names beyond ASCII.

/// How many characters of a name are kept: with `.zip` at its end it fits every file system in any script.
const MAX_CHARS: usize = 80;

/// An attachment with this name; nothing in the name can leave its quotes or its header.
pub fn content_disposition(name: &str) -> String {
    let name = shown_name(name);
    let ascii: String = name.chars().map(|c| if c.is_ascii() && !"\"\\%;".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

/// The name without what could act: no path, no control characters, nothing that turns the reading direction.
fn shown_name(name: &str) -> String {
    let name: String =
        name.chars().filter(|c| !c.is_control() && !is_invisible(*c)).map(|c| if "/\\".contains(c) { '_' } else { c }).collect();
    let name = name.trim();
    if name.is_empty() {
        return "download".to_owned();
    }
    if name.chars().count() <= MAX_CHARS {
        return name.to_owned();
    }
    // The ending decides which program opens the file, so the middle goes.
    let ending = name.rfind('.').map(|dot| &name[dot..]).filter(|ending| ending.chars().count() <= 12).unwrap_or_default();
    let head: String = name.chars().take(MAX_CHARS - ending.chars().count()).collect();
    format!("{head}{ending}")
}

/// Direction marks can make `gpj.exe` read as `exe.jpg`; separators break lines in some programs.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::content_disposition;

    #[test]
    fn a_plain_name_is_kept() {
        assert_eq!(content_disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
    }

    #[test]
    fn a_name_stays_in_its_quotes_and_its_header() {
        for nasty in ["x\"; filename=evil.exe\r\nSet-Cookie: a=b", "a\\\";b", "a\0b", "\u{85}x", "%22;%0d%0aX: y"] {
            let value = content_disposition(nasty);
            assert_eq!(value.matches('"').count(), 2, "{value}");
            assert_eq!(value.matches(';').count(), 2, "{value}");
            assert!(value.bytes().all(|b| (b' '..0x7f).contains(&b)), "{value}");
        }
    }

    #[test]
    fn a_name_beyond_ascii_has_both_forms() {
        assert_eq!(content_disposition("Größe.epub"), "attachment; filename=\"Gr__e.epub\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.epub");
        assert!(content_disposition("本.pdf").ends_with("filename*=UTF-8''%E6%9C%AC.pdf"));
    }

    #[test]
    fn a_name_is_no_path_and_reads_in_its_own_direction() {
        assert!(content_disposition("../../etc/passwd").contains("filename=\".._.._etc_passwd\""));
        assert!(content_disposition("annual\u{202e}fdp.exe").contains("filename=\"annualfdp.exe\""));
        assert!(content_disposition(" \r\n").contains("filename=\"download\""));
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let value = content_disposition(&format!("{}.epub", "ü".repeat(500)));
        assert!(value.ends_with(".epub") && value.len() < 700, "{value}");
    }
}
