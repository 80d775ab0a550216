//! Text as people paste it: marks that nobody sees, letters in two forms, scripts of all the world, names without end.

use crate::support::{Engine, TestShop, change, tier};
use domain::catalog::{Kind, ProductStatus};
use domain::draft::{ProductDraft, ProductTexts};
use shop::accounts::audit::Actor;
use shop::catalog::{self, NewCategory};
use shop::checkout::carts;
use shop::checkout::promotions::{self, NewPromotion};
use shop_testing::on_both_databases;

fn by() -> Actor {
    Actor::operator()
}

fn titled(title: &str) -> ProductDraft {
    let texts = ProductTexts { title: title.to_owned(), ..ProductTexts::default() };
    ProductDraft { texts, kind: Kind::Book, status: ProductStatus::Published, tiers: vec![tier("one", 900)], ..ProductDraft::default() }
}

async fn slug(test: &TestShop, title: &str) -> String {
    catalog::create_product(&test.shop, &by(), titled(title), None).await.unwrap().slug
}

fn code(error: shop::Error) -> &'static str {
    error.answer().1
}

/// What leaves no ink, however it is told.
const NOTHING: [&str; 7] = ["\u{200b}\u{2060}", "\u{2800}", "\u{3164}", "\u{115f}", "\u{ad}", "\u{feff}\u{a0}", "\u{202e}"];

#[on_both_databases]
async fn a_code_works_however_it_was_pasted(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let new = |code: &str| NewPromotion { code: Some(code.to_owned()), percent_off: Some(10), ..NewPromotion::default() };
    promotions::create(&test.shop, &by(), new("SPRING-10"), None).await.unwrap();
    let cart = carts::add(&test.shop, None, "a-book", Some("rich"), 1).await.unwrap();
    for pasted in [
        "spring-10\u{200b}",
        "\u{feff}SPRING-10",
        "SPRING-10\u{2060}",
        "\u{200e}SPRING-10\u{a0}",
        "SPR\u{ad}ING-10",
        "SPRING‑10",
        "SPRING–10",
        "ＳＰＲＩＮＧ－１０",
    ] {
        carts::set_promotion_code(&test.shop, &cart, "").await.unwrap();
        carts::set_promotion_code(&test.shop, &cart, pasted).await.unwrap();
        assert_eq!(carts::quote(&test.shop, Some(&cart)).await.unwrap().discount.amount, 90, "{pasted:?}");
        let mut request = test.request("a-book", "rich", 1);
        request.promotion_code = Some(pasted.to_owned());
        request.email = format!("{pasted}reader@mail.test\u{200b}").replace(pasted, "\u{feff}");
        let order = shop::checkout::start(&test.shop, request).await.unwrap();
        let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
        assert_eq!((view.amount_total, view.email.as_str()), (810, "reader@mail.test"), "{pasted:?}");
    }
    promotions::create(&test.shop, &by(), new("\u{200b}SUMMER\u{2060}"), None).await.unwrap();
    assert_eq!(promotions::find(&test.shop, "summer").await.unwrap().code.as_deref(), Some("SUMMER"));
    let taken = promotions::create(&test.shop, &by(), new("ｓｕｍｍｅｒ"), None).await.unwrap_err();
    assert_eq!(code(taken), "promotion_code_taken");
}

#[on_both_databases]
async fn a_name_has_something_to_see(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let shop = &test.shop;
    for nothing in NOTHING {
        let ghost = ProductDraft { slug: Some("ghost".to_owned()), ..titled(nothing) };
        assert_eq!(code(catalog::create_product(shop, &by(), ghost, None).await.unwrap_err()), "title_invalid", "{nothing:?}");
        let refused = change(shop, &by(), "a-book", |draft| draft.texts.title = nothing.to_owned()).await.unwrap_err();
        assert_eq!(code(refused), "title_invalid");
        let mut tier = titled("Tier");
        tier.tiers[0].name = nothing.to_owned();
        assert_eq!(code(catalog::create_product(shop, &by(), tier, None).await.unwrap_err()), "variant_name_invalid");
        let category = NewCategory { name: nothing.to_owned(), slug: Some("ghost".to_owned()), ..NewCategory::default() };
        assert_eq!(code(catalog::create_category(shop, &by(), category, None).await.unwrap_err()), "name_invalid");
        let promotion = NewPromotion { name: Some(nothing.to_owned()), percent_off: Some(10), ..NewPromotion::default() };
        assert_eq!(code(promotions::create(shop, &by(), promotion, None).await.unwrap_err()), "promotion_name_invalid");
        let tagged = ProductDraft { tags: vec![nothing.to_owned()], ..titled("Tagged") };
        assert_eq!(code(catalog::create_product(shop, &by(), tagged, None).await.unwrap_err()), "tags_invalid");
        let mut settings = shop::stores::settings::load(shop).await.unwrap();
        settings.name = nothing.to_owned();
        assert_eq!(
            code(shop::stores::settings::change(shop, &by(), None, |stands| *stands = settings.clone()).await.unwrap_err()),
            "store_name_invalid"
        );
    }
    assert_eq!(slug(&test, "\u{feff}Sea \u{202e}maps\u{200b}").await, "sea-maps");
    let kept = test.count("products WHERE title = 'Sea maps'").await;
    assert_eq!(kept, 1, "what turns the rest of the page around is not kept");
}

#[on_both_databases]
async fn a_title_in_any_script_has_an_address_of_its_own(engine: Engine) {
    let test = TestShop::open(engine).await;
    for (title, first, second) in
        [("Größe", "grosse", "grosse-2"), ("Книга рецептов", "kniga-retseptov", "kniga-retseptov-2"), ("🎨🎨", "product-1", "product-2")]
    {
        assert_eq!((slug(&test, title).await, slug(&test, title).await), (first.to_owned(), second.to_owned()), "{title}");
    }
    for _ in 0..2 {
        let slug = slug(&test, "日本語の本").await;
        assert!(catalog::find_product(&test.shop, &slug).await.unwrap().is_some(), "{slug}");
    }
    let category = |name: &str| NewCategory { name: name.to_owned(), ..NewCategory::default() };
    let made = async |name| catalog::create_category(&test.shop, &by(), category(name), None).await.unwrap();
    assert_eq!((made("Knigi").await, made("Книги").await), ("knigi".to_owned(), "knigi-2".to_owned()));
    assert_eq!((made("🎨").await, made("🎵").await), ("category-1".to_owned(), "category-2".to_owned()));
}

#[on_both_databases]
async fn a_tag_keeps_its_name_in_any_script(engine: Engine) {
    let test = TestShop::open(engine).await;
    let tags = ["Книги", "é", "Ü", "書籍", "🎨", "書籍"].map(str::to_owned).to_vec();
    let made = catalog::create_product(&test.shop, &by(), ProductDraft { tags, ..titled("Tagged") }, None).await.unwrap();
    let product = catalog::find_product(&test.shop, &made.slug).await.unwrap().unwrap();
    let mut names: Vec<&str> = product.tags.iter().map(|(_, name)| name.as_str()).collect();
    names.sort();
    assert_eq!(names, ["Ü", "é", "Книги", "書籍", "🎨"]);
    // Another word that sounds the same is another tag, and the same word is the same.
    let tags = vec!["книги".to_owned(), "Шу Цзи".to_owned(), "E\u{301}".to_owned()];
    let other = catalog::create_product(&test.shop, &by(), ProductDraft { tags, ..titled("Other") }, None).await.unwrap();
    let other = catalog::find_product(&test.shop, &other.slug).await.unwrap().unwrap();
    assert!(other.tags.iter().any(|tag| tag.1 == "Книги") && other.tags.iter().any(|tag| tag.1 == "é"), "{:?}", other.tags);
    assert_eq!(catalog::rename_tag(&test.shop, &by(), "knigi", "Рецепты", None).await.unwrap(), "retsepty");
}

#[on_both_databases]
async fn a_long_name_keeps_its_ending(engine: Engine) {
    use shop::catalog::{FileRole, NewFile, add_file};
    let test = TestShop::open(engine).await;
    test.stock().await;
    let name = format!("{}.txt", "the-long-road-home-".repeat(12));
    let body = shop::files::stream_of(b"words".to_vec());
    let new = NewFile { role: FileRole::Good, name: &name, title: "", head: b"words", body };
    let file = add_file(&test.shop, &by(), "a-book", &[], new).await.unwrap();
    assert!(file.name.starts_with("the-long-road-home-") && file.name.ends_with("-home-.txt"), "{}", file.name);
    assert_eq!((file.name.chars().count(), file.media_type.as_str()), (150, "text/plain"));
}
