//! What Markdown says beyond CommonMark, in its events: live addresses, footnotes, tasks, and pictures that leave their words.

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};
use std::collections::HashMap;

pub fn parser(markdown: &str) -> TextMergeStream<'_, Parser<'_>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    TextMergeStream::new(Parser::new_ext(markdown, options))
}

/// A text as events that the plain HTML writer can write.
pub fn events(markdown: &str) -> Vec<Event<'_>> {
    let mut text = Text::default();
    parser(markdown).for_each(|event| text.take(event));
    text.end()
}

#[derive(Default)]
struct Text<'a> {
    written: Vec<Event<'a>>,
    notes: Notes<'a>,
    /// Footnotes that are being read, with what was written before each.
    around: Vec<(usize, Vec<Event<'a>>)>,
    n_links: usize,
    is_code: bool,
}

/// Footnotes by their numbers, which they get in the order in which they are named.
#[derive(Default)]
struct Notes<'a> {
    numbers: HashMap<CowStr<'a>, usize>,
    written: Vec<Vec<Event<'a>>>,
}

impl<'a> Notes<'a> {
    fn number(&mut self, name: CowStr<'a>) -> usize {
        let next = self.written.len() + 1;
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.written.push(Vec::new());
        }
        number
    }
}

impl<'a> Text<'a> {
    fn take(&mut self, event: Event<'a>) {
        match &event {
            Event::Start(Tag::Link { .. }) => self.n_links += 1,
            Event::End(TagEnd::Link) => self.n_links = self.n_links.saturating_sub(1),
            Event::Start(Tag::CodeBlock(_)) => self.is_code = true,
            Event::End(TagEnd::CodeBlock) => self.is_code = false,
            _ => {}
        }
        match event {
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::TaskListMarker(is_done) => self.written.push(Event::Text(if is_done { "☑ " } else { "☐ " }.into())),
            Event::Text(words) if self.n_links == 0 && !self.is_code => link(words, &mut self.written),
            Event::FootnoteReference(name) => {
                let number = self.notes.number(name);
                self.written.push(Event::InlineHtml(format!("<sup><a href=\"#note-{number}\">{number}</a></sup>").into()));
            }
            Event::Start(Tag::FootnoteDefinition(name)) => {
                let number = self.notes.number(name);
                self.around.push((number, std::mem::take(&mut self.written)));
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                if let Some((number, before)) = self.around.pop() {
                    self.notes.written[number - 1] = std::mem::replace(&mut self.written, before);
                }
            }
            other => self.written.push(other),
        }
    }

    fn end(self) -> Vec<Event<'a>> {
        let (mut written, notes) = (self.written, self.notes.written);
        if notes.is_empty() {
            return written;
        }
        written.push(Event::Rule);
        written.push(Event::Html("<ol>\n".into()));
        for (i, note) in notes.into_iter().enumerate() {
            written.push(Event::Html(format!("<li id=\"note-{}\">", i + 1).into()));
            written.extend(note);
            written.push(Event::Html("</li>\n".into()));
        }
        written.push(Event::Html("</ol>\n".into()));
        written
    }
}

/// Makes the addresses in a run of words links.
fn link<'a>(words: CowStr<'a>, written: &mut Vec<Event<'a>>) {
    if !words.contains("://") && !words.contains('@') {
        written.push(Event::Text(words));
        return;
    }
    for span in LinkFinder::new().spans(&words) {
        let text = span.as_str();
        let url = match span.kind() {
            Some(LinkKind::Url) if text.starts_with("https://") || text.starts_with("http://") => text.to_owned(),
            Some(LinkKind::Email) => format!("mailto:{text}"),
            _ => {
                written.push(Event::Text(text.to_owned().into()));
                continue;
            }
        };
        let tag = Tag::Link { link_type: LinkType::Autolink, dest_url: url.into(), title: "".into(), id: "".into() };
        written.extend([Event::Start(tag), Event::Text(text.to_owned().into()), Event::End(TagEnd::Link)]);
    }
}
