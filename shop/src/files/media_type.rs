//! What kind of file something is, by its first bytes before its name.

/// What is said of bytes that tell nothing: browsers keep them and never run them.
pub const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file; `application/octet-stream` when nothing tells.
///
/// Never a type that a browser runs, such as HTML or SVG. `head` are the first bytes; 262 of them are enough.
pub fn media_type_of(name: &str, head: &[u8]) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    by_content(head, &extension).unwrap_or(match extension.as_str() {
        "txt" | "md" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        _ => UNKNOWN,
    })
}

/// The given type, or what the first bytes tell where that says nothing.
pub(super) fn settled(given: &str, head: &[u8]) -> String {
    if given.is_empty() || given == UNKNOWN { media_type_of("", head).to_owned() } else { given.to_owned() }
}

fn by_content(head: &[u8], extension: &str) -> Option<&'static str> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    let tag = |at: usize, magic: &[u8]| head.get(at..at + magic.len()) == Some(magic);
    // A frame of MPEG audio, layer 3: eleven bits of ones, and a version and a rate that exist.
    let is_mp3_frame = matches!(head, [0xff, second, third, ..] if matches!(second & 0xfe, 0xfa | 0xf2 | 0xe2) && third & 0xf0 != 0xf0);
    Some(match () {
        () if starts(b"%PDF-") => "application/pdf",
        () if starts(b"PK\x03\x04") && tag(30, b"mimetypeapplication/epub+zip") => "application/epub+zip",
        () if starts(b"PK\x03\x04") && extension == "epub" => "application/epub+zip",
        () if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => "application/zip",
        () if tag(60, b"BOOKMOBI") => "application/x-mobipocket-ebook",
        () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if starts(b"\xff\xd8\xff") => "image/jpeg",
        () if starts(b"GIF87a") || starts(b"GIF89a") => "image/gif",
        () if starts(b"RIFF") && tag(8, b"WEBP") => "image/webp",
        () if tag(4, b"ftypavif") => "image/avif",
        () if starts(b"II*\0") || starts(b"MM\0*") => "image/tiff",
        () if starts(b"8BPS") => "image/vnd.adobe.photoshop",
        () if starts(b"RIFF") && tag(8, b"WAVE") => "audio/wav",
        () if starts(b"OggS") => "audio/ogg",
        () if starts(b"fLaC") => "audio/flac",
        () if starts(b"FORM") && (tag(8, b"AIFF") || tag(8, b"AIFC")) => "audio/aiff",
        () if starts(b"ID3") || is_mp3_frame => "audio/mpeg",
        () if tag(4, b"ftypM4A") || tag(4, b"ftypM4B") => "audio/mp4",
        () if tag(4, b"ftypqt") => "video/quicktime",
        () if tag(4, b"ftyp") => {
            if matches!(extension, "m4a" | "m4b") {
                "audio/mp4"
            } else {
                "video/mp4"
            }
        }
        // WebM is a kind of Matroska, told apart by the name of its document type near the start.
        () if starts(b"\x1a\x45\xdf\xa3") => {
            if head.windows(4).take(64).any(|w| w == b"webm") {
                "video/webm"
            } else {
                "video/matroska"
            }
        }
        () if starts(b"\x1f\x8b") => "application/gzip",
        () if starts(b"\xfd7zXZ\0") => "application/x-xz",
        () if starts(b"\x28\xb5\x2f\xfd") => "application/zstd",
        () if starts(b"7z\xbc\xaf\x27\x1c") => "application/x-7z-compressed",
        () if starts(b"Rar!\x1a\x07") => "application/vnd.rar",
        () if tag(257, b"ustar") => "application/x-tar",
        () if starts(b"wOF2") => "font/woff2",
        () if starts(b"OTTO") => "font/otf",
        () if starts(b"\0\x01\0\0\0") => "font/ttf",
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_counts_more_than_the_name() {
        assert_eq!(media_type_of("cover.png", b"%PDF-1.7"), "application/pdf");
        assert_eq!(media_type_of("notes.md", b"# Notes"), "text/plain");
        assert_eq!(media_type_of("book.epub", b"PK\x03\x04whatever"), "application/epub+zip");
    }

    #[test]
    fn nothing_that_a_browser_would_run_is_named() {
        for (name, head) in [
            ("page.html", &b"<script>"[..]),
            ("cover.svg", b"<svg onload=alert(1)>"),
            ("a.js", b"alert(1)"),
            ("a.xml", b"<?xml"),
            ("cover.png", b"<svg>"),
        ] {
            assert_eq!(media_type_of(name, head), UNKNOWN, "{name}");
        }
    }

    #[test]
    fn sound_and_film_are_told_by_their_first_bytes() {
        assert_eq!(media_type_of("", b"\xff\xfb\x90\x64"), "audio/mpeg");
        assert_eq!(media_type_of("", b"\xff\xff\xff\xff"), UNKNOWN);
        assert_eq!(media_type_of("", b"\0\0\0\x20ftypM4A \0\0\0\0"), "audio/mp4");
        assert_eq!(media_type_of("", b"\x1a\x45\xdf\xa3\x01\0\x42\x82\x84webm"), "video/webm");
    }

    #[test]
    fn a_given_type_is_kept_unless_it_says_nothing() {
        assert_eq!(settled("text/plain", b"%PDF-1.7"), "text/plain");
        assert_eq!(settled(UNKNOWN, b"%PDF-1.7"), "application/pdf");
        assert_eq!(settled("", b""), UNKNOWN);
    }

    #[test]
    fn no_head_is_too_short_to_look_at() {
        let head = [0x1a, 0x45, 0xdf, 0xa3, 0x00];
        for n in 0..=head.len() {
            media_type_of("x.zip", &head[..n]);
        }
    }
}
