//! Files that creators send: of any size, in one piece or not at all.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use rstest::rstest;
use serde_json::Value;
use sha2::{Digest, Sha256};

const FILE: &str = "file\"; filename=\"book.pdf";
/// More than is ever held in memory.
const LARGE: usize = 9 << 20;

/// Names and contents, in their order.
type Form<'a> = &'a [(&'a str, &'a [u8])];

/// How many files the store keeps, half-done ones too.
fn n_stored(server: &TestServer) -> usize {
    let mut folders = vec![server.folder().join("files")];
    let mut n = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { n += 1 }
        }
    }
    n
}

/// How many files a tier of the book offers.
fn n_files(product: &Value, tier: usize) -> usize {
    product["variants"][tier]["files"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_large_file_arrives_as_it_was_sent() {
    let server = TestServer::start().await;
    server.stock().await;
    let content: Vec<u8> = (0..(65usize << 20)).map(|at| (at % 251) as u8).collect();
    let sent = server.upload_form("a-book", &[("variant", b"rich"), (FILE, &content)]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let sent = sent.json();
    assert_eq!(sent["size_bytes"], content.len());
    assert_eq!(sent["sha256"], data_encoding::HEXLOWER.encode(&Sha256::digest(&content)));
    let product = server.get("/api/v1/products/a-book").await.json();
    assert_eq!((n_files(&product, 0), n_files(&product, 1)), (1, 2));
}

#[tokio::test]
async fn a_small_file_may_come_before_what_it_is_for() {
    let server = TestServer::start().await;
    server.stock().await;
    assert_eq!(server.upload_form("a-book", &[(FILE, b"%PDF-1.7 more"), ("variant", b"rich")]).await.status, 201);
    let product = server.get("/api/v1/products/a-book").await.json();
    assert_eq!((n_files(&product, 0), n_files(&product, 1)), (1, 2));
}

#[tokio::test]
async fn a_form_that_is_refused_leaves_nothing() {
    let server = TestServer::start().await;
    server.stock().await;
    let before = (n_stored(&server), server.count("files").await);
    let large = vec![b'x'; LARGE];
    let long = vec![b'x'; 2000];
    let refused: [(&str, Form, u16); 7] = [
        ("a-book", &[("variant", b"rich")], 422),
        ("a-book", &[("variant", &long), (FILE, b"x")], 422),
        ("a-book", &[(FILE, b"x"), (FILE, b"y")], 422),
        ("a-book", &[("kind", b"poem"), (FILE, b"x")], 400),
        ("a-book", &[("variant", b"none"), (FILE, &large)], 400),
        ("a-book", &[(FILE, &large), ("variant", b"rich")], 422),
        ("none", &[(FILE, b"x")], 404),
    ];
    for (slug, fields, status) in refused {
        let answer = server.upload_form(slug, fields).await;
        assert_eq!(answer.status, status, "{} for {:?}", answer.text(), fields.iter().map(|field| field.0).collect::<Vec<_>>());
        answer.code();
    }
    assert_eq!((n_stored(&server), server.count("files").await), before);
}

#[tokio::test]
async fn a_file_that_breaks_off_leaves_nothing() {
    let server = TestServer::start().await;
    server.stock().await;
    let before = (n_stored(&server), server.count("files").await);
    let mut body = format!("--b\r\ncontent-disposition: form-data; name=\"{FILE}\"\r\n\r\n").into_bytes();
    body.resize(LARGE, b'x');
    let bearer = format!("Bearer {}", server.api_key);
    let headers = [("content-type", "multipart/form-data; boundary=b"), ("authorization", bearer.as_str())];
    let answer = send("POST", &format!("{}/api/v1/products/a-book/files", server.base), &headers, body).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "malformed"));
    assert_eq!((n_stored(&server), server.count("files").await), before);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn two_files_of_one_name_are_told_apart_wherever_they_are_seen(#[case] engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    for (folder, content, name) in [("mix-a", b"RIFF-a", "track.wav"), ("mix-b", b"RIFF-b", "track (2).wav")] {
        let sent = server.upload("a-book", &format!("{folder}/track.wav"), content).await;
        assert_eq!((sent.status, sent.json()["name"].as_str()), (201, Some(name)), "{}", sent.text());
    }
    let (id, key) = server.buy("plain").await;
    let order = server.order(&id, &key).await.json();
    let files: Vec<(&str, &str)> = order["items"][0]["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["name"].as_str().unwrap(), file["id"].as_str().unwrap()))
        .collect();
    assert_eq!(files.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["book.pdf", "track.wav", "track (2).wav"]);
    for ((name, file), content) in files[1..].iter().zip(["RIFF-a", "RIFF-b"]) {
        let url = server.mint(&id, &key, file).await.json()["url"].as_str().unwrap().to_owned();
        let sent = send("GET", &url, &[], "").await;
        assert!(sent.header("content-disposition").contains(&format!("\"{name}\"")), "{}", sent.header("content-disposition"));
        assert_eq!(sent.text(), content);
    }
    let page = server.get(&format!("/orders/{id}?key={key}")).await.text();
    let session = server.sign_in(OWNER, PASSWORD).await;
    let dashboard = send("GET", &format!("{}/dashboard/products/a-book/files", server.base), &[("cookie", &session)], "").await.text();
    for page in [page, dashboard.clone()] {
        assert!(page.contains("track.wav") && page.contains("track (2).wav"), "{page}");
    }
    assert!(dashboard.contains("so this one got a number"), "{dashboard}");
}
