//! The way into the dashboard, as somebody with bad intentions tries it.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send, with_growth};
use shop_testing::on_both_databases;
use tokio::task::JoinSet;

/// The session that an answer hands out.
fn session(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.into_iter().find(|value| value.starts_with("session=") && !value.starts_with("session=;"))?;
    Some(cookie.split(';').next().unwrap().to_owned())
}

fn fields(email: &str, password: &str, next: &str) -> String {
    let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    format!("email={}&password={}&next={}", encoded(email), encoded(password), encoded(next))
}

async fn status_of_dashboard(server: &TestServer, cookie: &str) -> u16 {
    send("GET", &format!("{}/dashboard", server.base), &[("cookie", cookie)], "").await.status
}

#[on_both_databases]
async fn a_session_that_a_browser_had_before_is_worth_nothing_after_signing_in(engine: Engine) {
    let server = TestServer::on(engine).await;
    // An id as the shop makes them, of which it knows nothing.
    let made_up = format!("session={}", "A".repeat(server.sign_in(OWNER, PASSWORD).await.len() - "session=".len()));
    let somebodys = server.sign_in(OWNER, PASSWORD).await;
    assert_eq!(status_of_dashboard(&server, &somebodys).await, 200);
    // A name is what the browser sends, not what it decodes to: a neighboring host may set `%5F%5FHost-session`.
    assert_eq!(status_of_dashboard(&server, &somebodys.replace("session=", "%73ession=")).await, 302);
    for preset in [made_up, somebodys] {
        let entered = server.form("/_fn/sign_in", &fields(OWNER, PASSWORD, "/dashboard"), &preset).await;
        let given = session(&entered).expect("a session of its own");
        assert_ne!(given, preset);
        assert_eq!(status_of_dashboard(&server, &given).await, 200);
        assert_eq!(status_of_dashboard(&server, &preset).await, 302, "who set it is not in");
        // Signing out ends it at the shop, not only in the browser.
        server.form("/_fn/sign_out", "", &given).await;
        assert_eq!(status_of_dashboard(&server, &given).await, 302);
    }
}

#[tokio::test]
async fn signing_in_leads_to_no_other_host() {
    let server = TestServer::start().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    for next in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "//evil.example/dashboard/",
        "/dashboard@evil.example",
        "/dashboard.evil.example",
        "/dashboard/\r\nlocation: https://evil.example",
        "evil.example",
    ] {
        let entered = server.form("/_fn/sign_in", &fields(OWNER, PASSWORD, next), "cart_count=0").await;
        assert_eq!((entered.status, entered.header("location")), (303, "/dashboard"), "{next}");
        // Who is in already is led on by the page itself.
        let encoded = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC).to_string();
        for page in ["sign-in", "confirm"] {
            let led = send("GET", &format!("{}/{page}?next={encoded}", server.base), &[("cookie", &cookie)], "").await;
            assert!(!led.header("location").contains("evil"), "{page} {next}: {}", led.header("location"));
            assert!(!led.text().contains("href=\"//evil") && !led.text().contains("action=\"//evil"), "{page} {next}");
        }
    }
}

#[tokio::test]
async fn a_password_of_a_megabyte_is_a_wrong_one() {
    let server = TestServer::start().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let (large, long) = ("a".repeat(1 << 20), "a".repeat(400 << 10));
    assert_eq!(server.form("/_fn/sign_in", &fields(OWNER, &large, "/dashboard"), "").await.status, 413);
    let wrong = server.form("/_fn/sign_in", &fields(OWNER, "another horse battery", "/dashboard"), "").await;
    let refused = server.form("/_fn/sign_in", &fields(OWNER, &long, "/dashboard"), "").await;
    let words = |answer: &Answer| answer.header("location").split('&').next().unwrap().to_owned();
    assert_eq!((refused.status, words(&refused), session(&refused)), (303, words(&wrong), None));
    let changed = server.form("/_fn/change_password", &format!("old={}&new={long}", PASSWORD.replace(' ', "+")), &cookie).await;
    assert_ne!(words(&changed), "/dashboard");
    // The one from before still opens.
    assert_eq!(server.form("/_fn/sign_in", &fields(OWNER, PASSWORD, "/dashboard"), "cart_count=0").await.header("location"), "/dashboard");
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_who_sign_in_at_once_are_all_answered_in_little_memory(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let ((), grown) = with_growth(async {
        let mut attempts = JoinSet::new();
        for n in 0..50 {
            let (url, base) = (format!("{}/_fn/sign_in", server.base), server.base.clone());
            let fields = fields(&format!("member{n}@example.com"), PASSWORD, "/dashboard");
            attempts.spawn(async move {
                let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html"), ("origin", base.as_str())];
                send("POST", &url, &headers, fields).await.status
            });
        }
        for page in ["/healthz", "/", "/products/a-book"] {
            assert_eq!(server.get(page).await.status, 200, "whoever looks at the shop meanwhile is served");
        }
        while let Some(status) = attempts.join_next().await {
            assert_eq!(status.unwrap(), 303);
        }
    })
    .await;
    // Each takes 19 MiB while it is hashed: two at once, and what the allocator keeps of them, not fifty.
    assert!(grown < 500 << 20, "{grown} bytes");
}
