//! Pictures, archives, and files whose bytes are gone.

use crate::support::{Engine, TestShop};
use bytes::Bytes;
use domain::files::{FileRole, UploadView};
use rstest::rstest;
use shop::audit::Actor;
use shop::catalog::{describe, find_preview_file, find_product, order_gallery, remove_picture};
use shop::files_check::find_missing;
use shop::uploads::{NewUpload, begin, finish, put_part};
use shop::{Error, Shop};
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
    let hash = data_encoding::HEXLOWER.encode(&shop::secret::sha256(bytes));
    put_part(shop, &upload.id, 1, &hash, Bytes::copy_from_slice(bytes)).await?;
    finish(shop, &Actor::operator(), &upload.id, None).await
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 99]));
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn a_cover_comes_in_several_widths_and_is_public_as_long_as_it_is_the_cover(#[case] engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    send(&test.shop, FileRole::Cover, "Mein Titel.png", "A book", &png(1500, 1000)).await.unwrap();
    let cover = find_product(&test.shop, "a-book").await.unwrap().unwrap().cover.unwrap();
    assert_eq!((cover.width, cover.height, cover.alt.as_str()), (Some(1500), Some(1000), "A book"));
    assert_eq!(cover.sizes.iter().map(|size| size.width).collect::<Vec<_>>(), [320, 640, 1280]);
    let card = shop::catalog::list(&test.shop, &domain::catalog::ProductQuery::default(), 9).await.unwrap().items;
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

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn a_gallery_is_in_the_order_that_it_was_put_into(#[case] engine: Engine) {
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
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM audit_entries WHERE act IN ('ordered','described','removed')").await, 3);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn what_is_no_picture_becomes_no_cover(#[case] engine: Engine) {
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
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM files").await, 2);
}

fn archive(names: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        zip.write_all(b"text").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn an_archive_is_looked_at_before_it_is_sold(#[case] engine: Engine) {
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
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM files WHERE name = 'icons.zip'").await, 2);
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(Engine::Postgres)]
#[tokio::test]
async fn files_whose_bytes_are_gone_are_found_page_by_page(#[case] engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    send(&test.shop, FileRole::Cover, "cover.png", "", &png(700, 700)).await.unwrap();
    let all = find_missing(&test.shop, None, 100).await.unwrap();
    assert_eq!((all.n_checked, all.missing.len(), all.next_cursor), (5, 0, None), "two goods, a cover and its two smaller widths");
    use sea_orm::EntityTrait;
    for file in shop::entities::file::Entity::find().all(&test.shop.db).await.unwrap() {
        if file.name == "book.pdf" || file.width == Some(320) {
            test.shop.files.delete(&file.object_key).await.unwrap();
        }
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
    assert_eq!(n_pages, 3);
    assert!(find_missing(&test.shop, Some("nothing"), 2).await.is_err());
}
