//! What a shopper finds.

use crate::support::{Engine, TestShop};
use domain::word::Word;
use domain::{catalog::Sort, pages::storefront::ProductQuery};
use shop::catalog;
use shop_testing::on_both_databases;

async fn slugs(test: &TestShop, query: ProductQuery) -> Vec<String> {
    catalog::list(&test.shop, &query, 100).await.unwrap().items.into_iter().map(|card| card.slug).collect()
}

#[on_both_databases]
async fn the_sample_shop_can_be_browsed_searched_and_sorted(engine: Engine) {
    let test = TestShop::open(engine).await;
    let n = shop::catalog::sample::load(&test.shop).await.unwrap();
    assert!(n >= 12);
    assert_eq!(shop::catalog::sample::load(&test.shop).await.unwrap(), 0, "a shop with products is left alone");
    let all = slugs(&test, ProductQuery::default()).await;
    assert_eq!(all.len(), n);
    for sort in Sort::all() {
        assert_eq!(slugs(&test, ProductQuery { sort, ..ProductQuery::default() }).await.len(), n, "{sort:?}");
    }
    let product = catalog::find_product(&test.shop, &all[0]).await.unwrap().unwrap();
    let word = product.texts.title.split_whitespace().max_by_key(|word| word.len()).unwrap().to_lowercase();
    assert!(slugs(&test, ProductQuery { q: word[..word.len().min(4)].to_owned(), ..ProductQuery::default() }).await.contains(&all[0]));
    let root = &product.category_path[0].0;
    assert!(
        slugs(&test, ProductQuery { category: root.clone(), ..ProductQuery::default() }).await.contains(&all[0]),
        "a category shows what is below it"
    );
    assert!(slugs(&test, ProductQuery { tag: product.tags[0].0.clone(), ..ProductQuery::default() }).await.contains(&all[0]));
    let record = catalog::find_product(&test.shop, "paper-harbor").await.unwrap().unwrap();
    let more: Vec<&str> = record.more.iter().map(|card| card.slug.as_str()).collect();
    assert_eq!(more, ["winter-signals", "rain-on-tin"], "of its category first, then of those around");
    for card in catalog::list(&test.shop, &ProductQuery::default(), 100).await.unwrap().items {
        let cover = card.cover.unwrap();
        assert!(cover.color.is_some_and(|color| color.starts_with('#')) && cover.width > Some(100), "{}", card.slug);
    }
    assert!(slugs(&test, ProductQuery { category: "none".to_owned(), ..ProductQuery::default() }).await.is_empty());
}

#[on_both_databases]
async fn pages_of_a_list_join_without_gap_or_repetition(engine: Engine) {
    let test = TestShop::open(engine).await;
    shop::catalog::sample::generate(&test.shop, 57).await.unwrap();
    for sort in Sort::all() {
        let (mut seen, mut page) = (Vec::new(), String::new());
        loop {
            let part = catalog::list(&test.shop, &ProductQuery { sort, page, ..ProductQuery::default() }, 10).await.unwrap();
            seen.extend(part.items.into_iter().map(|card| card.slug));
            match part.next_cursor {
                Some(next) => page = next,
                None => break,
            }
        }
        let n = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((n, seen.len()), (57, 57), "{sort:?}");
    }
}

#[on_both_databases]
async fn pages_of_a_category_and_of_a_search_join_too(engine: Engine) {
    let test = TestShop::open(engine).await;
    shop::catalog::sample::load(&test.shop).await.unwrap();
    shop::catalog::sample::generate(&test.shop, 200).await.unwrap();
    for (category, q, n_at_least) in [("music", "", 40), ("", "harbor", 24), ("music", "harbor", 1)] {
        for sort in Sort::all() {
            let query = ProductQuery { category: category.to_owned(), q: q.to_owned(), sort, ..ProductQuery::default() };
            let whole = slugs(&test, query.clone()).await;
            assert!(whole.len() >= n_at_least, "{category} {q}: {}", whole.len());
            let (mut seen, mut page) = (Vec::new(), String::new());
            loop {
                let part = catalog::list(&test.shop, &ProductQuery { page, ..query.clone() }, 4).await.unwrap();
                seen.extend(part.items.into_iter().map(|card| card.slug));
                match part.next_cursor {
                    Some(next) => page = next,
                    None => break,
                }
            }
            assert_eq!(seen, whole, "{category} {q} {sort:?}");
        }
    }
}

#[on_both_databases]
async fn whatever_is_typed_into_the_search_is_only_words(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    for q in
        ["'", "\"", "a OR", "NEAR(", "*", "a* b:c", "%_\\", "'; DROP TABLE products; --", "\u{0}", &"x".repeat(5000), "ä ö 漢字", "!!&|()"]
    {
        catalog::list(&test.shop, &ProductQuery { q: q.to_owned(), ..ProductQuery::default() }, 24).await.unwrap();
    }
    assert_eq!(slugs(&test, ProductQuery { q: "BOO".to_owned(), ..ProductQuery::default() }).await, ["a-book"]);
}
