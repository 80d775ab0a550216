//! `Content-Disposition` for downloads. Source: RFC 6266, with RFC 8187 for names beyond ASCII.

/// An attachment with this name; nothing in the name can leave its quotes or its header.
pub fn content_disposition(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(150).collect();
    let ascii: String = name.chars().map(|c| if c.is_ascii() && !"\"\\%/;".contains(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::content_disposition;

    #[test]
    fn a_name_stays_in_its_quotes() {
        assert_eq!(content_disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        let nasty = content_disposition("x\"; filename=evil.exe\r\nSet-Cookie: a=b");
        assert!(!nasty.contains('\r') && !nasty.contains('\n'));
        assert_eq!(nasty.matches('"').count(), 2);
        assert!(content_disposition("Größe.epub").contains("filename=\"Gr__e.epub\""));
        assert!(content_disposition("Größe.epub").ends_with("Gr%C3%B6%C3%9Fe.epub"));
    }
}
