//! The link to an order: its key leaves the address of a browser, and a member can make another.

use crate::support::{Answer, Engine, FIREFOX, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

const NAVIGATION: [(&str, &str); 3] = [("user-agent", FIREFOX), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// A browser that opens an address, with what it keeps for it.
async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    let headers: Vec<(&str, &str)> =
        NAVIGATION.into_iter().chain([("cookie", cookie)].into_iter().filter(|_| !cookie.is_empty())).collect();
    send("GET", &format!("{}{path}", server.base), &headers, "").await
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn keeps_key(answer: &Answer) -> bool {
    answer.headers.get_all("set-cookie").iter().any(|value| value.to_str().unwrap().contains("order_key"))
}

/// The address and the cookie with which a link ends.
async fn follow(server: &TestServer, path: &str) -> (String, String) {
    let first = open(server, path, "").await;
    let kept = cookie(&first);
    let second = open(server, first.header("location"), &kept).await;
    assert_eq!((first.status, second.status), (303, 303));
    (second.header("location").to_owned(), kept)
}

#[on_both_databases]
async fn a_browser_leaves_the_key_of_an_order_behind(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let first = open(&server, &format!("/orders/{id}?key={key}&notice=resent"), "cart=abc").await;
    assert_eq!((first.status, first.header("cache-control")), (303, "private, no-store"));
    let set = first.header("set-cookie");
    assert_eq!(set, format!("order_key={key}; Path=/orders/{id}; HttpOnly; SameSite=Lax; Max-Age=2592000"));
    let second = open(&server, first.header("location"), &format!("cart=abc; order_key={key}")).await;
    assert_eq!((second.status, second.header("location")), (303, &*format!("/orders/{id}?notice=resent")));
    let page = open(&server, second.header("location"), &cookie(&first)).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Thank you. Here is your order.") && page.text().contains("This page opens in this browser for a month"));
    // A link that is opened again goes there at once.
    let again = open(&server, &format!("/orders/{id}?key={key}"), &cookie(&first)).await;
    assert_eq!((again.status, again.header("location")), (303, &*format!("/orders/{id}")));

    // What the page sends comes back to the address without the key.
    let fields = format!("id={id}&key={key}&has_cookie=true");
    assert_eq!(server.form("/_fn/resend_order", &fields, "").await.header("location"), format!("/orders/{id}?notice=resent"));
    let gone = server.form("/_fn/mint_download", &format!("{fields}&file_id=none"), "").await;
    assert_eq!(gone.header("location"), format!("/orders/{id}?notice=not_found"));
    let in_place = server.form("/_fn/resend_order", &format!("id={id}&key={key}"), "").await;
    assert_eq!(in_place.header("location"), format!("/orders/{id}?key={key}&notice=resent"));
}

#[on_both_databases]
async fn a_link_to_an_order_opens_it_without_cookies(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let link = format!("/orders/{id}?key={key}");
    for (method, headers) in [
        ("GET", vec![]),
        ("GET", vec![("user-agent", FIREFOX)]),
        ("GET", vec![("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")]),
        ("HEAD", NAVIGATION.to_vec()),
    ] {
        let answer = send(method, &format!("{}{link}", server.base), &headers, "").await;
        assert_eq!((answer.status, keeps_key(&answer)), (200, false), "{method} {headers:?}");
    }
    // A browser that refuses cookies comes back without one, and is served where it is.
    let first = open(&server, &link, "").await;
    let second = open(&server, first.header("location"), "").await;
    assert_eq!((first.status, second.status), (303, 200));
    assert!(second.text().contains("so keep it private"), "{}", second.text());

    // Without the key, with a wrong one, with that of another order: the same page, whether the order is there or not.
    let (other, other_key) = server.buy("plain").await;
    for (path, cookie) in [
        (format!("/orders/{id}"), String::new()),
        (format!("/orders/{id}"), "order_key=".to_owned()),
        (format!("/orders/{id}"), format!("order_key={other_key}")),
        (format!("/orders/{id}?key=x{key}"), format!("order_key={key}")),
        (format!("/orders/{id}?key={other_key}"), String::new()),
        (format!("/orders/{}", other.chars().rev().collect::<String>()), format!("order_key={other_key}")),
    ] {
        let answer = open(&server, &path, &cookie).await;
        assert_eq!((answer.status, keeps_key(&answer)), (404, false), "{path}");
        assert!(answer.text().contains("Open it with the button in your latest order email"), "{path}: {}", answer.text());
    }
    assert_eq!(server.order(&id, &key).await.status, 200, "software sends the key as it did");
}

#[tokio::test]
async fn the_cookie_of_an_order_is_for_https_alone_where_the_shop_is() {
    let server = TestServer::changed(Engine::Sqlite, |config| config.web.base_url = "https://shop.example".to_owned(), |_| {}).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let set = open(&server, &format!("/orders/{id}?key={key}"), "").await;
    assert_eq!(
        set.header("set-cookie"),
        format!("__Secure-order_key={key}; Path=/orders/{id}; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure")
    );
    assert_eq!(open(&server, &format!("/orders/{id}"), &cookie(&set)).await.status, 200);
    assert_eq!(open(&server, &format!("/orders/{id}"), &format!("order_key={key}")).await.status, 404);
}

#[on_both_databases]
async fn a_new_link_shuts_out_whoever_has_the_old_one(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let (bare, kept) = follow(&server, &format!("/orders/{id}?key={key}")).await;
    assert_eq!(open(&server, &bare, &kept).await.status, 200);
    let file = server.order(&id, &key).await.json()["items"][0]["files"][0]["id"].as_str().unwrap().to_owned();
    let download = server.mint(&id, &key, &file).await.json()["url"].as_str().unwrap().to_owned();

    let made = server.create(&format!("/api/v1/orders/{id}/link"), &json!({ "mail": false })).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let url = made.json()["url"].as_str().unwrap().to_owned();
    let new = url.strip_prefix(&server.base).unwrap();
    assert_eq!(open(&server, &format!("/orders/{id}?key={key}"), "").await.status, 404);
    assert_eq!(open(&server, &bare, &kept).await.status, 404);
    assert_eq!(server.order(&id, &key).await.status, 404);
    assert_eq!(send("GET", &download, &[], "").await.status, 410, "a link to a file that somebody else may have");
    let (bare, kept) = follow(&server, new).await;
    assert_eq!(open(&server, &bare, &kept).await.status, 200);

    // In the dashboard, where it is mailed on request.
    let member = server.sign_in(OWNER, PASSWORD).await;
    let own = format!("/dashboard/orders/{id}");
    let page = send("GET", &format!("{}{own}", server.base), &[("cookie", &member)], "").await.text();
    assert!(page.contains("Make a new link") && page.contains("New link made") && page.contains(": not mailed, by "), "{page}");
    let done = server.form("/_fn/renew_link", &format!("order={id}&attempt=one&mail=true"), &member).await;
    assert_eq!(done.header("location"), format!("{own}?notice=link_renewed_mailed#help"));
    assert_eq!(open(&server, new, "").await.status, 404);
    let file = server.change("GET", &format!("/api/v1/orders/{id}"), &Value::Null).await.json();
    let steps: Vec<&str> = file["timeline"].as_array().unwrap().iter().filter_map(|step| step["event"].as_str()).collect();
    assert_eq!(steps.iter().filter(|step| **step == "link_renewed").count(), 2, "{steps:?}");
    let stranger = server.form("/_fn/renew_link", &format!("order={id}&attempt=two"), "").await;
    assert!(stranger.status == 401 || stranger.header("location").starts_with("/sign-in"), "{} {}", stranger.status, stranger.text());
    assert_eq!(server.create("/api/v1/orders/none/link", &json!({})).await.status, 404);
}
