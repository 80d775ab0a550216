//! What kind of file something is, by its first bytes before its name.

/// The media type of a file; `application/octet-stream` when nothing tells.
pub fn media_type_of(name: &str, head: &[u8]) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    by_content(head, &extension).unwrap_or(match extension.as_str() {
        "txt" | "md" => "text/plain",
        "csv" => "text/csv",
        "json" => "application/json",
        _ => "application/octet-stream",
    })
}

fn by_content(head: &[u8], extension: &str) -> Option<&'static str> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    let tag = |at: usize, magic: &[u8]| head.get(at..at + magic.len()) == Some(magic);
    Some(match () {
        () if starts(b"%PDF-") => "application/pdf",
        () if starts(b"PK\x03\x04") && tag(30, b"mimetypeapplication/epub+zip") => "application/epub+zip",
        () if starts(b"PK\x03\x04") && extension == "epub" => "application/epub+zip",
        () if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => "application/zip",
        () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if starts(b"\xff\xd8\xff") => "image/jpeg",
        () if starts(b"GIF8") => "image/gif",
        () if starts(b"RIFF") && tag(8, b"WEBP") => "image/webp",
        () if starts(b"RIFF") && tag(8, b"WAVE") => "audio/wav",
        () if starts(b"OggS") => "audio/ogg",
        () if starts(b"fLaC") => "audio/flac",
        () if starts(b"ID3") || starts(b"\xff\xfb") => "audio/mpeg",
        () if tag(4, b"ftyp") => if extension == "m4a" { "audio/mp4" } else { "video/mp4" },
        () if starts(b"\x1f\x8b") => "application/gzip",
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::media_type_of;

    #[test]
    fn content_counts_more_than_the_name() {
        assert_eq!(media_type_of("cover.png", b"%PDF-1.7"), "application/pdf");
        assert_eq!(media_type_of("notes.md", b"# Notes"), "text/plain");
        assert_eq!(media_type_of("page.html", b"<script>"), "application/octet-stream");
    }
}
