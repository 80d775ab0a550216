//! License keys as software asks for them: Lemon Squeezy's calls, Keygen's codes.

use crate::support::{Answer, Engine, TestServer, send};
use license_verifier::{Challenge, PublicKey, verify_license_file, verify_machine_file, verify_proof};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shop_testing::on_both_databases;
use std::collections::BTreeSet;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON_API: &str = "application/vnd.api+json";

/// What is sent as a form.
fn as_form(body: &Value) -> String {
    let fields = body.as_object().unwrap().iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", form_urlencoded(&text))
    });
    fields.collect::<Vec<_>>().join("&")
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

async fn ask_as(server: &TestServer, media_type: &str, call: &str, body: &Value) -> Answer {
    let text = if media_type == FORM { as_form(body) } else { body.to_string() };
    send("POST", &format!("{}/v1/licenses/{call}", server.base), &[("content-type", media_type)], text).await
}

async fn ask(server: &TestServer, call: &str, body: &Value) -> Answer {
    ask_as(server, "application/json", call, body).await
}

/// A shop that has sold a key for three devices: the order, its access key, the license key.
async fn sold(engine: Engine) -> (TestServer, String, String, String) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (order, access, key) = buy_key(&server).await;
    (server, order, access, key)
}

async fn buy_key(server: &TestServer) -> (String, String, String) {
    let (order, access) = server.buy("rich").await;
    let key = server.order(&order, &access).await.json()["items"][0]["licenses"][0]["key"].as_str().unwrap().to_owned();
    (order, access, key)
}

async fn usage(server: &TestServer, key: &str) -> Value {
    ask(server, "validate", &json!({ "license_key": key })).await.json()["license_key"]["activation_usage"].clone()
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[on_both_databases]
async fn a_key_is_activated_validated_and_deactivated_in_each_media_type(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    for media_type in [FORM, "application/json", JSON_API, "application/json; charset=utf-8"] {
        let activated = ask_as(&server, media_type, "activate", &json!({ "license_key": key, "instance_name": "Anna's laptop" })).await;
        assert_eq!(activated.status, 200, "{media_type}: {}", activated.text());
        assert_eq!((activated.header("cache-control"), activated.header("access-control-allow-origin")), ("private, no-store", "*"));
        let body = activated.json();
        assert_eq!((&body["activated"], &body["error"], &body["code"]), (&json!(true), &Value::Null, &json!("VALID")));
        let license = &body["license_key"];
        assert_eq!((&license["key"], &license["status"]), (&json!(key), &json!("active")));
        assert_eq!((&license["activation_limit"], &license["activation_usage"]), (&json!(3), &json!(1)));
        assert_eq!((&license["expires_at"], &license["test_mode"]), (&Value::Null, &json!(true)));
        assert_eq!(license["created_at"].as_str().unwrap().len(), "2021-01-24T14:15:07.000000Z".len());
        assert_eq!(body["meta"]["customer_email"], "r***@example.com", "keys are posted in forums");
        assert_eq!((&body["meta"]["product_name"], &body["meta"]["variant_name"]), (&json!("A book"), &json!("Rich")));
        for number in ["store_id", "order_id", "order_item_id", "product_id", "variant_id", "customer_id"] {
            assert!((1..1 << 53).contains(&body["meta"][number].as_i64().unwrap()), "{number}");
        }
        let instance = body["instance"]["id"].as_str().unwrap();
        assert_eq!(body["instance"]["name"], "Anna's laptop");

        let asked = json!({ "license_key": key, "instance_id": instance, "product_id": body["meta"]["product_id"] });
        let valid = ask_as(&server, media_type, "validate", &asked).await;
        assert_eq!((valid.status, &valid.json()["valid"], &valid.json()["instance"]["id"]), (200, &json!(true), &json!(instance)));
        let alive = ask_as(&server, media_type, "ping", &json!({ "license_key": key, "instance_id": instance })).await.json();
        assert_eq!(alive["heartbeat"], json!({ "status": "ALIVE", "interval": 600, "due_at": null }));

        let seat = json!({ "license_key": key, "instance_id": instance });
        for _ in 0..2 {
            let left = ask_as(&server, media_type, "deactivate", &seat).await;
            assert_eq!((left.status, &left.json()["deactivated"]), (200, &json!(true)), "a second time changes nothing");
            assert!(left.json().get("instance").is_none());
            assert_eq!(left.json()["license_key"]["activation_usage"], 0);
        }
        assert_eq!(told(&ask(&server, "validate", &seat).await), (404, "INSTANCE_NOT_FOUND".to_owned()));
    }
}

#[on_both_databases]
async fn a_device_takes_one_seat_however_often_it_asks(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    let device = json!({ "license_key": key, "instance_name": "Laptop", "fingerprint": "a1b2" });
    let asked = (0..20).map(|_| ask(&server, "activate", &device));
    let answers = futures::future::join_all(asked).await;
    let ids: BTreeSet<String> = answers.iter().map(|answer| answer.json()["instance"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), usage(&server, &key).await), (1, json!(1)));

    let seat = json!({ "license_key": key, "instance_id": ids.first().unwrap() });
    assert_eq!(ask(&server, "deactivate", &seat).await.status, 200);
    let again = ask(&server, "activate", &device).await.json();
    assert_ne!(again["instance"]["id"].as_str(), ids.first().map(String::as_str), "a new seat for the same device");
    assert_eq!(usage(&server, &key).await, 1);

    // Without a fingerprint, the key of the request does the same.
    let nameless = json!({ "license_key": key, "instance_name": "Laptop" }).to_string();
    let mut seats = BTreeSet::new();
    for _ in 0..2 {
        let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
        let answer = send("POST", &format!("{}/v1/licenses/activate", server.base), &headers, nameless.clone()).await;
        seats.insert(answer.json()["instance"]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!((seats.len(), usage(&server, &key).await), (1, json!(2)));
}

#[on_both_databases]
async fn a_hundred_devices_at_once_share_three_seats(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    let bodies: Vec<Value> =
        (0..100).map(|n| json!({ "license_key": key, "instance_name": format!("No. {n}"), "fingerprint": n.to_string() })).collect();
    let answers = futures::future::join_all(bodies.iter().map(|body| ask(&server, "activate", body))).await;
    let n_taken = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((n_taken, usage(&server, &key).await), (3, json!(3)));
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(told(refused), (400, "MACHINE_LIMIT_EXCEEDED".to_owned()));
        let body = refused.json();
        assert_eq!((&body["activated"], &body["error"]), (&json!(false), &json!("This license key has reached the activation limit.")));
        assert_eq!(body["license_key"]["activation_limit"], 3);
        assert!(body.get("instance").is_none());
    }
    let seats: BTreeSet<String> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .map(|answer| answer.json()["instance"]["id"].as_str().unwrap().to_owned())
        .collect();
    // All leave at once, each twice: no more is given back than was taken.
    let leaving: Vec<Value> = seats.iter().chain(&seats).map(|id| json!({ "license_key": key, "instance_id": id })).collect();
    let left = futures::future::join_all(leaving.iter().map(|body| ask(&server, "deactivate", body))).await;
    assert!(left.iter().all(|answer| answer.status == 200));
    assert_eq!(usage(&server, &key).await, 0);
}

#[on_both_databases]
async fn a_key_is_found_however_it_is_typed_and_of_its_product_alone(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    let bare = key.replace('-', "");
    for typed in [key.to_lowercase(), bare.clone(), format!("  {key}\n"), key.replace('-', "\u{2013}"), key.replace('0', "O")] {
        let answer = ask(&server, "validate", &json!({ "license_key": typed })).await;
        assert_eq!((answer.status, &answer.json()["license_key"]["key"]), (200, &json!(key)), "{typed:?}");
    }
    let meta = ask(&server, "validate", &json!({ "license_key": key })).await.json()["meta"].clone();
    for product in [meta["product_id"].clone(), json!(meta["product_id"].to_string()), json!("a-book")] {
        assert_eq!(ask(&server, "validate", &json!({ "license_key": key, "product_id": product })).await.status, 200, "{product}");
    }
    let unknown = ask(&server, "validate", &json!({ "license_key": "0".repeat(32) })).await;
    let of_another = ask(&server, "validate", &json!({ "license_key": key, "product_id": 12 })).await;
    assert_eq!(told(&unknown), (404, "NOT_FOUND".to_owned()));
    assert_eq!((unknown.text(), unknown.status), (of_another.text(), of_another.status), "which of both is told to nobody");
    assert!(!unknown.text().contains("0000"), "no key is repeated that there is not");
    let elsewhere = ask(&server, "activate", &json!({ "license_key": key, "instance_name": "x", "product_id": "other" })).await;
    assert_eq!((told(&elsewhere), usage(&server, &key).await), ((404, "NOT_FOUND".to_owned()), json!(0)));
}

#[on_both_databases]
async fn what_is_wrong_with_a_request_is_told_by_field(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    let missing = ask(&server, "activate", &json!({})).await;
    assert_eq!(missing.status, 422);
    assert_eq!(missing.json()["errors"]["license_key"], json!(["The license_key field is required."]));
    assert_eq!(missing.json()["errors"]["instance_name"], json!(["The instance_name field is required."]));
    assert_eq!((&missing.json()["activated"], &missing.json()["code"]), (&json!(false), &json!("PARAM_INVALID")));
    let long = |n: usize| "a".repeat(n);
    let bad = [
        ("validate", json!({ "license_key": long(257) }), "license_key"),
        ("validate", json!({ "license_key": ["a"] }), "license_key"),
        ("validate", json!({ "license_key": "a\u{0}b" }), "license_key"),
        ("validate", json!({ "license_key": key, "fingerprint": long(4097) }), "fingerprint"),
        ("validate", json!({ "license_key": key, "product_id": { "a": 1 } }), "product_id"),
        ("activate", json!({ "license_key": key, "instance_name": long(256) }), "instance_name"),
        ("activate", json!({ "license_key": key, "instance_name": "a\nb" }), "instance_name"),
        ("activate", json!({ "license_key": key, "instance_name": "\u{200b}" }), "instance_name"),
        ("deactivate", json!({ "license_key": key }), "instance_id"),
        ("ping", json!({ "license_key": key, "instance_id": true }), "instance_id"),
    ];
    for (call, body, field) in bad {
        let answer = ask(&server, call, &body).await;
        assert_eq!(answer.status, 422, "{call} {field}: {}", answer.text());
        assert!(answer.json()["errors"][field].is_array(), "{}", answer.text());
    }
    for (media_type, text, status) in [
        ("application/json", "[]", 422),
        ("application/json", "{", 422),
        (FORM, "license_key=a&license_key=b", 422),
        ("text/plain", "license_key=a", 415),
        ("multipart/form-data; boundary=b", "", 415),
        ("application/json", &format!("{{\"license_key\":\"{}\"}}", long(20_000)), 413),
    ] {
        let answer = send("POST", &format!("{}/v1/licenses/validate", server.base), &[("content-type", media_type)], text).await;
        assert_eq!(answer.status, status, "{media_type} {}", answer.text());
        assert_eq!(answer.json()["valid"], false);
    }
    // Letters of another alphabet that look alike are no key.
    assert_eq!(ask(&server, "validate", &json!({ "license_key": format!("{}\u{410}", &key[1..]) })).await.status, 404);
    let read = send("GET", &format!("{}/v1/licenses/validate?license_key={key}", server.base), &[], "").await;
    assert_eq!((read.status, read.header("allow")), (405, "POST"));
    assert_eq!(send("POST", &format!("{}/v1/licenses/none", server.base), &[], "").await.status, 404);
}

#[on_both_databases]
async fn any_page_on_the_web_may_ask(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    let url = format!("{}/v1/licenses/validate", server.base);
    let headers =
        [("origin", "https://app.example"), ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")];
    let before = send("OPTIONS", &url, &headers, "").await;
    assert_eq!((before.status, before.header("access-control-allow-origin")), (200, "*"));
    assert!(before.header("access-control-allow-headers").contains("content-type"));
    assert_eq!(before.header("access-control-allow-credentials"), "");
    let headers = [("origin", "https://app.example"), ("content-type", "application/json"), ("sec-fetch-site", "cross-site")];
    let asked = send("POST", &url, &headers, json!({ "license_key": key }).to_string()).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (200, "*"));
}

#[on_both_databases]
async fn a_refund_ends_a_key_and_a_closed_order_disables_it(engine: Engine) {
    let (server, order, _, key) = sold(engine).await;
    let seat = ask(&server, "activate", &json!({ "license_key": key, "instance_name": "Laptop" })).await.json();
    assert_eq!(server.create(&format!("/api/v1/orders/{order}/revoke"), &json!({})).await.status, 200);
    let closed = ask(&server, "validate", &json!({ "license_key": key })).await;
    assert_eq!(told(&closed), (400, "SUSPENDED".to_owned()));
    let body = closed.json();
    assert_eq!((&body["license_key"]["status"], &body["instance"]), (&json!("disabled"), &Value::Null));
    let more = ask(&server, "activate", &json!({ "license_key": key, "instance_name": "Second" })).await.json();
    assert_eq!((&more["code"], more.get("instance")), (&json!("SUSPENDED"), None));
    assert_eq!(server.create(&format!("/api/v1/orders/{order}/restore"), &json!({})).await.status, 200);
    let open = ask(&server, "validate", &json!({ "license_key": key, "instance_id": seat["instance"]["id"] })).await;
    assert_eq!(open.status, 200, "the same key and the same seat again: {}", open.text());

    let refunded = server.create(&format!("/api/v1/orders/{order}/refunds"), &json!({})).await;
    assert_eq!(refunded.status, 201, "{}", refunded.text());
    let mut code = (0, String::new());
    for _ in 0..200 {
        code = told(&ask(&server, "validate", &json!({ "license_key": key })).await);
        if code.0 != 200 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(code, (400, "REVOKED".to_owned()));
    assert_eq!(told(&ask(&server, "activate", &json!({ "license_key": key, "instance_name": "x" })).await).1, "REVOKED");
}

#[on_both_databases]
async fn who_asks_too_often_waits_whatever_address_is_claimed(engine: Engine) {
    let server = TestServer::with(engine, 1.0).await;
    server.stock().await;
    let (_, _, key) = buy_key(&server).await;
    let url = format!("{}/v1/licenses/validate", server.base);
    let mut statuses = Vec::new();
    for n in 0..62 {
        let address = format!("203.0.113.{n}");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address.as_str())];
        let answer = send("POST", &url, &headers, json!({ "license_key": key }).to_string()).await;
        if n == 0 {
            assert_eq!((answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), ("60", "59"));
        }
        if answer.status == 429 {
            assert_eq!(told(&answer), (429, "RATE_LIMITED".to_owned()));
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        }
        statuses.push(answer.status);
    }
    assert!(statuses[..60].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses[60..].contains(&429), "{statuses:?}");
}

#[on_both_databases]
async fn who_guesses_keys_is_stopped_sooner(engine: Engine) {
    let server = TestServer::with(engine, 1.0).await;
    let mut statuses = Vec::new();
    for n in 0..40 {
        statuses.push(ask(&server, "validate", &json!({ "license_key": format!("{n:032}") })).await.status);
    }
    assert!(statuses[..30].iter().all(|status| *status == 404), "{statuses:?}");
    assert!(statuses[30..].contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn a_database_that_is_away_is_never_told_as_an_invalid_key() {
    let (server, _, _, key) = sold(Engine::Sqlite).await;
    server.shop.db.writer().execute_unprepared("ALTER TABLE licenses RENAME TO away").await.unwrap();
    for call in ["validate", "activate", "deactivate", "ping"] {
        let body = json!({ "license_key": key, "instance_name": "x", "instance_id": "6d8f5a20-0000-7000-8000-000000000000" });
        let answer = ask(&server, call, &body).await;
        assert_eq!(told(&answer), (503, "UNAVAILABLE".to_owned()), "{call}");
        assert!(!answer.header("retry-after").is_empty());
        assert!(!answer.text().contains("away") && !answer.text().contains("licenses ") && !answer.text().contains(&key));
    }
}

#[on_both_databases]
async fn a_license_file_is_verified_without_the_shop(engine: Engine) {
    let (server, _, _, key) = sold(engine).await;
    let keys = send("GET", &format!("{}/v1/licenses/public-keys", server.base), &[("origin", "https://app.example")], "").await;
    assert_eq!((keys.status, keys.header("access-control-allow-origin"), keys.header("cache-control")), (200, "*", "public, max-age=300"));
    let keys = keys.json();
    assert_eq!((&keys["keys"][0]["alg"], &keys["keys"][0]["retired_at"]), (&json!("ed25519"), &Value::Null));
    let public = [PublicKey::from_hex(keys["keys"][0]["public_key"].as_str().unwrap()).unwrap()];
    let now = server.shop.clock.now_ms() / 1000;

    for media_type in [FORM, "application/json"] {
        let checked_out = ask_as(&server, media_type, "check-out", &json!({ "license_key": key, "ttl": 7200 })).await;
        assert_eq!(checked_out.status, 200, "{}", checked_out.text());
        let file = checked_out.json()["license_file"].clone();
        assert_eq!((&file["algorithm"], &file["ttl"]), (&json!("base64+ed25519"), &json!(7200)));
        let license = verify_license_file(file["certificate"].as_str().unwrap(), &public, now).unwrap();
        assert_eq!(license.key, key);
    }
    let device = json!({ "license_key": key, "instance_name": "Laptop", "fingerprint": "a1", "nonce": 42 });
    let activated = ask(&server, "activate", &device).await.json();
    let proof = verify_proof(activated["proof"].as_str().unwrap(), &public, 42).unwrap();
    assert_eq!((proof.valid, proof.code.as_str(), proof.fingerprint.as_deref()), (true, "VALID", Some("a1")));
    assert_eq!(proof.license_id, activated["license_key"]["id"].to_string());
    let machine = ask(&server, "check-out", &json!({ "license_key": key, "fingerprint": "a1" })).await.json();
    let machine = verify_machine_file(machine["license_file"]["certificate"].as_str().unwrap(), &public, "a1", now).unwrap();
    assert_eq!(machine.name, "Laptop");

    for (ttl, status, code) in
        [(json!(60), 400, "CHECKOUT_TTL_INVALID"), (Value::Null, 400, "CHECKOUT_TTL_INVALID"), (json!(3600), 200, "VALID")]
    {
        let answer = ask(&server, "check-out", &json!({ "license_key": key, "ttl": ttl })).await;
        assert_eq!(told(&answer), (status, code.to_owned()), "{ttl}");
    }
    let odd = ask(&server, "check-out", &json!({ "license_key": key, "ttl": "soon" })).await;
    assert_eq!((odd.status, odd.json()["errors"]["ttl"].is_array()), (422, true));
    let huge = ask(&server, "check-out", &json!({ "license_key": key, "ttl": 1_000_000_000_000i64 })).await;
    assert!(huge.json()["license_file"]["ttl"].as_i64().unwrap() <= 366 * 86_400);
    let unknown = ask(&server, "check-out", &json!({ "license_key": "0".repeat(32) })).await;
    assert_eq!(told(&unknown), (404, "NOT_FOUND".to_owned()));
}

#[on_both_databases]
async fn the_page_of_an_order_frees_seats_and_replaces_keys(engine: Engine) {
    let (server, order, access, key) = sold(engine).await;
    let page = async || server.get(&format!("/orders/{order}?key={access}")).await.text();
    let opened = async || {
        let bearer = format!("Bearer {access}");
        let answer = send("GET", &format!("{}/api/v1/orders/{order}/licenses", server.base), &[("authorization", &bearer)], "").await;
        answer.json()["items"][0].clone()
    };
    assert!(page().await.contains("No device uses this key yet"));
    let activated = ask(&server, "activate", &json!({ "license_key": key, "instance_name": "Anna's <laptop>" })).await.json();
    let html = page().await;
    assert!(html.contains("1 of 3 devices in use") && html.contains("Anna's &lt;laptop&gt;"), "{html}");
    let license = opened().await;
    assert_eq!((&license["key"], &license["instances"][0]["name"]), (&json!(key), &json!("Anna's <laptop>")));

    let (id, seat) = (license["id"].as_str().unwrap(), activated["instance"]["id"].as_str().unwrap());
    let fields = format!("id={order}&key={access}&license={id}&instance={seat}");
    let freed = server.form("/_fn/deactivate_seat", &fields, "").await;
    assert_eq!(freed.status, 303);
    assert!(freed.header("location").ends_with("notice=seat_free"), "{}", freed.header("location"));
    assert_eq!(opened().await["activation_usage"], 0);
    let foreign = format!("id={order}&key=wrong&license={id}&instance={seat}");
    assert!(server.form("/_fn/deactivate_seat", &foreign, "").await.header("location").ends_with("notice=not_found"));

    let fields = format!("id={order}&key={access}&license={id}&license_key={key}");
    let replaced = server.form("/_fn/replace_license_key", &fields, "").await;
    assert!(replaced.header("location").ends_with("notice=license_key_new"), "{}", replaced.header("location"));
    assert!(!replaced.header("location").contains(&key));
    let again = server.form("/_fn/replace_license_key", &fields, "").await;
    assert!(again.header("location").ends_with("notice=license_key_replaced"));
    let new = opened().await["key"].as_str().unwrap().to_owned();
    assert_ne!(new, key);
    assert!(page().await.contains(&new));
    assert_eq!(told(&ask(&server, "validate", &json!({ "license_key": key })).await).0, 404);

    let challenge = Challenge::new("lab-7", "Lab").unwrap().to_text();
    let fields = format!("key={access}&license={id}&challenge={}", form_urlencoded(&challenge));
    let file = server.form(&format!("/orders/{order}/license-file"), &fields, "").await;
    assert_eq!((file.status, file.header("content-disposition")), (200, "attachment; filename=\"license.lic\""));
    assert!(file.text().starts_with("-----BEGIN MACHINE FILE-----"));
    assert!(file.header("cache-control").contains("no-store"));
    let bad = format!("key={access}&license={id}&challenge=x");
    let refused = server.form(&format!("/orders/{order}/license-file"), &bad, "").await;
    assert!(refused.header("location").ends_with("notice=challenge_invalid"), "{}", refused.header("location"));
    let foreign = format!("key=wrong&license={id}&challenge={}", form_urlencoded(&challenge));
    assert!(server.form(&format!("/orders/{order}/license-file"), &foreign, "").await.header("location").ends_with("notice=not_found"));
}

#[on_both_databases]
async fn software_of_the_owner_frees_seats_and_replaces_keys(engine: Engine) {
    let (server, order, access, key) = sold(engine).await;
    let seat = ask(&server, "activate", &json!({ "license_key": key, "instance_name": "x" })).await.json()["instance"]["id"].clone();
    let call = async |method: &str, path: &str, bearer: &str, body: &Value| {
        let bearer = format!("Bearer {bearer}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, &format!("{}/api/v1/orders/{order}/licenses{path}", server.base), &headers, body).await
    };
    let list = call("GET", "", &access, &Value::Null).await.json();
    let id = list["items"][0]["id"].as_str().unwrap();
    let path = format!("/{id}/instances/{}", seat.as_str().unwrap());
    assert_eq!(call("DELETE", &path, "wrong", &Value::Null).await.status, 404);
    for _ in 0..2 {
        assert_eq!(call("DELETE", &path, &access, &Value::Null).await.status, 204);
    }
    assert_eq!(call("DELETE", &format!("/{id}/instances/none"), &access, &Value::Null).await.status, 404);
    let rotate = format!("/{id}/rotate");
    let old = json!({ "license_key": key });
    let answers = tokio::join!(call("POST", &rotate, &access, &old), call("POST", &rotate, &access, &old));
    let mut statuses = [answers.0.status, answers.1.status];
    statuses.sort();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(call("POST", &rotate, "wrong", &old).await.status, 404);
    assert_eq!(call("POST", &rotate, &access, &json!({})).await.status, 422);
}
