//! Who comes to the demo's shop, from where, and what they like.

use fastrand::Rng;

/// Where visitors come from.
pub struct Source {
    /// The page before; empty for those who typed the address.
    pub referrer: &'static str,
    /// The query of a link in a mail or a post.
    pub query: &'static str,
    pub weight: u32,
}

pub const SOURCES: &[Source] = &[
    Source { referrer: "", query: "", weight: 34 },
    Source { referrer: "https://www.google.com/", query: "", weight: 24 },
    Source { referrer: "", query: "utm_source=newsletter", weight: 14 },
    Source { referrer: "https://www.reddit.com/", query: "", weight: 8 },
    Source { referrer: "https://news.ycombinator.com/", query: "", weight: 6 },
    Source { referrer: "https://mastodon.social/", query: "", weight: 5 },
    Source { referrer: "https://www.youtube.com/", query: "", weight: 5 },
    Source { referrer: "https://duckduckgo.com/", query: "", weight: 4 },
];

/// Tiers of the sample by how well they sell.
pub const TIERS: &[(&str, u32)] = &[
    ("the-weight-of-light/pdf-epub", 14),
    ("the-weight-of-light/pdf", 9),
    ("letters-to-a-slow-reader/book", 11),
    ("a-quiet-evening/all", 5),
    ("tidy-names/single", 9),
    ("tidy-names/team", 2),
    ("winter-signals/listen", 8),
    ("paper-harbor/listen", 7),
    ("paper-harbor/use", 2),
    ("dune-wallpapers/4k", 6),
    ("hairline-icons/personal", 6),
    ("hairline-icons/commercial", 3),
    ("field-guide-to-small-servers/book", 7),
    ("the-plain-table-manual/plans", 5),
    ("ledger-sheets/single", 5),
    ("linen-textures/personal", 3),
    ("draw-with-four-lines/workbook", 5),
    ("rain-on-tin/loop", 6),
    ("pocket-zine-tides/zine", 8),
];

const COUNTRIES: &[(&str, u32)] =
    &[("US", 38), ("GB", 13), ("DE", 12), ("CA", 8), ("FR", 6), ("NL", 5), ("AU", 5), ("JP", 4), ("SE", 3), ("BR", 3), ("IN", 3)];

const FIRST_NAMES: &[&str] = &[
    "Ada", "Ben", "Clara", "Daniel", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaito", "Lena", "Mateo", "Nadia", "Omar", "Priya",
    "Quinn", "Rosa", "Samir", "Tess", "Uma", "Victor", "Wren", "Yuki", "Zoe",
];

const LAST_NAMES: &[&str] = &[
    "Adler", "Brooks", "Costa", "Dahl", "Evans", "Fischer", "Grant", "Hansen", "Ito", "Jansen", "Khan", "Lambert", "Moreau", "Novak",
    "Okafor", "Patel", "Reyes", "Silva", "Tanaka", "Weber",
];

/// Somebody who buys.
pub struct Buyer {
    pub name: String,
    pub email: String,
    /// Two letters of ISO 3166.
    pub country: &'static str,
}

impl Buyer {
    pub fn pick(rng: &mut Rng) -> Self {
        let (first, last) = (FIRST_NAMES[rng.usize(..FIRST_NAMES.len())], LAST_NAMES[rng.usize(..LAST_NAMES.len())]);
        let (country, _) = *weighted(rng, COUNTRIES, |(_, weight)| *weight);
        let email = format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase());
        Self { name: format!("{first} {last}"), email, country }
    }
}

/// One of these, each as often as its weight says.
pub fn weighted<'a, T>(rng: &mut Rng, all: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
    let sum: u32 = all.iter().map(&weight).sum();
    let mut left = rng.u32(..sum);
    all.iter()
        .find(|one| {
            let found = left < weight(one);
            left = left.saturating_sub(weight(one));
            found
        })
        .unwrap_or(&all[0])
}
