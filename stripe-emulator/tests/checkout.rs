//! Sessions and the hosted page over a real port.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests speak of the real time")]

mod support;

use support::{CARD, Server};

#[tokio::test]
async fn a_paid_session_is_complete_and_leads_back_to_the_shop() {
    let server = Server::start().await;
    let session = server.session("").await;
    assert!(session["payment_intent"].is_null());
    let url = session["url"].as_str().unwrap().to_owned();
    let page = server.send("GET", &url, &[], "").await;
    for text in ["Pay $12.00", "Test mode — no money moves", "ada@example.com"] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.header("content-security-policy").contains("form-action"));
    let paid = server.browse(&url, &format!("{CARD}4242+4242+4242+4242")).await;
    let id = session["id"].as_str().unwrap();
    assert_eq!((paid.status, paid.header("location")), (303, format!("http://127.0.0.1:9/ok?s={id}").as_str()));
    let read = server.get(&format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge&expand[]=line_items")).await.json();
    assert_eq!((read["status"].as_str(), read["payment_status"].as_str(), read["url"].is_null()), (Some("complete"), Some("paid"), true));
    assert_eq!(read["customer_details"]["email"], "ada@example.com");
    assert_eq!(read["payment_intent"]["metadata"]["order"], "2");
    assert_eq!(read["payment_intent"]["latest_charge"]["amount"], 1200);
    assert_eq!(read["line_items"]["data"][0]["quantity"], 2);
    assert_eq!(
        server.event_kinds().await[..],
        ["charge.succeeded", "payment_intent.succeeded", "payment_intent.created", "checkout.session.completed"]
    );
    let again = server.browse(&url, &format!("{CARD}4242424242424242")).await;
    assert!(again.text.contains("This order is complete"));
}

#[tokio::test]
async fn a_decline_keeps_the_session_open_and_all_that_was_typed_but_the_cvc() {
    let server = Server::start().await;
    let url = server.session("").await["url"].as_str().unwrap().to_owned();
    let declined = server.browse(&url, &format!("{CARD}4000000000009995")).await;
    assert_eq!(declined.status, 402);
    assert!(
        declined.text.contains("Your card has insufficient funds.")
            && declined.text.contains("value=\"4000000000009995\"")
            && declined.text.contains("value=\"12 / 40\"")
    );
    assert!(!declined.text.contains("value=\"123\""));
    for (card, message) in [("4242424242424241", "Your card number is invalid."), ("", "Your card number is incomplete.")] {
        assert!(server.browse(&url, &format!("{CARD}{card}")).await.text.contains(message));
    }
    let past = server.browse(&url, &format!("{CARD}4242424242424242").replace("40", "01")).await;
    assert!(past.text.contains("expiration year is invalid"), "{}", past.text);
    assert_eq!(server.browse(&url, &format!("{CARD}4242424242424242")).await.status, 303);
    let kinds = server.event_kinds().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "payment_intent.created").count(), 1);
}

#[tokio::test]
async fn three_d_secure_asks_and_takes_yes_or_no() {
    let server = Server::start().await;
    let session = server.session("").await;
    let url = session["url"].as_str().unwrap().to_owned();
    let asked = server.browse(&url, &format!("{CARD}4000002500003155")).await;
    assert_eq!((asked.status, asked.header("location").ends_with("/authenticate")), (303, true));
    let refused = server.browse(&format!("{url}/authenticate"), "outcome=fail").await;
    assert!(refused.text.contains("unable to authenticate"));
    server.browse(&url, &format!("{CARD}4000002500003155")).await;
    assert!(server.send("GET", &format!("{url}/authenticate"), &[], "").await.text.contains("Complete"));
    assert_eq!(server.browse(&format!("{url}/authenticate"), "outcome=complete").await.status, 303);
    assert_eq!(server.get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap())).await.json()["payment_status"], "paid");
}

#[tokio::test]
async fn an_expired_session_cannot_be_paid_or_expired_again() {
    let server = Server::start().await;
    let session = server.session("").await;
    let (id, url) = (session["id"].as_str().unwrap(), session["url"].as_str().unwrap());
    assert_eq!(server.post(&format!("/v1/checkout/sessions/{id}/expire"), "").await.json()["status"], "expired");
    assert_eq!(server.browse(url, &format!("{CARD}4242424242424242")).await.status, 410);
    let again = server.post(&format!("/v1/checkout/sessions/{id}/expire"), "").await.json();
    assert!(again["error"]["message"].as_str().unwrap().ends_with("This Checkout Session has a status of `expired`."));
    assert_eq!(server.event_kinds().await, ["checkout.session.expired"]);
}

#[tokio::test]
async fn an_expiry_is_half_an_hour_to_a_day_away() {
    let server = Server::start().await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    for (seconds, status) in [(60, 400), (1_900, 200), (86_000, 200), (100_000, 400)] {
        let answer = server.post("/v1/checkout/sessions", &format!("{}&expires_at={}", support::ORDER, now + seconds)).await;
        assert_eq!(answer.status, status, "{seconds}");
    }
}

#[tokio::test]
async fn a_session_over_nothing_needs_no_card() {
    let server = Server::start().await;
    let session = server.post("/v1/checkout/sessions", &support::ORDER.replace("unit_amount]=600", "unit_amount]=0")).await.json();
    let url = session["url"].as_str().unwrap();
    assert!(!server.send("GET", url, &[], "").await.text.contains("card_number"));
    assert_eq!(server.browse(url, "email=ada@example.com").await.status, 303);
    let read = server.get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap())).await.json();
    assert_eq!((read["payment_status"].as_str(), read["payment_intent"].is_null()), (Some("no_payment_required"), true));
}

#[tokio::test]
async fn a_bank_debit_is_complete_first_and_paid_or_failed_later() {
    let server = Server::start().await;
    for (iban, kind, status) in [
        ("AT611904300234573201", "checkout.session.async_payment_succeeded", "paid"),
        ("IT60X0542811101000000123456", "checkout.session.async_payment_failed", "unpaid"),
    ] {
        let session = server.session("&payment_method_types[]=sepa_debit").await;
        let id = session["id"].as_str().unwrap();
        server.control(&format!("sessions/{id}/pay"), &format!(r#"{{"card":"{iban}"}}"#)).await;
        let read = server.get(&format!("/v1/checkout/sessions/{id}")).await.json();
        assert_eq!((read["status"].as_str(), read["payment_status"].as_str()), (Some("complete"), Some("unpaid")));
        server.control("settle", "").await;
        assert_eq!(server.get(&format!("/v1/checkout/sessions/{id}")).await.json()["payment_status"], status);
        assert!(server.event_kinds().await.iter().any(|event| event == kind));
    }
}

#[tokio::test]
async fn the_intent_of_a_session_is_the_sessions_alone() {
    let server = Server::start().await;
    let session = server.session("").await;
    server.browse(session["url"].as_str().unwrap(), &format!("{CARD}4000000000000002")).await;
    let intent = server.get("/v1/payment_intents").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    for verb in ["confirm", "cancel"] {
        assert_eq!(server.post(&format!("/v1/payment_intents/{intent}/{verb}"), "").await.status, 400);
    }
    assert_eq!(server.get(&format!("/v1/checkout/sessions?payment_intent={intent}")).await.json()["data"][0]["id"], session["id"]);
}
