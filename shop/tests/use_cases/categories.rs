//! The shelves: categories and tags.

use super::goods::{anna, change, code};
use crate::support::{Engine, TestShop};
use shop::catalog::{self, CategoryChange, NewCategory};
use shop_testing::on_both_databases;

#[on_both_databases]
async fn categories_are_added_moved_hidden_and_deleted_when_empty(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (shop, by) = (&test.shop, anna());
    let make = async |name: &str, parent: &str| {
        let new = NewCategory { name: name.to_owned(), slug: None, parent: parent.to_owned() };
        catalog::create_category(shop, &by, new, None).await.unwrap()
    };
    make("Books", "").await;
    make("Music", "").await;
    make("Poems", "books").await;
    change(&test, "a-book", |draft| draft.category = Some("poems".to_owned())).await;
    let order = async || {
        let rows = catalog::all_categories(shop).await.unwrap();
        rows.into_iter().map(|row| format!("{}{}{}", "-".repeat(row.depth), row.slug, row.n_products)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order().await, "books0 -poems1 music0");
    let books = catalog::all_categories(shop).await.unwrap().remove(0);
    assert_eq!((books.slug.as_str(), books.n_in_all), ("books", 1), "what is below counts as well");
    catalog::move_category(shop, &by, "music", true).await.unwrap();
    assert_eq!(order().await, "music0 books0 -poems1");
    catalog::move_category(shop, &by, "music", true).await.unwrap();
    catalog::move_category(shop, &by, "music", false).await.unwrap();
    assert_eq!(order().await, "books0 -poems1 music0");
    let below = |parent: &str| CategoryChange { parent: Some(parent.to_owned()), ..CategoryChange::default() };
    for (slug, change, refusal) in [
        ("books", below("poems"), (400, "parent_invalid")),
        ("books", below("books"), (400, "parent_invalid")),
        ("books", below("none"), (400, "category_unknown")),
        ("none", below("books"), (404, "not_found")),
        ("books", CategoryChange { slug: Some("music".to_owned()), ..CategoryChange::default() }, (409, "slug_taken")),
        ("books", CategoryChange { name: Some(" ".to_owned()), ..CategoryChange::default() }, (400, "name_invalid")),
    ] {
        assert_eq!(code(&catalog::update_category(shop, &by, slug, change).await.unwrap_err()), refusal);
    }
    catalog::update_category(shop, &by, "poems", below("music")).await.unwrap();
    assert_eq!(order().await, "books0 music0 -poems1");
    catalog::update_category(shop, &by, "music", CategoryChange { is_active: Some(false), ..CategoryChange::default() }).await.unwrap();
    assert_eq!(catalog::categories(shop).await.unwrap().len(), 1, "what is hidden hides what is below it");
    for full in ["music", "poems"] {
        assert_eq!(code(&catalog::delete_category(shop, &by, full).await.unwrap_err()), (409, "category_not_empty"));
    }
    catalog::delete_product(shop, &by, "a-book").await.unwrap();
    catalog::delete_category(shop, &by, "poems").await.unwrap();
    catalog::restore_product(shop, &by, "a-book").await.unwrap();
    assert_eq!(order().await, "books0 music0");
}

#[on_both_databases]
async fn tags_are_renamed_merged_and_deleted(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (shop, by) = (&test.shop, anna());
    for (slug, tags) in [("a-book", "sea, ships"), ("a-gift", "Ships, sail")] {
        change(&test, slug, |draft| draft.tags = domain::pages::goods::parse_tags(tags)).await;
    }
    let order = async || {
        let rows = catalog::tags(shop).await.unwrap();
        rows.into_iter().map(|row| format!("{}{}", row.slug, row.n_products)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order().await, "sail1 sea1 ships2");
    assert_eq!(catalog::rename_tag(shop, &by, "sail", "Under sail", None).await.unwrap(), "under-sail");
    assert_eq!(code(&catalog::rename_tag(shop, &by, "sea", "Ships", None).await.unwrap_err()), (409, "tag_taken"));
    assert_eq!(code(&catalog::rename_tag(shop, &by, "sea", "!", None).await.unwrap_err()), (400, "tags_invalid"));
    catalog::merge_tag(shop, &by, "under-sail", "ships").await.unwrap();
    assert_eq!(code(&catalog::merge_tag(shop, &by, "ships", "ships").await.unwrap_err()), (400, "tags_invalid"));
    assert_eq!(order().await, "sea1 ships2");
    catalog::delete_tag(shop, &by, "ships").await.unwrap();
    assert_eq!(order().await, "sea1");
    assert_eq!(code(&catalog::delete_tag(shop, &by, "ships").await.unwrap_err()).0, 404);
}
