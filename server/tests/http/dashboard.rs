//! The dashboard opens for members alone, and a session ends where it is ended.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use sea_orm::ConnectionTrait;
use server::config::Config;
use shop_testing::on_both_databases;

fn session(answer: &crate::support::Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.into_iter().find(|value| value.starts_with("session=")).expect("no session").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

async fn open(server: &TestServer, cookie: &str) -> crate::support::Answer {
    send("GET", &format!("{}/dashboard", server.base), &[("cookie", cookie)], "").await
}

#[on_both_databases]
async fn a_member_signs_in_sees_the_sales_and_signs_out(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server.buy("rich").await;
    let stranger = open(&server, "").await;
    assert_eq!((stranger.status, stranger.header("location")), (302, "/sign-in?next=/dashboard"));
    let fields = format!("email={OWNER}&password={}&next=/dashboard", PASSWORD.replace(' ', "+"));
    let signed_in = server.form("/_fn/sign_in", &fields, "session=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/dashboard"));
    let cookie = session(&signed_in);
    assert!(!cookie.contains("aaaaaaaa"), "a session that was brought along is not taken over");
    let page = open(&server, &cookie).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("$9.00") && page.text().contains("reader@example.com"), "{}", page.text());
    assert!(page.header("cache-control").contains("no-store"));
    let out = server.form("/_fn/sign_out", "", &cookie).await;
    assert_eq!(out.status, 303);
    assert_eq!(open(&server, &cookie).await.status, 302, "the session is dead on the server as well");
    assert_eq!(server.count("sessions").await, 0);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_alike() {
    let server = TestServer::start().await;
    let wrong = server.form("/_fn/sign_in", &format!("email={OWNER}&password=wrong-password&next="), "").await;
    let unknown = server.form("/_fn/sign_in", "email=who@example.com&password=wrong-password&next=", "").await;
    let page = |answer: &crate::support::Answer| answer.header("location").split("&draft=").next().unwrap().to_owned();
    assert_eq!((wrong.status, page(&wrong)), (unknown.status, page(&unknown)));
    assert_eq!(page(&wrong), "/sign-in?notice=sign_in_failed");
    let again = server.get(wrong.header("location")).await.text();
    assert!(
        again.contains(&format!("value=\"{OWNER}\"")) && !again.contains("wrong-password"),
        "the address stays, the password goes: {again}"
    );
    assert_eq!(server.count("sessions").await, 0);
    let elsewhere =
        server.form("/_fn/sign_in", &format!("email={OWNER}&password={}&next=//evil.example", PASSWORD.replace(' ', "+")), "a=b").await;
    assert_eq!(elsewhere.header("location"), "/dashboard");
}

#[tokio::test]
async fn guessing_has_a_limit() {
    let server = TestServer::with(Engine::Sqlite, 1.0).await;
    let mut last = 0;
    for _ in 0..11 {
        last = server.form("/_fn/sign_in", "email=who@example.com&password=guess-guess&next=", "").await.status;
    }
    assert_eq!(last, 429);
}

#[on_both_databases]
async fn guessing_from_many_addresses_has_a_limit_and_locks_no_member_out(engine: Engine) {
    let behind_a_proxy = |config: &mut Config| {
        config.web.rate_limit_scale = 1.0;
        config.web.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let server = TestServer::changed(engine, behind_a_proxy, |_| {}).await;
    let knock = async |path: &str, fields: String, address: &str, cookie: &str| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
            ("origin", server.base.as_str()),
            ("x-forwarded-for", address),
            ("cookie", cookie),
        ];
        send("POST", &format!("{}/_fn/{path}", server.base), &headers, fields).await
    };
    let right = format!("email={OWNER}&password={}&next=", PASSWORD.replace(' ', "+"));
    let first = knock("sign_in", right.clone(), "198.51.100.1", "").await;
    let mark = first
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap())
        .find(|value| value.starts_with("was_here="))
        .unwrap();
    assert!(mark.contains("HttpOnly") && mark.contains("SameSite=Lax"), "{mark}");
    let mark = mark.split(';').next().unwrap().to_owned();
    let guess = async |email: &str, n: u32| {
        let address = format!("203.0.{}.{}", 113 + n / 200, n % 200);
        let answer = knock("sign_in", format!("email={email}&password=guess-guess&next="), &address, "").await;
        answer.header("location").split("&draft=").next().unwrap().to_owned()
    };
    // The owner's own first sign-in was one of the hundred.
    for n in 0..99 {
        assert_eq!(guess(OWNER, n).await, "/sign-in?notice=sign_in_failed", "{n}");
    }
    assert_eq!(guess(&OWNER.to_uppercase(), 101).await, "/sign-in?notice=rate_limited");
    assert_eq!(guess("who@example.com", 102).await, "/sign-in?notice=sign_in_failed");
    assert!(knock("sign_in", right.clone(), "198.51.100.2", "").await.header("location").starts_with("/sign-in?notice=rate_limited"));
    assert_eq!(knock("sign_in", right.clone(), "198.51.100.3", &mark).await.header("location"), "/dashboard", "a browser that was here");
    let other_end = if mark.ends_with('a') { 'b' } else { 'a' };
    let forged = format!("{}{other_end}", &mark[..mark.len() - 1]);
    assert!(knock("sign_in", right, "198.51.100.4", &forged).await.header("location").starts_with("/sign-in?notice=rate_limited"));
    let link = knock("request_sign_in_link", format!("email={OWNER}"), "198.51.100.5", "").await;
    assert_eq!(link.header("location"), "/sign-in?notice=link_mailed", "links have a bucket of their own");
    let row = "sign_in_tries WHERE CAST(bucket AS TEXT) LIKE '%owner%'";
    assert_eq!(server.count(row).await, 0, "the table holds nobody's address");
}

#[on_both_databases]
async fn what_is_dangerous_asks_who_it_is_after_a_while(engine: Engine) {
    let server = TestServer::on(engine).await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let invited = server.create("/api/v1/members", &serde_json::json!({ "email": "ann@example.com", "role": "analyst" })).await;
    let ann = invited.json()["id"].as_str().unwrap().to_owned();
    let age = "UPDATE sessions SET created_at = created_at - 1200000, proved_at = proved_at - 1200000";
    server.shop.db.execute_unprepared(age).await.unwrap();
    let forms = [
        ("invite_member", "email=bob%40example.com&role=support".to_owned()),
        ("change_role", format!("id={ann}&role=owner")),
        ("remove_member", format!("id={ann}")),
        ("create_key", "name=Build&access=full".to_owned()),
    ];
    for (form, fields) in &forms {
        let refused = server.form(&format!("/_fn/{form}"), fields, &cookie).await;
        assert_eq!(refused.status, 303, "{form}");
        assert!(refused.header("location").starts_with("/confirm?next=/dashboard/settings/"), "{form}: {}", refused.header("location"));
    }
    assert_eq!((server.count("members WHERE removed_at IS NULL").await, server.count("api_keys").await), (2, 1));
    let refused = server.form("/_fn/invite_member", &forms[0].1, &cookie).await.header("location").to_owned();
    let get = async |path: &str| send("GET", &format!("{}{path}", server.base), &[("cookie", &cookie)], "").await;
    let page = get(&refused).await;
    assert!(
        page.status == 200 && page.text().contains("Confirm it") && page.header("referrer-policy") == "strict-origin",
        "{}",
        page.text()
    );
    assert_eq!(server.get(&refused).await.status, 302, "strangers are led to the sign-in");
    let next = refused.split_once("next=").unwrap().1.to_owned();
    let wrong = server.form("/_fn/confirm", &format!("password=guess-guess&next={next}"), &cookie).await;
    assert!(wrong.header("location").starts_with("/confirm?next=") && wrong.header("location").ends_with("notice=password_wrong"));
    let away = server.form("/_fn/confirm", &format!("password={}&next=//evil.example", PASSWORD.replace(' ', "+")), &cookie).await;
    assert_eq!(away.header("location"), "/dashboard");
    let proved = server.form("/_fn/confirm", &format!("password={}&next={next}", PASSWORD.replace(' ', "+")), &cookie).await;
    assert!(proved.header("location").starts_with("/dashboard/settings/members?draft="), "{}", proved.header("location"));
    assert!(get(proved.header("location")).await.text().contains("bob@example.com"), "what was typed is there still");
    let invited = server.form("/_fn/invite_member", &forms[0].1, &cookie).await;
    assert_eq!(invited.header("location"), "/dashboard/settings/members?notice=invited");
}

#[tokio::test]
async fn signing_in_ends_the_session_that_came_along() {
    let server = TestServer::start().await;
    let old = server.sign_in(OWNER, PASSWORD).await;
    let fields = format!("email={OWNER}&password={}&next=", PASSWORD.replace(' ', "+"));
    let again = server.form("/_fn/sign_in", &fields, &old).await;
    assert_eq!(open(&server, &old).await.status, 302, "nobody else who has it is signed in any more");
    assert_eq!(open(&server, &session(&again)).await.status, 200);
    assert_eq!(server.count("sessions").await, 1);
}

#[on_both_databases]
async fn a_session_of_an_older_release_goes_on(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.sign_in(OWNER, PASSWORD).await;
    let token = "q".repeat(40);
    let sql = "UPDATE sessions SET id_hash = $1";
    shop::base::database::execute(&server.shop.db, sql, [shop::base::secret::sha256(token.as_bytes()).into()]).await.unwrap();
    let page = open(&server, &format!("session={token}")).await;
    assert_eq!(page.status, 200);
    let cookie = session(&page);
    assert_ne!(cookie, format!("session={token}"));
    assert_eq!(open(&server, &cookie).await.status, 200);
    assert_eq!(open(&server, &format!("session={token}")).await.status, 200, "a tab that came at the same time");
    assert_eq!(server.count("sessions").await, 1);
    assert_eq!(open(&server, &format!("session={}", "z".repeat(40))).await.status, 302);
}

#[tokio::test]
async fn its_pages_stand_in_a_frame_of_their_own() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    for (path, status) in [("/dashboard", 200), ("/dashboard/orders/nothing", 404), ("/dashboard/nothing", 404)] {
        let page = send("GET", &format!("{}{path}", server.base), &[("cookie", &cookie)], "").await;
        let text = page.text();
        assert_eq!((page.status, text.matches("<main").count()), (status, 1), "{path}");
        assert!(!text.contains("site-head") && !text.contains("site-foot") && text.contains("View shop"), "{path}: {text}");
        assert!(text.contains("aria-label=\"Dashboard\""), "{path}: {text}");
    }
    let seen = send("GET", &format!("{}/dashboard/products/a-book/see", server.base), &[("cookie", &cookie)], "").await.text();
    assert!(seen.contains("site-head") && seen.matches("<main").count() == 1, "a product as buyers see it stands in the shop's frame");
}

#[tokio::test]
async fn its_data_is_closed_to_strangers() {
    let server = TestServer::start().await;
    let url = format!("{}/_fn/get_dashboard", server.base);
    let answer = send("POST", &url, &[("origin", &server.base), ("content-type", "application/x-www-form-urlencoded")], "").await;
    assert_eq!(answer.status, 401);
    assert!(!answer.text().contains("revenue"));
}

#[tokio::test]
async fn a_search_finds_what_the_role_may_see() {
    let server = TestServer::start().await;
    server.stock().await;
    let (order, _) = server.buy("plain").await;
    shop::accounts::create_owner(&server.shop, "analyst@example.com", PASSWORD).await.unwrap();
    server.shop.db.execute_unprepared("UPDATE members SET role = 'analyst' WHERE email = 'analyst@example.com'").await.unwrap();
    let (owner, analyst) = (server.sign_in(OWNER, PASSWORD).await, server.sign_in("analyst@example.com", PASSWORD).await);
    let find = async |cookie: &str, q: &str| {
        let headers = [("cookie", cookie), ("origin", server.base.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let answer = send("POST", &format!("{}/_fn/find_anything", server.base), &headers, format!("q={q}")).await.json();
        let hits = answer["hits"].as_array().unwrap().iter();
        hits.map(|hit| format!("{} {}", hit["kind"].as_str().unwrap(), hit["url"].as_str().unwrap())).collect::<Vec<_>>()
    };
    let of_reader = find(&owner, "reader%40").await;
    assert!(of_reader.contains(&format!("Order /dashboard/orders/{order}")), "{of_reader:?}");
    assert!(of_reader.iter().any(|hit| hit.starts_with("Customer ")), "{of_reader:?}");
    assert_eq!(find(&analyst, "reader%40").await, Vec::<String>::new());
    assert_eq!(find(&owner, "book").await, ["Product /dashboard/products/a-book"]);
    assert_eq!(find(&analyst, "book").await, ["Product /dashboard/products/a-book/see"]);
    assert_eq!(find(&owner, "analyt").await, ["Page /dashboard/analytics"]);
    assert!(!find(&analyst, "").await.iter().any(|hit| hit.contains("/orders") || hit.contains("/members")));
    let page = send("GET", &format!("{}/dashboard/search?q=reader@", server.base), &[("cookie", &owner)], "").await.text();
    assert!(page.contains(&order), "without a script too");
}
