//! What members do to several products and orders at once.

use crate::goods::{anna, code, form};
use crate::support::{Engine, TestShop};
use domain::catalog::ProductStatus;
use domain::pages::goods::{GoodsQuery, ProductForm};
use domain::pages::several::{Outcome, SeveralAct};
use shop::accounts::audit::AuditQuery;
use shop::analytics::exports::Sheet;
use shop::catalog::{self, NewCategory};
use shop_testing::on_both_databases;

fn these(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

async fn status(test: &TestShop, slug: &str) -> ProductStatus {
    catalog::edited(&test.shop, slug).await.unwrap().status
}

fn refused(outcome: &Outcome) -> Vec<(&str, &str, &str)> {
    outcome.refused.iter().map(|one| (one.key.as_str(), one.name.as_str(), one.code.as_str())).collect()
}

#[on_both_databases]
async fn several_products_change_and_those_that_do_not_are_told(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let draft = ProductForm { status: "draft".to_owned(), ..form() };
    assert_eq!(catalog::save_form(&test.shop, &anna(), &draft, None).await.unwrap(), "sea-maps");
    let change = async |act, slugs: &[&str], category: &str, is_meant| {
        catalog::change_several(&test.shop, &anna(), act, &these(slugs), category, is_meant).await
    };
    let archived = change(SeveralAct::Archive, &["a-book", "a-gift", "a-book", "none", "no\0ne"], "", false).await.unwrap();
    assert_eq!(archived.n_done, 2, "one that is named twice is one");
    assert_eq!(refused(&archived), [("none", "none", "not_found"), ("no\0ne", "no\0ne", "not_found")]);
    assert_eq!(status(&test, "a-book").await, ProductStatus::Archived);

    let published = change(SeveralAct::Publish, &["a-book", "sea-maps"], "", false).await.unwrap();
    assert_eq!((published.n_done, refused(&published)), (1, vec![("sea-maps", "Sea maps", "nothing_to_deliver")]));
    assert_eq!((status(&test, "a-book").await, status(&test, "sea-maps").await), (ProductStatus::Published, ProductStatus::Draft));
    let meant = change(SeveralAct::Publish, &["sea-maps"], "", true).await.unwrap();
    assert_eq!((meant.n_done, status(&test, "sea-maps").await), (1, ProductStatus::Published));
    change(SeveralAct::Unlist, &["a-book", "a-gift"], "", false).await.unwrap();
    assert_eq!((status(&test, "a-book").await, status(&test, "a-gift").await), (ProductStatus::Unlisted, ProductStatus::Unlisted));

    let query = AuditQuery { kind: Some("product".to_owned()), object: Some("a-gift".to_owned()), ..AuditQuery::default() };
    let acts = shop::accounts::audit::list(&test.shop, &query).await.unwrap().items;
    let acts: Vec<_> = acts.iter().map(|entry| (entry.act.as_str(), entry.actor.as_str())).collect();
    assert_eq!(acts[..2], [("updated", "anna@example.com"), ("updated", "anna@example.com")], "each is in the log");

    let sea = NewCategory { name: "Sea".to_owned(), ..NewCategory::default() };
    let sea = catalog::create_category(&test.shop, &anna(), sea, None).await.unwrap();
    let moved = change(SeveralAct::Categorize, &["a-book", "sea-maps"], &sea, false).await.unwrap();
    assert_eq!(moved.n_done, 2);
    assert_eq!(catalog::edited(&test.shop, "a-book").await.unwrap().form.category, sea);
    let nowhere = change(SeveralAct::Categorize, &["a-book"], "nowhere", false).await.unwrap();
    assert_eq!((nowhere.n_done, refused(&nowhere)[0].2), (0, "category_unknown"));

    assert_eq!(code(&change(SeveralAct::Publish, &[], "", false).await.unwrap_err()), (400, "none_chosen"));
    let many: Vec<String> = (0..101).map(|n| format!("p{n}")).collect();
    let many = catalog::change_several(&test.shop, &anna(), SeveralAct::Publish, &many, "", false).await.unwrap_err();
    assert_eq!(code(&many), (400, "too_many_chosen"));
    assert_eq!(code(&change(SeveralAct::Resend, &["a-book"], "", false).await.unwrap_err()), (400, "malformed"));
    assert_eq!(catalog::list_goods(&test.shop, &GoodsQuery::default()).await.unwrap().products.len(), 3);
}

#[on_both_databases]
async fn several_orders_are_mailed_again_and_the_chosen_alone_are_exported(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let started = test.start("a-book", "plain", 1).await;
        let session = test.pay(&started, "4242424242424242").await;
        test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
        ids.push(started.public_id);
    }
    test.work().await;
    let open = test.start("a-book", "plain", 1).await.public_id;
    test.advance(60_000);
    let before = test.count("jobs WHERE kind = 'order_mail'").await;
    let chosen = these(&[&ids[0], &ids[1], &open]);
    let outcome = shop::orders::resend_several(&test.shop, &anna(), &chosen).await.unwrap();
    assert_eq!((outcome.n_done, refused(&outcome)[0].2), (2, "order_not_paid"));
    assert_eq!(refused(&outcome)[0].1, domain::id::order_number(&open));
    assert_eq!(test.count("jobs WHERE kind = 'order_mail'").await, before + 2);
    assert_eq!(test.count("audit_entries WHERE act = 'mailed'").await, 2);

    let file = async |chosen| crate::orders::file(&test, Sheet::Orders, shop::orders::OrderQuery { chosen, ..Default::default() }).await;
    let two = file(Some(these(&[&ids[1], &open]))).await;
    assert!(two.contains(&ids[1]) && two.contains(&open) && !two.contains(&ids[0]), "{two}");
    assert_eq!(file(Some(Vec::new())).await.lines().count(), 1, "none is not all");
    assert_eq!(file(None).await.lines().count(), 4);
}
