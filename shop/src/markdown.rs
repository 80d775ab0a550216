//! Markdown into HTML that may stand in a page.

use pulldown_cmark::{Options, Parser, html};
use std::collections::HashSet;

/// Renders Markdown and then sanitizes the result: links, emphasis, lists, headings, tables, code; nothing that runs.
pub fn render(markdown: &str) -> String {
    let mut dirty = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut dirty, Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH));
    let tags: HashSet<&str> = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h2",
        "h3",
        "h4",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
    .into();
    ammonia::Builder::default()
        .tags(tags)
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener nofollow"))
        .clean(&demote_headings(&dirty))
        .to_string()
}

/// A page has one `h1`, and that is the product's title.
fn demote_headings(html: &str) -> String {
    html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn prose_keeps_its_shape() {
        let html = render("# Title\n\nSome *words* and a [link](https://example.com).\n\n- one\n- two");
        assert!(html.contains("<h2>Title</h2>"), "{html}");
        assert!(html.contains("<em>words</em>") && html.contains("<li>one</li>"));
        assert!(html.contains(r#"href="https://example.com""#));
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
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        ] {
            let html = render(attack).to_lowercase();
            for bad in ["<script", "onerror=", "href=\"javascript:", "<svg", "<math", "href=\"data:", "<iframe", "<img", "<style"] {
                assert!(!html.contains(bad), "{attack} → {html}");
            }
        }
    }
}
