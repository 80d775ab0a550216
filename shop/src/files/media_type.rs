//! What kind of file something is, by its first bytes before its name.

use file_format::FileFormat;

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

/// In which letters a text is written, by its first bytes: by its mark, as UTF-8 where it is that, and else in those of old programs.
/// Source: <https://encoding.spec.whatwg.org/>
pub fn text_charset(head: &[u8]) -> &'static str {
    match head {
        [0xff, 0xfe, ..] => "utf-16le",
        [0xfe, 0xff, ..] => "utf-16be",
        // A letter may be cut in two where the head ends.
        _ if std::str::from_utf8(head).err().is_none_or(|error| error.error_len().is_none()) => "utf-8",
        _ => "iso-8859-1",
    }
}

/// The formats that are named; everything else that the crate knows is [`UNKNOWN`], above all what a browser would run.
fn by_content(head: &[u8], extension: &str) -> Option<&'static str> {
    use FileFormat as F;
    // A frame of MPEG audio, layer 3: eleven bits of ones, and a version and a rate that exist.
    let is_mp3_frame = matches!(head, [0xff, second, third, ..] if matches!(second & 0xfe, 0xfa | 0xf2 | 0xe2) && third & 0xf0 != 0xf0);
    Some(match FileFormat::from_bytes(head) {
        F::PortableDocumentFormat => "application/pdf",
        F::ElectronicPublication => "application/epub+zip",
        F::Zip if extension == "epub" => "application/epub+zip",
        F::Zip => "application/zip",
        F::Mobipocket => "application/x-mobipocket-ebook",
        F::PortableNetworkGraphics | F::AnimatedPortableNetworkGraphics => "image/png",
        F::JointPhotographicExpertsGroup => "image/jpeg",
        F::GraphicsInterchangeFormat => "image/gif",
        F::Webp => "image/webp",
        F::JpegXl => "image/jxl",
        F::TagImageFileFormat => "image/tiff",
        F::AdobePhotoshopDocument => "image/vnd.adobe.photoshop",
        // Pictures of phones and cameras lie in the container of films, and so do their sequences.
        F::Av1ImageFileFormat | F::Av1ImageFileFormatSequence => "image/avif",
        F::HighEfficiencyImageCoding => "image/heic",
        F::HighEfficiencyImageCodingSequence => "image/heic-sequence",
        F::HighEfficiencyImageFileFormat => "image/heif",
        F::HighEfficiencyImageFileFormatSequence => "image/heif-sequence",
        F::CanonRaw2 => "image/x-canon-cr2",
        F::CanonRaw3 => "image/x-canon-cr3",
        F::WaveformAudio => "audio/wav",
        F::OggFlac | F::OggMedia | F::OggMultiplexedMedia | F::OggOpus | F::OggSpeex | F::OggTheora | F::OggVorbis => "audio/ogg",
        F::FreeLosslessAudioCodec => "audio/flac",
        F::AudioInterchangeFileFormat => "audio/aiff",
        F::MusicalInstrumentDigitalInterface => "audio/midi",
        F::Id3v2 | F::Mpeg12AudioLayer3 => "audio/mpeg",
        F::AppleItunesAudio | F::AppleItunesAudiobook | F::Mpeg4Part14Audio => "audio/mp4",
        F::AppleQuicktime => "video/quicktime",
        F::Mpeg4Part14 | F::Mpeg4Part14Video | F::AppleItunesVideo if matches!(extension, "m4a" | "m4b") => "audio/mp4",
        F::Mpeg4Part14 | F::Mpeg4Part14Video | F::AppleItunesVideo => "video/mp4",
        F::AudioVideoInterleave => "video/x-msvideo",
        F::Webm => "video/webm",
        F::MatroskaVideo | F::MatroskaAudio | F::Matroska3dVideo => "video/matroska",
        // WebM is a kind of Matroska, told apart by the name of its document type near the start.
        F::ExtensibleBinaryMetaLanguage => match head.windows(4).take(64).any(|w| w == b"webm") {
            true => "video/webm",
            false => "video/matroska",
        },
        F::Gzip => "application/gzip",
        F::Xz => "application/x-xz",
        F::Zstandard => "application/zstd",
        F::SevenZip => "application/x-7z-compressed",
        F::RoshalArchive => "application/vnd.rar",
        F::TapeArchive => "application/x-tar",
        F::WebOpenFontFormat2 => "font/woff2",
        F::Opentype => "font/otf",
        F::Truetype => "font/ttf",
        _ if head.starts_with(b"PK\x05\x06") => "application/zip",
        _ if is_mp3_frame => "audio/mpeg",
        _ => return None,
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
    fn pictures_of_phones_and_cameras_are_no_films() {
        for (brand, expected) in [
            (b"heic", "image/heic"),
            (b"heix", "image/heic"),
            (b"hevc", "image/heic-sequence"),
            (b"mif1", "image/heif"),
            (b"msf1", "image/heif-sequence"),
            (b"avif", "image/avif"),
            (b"avis", "image/avif"),
            (b"crx ", "image/x-canon-cr3"),
            (b"isom", "video/mp4"),
            (b"mp42", "video/mp4"),
            (b"qt  ", "video/quicktime"),
            (b"zzzz", UNKNOWN),
        ] {
            let head = [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0mif1heic"].concat();
            assert_eq!(media_type_of("picture.heic", &head), expected, "{}", String::from_utf8_lossy(brand));
        }
        assert_eq!(media_type_of("song.m4a", b"\0\0\0\x18ftypisom\0\0\0\0"), "audio/mp4");
    }

    #[test]
    fn what_was_told_before_is_told_still() {
        for (head, expected) in [
            (&b"PK\x03\x04whatever"[..], "application/zip"),
            (b"PK\x05\x06\0\0\0\0", "application/zip"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
            (b"II*\0\x08\0\0\0", "image/tiff"),
            (b"MM\0*\0\0\0\x08", "image/tiff"),
            (b"8BPS\0\x01", "image/vnd.adobe.photoshop"),
            (b"OggS\0\x02", "audio/ogg"),
            (b"fLaC\0\0", "audio/flac"),
            (b"FORM\0\0\0\x10AIFFCOMM", "audio/aiff"),
            (b"FORM\0\0\0\x10AIFCCOMM", "audio/aiff"),
            (b"ID3\x04\0", "audio/mpeg"),
            (b"MThd\0\0\0\x06", "audio/midi"),
            (b"\x1f\x8b\x08\0", "application/gzip"),
            (b"\xfd7zXZ\0\0", "application/x-xz"),
            (b"\x28\xb5\x2f\xfd\0", "application/zstd"),
            (b"7z\xbc\xaf\x27\x1c\0", "application/x-7z-compressed"),
            (b"Rar!\x1a\x07\x01\0", "application/vnd.rar"),
            (b"wOF2\0\x01\0\0", "font/woff2"),
            (b"OTTO\0\x0a", "font/otf"),
            (b"\0\x01\0\0\0\x0a", "font/ttf"),
        ] {
            assert_eq!(media_type_of("", head), expected, "{}", String::from_utf8_lossy(head));
        }
        let tar = [&[b'a'; 257][..], b"ustar\x0000", &[0; 200]].concat();
        assert_eq!(media_type_of("", &tar), "application/x-tar");
        let mobi = [&[b'a'; 60][..], b"BOOKMOBI", &[0; 20]].concat();
        assert_eq!(media_type_of("", &mobi), "application/x-mobipocket-ebook");
    }

    #[test]
    fn a_text_is_in_the_letters_that_it_is_written_in() {
        assert_eq!(text_charset("Größe".as_bytes()), "utf-8");
        assert_eq!(text_charset(&"Größe".as_bytes()[..4]), "utf-8", "a letter is cut in two");
        assert_eq!(text_charset(b"plain"), "utf-8");
        assert_eq!(text_charset(b"Gr\xf6\xdfe"), "iso-8859-1");
        assert_eq!(text_charset(b"\xff\xfeG\0"), "utf-16le");
        assert_eq!(text_charset(b"\xfe\xff\0G"), "utf-16be");
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
