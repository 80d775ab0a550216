//! Files that creators send: of any size, in one piece or not at all.

use crate::parts::form;
use crate::support::{Engine, OWNER, PASSWORD, TestServer, send, with_growth};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shop_testing::on_both_databases;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

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

#[on_both_databases]
async fn two_files_of_one_name_are_told_apart_wherever_they_are_seen(engine: Engine) {
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

fn archive(n_entries: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for n in 0..n_entries {
        zip.start_file(format!("icons/{n}.svg"), options).unwrap();
        zip.write_all(b"x").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn an_archive_of_a_hundred_thousand_entries_is_looked_at_in_little_memory() {
    let server = TestServer::start().await;
    server.stock().await;
    let (most, more) = (archive(100_000), archive(100_001));
    let n_before = n_stored(&server);
    let file = "file\"; filename=\"icons.zip";
    let (taken, grown) = with_growth(server.upload_form("a-book", &[(file, &most)])).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    assert!(grown < 300 << 20, "{grown} bytes");
    let (refused, grown) = with_growth(server.upload_form("a-book", &[(file, &more)])).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert_eq!(refused.code(), "archive_too_many");
    assert!(grown < 300 << 20, "{grown} bytes");
    assert_eq!(n_stored(&server), n_before + 1, "what is refused is not kept");
}

/// The head of a PNG that says how large it is, and hardly a pixel.
fn png(width: u32, height: u32) -> Vec<u8> {
    let crc32 = |bytes: &[u8]| {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    };
    let mut head = b"IHDR".to_vec();
    head.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    head.extend([8, 2, 0, 0, 0]);
    let check = crc32(&head).to_be_bytes();
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &head, &check, b"\0\0\0\0IDAT\x35\xaf\x06\x1e"].concat()
}

#[tokio::test]
async fn a_flood_of_pixels_takes_no_memory() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let file = "file\"; filename=\"cover.png";
    for (width, height) in [(20_000, 20_000), (65_000, 65_000), (u32::MAX >> 1, u32::MAX >> 1), (1, 1 << 30)] {
        for role in ["cover", "gallery"] {
            let flood = png(width, height);
            let (refused, grown) = with_growth(form(&server, &cookie, &[("role", role.as_bytes()), (file, &flood)])).await;
            assert_eq!(refused.status, 303);
            assert!(refused.header("location").contains("notice=picture_"), "{role} {width} x {height}: {}", refused.header("location"));
            assert!(grown < 50 << 20, "{role} {width} x {height}: {grown} bytes");
        }
    }
    assert_eq!(server.count("files WHERE media_type LIKE 'image/%'").await, 0);
}
