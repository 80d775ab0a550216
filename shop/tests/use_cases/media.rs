//! Pictures, archives, and files whose bytes are gone.

use crate::support::{Engine, TestShop};
use bytes::Bytes;
use domain::{files::FileRole, pages::files::UploadView};
use shop::accounts::audit::Actor;
use shop::catalog::{describe, find_preview_file, find_product, order_gallery, remove_picture};
use shop::files::check::find_missing;
use shop::files::uploads::{NewUpload, begin, finish, put_part};
use shop::{Error, Shop};
use shop_testing::on_both_databases;
use std::io::{Cursor, Write};

async fn send(shop: &Shop, role: FileRole, name: &str, title: &str, bytes: &[u8]) -> Result<UploadView, Error> {
    let new = NewUpload {
        product: "a-book".to_owned(),
        role,
        name: name.to_owned(),
        title: title.to_owned(),
        size_bytes: bytes.len() as i64,
        sha256: None,
        variants: Vec::new(),
        release: None,
        replaces: None,
        mark: None,
    };
    let upload = begin(shop, new).await?;
    let hash = data_encoding::HEXLOWER.encode(&shop::base::secret::sha256(bytes));
    put_part(shop, &upload.id, 1, &hash, Bytes::copy_from_slice(bytes)).await?;
    finish(shop, &Actor::operator(), &upload.id, None).await
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 99]));
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

#[on_both_databases]
async fn a_cover_comes_in_several_widths_and_is_public_as_long_as_it_is_the_cover(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    send(&test.shop, FileRole::Cover, "Mein Titel.png", "A book", &png(1500, 1000)).await.unwrap();
    let cover = find_product(&test.shop, "a-book").await.unwrap().unwrap().cover.unwrap();
    assert_eq!((cover.width, cover.height, cover.alt.as_str()), (Some(1500), Some(1000), "A book"));
    assert_eq!(cover.sizes.iter().map(|size| size.width).collect::<Vec<_>>(), [320, 640, 1280]);
    let card = shop::catalog::list(&test.shop, &domain::pages::storefront::ProductQuery::default(), 9).await.unwrap().items;
    assert_eq!(card.into_iter().find(|card| card.slug == "a-book").unwrap().cover.unwrap(), cover);
    let id = |url: &str| url.split('/').nth(2).unwrap().to_owned();
    let small = find_preview_file(&test.shop, &id(&cover.sizes[0].url)).await.unwrap().unwrap();
    let mut bytes = Vec::new();
    let mut body = test.shop.files.get(&small.object_key, None).await.unwrap();
    while let Some(chunk) = futures::StreamExt::next(&mut body).await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    let drawn = image::load_from_memory(&bytes).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (320, 213));
    remove_picture(&test.shop, &Actor::operator(), "a-book", &id(&cover.url)).await.unwrap();
    assert!(find_preview_file(&test.shop, &id(&cover.sizes[0].url)).await.unwrap().is_none());
    assert!(find_product(&test.shop, "a-book").await.unwrap().unwrap().cover.is_none());
}

#[on_both_databases]
async fn a_gallery_is_in_the_order_that_it_was_put_into(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mut ids = Vec::new();
    for name in ["a.png", "b.png", "c.png"] {
        ids.push(send(&test.shop, FileRole::Gallery, name, name, &png(20, 10)).await.unwrap().file.unwrap().id);
    }
    let order = async || {
        find_product(&test.shop, "a-book").await.unwrap().unwrap().gallery.into_iter().map(|picture| picture.alt).collect::<Vec<_>>()
    };
    assert_eq!(order().await, ["a.png", "b.png", "c.png"]);
    let by = Actor::operator();
    order_gallery(&test.shop, &by, "a-book", &[ids[2].clone(), ids[0].clone()]).await.unwrap();
    assert_eq!(order().await, ["c.png", "a.png", "b.png"]);
    assert!(order_gallery(&test.shop, &by, "a-book", &["nothing".to_owned()]).await.is_err());
    describe(&test.shop, &by, "a-book", &ids[0], "Another").await.unwrap();
    remove_picture(&test.shop, &by, "a-book", &ids[2]).await.unwrap();
    assert_eq!(order().await, ["Another", "b.png"]);
    assert!(matches!(describe(&test.shop, &by, "a-gift", &ids[0], "x").await, Err(Error::NotFound)));
    assert_eq!(test.count("audit_entries WHERE act IN ('ordered','described','removed')").await, 3);
}

#[on_both_databases]
async fn what_is_no_picture_becomes_no_cover(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    for (name, bytes, expected) in [
        ("cover.png", &b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"[..], "picture_format"),
        ("cover.jpg", b"<!doctype html>", "picture_format"),
        ("cover.webp", b"MZ\x90\0\x03\0\0\0", "picture_format"),
        ("cover.png", b"\x89PNG\r\n\x1a\nnothing", "picture_broken"),
    ] {
        let refused = send(&test.shop, FileRole::Cover, name, "", bytes).await.err().unwrap();
        assert_eq!(refused.answer().1, expected);
    }
    assert!(find_product(&test.shop, "a-book").await.unwrap().unwrap().cover.is_none());
    assert_eq!(test.count("files").await, 2);
}

fn archive(names: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        zip.write_all(b"text").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[on_both_databases]
async fn an_archive_is_looked_at_before_it_is_sold(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let good = async |bytes: &[u8]| send(&test.shop, FileRole::Good, "icons.zip", "", bytes).await;
    let file = good(&archive(&["icons/a.svg", "icons/b.svg"])).await.unwrap().file.unwrap();
    assert_eq!((file.media_type.as_str(), file.warning), ("application/zip", None));
    // A name as no honest program writes it, put in place of one of the same length.
    let tampered = |name: &[u8; 9]| {
        let mut bytes = archive(&["aaaaa.txt"]);
        while let Some(at) = bytes.windows(9).position(|window| window == b"aaaaa.txt") {
            bytes[at..at + 9].copy_from_slice(name);
        }
        bytes
    };
    for name in [b"../../etc", b"/etc/pass", b"a\\..\\..\\b"] {
        let refused = good(&tampered(name)).await.err().unwrap();
        assert_eq!(refused.answer().1, "archive_leads_elsewhere", "{}", String::from_utf8_lossy(name));
    }
    // One entry says that it unpacks to four gigabytes; nothing is unpacked to see.
    let mut bomb = archive(&["a"]);
    let at = bomb.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bomb[at + 24..at + 28].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    assert_eq!(good(&bomb).await.err().unwrap().answer().1, "archive_bomb");
    let cut = archive(&["a", "b"]);
    let file = good(&cut[..cut.len() - 30]).await.unwrap().file.unwrap();
    assert!(file.warning.unwrap().contains("could not be read"));
    assert_eq!(test.count("files WHERE name LIKE 'icons%.zip'").await, 2);
}

#[on_both_databases]
async fn files_whose_bytes_are_gone_are_found_page_by_page(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    send(&test.shop, FileRole::Cover, "cover.png", "", &png(700, 700)).await.unwrap();
    let all = find_missing(&test.shop, None, 100).await.unwrap();
    assert_eq!(
        (all.n_checked, all.missing.len(), all.next_cursor),
        (6, 0, None),
        "two goods, a cover, its two smaller widths and what links show"
    );
    for key in test.texts("SELECT object_key FROM files WHERE name = 'book.pdf' OR width = 320").await {
        test.shop.files.delete(&key).await.unwrap();
    }
    let (mut missing, mut cursor, mut n_pages) = (Vec::new(), None, 0);
    loop {
        let page = find_missing(&test.shop, cursor.as_deref(), 2).await.unwrap();
        missing.extend(page.missing.into_iter().map(|file| (file.name, file.product.unwrap().0)));
        n_pages += 1;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    missing.sort();
    let named = |name: &str, slug: &str| (name.to_owned(), slug.to_owned());
    assert_eq!(missing, [named("book.pdf", "a-book"), named("book.pdf", "a-gift"), named("cover.png", "a-book")]);
    assert_eq!(n_pages, 4);
    assert!(find_missing(&test.shop, Some("nothing"), 2).await.is_err());
}

/// A PNG with a second frame, as the head of one says; the first is the picture.
fn moving_png() -> Vec<u8> {
    let mut bytes = png(20, 10);
    let mut chunk = b"acTL\0\0\0\x02\0\0\0\0".to_vec();
    let mut crc = !0u32;
    for byte in &chunk {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    chunk.extend_from_slice(&(!crc).to_be_bytes());
    // Behind the signature and the first chunk.
    bytes.splice(33..33, [&8u32.to_be_bytes()[..], &chunk].concat());
    bytes
}

#[on_both_databases]
async fn of_a_picture_that_moves_the_first_frame_is_shown_with_a_word(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let still = send(&test.shop, FileRole::Gallery, "still.png", "", &png(20, 10)).await.unwrap();
    assert_eq!(still.file.unwrap().warning, None);
    let moving = send(&test.shop, FileRole::Cover, "moving.png", "", &moving_png()).await.unwrap();
    assert!(moving.file.unwrap().warning.unwrap().contains("first frame"));
    let editor = shop::catalog::files(&test.shop, "a-book").await.unwrap();
    assert!(editor.cover.unwrap().file.warning.unwrap().contains("first frame"));
    for (picture, is_warned) in [(png(20, 10), false), (moving_png(), true)] {
        assert_eq!(shop::stores::logo::warning(&test.shop).await.unwrap(), None);
        shop::stores::logo::set(&test.shop, &Actor::operator(), "logo.png", shop::files::stream_of(picture)).await.unwrap();
        assert_eq!(shop::stores::logo::warning(&test.shop).await.unwrap().is_some(), is_warned);
    }
}

#[on_both_databases]
async fn half_a_photograph_becomes_no_picture_and_leaves_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mut jpeg = Vec::new();
    let picture = image::RgbImage::from_fn(200, 150, |x, y| image::Rgb([(x * y) as u8, y as u8, x as u8]));
    picture.write_to(&mut Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).unwrap();
    for role in [FileRole::Cover, FileRole::Gallery] {
        let refused = send(&test.shop, role, "cut.jpg", "", &jpeg[..jpeg.len() * 60 / 100]).await.err().unwrap();
        assert_eq!(refused.answer().1, "picture_broken");
    }
    let body = shop::files::stream_of(jpeg[..jpeg.len() / 20].to_vec());
    assert_eq!(shop::stores::logo::set(&test.shop, &Actor::operator(), "logo.jpg", body).await.err().unwrap().answer().1, "picture_broken");
    assert_eq!(test.count("files").await, 2);
    send(&test.shop, FileRole::Cover, "whole.jpg", "", &jpeg).await.unwrap();
    let cover = find_product(&test.shop, "a-book").await.unwrap().unwrap().cover.unwrap();
    let shared = cover.shared.unwrap();
    assert_eq!((shared.width, shared.height, shared.url.ends_with("/whole.jpg")), (200, 150, true));
    let id = shared.url.split('/').nth(2).unwrap().to_owned();
    assert_eq!(find_preview_file(&test.shop, &id).await.unwrap().unwrap().media_type, "image/jpeg");
}

#[on_both_databases]
async fn samples_are_told_apart(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    for (name, title) in [("a.txt", ""), ("b.txt", ""), ("c.txt", "A chapter"), ("d.txt", "A chapter"), ("a.txt", " ")] {
        send(&test.shop, FileRole::Sample, name, title, b"text").await.unwrap();
    }
    let product = find_product(&test.shop, "a-book").await.unwrap().unwrap();
    let titles: Vec<&str> = product.samples.iter().map(|sample| sample.title.as_str()).collect();
    assert_eq!(titles, ["a.txt", "b.txt", "A chapter", "A chapter (2)", "a.txt (2)"]);
}

#[on_both_databases]
async fn bytes_that_nothing_needs_are_deleted_two_days_later(engine: Engine) {
    const HOUR: i64 = 60 * 60 * 1000;
    let test = TestShop::open(engine).await;
    test.stock().await;
    let by = Actor::operator();
    let keys = async |name: &str| test.texts(&format!("SELECT object_key FROM files WHERE name = '{name}'")).await;
    let n_there = async |keys: &[String]| {
        let mut n = 0;
        for key in keys {
            n += usize::from(test.shop.files.head(key).await.unwrap().is_some());
        }
        n
    };
    let cover = send(&test.shop, FileRole::Cover, "old.png", "", &png(700, 700)).await.unwrap().file.unwrap();
    send(&test.shop, FileRole::Gallery, "kept.png", "", &png(700, 700)).await.unwrap();
    let good = send(&test.shop, FileRole::Good, "gone.txt", "", b"text").await.unwrap().file.unwrap();
    let (old, kept, gone) = (keys("old.png").await, keys("kept.png").await, keys("gone.txt").await);
    assert_eq!((old.len(), kept.len(), gone.len()), (4, 4, 1));
    remove_picture(&test.shop, &by, "a-book", &cover.id).await.unwrap();
    let release = shop::catalog::releases::list(&test.shop, "a-book").await.unwrap()[0].clone();
    shop::catalog::releases::remove_file(&test.shop, &by, "a-book", &release.id, &good.id).await.unwrap();
    // An upload that broke off between its bytes and its row.
    let lost = test.shop.files.put(shop::files::stream_of("lost"), "text/plain").await.unwrap().object_key;
    test.run(&format!("INSERT INTO object_tombstones (object_key, gone_at) SELECT '{lost}', MAX(gone_at) FROM object_tombstones")).await;
    // One that something needs after all.
    test.run(&format!("INSERT INTO object_tombstones (object_key, gone_at) SELECT '{}', MAX(gone_at) FROM object_tombstones", kept[0]))
        .await;
    test.advance(47 * HOUR);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!((n_there(&old).await, n_there(&gone).await, n_there(std::slice::from_ref(&lost)).await), (4, 1, 1));
    test.advance(2 * HOUR);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!((n_there(&old).await, n_there(&gone).await, n_there(&[lost]).await), (0, 0, 0));
    assert_eq!(n_there(&kept).await, 4);
    assert_eq!(test.count("object_tombstones").await, 0);
    assert!(find_missing(&test.shop, None, 100).await.unwrap().missing.is_empty());
}
