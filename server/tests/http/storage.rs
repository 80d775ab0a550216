//! A bucket that hangs up in the middle, seen by whoever downloads.

use crate::support::{Engine, TestServer, send};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use shop_testing::bucket::Bucket;
use shop_testing::on_both_databases;
use std::sync::Arc;

/// What comes of a file until it ends or breaks off: the length that was promised, the bytes, and whether it was all.
async fn fetch(url: &str) -> (usize, Vec<u8>, bool) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<bytes::Bytes>>();
    let mut answer = client.get(url.parse().unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    let promised = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let mut bytes = Vec::new();
    while let Some(frame) = answer.frame().await {
        match frame {
            Ok(frame) => bytes.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(_) => return (promised, bytes, false),
        }
    }
    (promised, bytes, true)
}

#[on_both_databases]
async fn a_bucket_that_hangs_up_leaves_no_short_file_and_the_rest_costs_nothing(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let bucket = Bucket::open(folder.path()).await;
    let server = TestServer::changed(engine, |_| {}, |shop| shop.files = Arc::new(bucket.store(""))).await;
    server.stock().await;
    let mut content = b"%PDF-1.7 ".to_vec();
    content.extend((0..4 << 20).map(|n: u32| (n % 251) as u8));
    assert_eq!(server.upload_form("a-book", &[("file\"; filename=\"film.pdf", &content)]).await.status, 201);
    let (id, key) = server.buy("plain").await;
    let files = async || server.order(&id, &key).await.json()["items"][0]["files"].as_array().unwrap().clone();
    let film = files().await.into_iter().find(|file| file["name"] == "film.pdf").unwrap();
    let left = async || {
        let files = files().await;
        files.iter().find(|file| file["name"] == "film.pdf").unwrap()["downloads_left"].as_i64().unwrap()
    };
    let n_before = left().await;
    let url = server.mint(&id, &key, film["id"].as_str().unwrap()).await.json()["url"].as_str().unwrap().to_owned();

    // It never begins: nothing is charged, and nobody takes an error for a file.
    bucket.break_after(0);
    let refused = send("GET", &url, &[], "").await;
    assert!(refused.status == 200 && refused.body == content || refused.status == 503, "{}", refused.status);
    if refused.status == 503 {
        assert_eq!(left().await, n_before);
    }

    bucket.break_after(1 << 20);
    let (promised, bytes, is_whole) = fetch(&url).await;
    assert!(bucket.has_broken());
    assert!(!is_whole && promised == content.len() && bytes.len() < content.len() && content.starts_with(&bytes), "{}", bytes.len());

    // What a browser or curl does then.
    let rest = send("GET", &url, &[("range", &format!("bytes={}-", bytes.len()))], "").await;
    assert_eq!(rest.status, 206);
    assert!([bytes, rest.body].concat() == content);
    assert_eq!(left().await, n_before - 1);
}
