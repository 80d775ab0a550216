//! Releases: prepared beside the one that customers have, and given to them at once.

use crate::support::{Engine, TestShop};
use bytes::Bytes;
use domain::files::FileRole;
use shop::accounts::audit::Actor;
use shop::catalog::releases::{NewRelease, ReleaseChange, create, delete, list, publish, remove_file, set_tiers, update};
use shop::files::uploads::{NewUpload, begin, finish, put_part};
use shop::orders;
use shop::{Error, Shop};
use shop_testing::on_both_databases;

fn draft(version: &str) -> NewRelease {
    NewRelease { version: version.to_owned(), notes: "Two mistakes fewer.".to_owned(), is_draft: true }
}

async fn send(shop: &Shop, name: &str, release: Option<&str>, replaces: Option<&str>) -> Result<String, Error> {
    let bytes = Bytes::from(format!("%PDF-1.7 {name}"));
    let new = NewUpload {
        product: "a-gift".to_owned(),
        role: FileRole::Good,
        name: name.to_owned(),
        title: String::new(),
        size_bytes: bytes.len() as i64,
        sha256: None,
        variants: Vec::new(),
        release: release.map(str::to_owned),
        replaces: replaces.map(str::to_owned),
        mark: None,
    };
    let upload = begin(shop, new).await?;
    let hash = data_encoding::HEXLOWER.encode(&shop::base::secret::sha256(&bytes));
    put_part(shop, &upload.id, 1, &hash, bytes).await?;
    Ok(finish(shop, &Actor::operator(), &upload.id, None).await?.file.unwrap().id)
}

fn code<T>(outcome: Result<T, Error>) -> String {
    outcome.err().unwrap().answer().1.to_owned()
}

#[on_both_databases]
async fn customers_keep_what_they_have_until_a_release_is_published(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let by = Actor::operator();
    let started = test.start("a-gift", "free", 1).await;
    let bought = async || {
        let order = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap();
        order.items[0].files.iter().map(|file| file.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(bought().await, ["book.pdf"]);
    let first = list(&test.shop, "a-gift").await.unwrap().remove(0);
    assert_eq!((first.version.as_str(), first.is_newest, first.is_draft), ("1.0", true, false));
    let release = create(&test.shop, &by, "a-gift", draft("1.1"), None).await.unwrap();
    assert_eq!((release.goods.len(), release.is_draft), (1, true), "it takes over the files");
    assert_eq!(code(create(&test.shop, &by, "a-gift", draft("1.2"), None).await), "release_in_preparation");
    let old = &release.goods[0].file.id;
    assert_eq!(code(send(&test.shop, "x.pdf", None, Some(old)).await), "release_needed");
    let new = send(&test.shop, "book-2.pdf", Some(&release.id), Some(old)).await.unwrap();
    send(&test.shop, "extra.pdf", Some(&release.id), None).await.unwrap();
    assert_eq!(code(send(&test.shop, "x.pdf", Some(&release.id), Some(old)).await), "file_not_in_release");
    assert_eq!(bought().await, ["book.pdf"]);
    let product = shop::catalog::find_product(&test.shop, "a-gift").await.unwrap().unwrap();
    assert_eq!((product.version.as_deref(), product.variants[0].files.len()), (Some("1.0"), 1));
    publish(&test.shop, &by, "a-gift", &release.id).await.unwrap();
    publish(&test.shop, &by, "a-gift", &release.id).await.unwrap();
    assert_eq!(bought().await, ["book-2.pdf", "extra.pdf"]);
    let releases = list(&test.shop, "a-gift").await.unwrap();
    assert_eq!(
        releases.iter().map(|release| (release.version.as_str(), release.is_newest)).collect::<Vec<_>>(),
        [("1.1", true), ("1.0", false)]
    );
    assert_eq!(code(send(&test.shop, "x.pdf", Some(&release.id), Some(&new)).await), "release_is_published");
    assert_eq!(code(delete(&test.shop, &by, "a-gift", &release.id).await), "release_is_newest");
    delete(&test.shop, &by, "a-gift", &first.id).await.unwrap();
    assert_eq!(list(&test.shop, "a-gift").await.unwrap().len(), 1);
    for act in ["prepared", "published", "deleted"] {
        assert_eq!(test.count(&format!("audit_entries WHERE object_kind = 'release' AND act = '{act}'")).await, 1, "{act}");
    }
}

#[on_both_databases]
async fn a_release_is_changed_and_discarded(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let by = Actor::operator();
    for (version, expected) in [
        ("", "release_version_invalid"),
        ("a\nb", "release_version_invalid"),
        (&*"9".repeat(41), "release_version_invalid"),
        ("1.0", "release_version_taken"),
    ] {
        assert_eq!(code(create(&test.shop, &by, "a-book", draft(version), None).await), expected);
    }
    let release = create(&test.shop, &by, "a-book", draft("2.0"), None).await.unwrap();
    let change = ReleaseChange { version: Some("2.1".to_owned()), notes: Some("Other words".to_owned()), ..ReleaseChange::default() };
    let changed = update(&test.shop, &by, "a-book", &release.id, change).await.unwrap();
    assert_eq!((changed.version.as_str(), changed.notes.as_str()), ("2.1", "Other words"));
    let taken = ReleaseChange { version: Some("1.0".to_owned()), ..ReleaseChange::default() };
    assert_eq!(code(update(&test.shop, &by, "a-book", &release.id, taken).await), "release_version_taken");
    let file = &release.goods[0].file.id;
    set_tiers(&test.shop, &by, "a-book", &release.id, file, &["rich".to_owned()]).await.unwrap();
    assert_eq!(list(&test.shop, "a-book").await.unwrap()[0].goods[0].tiers, ["rich"]);
    assert_eq!(list(&test.shop, "a-book").await.unwrap()[1].goods[0].tiers, [""; 0], "what customers have stays");
    assert_eq!(code(set_tiers(&test.shop, &by, "a-book", &release.id, file, &["none".to_owned()]).await), "variant_unknown");
    assert_eq!(list(&test.shop, "a-book").await.unwrap()[0].goods[0].also_in, ["1.0"]);
    remove_file(&test.shop, &by, "a-book", &release.id, file).await.unwrap();
    assert!(matches!(remove_file(&test.shop, &by, "a-book", &release.id, file).await, Err(Error::NotFound)));
    assert!(matches!(remove_file(&test.shop, &by, "a-gift", &release.id, file).await, Err(Error::NotFound)), "another product's");
    assert_eq!(code(publish(&test.shop, &by, "a-book", &release.id).await), "release_empty");
    delete(&test.shop, &by, "a-book", &release.id).await.unwrap();
    assert_eq!(list(&test.shop, "a-book").await.unwrap().len(), 1);
}

#[on_both_databases]
async fn what_is_on_its_way_to_a_release_that_is_discarded_ends(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let by = Actor::operator();
    let release = create(&test.shop, &by, "a-gift", draft("2.0"), None).await.unwrap();
    let new = NewUpload {
        product: "a-gift".to_owned(),
        role: FileRole::Good,
        name: "late.pdf".to_owned(),
        title: String::new(),
        size_bytes: 3,
        sha256: None,
        variants: Vec::new(),
        release: Some(release.id.clone()),
        replaces: None,
        mark: None,
    };
    let upload = begin(&test.shop, new).await.unwrap();
    assert_eq!(code(publish(&test.shop, &by, "a-gift", &release.id).await), "release_uploading");
    delete(&test.shop, &by, "a-gift", &release.id).await.unwrap();
    let hash = data_encoding::HEXLOWER.encode(&shop::base::secret::sha256(b"abc"));
    assert_eq!(code(put_part(&test.shop, &upload.id, 1, &hash, Bytes::from_static(b"abc")).await), "upload_over");
    assert_eq!(code(finish(&test.shop, &by, &upload.id, None).await), "release_discarded");
    assert_eq!(test.count("files WHERE name = 'late.pdf'").await, 0);
}

#[on_both_databases]
async fn two_files_of_one_name_are_told_apart(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let by = Actor::operator();
    send(&test.shop, "track.wav", None, None).await.unwrap();
    let again = send(&test.shop, "Track.WAV", None, None).await.unwrap();
    send(&test.shop, "Größe.epub", None, None).await.unwrap();
    send(&test.shop, "Gro\u{308}ße.epub", None, None).await.unwrap();
    // At once: one of them waits for the other.
    let (first, second) = tokio::join!(send(&test.shop, "b.pdf", None, None), send(&test.shop, "b.pdf", None, None));
    first.and(second).unwrap();
    let expected = ["book.pdf", "track.wav", "Track (2).WAV", "Größe.epub", "Größe (2).epub", "b.pdf", "b (2).pdf"];
    let started = test.start("a-gift", "free", 1).await;
    let order = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap();
    assert_eq!(order.items[0].files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), expected);
    let goods = list(&test.shop, "a-gift").await.unwrap().remove(0).goods;
    assert_eq!(goods.iter().map(|good| good.file.name.as_str()).collect::<Vec<_>>(), expected);
    let told: Vec<bool> = goods.iter().map(|good| good.file.warning.as_deref().is_some_and(|text| text.contains("got a number"))).collect();
    assert_eq!(told, [false, false, true, false, true, false, true]);

    // What takes the place of a file may have its name, and another release has its own.
    let release = create(&test.shop, &by, "a-gift", draft("1.1"), None).await.unwrap();
    send(&test.shop, "track (2).wav", Some(&release.id), Some(&again)).await.unwrap();
    send(&test.shop, "track.wav", Some(&release.id), None).await.unwrap();
    let names: Vec<String> =
        publish(&test.shop, &by, "a-gift", &release.id).await.unwrap().goods.into_iter().map(|good| good.file.name).collect();
    assert!(names.contains(&"track (2).wav".to_owned()) && names.contains(&"track (3).wav".to_owned()), "{names:?}");
}
