//! What of a file is asked for: all, nothing new, or one byte range. Several at once are answered with the whole file, which
//! RFC 9110 §14.2 allows.

use super::etag_matches;
use axum::http::{HeaderMap, Method, header};
use shop::files::ByteRange;

/// What a request asks of a file with this size and tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// 304: the client has it.
    Nothing,
    Whole,
    Part(ByteRange),
    /// 416
    Impossible,
}

/// Reads If-None-Match, Range and If-Range. A range that can't be read is ignored; one beyond the end is impossible. Only GET has
/// ranges (RFC 9110 §14.2).
pub fn wanted(method: &Method, headers: &HeaderMap, size: u64, etag: &str) -> Wanted {
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| etag_matches(known, etag)) {
        return Wanted::Nothing;
    }
    if *method != Method::GET {
        return Wanted::Whole;
    }
    let Some(range) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Wanted::Whole };
    if headers.get(header::IF_RANGE).is_some_and(|value| value.as_bytes() != etag.as_bytes()) {
        return Wanted::Whole;
    }
    let Some(spec) = range.strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else { return Wanted::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::Whole };
    let parse = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    let (start, end) = match (first.is_empty(), last.is_empty(), parse(first), parse(last)) {
        (false, false, Some(start), Some(end)) if start <= end => (start, end.min(size.saturating_sub(1))),
        (false, true, Some(start), _) => (start, size.saturating_sub(1)),
        (true, false, _, Some(0)) => return Wanted::Impossible,
        (true, false, _, Some(n)) => (size.saturating_sub(n), size.saturating_sub(1)),
        _ => return Wanted::Whole,
    };
    if start >= size { Wanted::Impossible } else { Wanted::Part(ByteRange { start, end_inclusive: end }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        wanted(&Method::GET, &headers, 1000, "\"tag\"")
    }

    fn part(start: u64, end_inclusive: u64) -> Wanted {
        Wanted::Part(ByteRange { start, end_inclusive })
    }

    #[test]
    fn ranges_are_read_as_rfc_9110_writes_them() {
        assert_eq!(of("bytes=0-99"), part(0, 99));
        assert_eq!(of("bytes=900-"), part(900, 999));
        assert_eq!(of("bytes=-100"), part(900, 999));
        assert_eq!(of("bytes=-5000"), part(0, 999));
        assert_eq!(of("bytes=990-5000"), part(990, 999));
        assert_eq!(of("bytes=1000-"), Wanted::Impossible);
        assert_eq!(of("bytes=-0"), Wanted::Impossible);
        for whole in ["bytes=5-2", "bytes=0-1,3-4", "bytes=a-b", "lines=1-2", "bytes=", "bytes=--1"] {
            assert_eq!(of(whole), Wanted::Whole, "{whole}");
        }
    }

    #[test]
    fn who_asks_about_a_file_asks_about_all_of_it() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=3-8".parse().unwrap());
        assert_eq!(wanted(&Method::HEAD, &headers, 1000, "\"tag\""), Wanted::Whole);
        headers.insert(header::RANGE, "bytes=1000-".parse().unwrap());
        assert_eq!(wanted(&Method::HEAD, &headers, 1000, "\"tag\""), Wanted::Whole);
    }

    #[test]
    fn if_range_must_name_the_version() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-9".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"tag\"".parse().unwrap());
        assert_eq!(wanted(&Method::GET, &headers, 1000, "\"tag\""), part(0, 9));
        assert_eq!(wanted(&Method::GET, &headers, 1000, "\"other\""), Wanted::Whole);
    }
}
