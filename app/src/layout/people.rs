//! Who is a person: what is counted as a visit, and what is kept as evidence that an order was seen, must come from people.
//!
//! Programs that want to be told from people name themselves, and most others lack the engine that every browser names. A scanner that
//! pretends to be a browser can't be told from one. There is no library for it: of two crates, one has the programs of 2023, and the
//! other remembers answers by the place in memory at which a name stood.

use http::{HeaderMap, Method};

/// What browsers are made of, and the browsers of text, which name nothing else.
const ENGINES: [&str; 14] = [
    "gecko/",
    "applewebkit/",
    "trident/",
    "msie ",
    "presto/",
    "opera/",
    "khtml/",
    "goanna/",
    "servo/",
    "netsurf/",
    "dillo/",
    "lynx/",
    "links",
    "w3m/",
];

/// Words in the names of programs. Most of those that visit pages give the address of a page about themselves.
const PROGRAMS: [&str; 32] = [
    "http",
    "@",
    "bot",
    "crawl",
    "spider",
    "slurp",
    "scrap",
    "fetch",
    "feed",
    "preview",
    "proxy",
    "monitor",
    "checker",
    "validator",
    "scanner",
    "archive",
    "headless",
    "phantom",
    "puppeteer",
    "playwright",
    "selenium",
    "lighthouse",
    "pagespeed",
    "ptst",
    "google-",
    "ms-office",
    "microsoft office",
    "barracuda",
    "proofpoint",
    "mimecast",
    "python",
    "java/",
];

/// Whether this is the name of a browser that a person uses.
fn is_browser(user_agent: &str) -> bool {
    // A maker of phones.
    let name = user_agent.to_ascii_lowercase().replace("cubot", "");
    ENGINES.iter().any(|word| name.contains(word)) && !PROGRAMS.iter().any(|word| name.contains(word))
}

/// Whether a person looks at what is asked for: not a program, and no browser ahead of its user.
pub fn is_person(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_ahead = text("sec-purpose").contains("prefetch") || text("purpose") == "prefetch";
    method != Method::HEAD && !is_ahead && is_browser(text("user-agent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(method: Method, pairs: &[(&'static str, &str)]) -> bool {
        let headers = pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect();
        is_person(&method, &headers)
    }

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

    #[test]
    fn browsers_are_people() {
        for browser in [
            FIREFOX,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 \
             Safari/604.1",
            "Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            "Lynx/2.9.0 libwww-FM/2.14",
        ] {
            assert!(looks(Method::GET, &[("user-agent", browser)]), "{browser}");
        }
    }

    #[test]
    fn programs_are_not() {
        for program in [
            "",
            "Mozilla/5.0",
            "curl/8.5.0",
            "Wget/1.24.5",
            "python-requests/2.32",
            "okhttp/4.12.0",
            "Go-http-client/2.0",
            "axios/1.7.2",
            "node",
            "WhatsApp/2.24.1 A",
            "Barracuda Sentinel (EE)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 \
             facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; ms-office; MSOffice 16)",
        ] {
            assert!(!looks(Method::GET, &[("user-agent", program)]), "{program}");
        }
        assert!(!looks(Method::GET, &[]));
        assert!(!looks(Method::HEAD, &[("user-agent", FIREFOX)]));
        assert!(!looks(Method::GET, &[("user-agent", FIREFOX), ("sec-purpose", "prefetch;prerender")]));
    }
}
