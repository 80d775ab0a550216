//! Forms of those who are not signed in come back as they were typed, and fill no disk.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use futures::future::join_all;
use sea_orm::ConnectionTrait;
use server::config::Config;
use shop_testing::on_both_databases;

/// A shop behind a proxy, so that a test has more than one client.
async fn open(engine: Engine, scale: f64) -> TestServer {
    let behind_a_proxy = |config: &mut Config| {
        config.web.rate_limit_scale = scale;
        config.web.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    };
    TestServer::changed(engine, behind_a_proxy, |_| {}).await
}

async fn post(server: &TestServer, path: &str, fields: String, address: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("origin", server.base.as_str()),
        ("x-forwarded-for", address),
    ];
    send("POST", &format!("{}/_fn/{path}", server.base), &headers, fields).await
}

async fn guess(server: &TestServer, email: &str, address: &str) -> Answer {
    post(server, "sign_in", format!("email={email}&password=guess-guess&next=/dashboard/orders"), address).await
}

#[on_both_databases]
async fn one_client_keeps_few_forms_however_many_it_sends(engine: Engine) {
    let server = open(engine, 1_000.0).await;
    for round in 0..3 {
        let emails: Vec<String> = (0..16).map(|n| format!("who{round}x{n}@example.com")).collect();
        let answers = join_all(emails.iter().map(|email| guess(&server, email, "198.51.100.1"))).await;
        assert!(answers.iter().all(|answer| answer.status == 303));
    }
    assert_eq!(server.count("drafts").await, 10);
    let other = guess(&server, "other@example.com", "198.51.100.2").await;
    assert_eq!(server.count("drafts").await, 11, "another client has its own");
    let last = guess(&server, "last@example.com", "198.51.100.1").await;
    assert_eq!(server.count("drafts").await, 11);
    for (answer, email) in [(&last, "last@example.com"), (&other, "other@example.com")] {
        let again = server.get(answer.header("location")).await.text();
        assert!(again.contains(&format!("value=\"{email}\"")) && again.contains("/dashboard/orders"), "{again}");
    }
}

#[on_both_databases]
async fn all_clients_together_keep_few_forms_for_an_hour(engine: Engine) {
    let server = open(engine, 1_000.0).await;
    let id = if engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    let (store, now) = (server.shop.settings.store_id, server.shop.clock.now_ms());
    // As if many networks had sent one each.
    let sql = format!(
        "INSERT INTO drafts (id, store_id, form, body, code, message, created_at) WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + \
         1 FROM many WHERE n < 1200) \
         SELECT {id}, $1, 'sign_in', '{{}}', '', '', $2 - n FROM many"
    );
    shop::base::database::execute(&server.shop.db, &sql, [store.into(), now.into()]).await.unwrap();
    let kept = guess(&server, "kept@example.com", "198.51.100.1").await;
    assert_eq!(server.count("drafts").await, 1_000, "the oldest go");
    assert!(server.get(kept.header("location")).await.text().contains("kept@example.com"));
    server.shop.db.execute_unprepared("UPDATE drafts SET created_at = created_at - 3600001").await.unwrap();
    let late = server.get(kept.header("location")).await;
    assert!(late.status == 200 && !late.text().contains("kept@example.com"), "an hour is over");
    shop::jobs::reconcile_once(&server.shop).await.unwrap();
    assert_eq!(server.count("drafts").await, 0);
}

#[on_both_databases]
async fn nothing_is_kept_of_what_nobody_types(engine: Engine) {
    let server = open(engine, 1_000.0).await;
    let long = "n".repeat(480_000);
    for (path, fields, location) in [
        ("sign_in", format!("email=x&password=y&next={long}"), "/sign-in?notice=next_invalid"),
        ("sign_in", format!("email={long}@example.com&password=y&next="), "/sign-in?notice=email_invalid"),
        ("request_sign_in_link", format!("email={OWNER}&next={long}"), "/sign-in?notice=next_invalid"),
        ("request_sign_in_link", format!("email={long}@example.com"), "/sign-in?notice=email_invalid"),
        (
            "claim_shop",
            format!("code=x&store_name={long}&currency=USD&time_zone=UTC&email=a@example.com&password=a+long+enough+one"),
            "/sign-in?notice=already_claimed",
        ),
    ] {
        let answer = post(&server, path, fields, "198.51.100.1").await;
        assert_eq!((answer.status, answer.header("location")), (303, location), "{path}");
    }
    for sql in ["DELETE FROM api_keys", "UPDATE stores SET claimed_at = NULL"] {
        server.shop.db.execute_unprepared(sql).await.unwrap();
    }
    let fields = format!("code=x&store_name={long}&currency=USD&time_zone=UTC&email=a@example.com&password=a+long+enough+one");
    let unclaimed = post(&server, "claim_shop", fields, "198.51.100.1").await;
    assert_eq!((unclaimed.status, unclaimed.header("location")), (303, "/setup?notice=setup_code_wrong"));
    assert!(server.get("/setup?notice=setup_code_wrong").await.text().contains("not the code"));
    assert_eq!(server.count("drafts").await, 0);
}

#[on_both_databases]
async fn a_try_that_a_limit_refuses_keeps_nothing(engine: Engine) {
    let server = open(engine, 1.0).await;
    for n in 0..10 {
        // Each from a network of its own: here the address that is tried has a limit, not the client.
        let answer = guess(&server, "who@example.com", &format!("203.0.113.{n}")).await;
        assert!(answer.header("location").starts_with("/sign-in?notice=sign_in_failed&draft="), "{}", answer.header("location"));
    }
    // The tries of one client for one address.
    for _ in 0..9 {
        guess(&server, "who@example.com", "203.0.113.0").await;
    }
    let n = server.count("drafts").await;
    server.shop.db.execute_unprepared("UPDATE sign_in_tries SET n = 1000").await.unwrap();
    let refused = guess(&server, "who@example.com", "203.0.113.1").await;
    assert_eq!((refused.status, refused.header("location")), (303, "/sign-in?notice=rate_limited"));
    assert_eq!(server.count("drafts").await, n);
}

#[on_both_databases]
async fn drafts_of_members_stay_as_they_are(engine: Engine) {
    let server = open(engine, 1_000.0).await;
    let session = server.sign_in(OWNER, PASSWORD).await;
    for n in 0..12 {
        let refused = server
            .form(
                "/_fn/save_product",
                &format!("act=save&form[title]=&form[tiers][0][name]=A&form[description]={}", "d".repeat(9_000 + n)),
                &session,
            )
            .await;
        assert!(refused.header("location").contains("draft="), "{} {}", refused.status, refused.header("location"));
    }
    guess(&server, "who@example.com", "198.51.100.1").await;
    assert_eq!((server.count("drafts").await, server.count("drafts WHERE member_id IS NOT NULL").await), (13, 12));
}
