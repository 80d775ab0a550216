//! Files in parts over HTTP, releases, and the plain form of the dashboard.

use crate::support::{Answer, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn digest(part: &[u8]) -> String {
    format!("sha-256=:{}:", data_encoding::BASE64.encode(&Sha256::digest(part)))
}

async fn put(server: &TestServer, id: &str, number: i64, digest: &str, part: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", server.api_key);
    let headers = [("authorization", bearer.as_str()), ("content-digest", digest)];
    send("PUT", &format!("{}/api/v1/uploads/{id}/parts/{number}", server.base), &headers, part).await
}

#[tokio::test]
async fn a_file_comes_in_parts_over_the_api() {
    let server = TestServer::start().await;
    server.stock().await;
    let content: Vec<u8> = (0..(9usize << 20)).map(|at| (at % 251) as u8).collect();
    let request = json!({ "product": "a-book", "name": "film.mp4", "size_bytes": content.len(), "variants": ["rich"], "mark": "1" });
    let begun = server.create("/api/v1/uploads", &request).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let begun = begun.json();
    let (id, part_bytes) = (begun["id"].as_str().unwrap().to_owned(), begun["part_bytes"].as_u64().unwrap() as usize);
    assert_eq!((begun["n_parts"].as_u64(), begun["state"].as_str()), (Some(2), Some("open")));
    let parts: Vec<&[u8]> = content.chunks(part_bytes).collect();
    assert_eq!(put(&server, &id, 2, &digest(parts[1]), parts[1]).await.status, 204);
    let damaged = put(&server, &id, 1, &digest(b"another"), parts[0]).await;
    assert_eq!((damaged.status, damaged.code().as_str()), (400, "part_damaged"));
    let early = server.create(&format!("/api/v1/uploads/{id}/finish"), &json!({})).await;
    assert_eq!((early.status, early.code().as_str()), (409, "parts_missing"));
    let stands = server.change("GET", &format!("/api/v1/uploads/{id}"), &Value::Null).await.json();
    assert_eq!(stands["parts"], json!([{ "number": 2, "sha256": data_encoding::HEXLOWER.encode(&Sha256::digest(parts[1])) }]));
    assert_eq!(server.create("/api/v1/uploads", &request).await.json()["id"], id);
    assert_eq!(put(&server, &id, 1, &digest(parts[0]), parts[0]).await.status, 204);
    for _ in 0..2 {
        let done = server.create(&format!("/api/v1/uploads/{id}/finish"), &json!({})).await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert_eq!(done.json()["file"]["sha256"], data_encoding::HEXLOWER.encode(&Sha256::digest(&content)));
    }
    let product = server.get("/api/v1/products/a-book").await.json();
    assert_eq!(product["variants"][1]["files"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_sent_wrongly_is_refused_in_words() {
    let server = TestServer::start().await;
    server.stock().await;
    for (request, status, code) in [
        (json!({ "product": "a-book", "name": "a", "size_bytes": 0 }), 400, "file_empty"),
        (json!({ "product": "a-book", "name": "a", "size_bytes": 99_999_999_999i64 }), 413, "too_large"),
        (json!({ "product": "a-book", "name": "a", "size_bytes": 1, "role": "logo" }), 400, "role_invalid"),
        (json!({ "product": "a-book", "name": "a", "size_bytes": 99_999_999, "role": "cover" }), 413, "picture_too_large"),
        (json!({ "product": "none", "name": "a", "size_bytes": 1 }), 404, "not_found"),
        (json!({ "product": "a-book", "name": "a", "size_bytes": "x" }), 422, "malformed"),
        (json!({ "product": "a-book", "name": "a", "size_bytes": 1, "path": "/etc" }), 422, "malformed"),
    ] {
        let answer = server.create("/api/v1/uploads", &request).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{request}");
    }
    let begun = server.create("/api/v1/uploads", &json!({ "product": "a-book", "name": "a", "size_bytes": 3 })).await.json();
    let id = begun["id"].as_str().unwrap();
    for (number, header, part, status) in [
        (1, digest(b"abc"), &b"abcd"[..], 400),
        (2, digest(b"abc"), b"abc", 400),
        (1, "sha-256=:x:".to_owned(), b"abc", 422),
        (1, "md5=:x:".to_owned(), b"abc", 422),
        (1, digest(b"abc"), &vec![b'x'; 9 << 20], 413),
    ] {
        let answer = put(&server, id, number, &header, part).await;
        assert_eq!(answer.status, status, "{number} {header}: {}", answer.text());
        answer.code();
    }
    assert_eq!(put(&server, "nothing", 1, &digest(b"abc"), b"abc").await.status, 404);
    let answer = put(&server, id, 1, &digest(b"abc"), b"abc").await;
    assert_eq!(answer.status, 204);
    assert_eq!(server.change("DELETE", &format!("/api/v1/uploads/{id}"), &Value::Null).await.status, 204);
    assert_eq!(server.change("DELETE", &format!("/api/v1/uploads/{id}"), &Value::Null).await.status, 404);
    assert_eq!(server.count("uploads").await, 0);
}

#[tokio::test]
async fn a_release_is_prepared_and_published_over_the_api() {
    let server = TestServer::start().await;
    server.stock().await;
    let releases = "/api/v1/products/a-book/releases";
    let draft = server.create(releases, &json!({ "version": "1.1", "notes": "Better", "status": "draft" })).await;
    assert_eq!(draft.status, 201, "{}", draft.text());
    let draft = draft.json();
    let (id, old) = (draft["id"].as_str().unwrap().to_owned(), draft["files"][0]["id"].clone());
    let request = json!({ "product": "a-book", "name": "book-2.pdf", "size_bytes": 8, "release": id, "replaces": old });
    let upload = server.create("/api/v1/uploads", &request).await.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(put(&server, &upload, 1, &digest(b"%PDF-1.7"), b"%PDF-1.7").await.status, 204);
    assert_eq!(server.create(&format!("/api/v1/uploads/{upload}/finish"), &json!({})).await.status, 200);
    let published = server.change("PATCH", &format!("{releases}/{id}"), &json!({ "status": "published" })).await.json();
    assert_eq!((published["status"].as_str(), published["files"][0]["name"].as_str()), (Some("published"), Some("book-2.pdf")));
    let listed = server.change("GET", releases, &Value::Null).await.json();
    assert_eq!(
        listed["items"].as_array().unwrap().iter().map(|release| release["version"].as_str().unwrap()).collect::<Vec<_>>(),
        ["1.1", "1.0"]
    );
    let newest = server.change("DELETE", &format!("{releases}/{id}"), &Value::Null).await;
    assert_eq!((newest.status, newest.code().as_str()), (409, "release_is_newest"));
    let first = listed["items"][1]["id"].as_str().unwrap();
    assert_eq!(server.change("DELETE", &format!("{releases}/{first}"), &Value::Null).await.status, 204);
    assert_eq!(server.change("DELETE", &format!("{releases}/{first}"), &Value::Null).await.status, 404);
}

/// As a browser without scripts sends the form of the page.
pub async fn form(server: &TestServer, cookie: &str, fields: &[(&str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (name, content) in fields {
        body.extend_from_slice(format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    let headers = [
        ("content-type", "multipart/form-data; boundary=b"),
        ("cookie", cookie),
        ("origin", server.base.as_str()),
        ("accept", "text/html"),
    ];
    send("POST", &format!("{}/dashboard/products/a-book/upload", server.base), &headers, body).await
}

#[tokio::test]
async fn a_plain_form_uploads_files_and_says_what_is_wrong_with_another() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let page = "/dashboard/products/a-book/files";
    let file = "file\"; filename=\"more.pdf";
    let sent =
        form(&server, &cookie, &[("role", b"good"), ("release", b""), ("replaces", b""), ("variant", b"rich"), (file, b"%PDF-1.7 more")])
            .await;
    assert_eq!((sent.status, sent.header("location")), (303, &*format!("{page}?notice=file_added")));
    let product = server.get("/api/v1/products/a-book").await.json();
    assert_eq!(product["variants"][1]["files"].as_array().unwrap().len(), 2);
    let (one, two) = ("file\"; filename=\"one.pdf", "file\"; filename=\"two.pdf");
    let both = form(&server, &cookie, &[("role", b"good"), (one, b"%PDF-1.7 one"), (two, b"%PDF-1.7 two")]).await;
    assert_eq!((both.status, both.header("location")), (303, &*format!("{page}?notice=files_added")));
    let product = server.get("/api/v1/products/a-book").await.json();
    assert_eq!(product["variants"][1]["files"].as_array().unwrap().len(), 4);
    let picture = "file\"; filename=\"cover.png";
    for (fields, notice) in [
        (vec![("role", &b"cover"[..]), (picture, b"<svg onload=alert(1)>")], "picture_format"),
        (vec![("role", b"cover"), (picture, b"")], "file_empty"),
        (vec![("role", b"good"), ("file\"; filename=\"", b"")], "file_name_invalid"),
        (vec![("role", b"good"), ("variant", b"none"), (file, b"x")], "variant_unknown"),
        (vec![("role", b"logo"), (file, b"x")], "upload_broken"),
        (vec![("role", b"good")], "file_name_invalid"),
    ] {
        let answer = form(&server, &cookie, &fields).await;
        assert_eq!((answer.status, answer.header("location")), (303, &*format!("{page}?notice={notice}")));
    }
    let shown = send("GET", &format!("{}{page}?notice=picture_format", server.base), &[("cookie", &cookie)], "").await;
    assert!(shown.text().contains("not a JPEG, PNG or WebP picture"));
    assert!(shown.text().contains("more.pdf"));
    assert_eq!(server.count("files").await, 4);
    let stranger = form(&server, "", &[("role", b"good"), (file, b"x")]).await;
    assert_eq!(stranger.header("location"), format!("/sign-in?next={page}"));
}
