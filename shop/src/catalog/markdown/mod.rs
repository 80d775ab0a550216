//! Markdown into HTML that may stand in a page.
//!
//! Three steps, each linear in what was written: CommonMark with tables, footnotes, task lists and live addresses; one pass that
//! leaves nothing nested deeply ([`bounded`]); the sanitizer, whose work grows with the nesting.

mod bounded;
mod words;

use crate::Result;
use pulldown_cmark::{Event, Tag, html};
use std::collections::HashSet;

/// Longer texts are rendered away from the threads that serve.
const LONG_BYTES: usize = 4 * 1024;

/// Renders Markdown and then sanitizes the result: links, emphasis, lists, headings, tables, code; nothing that runs.
pub fn render(markdown: &str) -> String {
    let mut dirty = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut dirty, words::events(markdown).into_iter());
    let tags: HashSet<&str> = bounded::TAGS.iter().chain(&bounded::VOID_TAGS).copied().collect();
    ammonia::Builder::default()
        .tags(tags)
        .add_tag_attributes("li", ["id"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener nofollow"))
        .clean(&bounded::bounded(&dirty))
        .to_string()
}

/// As [`render`], for whoever serves.
pub async fn rendered(markdown: &str) -> Result<String> {
    if markdown.len() < LONG_BYTES {
        return Ok(render(markdown));
    }
    let markdown = markdown.to_owned();
    Ok(tokio::task::spawn_blocking(move || render(&markdown)).await.map_err(anyhow::Error::from)?)
}

/// Whether a text holds pictures, of which only the words are shown.
pub fn has_pictures(markdown: &str) -> bool {
    words::parser(markdown).any(|event| matches!(event, Event::Start(Tag::Image { .. })))
}

#[cfg(test)]
mod tests {
    use super::{has_pictures, render};

    #[test]
    fn prose_keeps_its_shape() {
        let html = render("# Title\n\nSome *words* and a [link](https://example.com).\n\n- one\n- two");
        assert!(html.contains("<h2>Title</h2>"), "{html}");
        assert!(html.contains("<em>words</em>") && html.contains("<li>one</li>"));
        assert!(html.contains(r#"href="https://example.com""#));
        let html = render("3. three\n4. four\n\n> a\n> b\n\n```rust\nlet a = \"<b>\";\n```\n\na  \nb\n\n---");
        assert!(html.contains(r#"<ol start="3">"#) && html.contains("<blockquote>"), "{html}");
        assert!(
            html.contains("<pre><code>let a = \"&lt;b&gt;\";\n</code></pre>") && html.contains("<br>") && html.contains("<hr>"),
            "{html}"
        );
    }

    #[test]
    fn bare_addresses_are_links() {
        let html = render("See https://example.com/a_b_c?x=1&y=2. Or (http://example.org/), or ask ann@example.com!");
        assert!(
            html.contains(
                r#"<a href="https://example.com/a_b_c?x=1&amp;y=2" rel="noopener nofollow">https://example.com/a_b_c?x=1&amp;y=2</a>."#
            ),
            "{html}"
        );
        assert!(html.contains(r#"(<a href="http://example.org/" rel="noopener nofollow">"#), "{html}");
        assert!(html.contains(r#"<a href="mailto:ann@example.com" rel="noopener nofollow">ann@example.com</a>!"#), "{html}");
        assert_eq!(render("[https://example.com](https://example.com)").matches("<a ").count(), 1);
        assert!(!render("`https://example.com`\n\n    https://example.com").contains("<a "));
        assert!(render("[call us](tel:+4930123456)").contains(r#"href="tel:+4930123456""#));
    }

    #[test]
    fn footnotes_stand_at_the_end_with_their_numbers() {
        let html = render("One[^a] and two[^b], and one again[^a].\n\n[^b]: Of *two*.\n\n[^a]: Of one.\n\nThe end[^none].");
        assert!(
            html.contains(r##"One<sup><a href="#note-1" rel="noopener nofollow">1</a></sup> and two<sup><a href="#note-2""##),
            "{html}"
        );
        let (text, notes) = html.split_once("<hr>").unwrap();
        assert!(text.contains("The end[^none].") && !text.contains("Of one"), "{html}");
        let (one, two) = (notes.find(r#"<li id="note-1">"#).unwrap(), notes.find(r#"<li id="note-2">"#).unwrap());
        assert!(one < two && notes[one..two].contains("Of one.") && notes[two..].contains("<em>two</em>"), "{html}");
    }

    #[test]
    fn tasks_tables_and_the_words_of_pictures_are_kept() {
        let html =
            render("- [ ] open\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | ~~2~~ |\n\nA ![cat on a mat](https://example.com/cat.png).");
        assert!(html.contains("☐ open") && html.contains("☑ done"), "{html}");
        assert!(html.contains(r#"<td align="right"><del>2</del></td>"#), "{html}");
        assert!(html.contains("A cat on a mat.") && !html.contains("<img"), "{html}");
        assert!(has_pictures("![a](b)") && has_pictures("[![a](b)](c)") && !has_pictures("[a](b) `![a](b)`"));
    }

    #[test]
    fn html_of_old_descriptions_keeps_its_shape() {
        let html = render(
            "<p>Some <b>bold</b> words<p>and <a href='https://example.com' onclick=x>a link</a>\n<ul><li>one<li>two</ul>\n\n\
             Text <br> <I>more</I> <!-- no --> & <3",
        );
        assert!(html.contains("<p>Some <strong>bold</strong> words</p>"), "{html}");
        assert!(html.contains(r#"<a href="https://example.com" rel="noopener nofollow">a link</a>"#), "{html}");
        assert!(html.contains("<li>one</li><li>two</li></ul>") && html.contains("<br> <em>more</em>  &amp; &lt;3"), "{html}");
    }

    #[test]
    fn nothing_that_runs_comes_through() {
        for attack in [
            "<img src=x onerror=alert(1)>",
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "<svg><a><set attributeName=href to=javascript:alert(1)></svg>",
            "<math><annotation-xml encoding='text/html'><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
            "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
            "<a href=javascript:alert(1)>x</a>",
            "<a href=\"x\" title='\"><script>alert(1)</script>'>x</a>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<li id=main onclick=alert(1)>x",
        ] {
            let html = render(attack).to_lowercase();
            for bad in [
                "<script",
                "onerror=",
                "onclick=",
                "href=\"javascript:",
                "<svg",
                "<math",
                "href=\"data:",
                "<iframe",
                "<img",
                "<style",
                "id=\"main",
            ] {
                assert!(!html.contains(bad), "{attack} → {html}");
            }
        }
    }

    /// Whatever is written, the sanitizer gets few levels and no more elements than a text of this length has reason for.
    #[test]
    fn no_text_nests_deeply_or_grows() {
        let columns = "|a".repeat(500);
        let texts = [
            ">".repeat(49_000),
            (0..200).map(|n| format!("{}- x\n", "  ".repeat(n))).collect(),
            "[".repeat(49_000),
            "*a **b ".repeat(7_000),
            format!("{}{}", "*a ".repeat(8_000), "a* ".repeat(8_000)),
            "<div><b>".repeat(6_000),
            (0..2_000).map(|n| format!("<b a={n}>")).chain((0..5_000).map(|_| "\n\nx".to_owned())).collect(),
            "<blockquote>".repeat(4_000),
            "<a ".repeat(16_000),
            "<a b=\"".repeat(8_000),
            "<!--".repeat(12_000),
            "<script".repeat(7_000),
            format!("{columns}\n{}\n{}", "|-".repeat(500), "|\n".repeat(20_000)),
            "[^a]".repeat(5_000) + "\n\n[^a]: x",
            "a@".repeat(24_000),
            "http://".repeat(7_000),
            "<table>".repeat(7_000),
            "<table>x<td>".repeat(4_000),
        ];
        for text in texts {
            let html = super::bounded::bounded(&{
                let mut dirty = String::new();
                pulldown_cmark::html::push_html(&mut dirty, super::words::events(&text).into_iter());
                dirty
            });
            let (mut depth, mut deepest) = (0_usize, 0);
            for (at, _) in html.match_indices('<') {
                match html.as_bytes()[at + 1] {
                    b'/' => depth -= 1,
                    _ if ["<br>", "<hr>"].iter().any(|void| html[at..].starts_with(void)) => {}
                    _ => depth += 1,
                }
                deepest = deepest.max(depth);
            }
            let name: String = text.chars().take(12).collect();
            assert_eq!(depth, 0, "{name}: every element is closed");
            assert!(deepest <= super::bounded::MAX_DEPTH, "{name}: {deepest} levels");
            assert!(html.matches('<').count() <= 2 * super::bounded::MAX_ELEMENTS + 100, "{name}");
            assert!(html.len() < 2_000_000, "{name}: {} bytes", html.len());
        }
    }
}
