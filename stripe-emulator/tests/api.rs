//! The API over a real port.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use support::{ORDER, Server};

const INTENT: &str = "amount=3000&currency=usd&confirm=true&payment_method=";

#[tokio::test]
async fn a_replayed_idempotency_key_returns_the_first_answer_byte_for_byte() {
    let server = Server::start().await;
    for (path, form, status) in
        [("/v1/checkout/sessions", ORDER.to_owned(), 200), ("/v1/payment_intents", format!("{INTENT}pm_card_visa_chargeDeclined"), 402)]
    {
        let key = format!("key-{status}");
        let first = server.post_with_key(path, &key, &form).await;
        let again = server.post_with_key(path, &key, &form).await;
        assert_eq!((first.status, again.status), (status, status));
        assert_eq!(first.text, again.text);
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("original-request"), first.header("request-id"));
        assert_ne!(again.header("request-id"), first.header("request-id"));
        assert_eq!(again.header("idempotency-key"), key);
    }
}

#[tokio::test]
async fn the_order_of_parameters_does_not_make_another_request() {
    let server = Server::start().await;
    let first = server.post_with_key("/v1/customers", "k", "metadata[a]=1&metadata[b]=2").await;
    let again = server.post_with_key("/v1/customers", "k", "metadata[b]=2&metadata[a]=1").await;
    assert_eq!(first.id(), again.id());
}

#[tokio::test]
async fn a_key_with_other_parameters_is_refused() {
    let server = Server::start().await;
    server.post_with_key("/v1/customers", "k", "name=A").await;
    let other = server.post_with_key("/v1/customers", "k", "name=B").await;
    assert_eq!(other.status, 400);
    assert_eq!(other.json()["error"]["type"], "idempotency_error");
}

#[tokio::test]
async fn a_refused_request_may_be_corrected_under_its_key() {
    let server = Server::start().await;
    assert_eq!(server.post_with_key("/v1/refunds", "k", "foo=1").await.json()["error"]["code"], "parameter_unknown");
    assert_eq!(server.post_with_key("/v1/customers", "k", "name=B").await.status, 200);
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let server = Server::start().await;
    server.control("faults", r#"{"route":"POST /v1/customers","kind":"delay","millis":400}"#).await;
    let (first, second) = tokio::join!(server.post_with_key("/v1/customers", "k", "name=A"), async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        server.post_with_key("/v1/customers", "k", "name=A").await
    });
    assert_eq!(first.status, 200);
    assert_eq!(second.status, 409);
    assert_eq!(second.json()["error"]["code"], "idempotency_key_in_use");
    assert_eq!(second.header("stripe-should-retry"), "true");
    assert_eq!(server.post_with_key("/v1/customers", "k", "name=A").await.text, first.text);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_with_the_key() {
    let server = Server::start().await;
    server.control("faults", r#"{"route":"POST /v1/checkout/sessions","kind":"error","status":502,"before":false}"#).await;
    assert_eq!(server.post_with_key("/v1/checkout/sessions", "k", ORDER).await.status, 502);
    let again = server.post_with_key("/v1/checkout/sessions", "k", ORDER).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    let state = server.get("/_emulator/state").await.json();
    assert_eq!(state["sessions"], 1);
    assert_eq!(state["requests"]["POST /v1/checkout/sessions"], 2);
}

#[tokio::test]
async fn an_error_of_stripes_own_is_kept_under_the_key() {
    let server = Server::start().await;
    server.control("faults", r#"{"kind":"error","keep":true}"#).await;
    let first = server.post_with_key("/v1/customers", "k", "name=A").await;
    let again = server.post_with_key("/v1/customers", "k", "name=A").await;
    assert_eq!((first.status, again.status), (500, 500));
    assert_eq!(first.text, again.text);
}

#[tokio::test]
async fn only_test_keys_are_let_in() {
    let server = Server::start().await;
    for (header, status) in
        [("", 401), ("Bearer nonsense", 401), ("Bearer sk_live_1", 401), ("Bearer sk_test_1", 200), ("Basic c2tfdGVzdF8xOg==", 200)]
    {
        assert_eq!(server.send("GET", "/v1/products", &[("authorization", header)], "").await.status, status, "{header}");
    }
}

#[tokio::test]
async fn the_version_that_was_asked_for_is_told_back_and_nonsense_is_refused() {
    let server = Server::start().await;
    let ask = async |version: &str| {
        server.send("GET", "/v1/products", &[("authorization", "Bearer sk_test_1"), ("stripe-version", version)], "").await
    };
    for version in ["2022-11-15", "2026-09-30.endive"] {
        let answer = ask(version).await;
        assert_eq!((answer.status, answer.header("stripe-version")), (200, version));
    }
    for nonsense in ["zzz", "2022-11-15.", "2022/11/15"] {
        assert_eq!(ask(nonsense).await.status, 400, "{nonsense}");
    }
}

#[tokio::test]
async fn wrong_requests_are_refused_as_stripe_refuses_them() {
    let server = Server::start().await;
    let unknown = server.get("/v1/foo").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"]["message"].as_str().unwrap().starts_with("Unrecognized request URL (GET: /v1/foo)"));
    let refused = [
        (format!("{ORDER}&foo=1"), "parameter_unknown", "foo"),
        (format!("{ORDER}&line_items[0][foo]=1"), "parameter_unknown", "line_items[0][foo]"),
        (ORDER.replace("success_url=", "success_url=javascript:"), "url_invalid", "success_url"),
        (ORDER.replace("ada@", "ada"), "email_invalid", "customer_email"),
        (ORDER.replace("[quantity]=2", "[quantity]=0"), "parameter_invalid_integer", "line_items[0][quantity]"),
        (ORDER.replace("unit_amount]=600", "unit_amount]=1"), "amount_too_small", ""),
        (ORDER.replace("mode=payment&success_url=http://127.0.0.1:9/ok?s={CHECKOUT_SESSION_ID}&", ""), "parameter_missing", "success_url"),
    ];
    for (form, code, param) in refused {
        let answer = server.post("/v1/checkout/sessions", &form).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status, error["code"].as_str(), error["param"].as_str().unwrap_or("")), (400, Some(code), param), "{form}");
    }
    let json =
        server.send("POST", "/v1/customers", &[("authorization", "Bearer sk_test_1"), ("content-type", "application/json")], "{}").await;
    assert_eq!(json.status, 400);
    // Products and prices are described inside of the order; a refused order leaves none of them behind.
    for path in ["/v1/products", "/v1/prices"] {
        assert!(server.get(path).await.json()["data"].as_array().unwrap().is_empty());
    }
    let session = server.session("").await;
    let wrong = server.get(&format!("/v1/checkout/sessions/{}?expand[]=foo", session["id"].as_str().unwrap())).await;
    assert_eq!(wrong.json()["error"]["message"], "This property cannot be expanded (foo).");
}

#[tokio::test]
async fn refunds_never_exceed_the_charge() {
    let server = Server::start().await;
    let intent = server.post("/v1/payment_intents", &format!("{INTENT}pm_card_visa&expand[]=latest_charge")).await;
    let charge = intent.json()["latest_charge"]["id"].as_str().unwrap().to_owned();
    let id = intent.id();
    assert_eq!(server.post("/v1/refunds", &format!("payment_intent={id}&amount=1000")).await.json()["status"], "succeeded");
    let much = server.post("/v1/refunds", &format!("charge={charge}&amount=4000")).await.json();
    assert_eq!(much["error"]["message"], "Refund amount ($40.00) is greater than unrefunded amount on charge ($20.00)");
    assert_eq!(server.post("/v1/refunds", &format!("charge={charge}")).await.status, 200);
    let read = server.get(&format!("/v1/charges/{charge}?expand[]=refunds")).await.json();
    assert_eq!(
        (read["amount_refunded"].as_i64(), read["refunded"].as_bool(), read["refunds"]["data"].as_array().unwrap().len()),
        (Some(3000), Some(true), 2)
    );
    assert_eq!(server.post("/v1/refunds", &format!("charge={charge}")).await.json()["error"]["code"], "charge_already_refunded");
    server.control("settle", "").await;
    let kinds = server.event_kinds().await;
    let of_refunds: Vec<&str> = kinds.iter().map(String::as_str).filter(|kind| kind.contains("refund")).collect();
    assert_eq!(of_refunds[..2], ["refund.created", "charge.refunded"]);
    assert_eq!(of_refunds[4..6], ["refund.updated", "charge.refund.updated"]);
}

#[tokio::test]
async fn a_refund_that_fails_gives_the_charge_its_money_back() {
    let server = Server::start().await;
    let intent = server.post("/v1/payment_intents", &format!("{INTENT}pm_card_refundFail")).await.id();
    let refund = server.post("/v1/refunds", &format!("payment_intent={intent}")).await;
    assert_eq!(refund.json()["status"], "succeeded");
    server.control("settle", "").await;
    let refund = server.get(&format!("/v1/refunds/{}?expand[]=charge", refund.id())).await.json();
    assert_eq!((refund["status"].as_str(), refund["charge"]["amount_refunded"].as_i64()), (Some("failed"), Some(0)));
    assert_eq!(server.event_kinds().await.last().unwrap(), "refund.failed");
}

#[tokio::test]
async fn a_chargeback_blocks_refunds_until_it_is_won() {
    let server = Server::start().await;
    let intent = server.post("/v1/payment_intents", &format!("{INTENT}pm_card_createDispute")).await.id();
    let kinds = server.event_kinds().await;
    assert_eq!(kinds[1..], ["charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn", "payment_intent.succeeded"]);
    assert_eq!(server.post("/v1/refunds", &format!("payment_intent={intent}")).await.json()["error"]["code"], "charge_disputed");
    let dispute = server.get(&format!("/v1/disputes?payment_intent={intent}")).await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let answered = server.post(&format!("/v1/disputes/{dispute}"), "evidence[uncategorized_text]=winning_evidence").await.json();
    assert_eq!(answered["status"], "under_review");
    server.control("settle", "").await;
    assert_eq!(server.get(&format!("/v1/disputes/{dispute}")).await.json()["status"], "won");
    assert_eq!(
        server.post(&format!("/v1/disputes/{dispute}/close"), "").await.json()["error"]["message"],
        "This dispute is already closed"
    );
    assert_eq!(server.post("/v1/refunds", &format!("payment_intent={intent}")).await.status, 200);
}

#[tokio::test]
async fn a_review_is_open_until_somebody_approves_or_the_money_goes_back() {
    let server = Server::start().await;
    let intent = server.post("/v1/payment_intents", &format!("{INTENT}pm_card_riskLevelElevated")).await.id();
    let review = server.get("/v1/reviews").await.json()["data"][0].clone();
    assert_eq!((review["open"].as_bool(), review["payment_intent"].as_str()), (Some(true), Some(intent.as_str())));
    let path = format!("/v1/reviews/{}", review["id"].as_str().unwrap());
    assert_eq!(server.post(&format!("{path}/approve"), "").await.json()["closed_reason"], "approved");
    assert_eq!(server.post(&format!("{path}/approve"), "").await.status, 400);
    assert_eq!(server.event_kinds().await.last().unwrap(), "review.closed");

    let intent = server.post("/v1/payment_intents", &format!("{INTENT}pm_card_riskLevelElevated")).await.id();
    server.post("/v1/refunds", &format!("payment_intent={intent}")).await;
    assert_eq!(server.get("/v1/reviews").await.json()["data"][0]["closed_reason"], "refunded");
}

#[tokio::test]
async fn the_account_of_a_key_can_be_asked_for() {
    let server = Server::start().await;
    assert!(server.get("/v1/account").await.json()["id"].as_str().unwrap().starts_with("acct_"));
}

#[tokio::test]
async fn an_inquiry_leaves_the_money_and_can_be_lost_by_giving_up_a_chargeback() {
    let server = Server::start().await;
    let asked = server.post("/v1/payment_intents", &format!("{INTENT}pm_card_createDisputeInquiry")).await.id();
    assert_eq!(server.post("/v1/refunds", &format!("payment_intent={asked}")).await.status, 200);
    server.post("/v1/payment_intents", &format!("{INTENT}pm_card_createDispute")).await;
    let dispute = server.get("/v1/disputes").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.post(&format!("/v1/disputes/{dispute}/close"), "").await.json()["status"], "lost");
}
