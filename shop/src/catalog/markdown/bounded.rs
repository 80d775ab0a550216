//! HTML written anew with few levels: what the sanitizer does grows with the depth of what it is given.
//!
//! This is no sanitizer. It only makes sure that elements are closed where they were opened, that no more than [`MAX_DEPTH`] are
//! open at once, and that everything else is text; the sanitizer reads exactly what is written here.

/// Nobody reads deeper.
pub const MAX_DEPTH: usize = 24;
/// A text of the longest length has no more, unless it was made for their sake.
pub const MAX_ELEMENTS: usize = 30_000;
/// A link with the longest address that browsers take for sure.
const MAX_TAG_BYTES: usize = 2_100;

pub const TAGS: [&str; 21] = [
    "a",
    "blockquote",
    "code",
    "del",
    "em",
    "h2",
    "h3",
    "h4",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];
pub const VOID_TAGS: [&str; 2] = ["br", "hr"];
const INLINE: [&str; 6] = ["a", "code", "del", "em", "strong", "sup"];
/// What is inside of these is no text.
const HIDDEN: [&str; 2] = ["script", "style"];

/// The element that stands for another in a page whose title is the only `h1`.
fn known(name: &str) -> Option<&'static str> {
    let name = match name {
        "b" => "strong",
        "i" => "em",
        "s" | "strike" => "del",
        "h1" => "h2",
        "h5" | "h6" => "h4",
        other => other,
    };
    TAGS.iter().chain(&VOID_TAGS).find(|known| **known == name).copied()
}

pub fn bounded(html: &str) -> String {
    let mut writer = Writer { text: String::with_capacity(html.len()), ..Writer::default() };
    let lower = html.to_ascii_lowercase();
    let (mut at, mut has_comment_end) = (0, true);
    while let Some(n) = html[at..].find('<') {
        writer.text.push_str(&html[at..at + n]);
        at += n;
        let rest = &html[at..];
        if rest.starts_with("<!--") && has_comment_end {
            match rest.find("-->") {
                Some(end) => {
                    at += end + 3;
                    continue;
                }
                None => has_comment_end = false,
            }
        }
        let Some(tag) = Tag::read(rest, &lower[at..]) else {
            writer.text.push_str("&lt;");
            at += 1;
            continue;
        };
        at += tag.n_bytes;
        if !tag.is_end && HIDDEN.contains(&tag.name) {
            // To its end, or to that of the text.
            at = lower[at..].find(&format!("</{}", tag.name)).map_or(html.len(), |end| at + end);
            continue;
        }
        match known(tag.name) {
            Some(name) if tag.is_end => writer.close(name),
            Some(name) => writer.open(name, tag.attributes),
            None => {}
        }
    }
    writer.text.push_str(&html[at..]);
    writer.close_to(0);
    writer.text
}

/// A tag as it stands in the text.
struct Tag<'a> {
    /// In lower case.
    name: &'a str,
    is_end: bool,
    attributes: &'a str,
    n_bytes: usize,
}

impl<'a> Tag<'a> {
    /// The tag that the text begins with; `None` where `<` is only a sign.
    fn read(text: &'a str, lower: &'a str) -> Option<Self> {
        let is_end = text.as_bytes().get(1) == Some(&b'/');
        let start = if is_end { 2 } else { 1 };
        let first = *text.as_bytes().get(start)?;
        // Declarations and instructions have no name of ours, and are left out like it.
        if !first.is_ascii_alphabetic() && !matches!(first, b'!' | b'?') {
            return None;
        }
        let n_name = text.as_bytes()[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let mut quote = None;
        for (n, byte) in text.bytes().enumerate().skip(start + n_name).take(MAX_TAG_BYTES) {
            match (quote, byte) {
                (None, b'>') => {
                    let (name, attributes) = (&lower[start..start + n_name], &text[start + n_name..n]);
                    return Some(Self { name, is_end, attributes, n_bytes: n + 1 });
                }
                (None, b'<') => return None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), _) if open == byte => quote = None,
                _ => {}
            }
        }
        None
    }
}

/// The value of an attribute as it is written.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let lower = attributes.to_ascii_lowercase();
    let (at, _) = lower.match_indices(name).find(|(at, _)| {
        let is_start = *at > 0 && lower.as_bytes()[at - 1].is_ascii_whitespace();
        is_start && lower[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = attributes[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split(|c: char| c.is_ascii_whitespace()).next(),
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    open: Vec<&'static str>,
    /// Elements that were left out and whose ends are still to come.
    n_left_out: [usize; TAGS.len()],
    n_elements: usize,
}

fn index(name: &str) -> Option<usize> {
    TAGS.iter().position(|tag| *tag == name)
}

impl Writer {
    fn open(&mut self, name: &'static str, attributes: &str) {
        if !INLINE.contains(&name) && name != "br" {
            // A paragraph ends where something begins that it can't hold.
            self.close_innermost("p", &[]);
        }
        match name {
            "li" => self.close_innermost("li", &["ol", "ul"]),
            // A link in a link would end the outer one.
            "a" => self.close_innermost("a", &[]),
            _ => {}
        }
        self.n_elements += 1;
        if self.open.len() >= MAX_DEPTH || self.n_elements > MAX_ELEMENTS {
            if let Some(index) = index(name) {
                self.n_left_out[index] += 1;
            }
            if !INLINE.contains(&name) {
                // What is left out parts words all the same.
                self.text.push(' ');
            }
            return;
        }
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in kept(name, attributes) {
            let value = value.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
            self.text.push_str(&format!(" {name}=\"{value}\""));
        }
        self.text.push('>');
        if !VOID_TAGS.contains(&name) {
            self.open.push(name);
        }
    }

    fn close(&mut self, name: &'static str) {
        let Some(index) = index(name) else { return };
        if self.n_left_out[index] > 0 {
            self.n_left_out[index] -= 1;
        } else if let Some(place) = self.open.iter().rposition(|open| *open == name) {
            self.close_to(place);
        }
    }

    /// Closes the innermost element of this name, unless it is outside of one of `walls`.
    fn close_innermost(&mut self, name: &str, walls: &[&str]) {
        let place = self.open.iter().rposition(|open| *open == name || walls.contains(open));
        if let Some(place) = place.filter(|place| self.open[*place] == name) {
            self.close_to(place);
        }
    }

    fn close_to(&mut self, place: usize) {
        for name in self.open.drain(place..).rev() {
            self.text.push_str("</");
            self.text.push_str(name);
            self.text.push('>');
        }
    }
}

/// The attributes that a page of ours has a use for.
fn kept(name: &str, attributes: &str) -> Vec<(&'static str, String)> {
    let digits = |text: &str| !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let of = |attribute_name: &str| attribute(attributes, attribute_name);
    match name {
        "a" => {
            of("href").map(|url| ("href", url.to_owned())).into_iter().chain(of("title").map(|title| ("title", title.to_owned()))).collect()
        }
        "ol" => of("start").filter(|start| digits(start)).map(|start| ("start", start.to_owned())).into_iter().collect(),
        "li" => of("id").filter(|id| id.strip_prefix("note-").is_some_and(digits)).map(|id| ("id", id.to_owned())).into_iter().collect(),
        "td" | "th" => {
            let side = of("style").or(of("align")).map(|style| style.trim().trim_start_matches("text-align:").trim().to_ascii_lowercase());
            side.filter(|side| ["left", "center", "right"].contains(&side.as_str())).map(|side| ("align", side)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
