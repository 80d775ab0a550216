//! How things are found: the head of every page, the list, tags, and what stands where nothing is found.

use crate::support::{Engine, TestServer, send};
use serde_json::json;
use shop_testing::on_both_databases;

async fn product(server: &TestServer, slug: &str, tags: &[&str]) {
    let variants = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
    let new = json!({ "title": format!("Title of {slug}"), "slug": slug, "status": "published", "tags": tags, "variants": variants });
    let answer = server.create("/api/v1/products", &new).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn the_head_searches_and_the_list_has_one_search() {
    let server = TestServer::start().await;
    server.stock().await;
    let home = server.get("/").await.text();
    assert!(home.contains("class=\"site-search\"") && home.contains("action=\"/products\"") && home.contains("href=\"/products#q\""));
    let list = server.get("/products").await.text();
    assert!(!list.contains("class=\"site-search\"") && list.matches("name=\"q\"").count() == 1);
    assert!(home.contains("href=\"/find-order\""), "a buyer finds an order from every page");
}

#[tokio::test]
async fn a_member_finds_the_dashboard_and_nobody_else_sees_so() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(crate::support::OWNER, crate::support::PASSWORD).await;
    for path in ["/", "/products", "/products/a-book", "/cart"] {
        let url = format!("{}{path}", server.base);
        let seen = send("GET", &url, &[("cookie", &cookie)], "").await.text();
        assert!(seen.contains("href=\"/dashboard\"") && !seen.contains("href=\"/sign-in\""), "{path}");
        let stranger = server.get(path).await.text();
        assert!(!stranger.contains("href=\"/dashboard\"") && stranger.contains("href=\"/sign-in\""), "{path}");
    }
}

#[on_both_databases]
async fn a_tag_has_a_page_under_its_own_name(engine: Engine) {
    let server = TestServer::on(engine).await;
    product(&server, "tides", &["Field notes"]).await;
    let page = server.get("/products?tag=field-notes").await.text();
    assert!(page.contains("<h1>Field notes<") && page.contains("Title of tides"), "{page}");
    assert!(!page.contains("aria-current=\"page\">All products"), "a tag is not everything");
    let unknown = server.get("/products?tag=none").await;
    assert_eq!(unknown.status, 200);
    assert!(unknown.text().contains("No products here yet"));
}

#[on_both_databases]
async fn a_search_without_results_leads_on(engine: Engine) {
    let server = TestServer::on(engine).await;
    product(&server, "tides", &[]).await;
    let page = server.get("/products?q=zzqqxx").await.text();
    assert!(page.contains("No results for \u{201c}zzqqxx\u{201d}") && page.contains("Check the spelling or"), "{page}");
    assert!(page.contains("New on the shelf") && page.contains("Title of tides"), "what is new stands there");
    assert!(page.contains("Best match"), "a search says how it is sorted");
    let odd = server.get("/products?q=%3Cb%3Exx%3C%2Fb%3E").await.text();
    assert!(!odd.contains("<b>xx"), "{odd}");
}

#[tokio::test]
async fn a_text_is_read_inside_the_shop() {
    let server = TestServer::start().await;
    server.stock().await;
    let text = b"Gr\xf6\xdfe <b>of</b> things\r\n\r\nThe second paragraph.";
    let sent = server.upload_form("a-book", &[("kind", b"preview"), ("file\"; filename=\"first-pages.txt", text)]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let page = server.get("/products/a-book").await.text();
    let path = page.split('"').find(|part| part.starts_with("/products/a-book/sample/")).unwrap();
    let answer = server.get(path).await;
    let sample = answer.text();
    assert_eq!(answer.status, 200);
    assert!(sample.contains("<p>Größe &lt;b&gt;of&lt;/b&gt; things<") && sample.contains("<p>The second paragraph.<"), "{sample}");
    assert!(sample.contains("href=\"/products/a-book\"") && sample.contains("content=\"noindex\""), "{sample}");
    for nowhere in ["/products/a-book/sample/none", "/products/none/sample/0", "/products/a-book/sample/%00"] {
        assert_eq!(server.get(nowhere).await.status, 404, "{nowhere}");
    }
}

#[tokio::test]
async fn a_page_sets_the_beginning_of_a_text_of_many_paragraphs() {
    let server = TestServer::start().await;
    server.stock().await;
    let text = "line\n\n".repeat(20_000);
    let sent = server.upload_form("a-book", &[("kind", b"preview"), ("file\"; filename=\"lines.txt", text.as_bytes())]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let page = server.get("/products/a-book").await.text();
    assert!(page.contains("aria-label=\"Open the file of lines.txt, 120.0 kB\""), "{page}");
    let path = page.split('"').find(|part| part.starts_with("/products/a-book/sample/")).unwrap();
    let sample = server.get(path).await.text();
    assert_eq!(sample.matches("<p>line<").count(), 1_000);
    assert!(sample.contains("This is the beginning."), "who reads is told");
}

#[tokio::test]
async fn a_sheet_may_be_framed_by_the_shop_alone_and_other_files_by_nobody() {
    let server = TestServer::start().await;
    server.stock().await;
    for (name, content) in [("sheet.pdf", &b"%PDF-1.7 a page"[..]), ("words.txt", b"words")] {
        let field = format!("file\"; filename=\"{name}");
        assert_eq!(server.upload_form("a-book", &[("kind", b"preview"), (&field, content)]).await.status, 201);
    }
    let page = server.get("/products/a-book").await.text();
    let media: Vec<&str> = page.split('"').filter(|part| part.starts_with("/media/")).collect();
    let ask = async |name: &str| server.get(media.iter().find(|path| path.ends_with(name)).unwrap()).await;
    let (sheet, words) = (ask("sheet.pdf").await, ask("words.txt").await);
    assert_eq!((sheet.header("x-frame-options"), sheet.header("content-security-policy")), ("SAMEORIGIN", "frame-ancestors 'self'"));
    assert_eq!(words.header("x-frame-options"), "DENY");
    assert!(words.header("content-security-policy").contains("sandbox"));
    let reading = page.split('"').find(|part| part.starts_with("/products/a-book/sample/")).unwrap();
    let reading = server.get(reading).await.text();
    assert!(reading.contains("<iframe") && reading.contains("Open the PDF"), "a sheet is shown in the page, and opens by itself");
}
