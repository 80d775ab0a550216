//! Requests that a proxy might read in another way than the shop does: one refusal, and the connection is closed.

use crate::support::{TestServer, say};

/// What stands behind a request that is read in two ways. It must never be answered.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nhost: a\r\nx-hidden: yes\r\n\r\n";

fn post(head: &str, body: &str) -> String {
    format!("POST /api/v1/checkouts HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{head}\r\n{body}")
}

fn n_answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count() + text.matches("HTTP/1.0 ").count()
}

#[tokio::test]
async fn a_request_of_two_lengths_is_refused_once() {
    let server = TestServer::start().await;
    let chunked = format!("0\r\n\r\n{HIDDEN}");
    for (head, body) in [
        ("transfer-encoding: xchunked\r\n".to_owned(), &*chunked),
        ("transfer-encoding: chunked, identity\r\n".to_owned(), &chunked),
        ("transfer-encoding : chunked\r\n".to_owned(), &chunked),
        (" transfer-encoding: chunked\r\n".to_owned(), &chunked),
        ("transfer-encoding:\u{b}chunked\r\n".to_owned(), &chunked),
        ("content-length: 2\r\ncontent-length: 3\r\n".to_owned(), "{}"),
        ("content-length: 2, 3\r\n".to_owned(), "{}"),
        ("content-length: +2\r\n".to_owned(), "{}"),
        ("content-length: -1\r\n".to_owned(), "{}"),
        ("content-length: 0x2\r\n".to_owned(), "{}"),
        ("content-length: 99999999999999999999999\r\n".to_owned(), "{}"),
        ("content-length : 2\r\n".to_owned(), "{}"),
        ("no colon\r\n".to_owned(), ""),
        ("x-null: a\0b\r\n".to_owned(), ""),
        ("x-return: a\rb\r\n".to_owned(), ""),
    ] {
        let answer = say(&server, post(&head, &format!("{body}{HIDDEN}"))).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{head:?}: {answer}");
        assert_eq!(n_answers(&answer), 1, "{head:?}: {answer}");
    }
}

#[tokio::test]
async fn nothing_hides_behind_a_request_with_a_length_and_chunks() {
    let server = TestServer::start().await;
    let body = format!("0\r\n\r\n{HIDDEN}");
    let (length, chunks) = (format!("content-length: {}\r\n", body.len()), "transfer-encoding: chunked\r\n".to_owned());
    for head in [length.clone() + &chunks, chunks.clone() + &length, chunks] {
        let answer = say(&server, post(&head, &body)).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{head}: {answer}");
        assert_eq!(n_answers(&answer), 1, "{head}: {answer}");
    }
}

#[tokio::test]
async fn a_broken_chunk_ends_the_connection() {
    let server = TestServer::start().await;
    for body in [
        "zz\r\n{}\r\n0\r\n\r\n".to_owned(),
        "-2\r\n{}\r\n0\r\n\r\n".to_owned(),
        "2 2\r\n{}\r\n0\r\n\r\n".to_owned(),
        "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n".to_owned(),
        "2\r\n{}x\r\n0\r\n\r\n".to_owned(),
        format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "a".repeat(20_000)),
    ] {
        let answer = say(&server, post("transfer-encoding: chunked\r\n", &format!("{body}{HIDDEN}"))).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{}: {answer}", &body[..20.min(body.len())]);
        assert_eq!(n_answers(&answer), 1, "{}: {answer}", &body[..20.min(body.len())]);
    }
}

#[tokio::test]
async fn what_was_not_read_is_no_request() {
    let server = TestServer::start().await;
    // The body of a refused request is as long as it said, whatever stands in it.
    let n = HIDDEN.len();
    let refused = format!("POST /no-such-page HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {n}\r\n\r\n{HIDDEN}");
    assert_eq!(n_answers(&say(&server, refused).await), 1);
    let with_body = format!("GET /cart HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {n}\r\n\r\n{HIDDEN}");
    assert_eq!(n_answers(&say(&server, with_body).await), 1);
    // Methods that a header or a field names change nothing.
    for head in ["x-http-method-override: DELETE\r\n", "x-method-override: DELETE\r\n"] {
        let answer = say(&server, format!("POST /api/v1/products/a-book HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{head}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 405"), "{head}: {answer}");
    }
}
