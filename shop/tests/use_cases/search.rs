//! What is typed is found: in any script, with and without accents, on both databases alike.

use crate::support::{Engine, TestShop, change, tier, titled};
use domain::draft::{ProductDraft, ProductTexts};
use domain::member::Role;
use domain::pages::dashboard::Hit;
use domain::pages::goods::GoodsQuery;
use domain::word::Word;
use domain::{
    catalog::{Kind, Sort},
    pages::storefront::ProductQuery,
};
use shop::accounts::audit::{Actor, AuditQuery};
use shop::catalog;
use shop::checkout::promotions::{self, NewPromotion, PromotionQuery};
use shop::customers::{self, CustomerQuery};
use shop::orders::{self, OrderQuery};
use shop_testing::on_both_databases;

fn anna() -> Actor {
    Actor { member_id: None, name: "Élodie".to_owned() }
}

async fn product(test: &TestShop, slug: &str, title: &str) {
    let texts = ProductTexts { title: title.to_owned(), ..ProductTexts::default() };
    let new = ProductDraft { texts, kind: Kind::Book, tiers: vec![tier("one", 500)], ..titled(slug) };
    catalog::create_product(&test.shop, &anna(), new, None).await.unwrap();
    test.advance(1000);
}

async fn shelf(test: &TestShop, q: &str, sort: Sort) -> Vec<String> {
    let query = ProductQuery { q: q.to_owned(), sort, ..ProductQuery::default() };
    catalog::list(&test.shop, &query, 100).await.unwrap().items.into_iter().map(|card| card.slug).collect()
}

async fn goods(test: &TestShop, q: &str) -> Vec<String> {
    let query = GoodsQuery { q: q.to_owned(), ..GoodsQuery::default() };
    catalog::list_goods(&test.shop, &query).await.unwrap().products.into_iter().map(|row| row.slug).collect()
}

/// In the order in which they were made; the slugs say nothing of the titles.
const TITLES: [(&str, &str); 15] = [
    ("n1", "静かな庭の設計"),
    ("n2", "Größe des Gartens"),
    ("n3", "Łódź at night"),
    ("n4", "Café Guide"),
    ("n5", "E-book kit"),
    ("n6", "C++ in a week"),
    ("n7", "Cooking"),
    ("n8", "L\u{2019}été à Paris"),
    ("n9", "Электронная книга"),
    ("n10", "정원의 설계"),
    ("n11", "C# for friends"),
    ("n12", "Smørrebrød"),
    ("n13", "東京と京都"),
    ("n14", "پرنده‌ها"),
    ("n15", "Cafés of Łódź"),
];

/// What is typed, and what is found in this order.
const SEARCHES: [(&str, &[&str]); 48] = [
    ("庭", &["n1"]),
    ("設計", &["n1"]),
    ("庭の設", &["n1"]),
    ("の", &["n1"]),
    ("計設", &[]),
    ("東京", &["n13"]),
    ("京都", &["n13"]),
    ("설계", &["n10"]),
    ("정원", &["n10"]),
    ("Gro\u{308}ße", &["n2"]),
    ("Größe", &["n2"]),
    ("größe gartens", &["n2"]),
    ("grosse", &["n2"]),
    ("GROESSE", &["n2"]),
    ("gross", &["n2"]),
    ("lodz", &["n15", "n3"]),
    ("łódź", &["n15", "n3"]),
    ("Lo\u{301}dz\u{301}", &["n15", "n3"]),
    ("cafe", &["n4", "n15"]),
    ("café", &["n4", "n15"]),
    ("cafe\u{301}", &["n4", "n15"]),
    ("^cafe", &["n4", "n15"]),
    ("ＣＡＦＥ", &["n4", "n15"]),
    ("ebook", &["n5"]),
    ("e-book", &["n5"]),
    ("e book", &["n5"]),
    ("E\u{2011}Book", &["n5"]),
    ("boo", &["n5"]),
    ("c++", &["n6", "n15", "n11", "n7", "n4"]),
    ("C#", &["n11", "n15", "n7", "n6", "n4"]),
    ("c", &["n11", "n6", "n15", "n7", "n4"]),
    ("co", &["n7"]),
    ("cooking", &["n7"]),
    ("ete", &["n8"]),
    ("l'été", &["n8"]),
    ("ETE paris", &["n8"]),
    ("книга", &["n9"]),
    ("КНИ", &["n9"]),
    ("smorrebrod", &["n12"]),
    ("smoerrebroed", &["n12"]),
    ("SMØRRE", &["n12"]),
    ("پرنده", &["n14"]),
    ("\"", &[]),
    ("*", &[]),
    ("-", &[]),
    ("AND", &[]),
    ("NOT", &[]),
    ("nothing of the kind", &[]),
];

#[on_both_databases]
async fn words_are_found_however_they_are_typed(engine: Engine) {
    let test = TestShop::open(engine).await;
    for (slug, title) in TITLES {
        product(&test, slug, title).await;
    }
    for (q, found) in SEARCHES {
        assert_eq!(shelf(&test, q, Sort::Relevance).await, found, "{q}");
        assert_eq!(goods(&test, q).await, found, "{q} in the dashboard");
        let mut newest = shelf(&test, q, Sort::Newest).await;
        let mut by_number = newest.clone();
        by_number.sort_by_key(|slug| std::cmp::Reverse(slug[1..].parse::<u32>().unwrap()));
        assert_eq!(newest, by_number, "{q} by age");
        newest.sort();
        let mut found = found.to_vec();
        found.sort_unstable();
        assert_eq!(newest, found, "{q}: the same in any order");
    }
    assert_eq!(shelf(&test, "", Sort::Relevance).await.len(), TITLES.len());
    let hits = shop::stores::dashboard::search(&test.shop, Role::Owner, "庭").await.unwrap();
    assert!(matches!(&hits[..], [Hit::Product { slug, .. }] if slug == "n1"), "{hits:?}");
}

#[on_both_databases]
async fn pages_of_the_best_matches_join_without_gap_or_repetition(engine: Engine) {
    let test = TestShop::open(engine).await;
    for n in 0..7 {
        product(&test, &format!("whole-{n}"), &format!("Tea for {n}")).await;
        product(&test, &format!("begun-{n}"), &format!("Teapot {n}")).await;
    }
    let whole = shelf(&test, "tea", Sort::Relevance).await;
    assert_eq!(whole.len(), 14);
    assert!(whole[..7].iter().all(|slug| slug.starts_with("whole-")), "{whole:?}");
    for size in 1..9 {
        let (mut seen, mut page) = (Vec::new(), String::new());
        loop {
            let query = ProductQuery { q: "tea".to_owned(), page, ..ProductQuery::default() };
            let part = catalog::list(&test.shop, &query, size).await.unwrap();
            seen.extend(part.items.into_iter().map(|card| card.slug));
            match part.next_cursor {
                Some(next) => page = next,
                None => break,
            }
        }
        assert_eq!(seen, whole, "{size}");
    }
}

#[on_both_databases]
async fn rare_words_are_found_behind_many_goods_in_any_order(engine: Engine) {
    let test = TestShop::open(engine).await;
    for n in 0..3 {
        product(&test, &format!("rare-{n}"), &format!("Zither {n}")).await;
    }
    test.run("UPDATE products SET published_at = 1, price_from = 1000000").await;
    // More than are looked at one by one.
    shop::catalog::sample::generate(&test.shop, 2_400).await.unwrap();
    for sort in Sort::all() {
        for q in ["zither", "zit"] {
            let query = ProductQuery { q: q.to_owned(), sort, ..ProductQuery::default() };
            let first = catalog::list(&test.shop, &query, 2).await.unwrap();
            let rest = ProductQuery { page: first.next_cursor.unwrap(), ..query };
            let rest = catalog::list(&test.shop, &rest, 2).await.unwrap();
            assert_eq!((rest.items.len(), rest.next_cursor), (1, None), "{sort:?}");
            let mut slugs: Vec<String> = first.items.into_iter().chain(rest.items).map(|card| card.slug).collect();
            slugs.sort();
            assert_eq!(slugs, ["rare-0", "rare-1", "rare-2"], "{sort:?} {q}");
        }
        assert_eq!(shelf(&test, "harbor", sort).await.len(), 100, "{sort:?}");
    }
}

#[on_both_databases]
async fn tags_and_categories_are_words_of_a_product(engine: Engine) {
    let test = TestShop::open(engine).await;
    product(&test, "n1", "Paper Harbor").await;
    product(&test, "n2", "Winter Signals").await;
    let music = catalog::NewCategory { name: "Music".to_owned(), ..Default::default() };
    catalog::create_category(&test.shop, &anna(), music, None).await.unwrap();
    let into_music = |draft: &mut ProductDraft| {
        draft.category = Some("music".to_owned());
        draft.tags = vec!["Ambient".to_owned()];
    };
    for slug in ["n1", "n2"] {
        change(&test.shop, &anna(), slug, into_music).await.unwrap();
    }
    assert_eq!(shelf(&test, "ambient music", Sort::Relevance).await, ["n2", "n1"]);
    assert!(goods(&test, "ambient").await.is_empty(), "members look for names");
    // A tag or a category under another name is found by that after a round.
    catalog::rename_tag(&test.shop, &anna(), "ambient", "Quiet", None).await.unwrap();
    catalog::index_missing(&test.shop).await.unwrap();
    assert_eq!(shelf(&test, "quiet music", Sort::Relevance).await, ["n2", "n1"]);
    assert!(shelf(&test, "ambient", Sort::Relevance).await.is_empty());
    change(&test.shop, &anna(), "n1", |draft| draft.tags.clear()).await.unwrap();
    assert_eq!(shelf(&test, "quiet", Sort::Relevance).await, ["n2"]);
}

// PostgreSQL compares titles by their trigrams instead.
#[tokio::test]
async fn a_word_with_a_wrong_letter_is_found_where_nothing_else_is() {
    let test = TestShop::open(Engine::Sqlite).await;
    product(&test, "n1", "The Weight of Light").await;
    product(&test, "n2", "Weights").await;
    for typed in ["weigth", "wieght", "weigt light", "weiight"] {
        assert!(shelf(&test, typed, Sort::Relevance).await.contains(&"n1".to_owned()), "{typed}");
    }
    assert_eq!(shelf(&test, "weights", Sort::Relevance).await, ["n2"], "what is there needs no guess");
    assert_eq!(shelf(&test, "weigt lihgt", Sort::Relevance).await, ["n1"]);
    assert!(shelf(&test, "weights lihgt", Sort::Relevance).await.is_empty(), "a word that is there stays beside one that is not");
    for typed in ["zzqqxx", "lig", "th"] {
        let found = shelf(&test, typed, Sort::Newest).await;
        assert!(found.len() < 2, "{typed}: {found:?}");
    }
}

#[on_both_databases]
async fn what_an_older_program_wrote_is_found_after_a_round(engine: Engine) {
    let test = TestShop::open(engine).await;
    product(&test, "n1", "Ruhe").await;
    // An older program knows nothing of the words, only of the text.
    test.run("UPDATE products SET title = 'Größe' WHERE slug = 'n1'").await;
    catalog::index_missing(&test.shop).await.unwrap();
    assert_eq!(shelf(&test, "groesse", Sort::Relevance).await, ["n1"]);
    assert!(shelf(&test, "ruhe", Sort::Newest).await.is_empty());
    assert_eq!(test.count("products WHERE NOT is_indexed").await, 0);
    let words = |draft: &mut ProductDraft| {
        draft.texts.title = "Łódź".to_owned();
        draft.texts.sku = Some("ÉTÉ_01".to_owned());
    };
    change(&test.shop, &anna(), "n1", words).await.unwrap();
    assert_eq!(shelf(&test, "lodz", Sort::Relevance).await, ["n1"]);
    assert_eq!(goods(&test, "ete_0").await, ["n1"], "a SKU, by its beginning");
    assert!(shelf(&test, "ete_01", Sort::Relevance).await.is_empty(), "a SKU is the shop's own");
    if engine == Engine::Sqlite {
        test.run("INSERT INTO product_search_words (product_search_words) VALUES ('integrity-check')").await;
        test.run("DELETE FROM products").await;
        test.run("INSERT INTO product_search_words (product_search_words) VALUES ('integrity-check')").await;
        assert_eq!(test.count("product_search_words WHERE product_search_words MATCH 'lodz'").await, 0);
    }
}

#[on_both_databases]
async fn products_of_before_the_upgrade_stay_found_and_are_found_better_after_a_round(engine: Engine) {
    use migration::MigratorTrait;
    let test = TestShop::open(engine).await;
    product(&test, "n1", "Quiet gardens").await;
    product(&test, "n2", "静かな庭").await;
    let first = migration::Migrator::migrations().iter().position(|one| one.name().ends_with("search_words")).unwrap();
    let n = migration::Migrator::migrations().len() - first;
    migration::Migrator::down(test.shop.db.writer(), Some(n as u32)).await.unwrap();
    migration::migrate(test.shop.db.writer()).await.unwrap();
    assert_eq!(shelf(&test, "gard", Sort::Relevance).await, ["n1"], "before any worker");
    catalog::index_missing(&test.shop).await.unwrap();
    assert_eq!(shelf(&test, "gard", Sort::Relevance).await, ["n1"]);
    assert_eq!(shelf(&test, "庭", Sort::Relevance).await, ["n2"]);
}

async fn buy(test: &TestShop, email: &str) -> String {
    let started = test.start_for(email, "a-book", "plain").await;
    let session = test.pay(&started, "4242424242424242").await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started.public_id
}

#[on_both_databases]
async fn orders_and_customers_are_found_by_any_address_they_were_bought_with(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let lena = buy(&test, "Lena+Shop@mail.test").await;
    let plain = buy(&test, "lena@mail.test").await;
    let lab = buy(&test, "cs_lab@uni.test").await;
    let pi = buy(&test, "pi_r@uni.test").await;
    let anna_lena = buy(&test, "anna-lena@mail.test").await;
    let orders = async |q: &str| {
        let query = OrderQuery { q: Some(q.to_owned()), ..OrderQuery::default() };
        orders::list(&test.shop, &query).await.unwrap().items.into_iter().map(|order| order.id).collect::<Vec<_>>()
    };
    let customers = async |q: &str| {
        let query = CustomerQuery { q: Some(q.to_owned()), ..CustomerQuery::default() };
        customers::list(&test.shop, &query).await.unwrap().customers.into_iter().map(|one| one.email.to_lowercase()).collect::<Vec<_>>()
    };
    for q in ["lena+shop@mail.test", "LENA+SHOP@mail.test", "lena+sh", "lena+shop@m", " lena+shop@mail.test\u{200b}"] {
        assert_eq!(orders(q).await, [lena.as_str()], "{q}");
        assert_eq!(customers(q).await, ["lena+shop@mail.test"], "{q}");
    }
    buy(&test, "bo@mail.test").await;
    buy(&test, "bo+later@mail.test").await;
    assert_eq!(customers("bo+la").await, ["bo@mail.test"], "by the address of an order");
    assert_eq!(customers("bo+other").await, Vec::<String>::new());
    assert_eq!(orders("lena@mail.test").await, [plain.as_str(), lena.as_str()], "one person");
    assert_eq!(orders("lena+other@mail.test").await, Vec::<String>::new());
    for (q, id) in
        [("cs_lab@uni.test", &lab), ("cs_lab", &lab), ("pi_r@", &pi), ("anna-lena", &anna_lena), ("anna-lena@mail.test", &anna_lena)]
    {
        assert_eq!(orders(q).await, [id.as_str()], "{q}");
        assert_eq!(customers(q).await.len(), 1, "{q}");
        let hits = shop::stores::dashboard::search(&test.shop, Role::Owner, q).await.unwrap();
        assert!(matches!(&hits[..], [Hit::Order { .. }, Hit::Customer { .. }]), "{q}: {hits:?}");
    }
    let number = domain::id::order_number(&lab);
    let session = format!("orders WHERE checkout_session_id LIKE 'cs_%' AND public_id = '{lab}'");
    assert_eq!(test.count(&session).await, 1);
    assert_eq!(orders(&number).await, [lab.as_str()]);
    assert_eq!(orders(&test.intent(&lab).await).await, [lab.as_str()]);
}

#[on_both_databases]
async fn names_are_found_in_any_case_of_any_alphabet(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let promotion = |name: Option<&str>, code: Option<&str>| NewPromotion {
        name: name.map(str::to_owned),
        code: code.map(str::to_owned),
        percent_off: Some(10),
        ..NewPromotion::default()
    };
    promotions::create(&test.shop, &anna(), promotion(Some("ÉTÉ 2027"), Some("ete27")), None).await.unwrap();
    promotions::create(&test.shop, &anna(), promotion(None, Some("ÄÖÜ")), None).await.unwrap();
    let found = async |q: &str| {
        let query = PromotionQuery { q: Some(q.to_owned()), ..PromotionQuery::default() };
        promotions::list(&test.shop, &query).await.unwrap().promotions.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    for q in ["été", "Été", "ÉTÉ", "e\u{301}te\u{301}", "ete", "É 2", "2027", "ete27"] {
        assert_eq!(found(q).await, ["ÉTÉ 2027"], "{q}");
    }
    for q in ["äöü", "ÄÖÜ", "ö"] {
        assert_eq!(found(q).await.len(), 1, "{q}");
    }
    assert!(found("%").await.is_empty());
    let log = async |actor: &str| {
        let query = AuditQuery { actor: Some(actor.to_owned()), kind: Some("promotion".to_owned()), ..AuditQuery::default() };
        shop::accounts::audit::list(&test.shop, &query).await.unwrap().items.len()
    };
    assert_eq!((log("éLO").await, log("lodie").await), (2, 0));
    buy(&test, "e@mail.test").await;
    for name in ["Émile Zola", "ÉMILE ZOLA", "émile Zola"] {
        test.run(&format!("UPDATE customers SET name = '{name}'")).await;
        for q in ["émile", "ÉMILE", "Émile z"] {
            let query = CustomerQuery { q: Some(q.to_owned()), ..CustomerQuery::default() };
            assert_eq!(customers::list(&test.shop, &query).await.unwrap().customers.len(), 1, "{q} of {name}");
        }
    }
}
