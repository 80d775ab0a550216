//! Getting into the shop: the first setup, links by mail, keys with scopes; what each shows and what it refuses.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use sea_orm::ConnectionTrait;
use serde_json::json;
use shop_testing::on_both_databases;

/// Takes the owner away, as in a shop that was never claimed.
async fn unclaim(server: &TestServer) {
    for sql in ["DELETE FROM api_keys", "UPDATE stores SET claimed_at = NULL"] {
        server.shop.db.execute_unprepared(sql).await.unwrap();
    }
}

fn cookie(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.into_iter().find(|value| value.starts_with("session=")).expect("no session").to_owned();
    cookie.split(';').next().unwrap().to_owned()
}

async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await
}

/// The path of the link in the last mail to this address.
async fn mailed_path(server: &TestServer, to: &str) -> String {
    for _ in 0..400 {
        let mut mails: Vec<_> =
            std::fs::read_dir(server.folder().join("mail")).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        mails.sort();
        for path in mails.into_iter().rev().filter(|path| path.extension().is_some_and(|extension| extension == "eml")) {
            let mail = std::fs::read_to_string(path).unwrap().replace("=\r\n", "");
            if mail.contains(&format!("To: {to}"))
                && let Some((_, rest)) = mail.split_once("/sign-in/")
            {
                return format!("/sign-in/{}", &rest[..32]);
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no mail to {to}")
}

#[on_both_databases]
async fn the_first_to_bring_the_code_owns_the_shop(engine: Engine) {
    let server = TestServer::on(engine).await;
    unclaim(&server).await;
    assert_eq!(server.get("/sign-in").await.header("location"), "/setup");
    let page = server.get("/setup").await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains(&shop::accounts::setup_code(&server.shop)), "the page does not give the code away");
    let fields = |code: &str| {
        format!(
            "code={code}&store_name=Quiet+Press&currency=EUR&time_zone=Europe%2FBerlin&email=first%40example.com&password=a+long+enough+one"
        )
    };
    let guessed = server.form("/_fn/claim_shop", &fields("guess"), "").await;
    assert_eq!(guessed.status, 303);
    let again = server.get(guessed.header("location")).await.text();
    assert!(again.contains("not the code") && again.contains("Quiet Press") && again.contains("first@example.com"), "{again}");
    assert!(!again.contains("a long enough one"), "a password is never sent back");
    let claimed = server.form("/_fn/claim_shop", &fields(&shop::accounts::setup_code(&server.shop)), "").await;
    assert_eq!((claimed.status, claimed.header("location")), (303, "/dashboard?notice=claimed"));
    assert!(open(&server, "/dashboard", &cookie(&claimed)).await.text().contains("first@example.com"));
    assert_eq!(server.get("/setup").await.header("location"), "/sign-in");
    let late = server.form("/_fn/claim_shop", &fields(&shop::accounts::setup_code(&server.shop)), "").await;
    // There is nothing left to correct, and what is kept for strangers can be asked for by strangers.
    assert_eq!((late.status, late.header("location")), (303, "/sign-in?notice=already_claimed"));
    assert_eq!(server.count("drafts").await, 1, "that of the wrong code");
}

#[tokio::test]
async fn a_mailed_link_opens_nothing_until_its_button_is_pressed() {
    let server = TestServer::start().await;
    for email in [OWNER, "nobody@example.com"] {
        let asked = server.form("/_fn/request_sign_in_link", &format!("email={email}"), "").await;
        assert_eq!((asked.status, asked.header("location")), (303, "/sign-in?notice=link_mailed"));
    }
    let path = mailed_path(&server, OWNER).await;
    for _ in 0..3 {
        let page = server.get(&path).await;
        assert_eq!((page.status, page.headers.contains_key("set-cookie")), (200, false), "programs that follow links use nothing up");
        assert_eq!(page.header("referrer-policy"), "strict-origin");
    }
    let token = path.rsplit('/').next().unwrap();
    let entered = server.form("/_fn/enter", &format!("token={token}"), "cart_count=0").await;
    assert_eq!((entered.status, entered.header("location")), (303, "/dashboard"));
    assert_eq!(open(&server, "/dashboard", &cookie(&entered)).await.status, 200);
    let again = server.form("/_fn/enter", &format!("token={token}"), "").await;
    assert!(again.header("location").contains("notice=link_over") && !again.headers.contains_key("set-cookie"));
    assert_eq!(server.get(&path).await.status, 410);
    assert_eq!(server.get("/sign-in/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").await.status, 410);
}

#[tokio::test]
async fn a_session_is_seen_in_the_account_and_ended_there() {
    let server = TestServer::start().await;
    let (here, there) = (server.sign_in(OWNER, PASSWORD).await, server.sign_in(OWNER, PASSWORD).await);
    let page = open(&server, "/dashboard/settings/account", &here).await.text();
    let name = page.split("name=\"name\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(page.matches("End the session of").count(), 1, "this one is ended by signing out");
    let ended = server.form("/_fn/end_session", &format!("name={name}"), &here).await;
    assert_eq!(ended.header("location"), "/dashboard/settings/account?notice=session_ended");
    assert_eq!(open(&server, "/dashboard", &there).await.status, 302);
    assert_eq!(open(&server, "/dashboard", &here).await.status, 200);
    let stranger = server.form("/_fn/end_session", &format!("name={name}"), "").await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn a_key_for_one_thing_does_nothing_else() {
    let server = TestServer::start().await;
    server.stock().await;
    let made = server.create("/api/v1/api-keys", &json!({ "name": "Orders only", "scopes": ["see_orders", "manage_keys"] })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let bearer = format!("Bearer {}", made.json()["key"].as_str().unwrap());
    let ask = async |method: &str, path: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(method, &format!("{}{path}", server.base), &headers, body).await
    };
    assert_eq!(ask("GET", "/api/v1/orders", "").await.status, 200);
    assert_eq!(ask("DELETE", "/api/v1/products/a-book", "").await.status, 403);
    assert_eq!(ask("POST", "/api/v1/api-keys", r#"{"name":"More","scopes":["edit_products"]}"#).await.status, 403, "no more than itself");
    let same = ask("POST", "/api/v1/api-keys", r#"{"name":"As much"}"#).await.json()["key"].as_str().unwrap().to_owned();
    let holder = shop::accounts::find_api_key(&server.shop, &same).await.unwrap().unwrap();
    assert_eq!(holder.scopes.map(|scopes| scopes.len()), Some(2));
    let unknown = server.create("/api/v1/api-keys", &json!({ "name": "x", "scopes": ["rule_the_world"] })).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "scopes_unknown"));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(server.change("DELETE", &format!("/api/v1/api-keys/{id}"), &json!(null)).await.status, 204);
    assert_eq!(ask("GET", "/api/v1/orders", "").await.status, 401);
}

#[tokio::test]
async fn a_key_from_the_dashboard_is_shown_on_one_page_once() {
    let server = TestServer::start().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let nothing = server.form("/_fn/create_key", "name=Build+server&access=only", &owner).await;
    let refused = open(&server, nothing.header("location"), &owner).await;
    assert!(refused.text().contains("Choose at least one thing that the key may do"), "what nobody chose is not granted");
    let made = server.form("/_fn/create_key", "name=Build+server&access=only&scopes[0]=see_sales", &owner).await;
    assert_eq!(made.status, 303);
    let location = made.header("location").to_owned();
    assert!(!location.contains("wl_"), "no secret in an address");
    let page = open(&server, &location, &owner).await.text();
    let key = page.split("wl_").nth(1).map(|rest| format!("wl_{}", &rest[..40])).unwrap();
    assert!(shop::accounts::find_api_key(&server.shop, &key).await.unwrap().is_some());
    assert!(!open(&server, &location, &owner).await.text().contains(&key));
}

#[tokio::test]
async fn settings_are_changed_and_a_refused_form_comes_back_as_it_was_typed() {
    let server = TestServer::start().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let fields = |zone: &str, name: &str| {
        format!(
            "form[name]={name}&form[tagline]=&form[legal_name]=Quiet+Press+Ltd&form[address]=1+Lane%0D%0ATown&form[tax_id]=\
             &form[currency]=USD&form[time_zone]={zone}\
             &form[support_email]=help%40example.com&form[sender_name]=&form[download_limit]=7&form[activation_limit]=&form[terms_text]=\
             &form[privacy_text]=%23+Nothing+is+kept&form[refund_text]="
        )
    };
    let refused = server.form("/_fn/save_settings", &fields("Mars", "Mine"), &owner).await;
    assert_eq!(refused.status, 303);
    let page = open(&server, refused.header("location"), &owner).await.text();
    assert!(page.contains("Choose a time zone") && page.contains("value=\"Mine\"") && page.contains("1 Lane"), "{page}");
    let saved = server.form("/_fn/save_settings", &fields("Europe%2FBerlin", "Mine"), &owner).await;
    assert_eq!(saved.header("location"), "/dashboard/settings?notice=saved");
    let shown = server.get("/").await.text();
    assert!(shown.contains("Mine") && shown.contains("Quiet Press Ltd · 1 Lane · Town") && shown.contains("/policies/privacy"), "{shown}");
    assert!(server.get("/policies/privacy").await.text().contains("Nothing is kept"));
    assert_eq!(server.get("/policies/terms").await.status, 404);
    assert_eq!(server.get("/policies/nonsense").await.status, 404);
    let log = open(&server, "/dashboard/settings/audit?kind=settings", &owner).await.text();
    assert!(log.contains(OWNER) && log.contains("time zone"), "{log}");
    let changed = server.change("PATCH", "/api/v1/settings", &json!({ "support_email": null, "tagline": "By key" })).await;
    assert_eq!(
        (changed.status, changed.json()["support_email"].is_null(), changed.json()["legal_name"].as_str()),
        (200, true, Some("Quiet Press Ltd"))
    );
    let check = server.create("/api/v1/settings/stripe-check", &json!({})).await.json();
    assert!(check["key_trouble"].is_null() && check["webhook_trouble"].is_null(), "{check}");
    let page = open(&server, "/dashboard/settings/connections?check=stripe", &owner).await.text();
    assert!(page.contains("Stripe accepts it") && page.contains("Its address leads here"), "{page}");
    let mailed = server.form("/_fn/send_test_mail", "", &owner).await;
    assert_eq!(mailed.header("location"), "/dashboard/settings/connections?notice=test_mailed");
}

#[on_both_databases]
async fn a_key_makes_and_unmakes_nobody_beyond_itself(engine: Engine) {
    let server = TestServer::on(engine).await;
    let asked = json!({ "name": "Staff list", "scopes": ["manage_members", "see_sales", "see_products"] });
    let made = server.create("/api/v1/api-keys", &asked).await;
    let bearer = format!("Bearer {}", made.json()["key"].as_str().unwrap());
    let ask = async |method: &str, path: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(method, &format!("{}/api/v1/members{path}", server.base), &headers, body).await
    };
    for role in ["owner", "admin", "support"] {
        let refused = ask("POST", "", &json!({ "email": "eve@example.com", "role": role }).to_string()).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"), "{role}");
        assert!(refused.text().contains("This API key may do less"), "{}", refused.text());
    }
    let looks = ask("POST", "", r#"{"email":"ann@example.com","role":"analyst"}"#).await;
    assert_eq!(looks.status, 201, "what the key may do itself it gives: {}", looks.text());
    let analyst = looks.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(ask("PATCH", &format!("/{analyst}"), r#"{"role":"owner"}"#).await.status, 403);
    let invited = server.create("/api/v1/members", &json!({ "email": "sam@example.com", "role": "support" })).await;
    let support = invited.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(ask("PATCH", &format!("/{support}"), r#"{"role":"analyst"}"#).await.status, 403, "nor takes what it does not have");
    assert_eq!(ask("DELETE", &format!("/{support}"), "").await.status, 403);
    assert_eq!(ask("DELETE", &format!("/{analyst}"), "").await.status, 204);
    assert_eq!(server.count("members WHERE removed_at IS NULL").await, 2);
}
