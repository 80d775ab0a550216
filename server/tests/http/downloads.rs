//! Files over HTTP: ranges, validators, names, and pages that help when there is no file.

use crate::support::{Engine, TestServer, send};
use shop_testing::on_both_databases;

const CONTENT: &[u8] = b"%PDF-1.7 the whole book";

async fn link(server: &TestServer, id: &str, key: &str) -> String {
    let order = server.order(id, key).await.json();
    let minted = server.mint(id, key, order["items"][0]["files"][0]["id"].as_str().unwrap()).await;
    minted.json()["url"].as_str().unwrap().to_owned()
}

#[on_both_databases]
async fn parts_are_exact_and_cost_one_download(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    let head = send("HEAD", &url, &[], "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "23", 0));
    assert_eq!(head.header("accept-ranges"), "bytes");
    assert!(head.header("content-disposition").starts_with("attachment;"), "{}", head.header("content-disposition"));
    assert!(head.header("cache-control").contains("no-store"));
    let etag = head.header("etag").to_owned();
    let part = |range: &str, more: Option<(&'static str, String)>| {
        let (url, range) = (url.clone(), range.to_owned());
        async move {
            let mut headers = vec![("range", range.as_str())];
            if let Some((name, value)) = &more {
                headers.push((name, value.as_str()));
            }
            send("GET", &url, &headers, "").await
        }
    };
    for (range, expected, shown) in [
        ("bytes=0-3", &CONTENT[..4], "bytes 0-3/23"),
        ("bytes=9-", &CONTENT[9..], "bytes 9-22/23"),
        ("bytes=-4", &CONTENT[19..], "bytes 19-22/23"),
    ] {
        let answer = part(range, None).await;
        assert_eq!((answer.status, answer.body.as_slice(), answer.header("content-range")), (206, expected, shown));
    }
    assert_eq!(part("bytes=0-3", Some(("if-range", etag.clone()))).await.status, 206);
    assert_eq!(part("bytes=0-3", Some(("if-range", "\"other\"".to_owned()))).await.status, 200);
    let beyond = part("bytes=99-", None).await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */23"));
    let order = server.order(&id, &key).await.json();
    assert_eq!(order["items"][0]["files"][0]["downloads_left"], 1, "all of this was one download");
}

#[on_both_databases]
async fn an_answer_without_bytes_is_no_download(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    let etag = send("HEAD", &url, &[], "").await.header("etag").to_owned();
    let unchanged = send("GET", &url, &[("if-none-match", &etag)], "").await;
    assert_eq!((unchanged.status, unchanged.header("etag"), unchanged.body.len()), (304, etag.as_str(), 0));
    let beyond = send("GET", &url, &[("range", "bytes=99-")], "").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */23"));
    let left = async || server.order(&id, &key).await.json()["items"][0]["files"][0]["downloads_left"].clone();
    assert_eq!((left().await, server.count("download_sessions").await), (2.into(), 0));
    let changed = send("GET", &url, &[("if-none-match", "\"other\""), ("range", "bytes=0-3")], "").await;
    assert_eq!((changed.status, left().await, server.count("download_sessions").await), (206, 1.into(), 1));
}

#[on_both_databases]
async fn who_asks_about_a_file_hears_what_a_download_would_hear(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let urls = [link(&server, &id, &key).await, link(&server, &id, &key).await, link(&server, &id, &key).await];
    assert_eq!(send("GET", &urls[0], &[], "").await.status, 200);
    assert_eq!(send("HEAD", &urls[2], &[], "").await.status, 200, "one is left");
    // All parts of the last download are that download, whichever comes first.
    let parts = (0..8).map(|n| {
        let url = urls[1].clone();
        tokio::spawn(async move { send("GET", &url, &[("range", format!("bytes={n}-{n}").as_str())], "").await.status })
    });
    for part in parts.collect::<Vec<_>>() {
        assert_eq!(part.await.unwrap(), 206);
    }
    for (method, headers) in [("HEAD", &[][..]), ("GET", &[]), ("GET", &[("range", "bytes=0-3")]), ("GET", &[("range", "bytes=99-")])] {
        assert_eq!(send(method, &urls[2], headers, "").await.status, 403, "{method} {headers:?}");
    }
    assert_eq!(send("HEAD", &urls[1], &[], "").await.status, 200, "its download is running");
    shop::base::database::execute(&server.shop.db, "UPDATE download_links SET session_until = 1", []).await.unwrap();
    assert_eq!(send("HEAD", &urls[1], &[], "").await.status, 403);
}

#[tokio::test]
async fn a_limit_holds_under_a_rush() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let mut urls = Vec::new();
    for _ in 0..6 {
        urls.push(link(&server, &id, &key).await);
    }
    let rush = urls.into_iter().map(|url| tokio::spawn(async move { send("GET", &url, &[], "").await.status }));
    let mut statuses = Vec::new();
    for answer in rush.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 403, 403, 403, 403]);
}

#[tokio::test]
async fn a_link_that_does_not_work_says_how_to_get_one_that_does() {
    let server = TestServer::start().await;
    server.stock().await;
    for unknown in ["/downloads/nothing", "/downloads/%ff"] {
        let unknown = server.get(unknown).await;
        assert_eq!(unknown.status, 404);
        assert!(unknown.text().contains("Open your order"), "{}", unknown.text());
    }
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    shop::base::database::execute(&server.shop.db, "UPDATE download_links SET expires_at = 1", []).await.unwrap();
    let expired = send("GET", &url, &[], "").await;
    assert_eq!(expired.status, 410);
    assert!(expired.text().contains("makes a new one"), "{}", expired.text());
    shop::base::database::execute(&server.shop.db, "UPDATE entitlements SET state = 'revoked'", []).await.unwrap();
    let fresh = server.order(&id, &key).await.json();
    assert!(fresh["items"][0]["files"].as_array().unwrap().is_empty(), "a revoked order offers no files");
}

#[tokio::test]
async fn a_lost_file_costs_nothing() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    std::fs::remove_dir_all(server.folder().join("files")).unwrap();
    let lost = send("GET", &url, &[], "").await;
    assert_eq!(lost.status, 503);
    assert!(lost.text().contains("Nothing was counted"));
    assert_eq!(server.order(&id, &key).await.json()["items"][0]["files"][0]["downloads_left"], 2);
}

#[on_both_databases]
async fn a_link_in_a_forum_gives_what_the_budget_says_and_no_more(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let content = vec![b'x'; 2 * 1024 * 1024];
    assert_eq!(server.upload("a-book", "large.bin", &content).await.status, 201);
    let (id, key) = server.buy("plain").await;
    let order = server.order(&id, &key).await.json();
    let files = order["items"][0]["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == "large.bin").unwrap()["id"].as_str().unwrap();
    let url = server.mint(&id, &key, file).await.json()["url"].as_str().unwrap().to_owned();
    let mut n_whole = 0;
    for _ in 0..20 {
        let answer = send("GET", &url, &[], "").await;
        assert!(matches!(answer.status, 200 | 403), "{}", answer.status);
        if answer.status == 200 {
            assert!(answer.body == content);
            n_whole += 1;
        }
    }
    assert_eq!(n_whole, 6, "three times the file a unit, and two units");
    let evidence = "download_log l JOIN download_sessions s ON s.id = l.session_id WHERE l.n_bytes = s.n_bytes AND s.n_bytes = 6291456 \
        AND l.n_requests = 3";
    shop::fulfillment::downloads::flush(&server.shop).await.unwrap();
    assert_eq!(server.count(evidence).await, 2);
}

#[on_both_databases]
async fn a_thousand_parts_cost_no_thousand_rows_and_end_in_a_pause(engine: Engine) {
    let server = TestServer::with(engine, 1.0).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    let mut paused = None;
    for _ in 0..1_000 {
        let answer = send("GET", &url, &[("range", "bytes=0-0")], "").await;
        if answer.status == 429 {
            paused = Some(answer);
            break;
        }
        assert_eq!((answer.status, answer.body.as_slice()), (206, &b"%"[..]));
    }
    let paused = paused.expect("a script may ask for ever");
    assert!(paused.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(paused.text().contains("Larger parts"), "{}", paused.text());
    shop::fulfillment::downloads::flush(&server.shop).await.unwrap();
    assert_eq!(server.count("download_log").await, 1);
}

#[tokio::test]
async fn a_head_knows_no_ranges() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    for range in ["bytes=3-8", "bytes=99-", "bytes=0-0,5-6"] {
        let head = send("HEAD", &url, &[("range", range)], "").await;
        assert_eq!((head.status, head.header("content-length"), head.header("content-range")), (200, "23", ""), "{range}");
    }
}

#[on_both_databases]
async fn a_file_that_was_taken_out_is_lost_to_links_that_were_made_before(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    let release = shop::catalog::releases::list(&server.shop, "a-book").await.unwrap()[0].clone();
    let by = shop::accounts::audit::Actor::operator();
    shop::catalog::releases::remove_file(&server.shop, &by, "a-book", &release.id, &release.goods[0].file.id).await.unwrap();
    let lost = send("GET", &url, &[], "").await;
    assert_eq!(lost.status, 410);
    assert!(lost.text().contains("no longer offered") && lost.text().contains("Open your order"), "{}", lost.text());
    assert_eq!(send("HEAD", &url, &[], "").await.status, 410);
}

#[on_both_databases]
async fn a_token_that_is_none_is_refused_however_it_is_written(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let url = link(&server, &id, &key).await;
    let token = url.rsplit('/').next().unwrap().to_owned();
    let spelled = [
        format!("{}?token=a&token=b", &token[..31]),
        format!("{}0", token),
        token.to_ascii_uppercase(),
        format!("{token}%00"),
        "%00".to_owned(),
        "%252e%252e%252fetc%252fpasswd".to_owned(),
        "..%2f..%2fetc%2fpasswd".to_owned(),
        "?token[]=a".to_owned(),
        "'%20OR%201=1--".to_owned(),
        "a".repeat(1_000),
    ];
    for wrong in spelled {
        for method in ["GET", "HEAD"] {
            let answer = send(method, &format!("{}/downloads/{wrong}", server.base), &[], "").await;
            assert!((400..500).contains(&answer.status), "{method} {wrong}: {}", answer.status);
        }
    }
    // What stands behind a question mark is no part of the token.
    assert_eq!(send("HEAD", &format!("{url}?token=a&token=b&token[]=c"), &[], "").await.status, 200);
    assert_eq!(server.count("download_sessions").await, 0);
    for path in ["media/%252e%252e/x", "media/%00/x", "media/..%2f..%2fetc/passwd"] {
        let answer = server.get(&format!("/{path}")).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
    }
}
