//! Requests that are sent twice, as by a double click or another try after a lost answer: one thing is made, and both lead there.

use crate::support::{Engine, TestShop, tier};
use domain::draft::{ProductDraft, ProductTexts};
use domain::member::{MemberView, Role};
use shop::accounts::audit::Actor;
use shop::accounts::{self, NewKey};
use shop::base::once::Once;
use shop::catalog::releases::{self, NewRelease};
use shop::catalog::{self, NewCategory};
use shop::checkout::promotions::{self, NewPromotion};
use shop::{Shop, accounts::sessions};
use shop_testing::on_both_databases;

fn by() -> Actor {
    Actor::operator()
}

fn once(key: &str, request: &str) -> Option<Once> {
    Once::new(Some(key.to_owned()), request)
}

async fn owner(test: &TestShop) -> MemberView {
    accounts::create_owner(&test.shop, "ada@example.com", "correct horse battery").await.unwrap();
    accounts::sign_in(&test.shop, "ada@example.com", "correct horse battery", &sessions::Origin::default()).await.unwrap().member
}

/// Makes one of each kind; tells what was made by name.
async fn make(shop: &Shop, member: &MemberView, kind: &str, once: Option<&Once>) -> shop::Result<String> {
    match kind {
        "products" => {
            // Of two names like this the second would have a number.
            let texts = ProductTexts { title: "Größe".to_owned(), ..ProductTexts::default() };
            let new = ProductDraft { texts, tiers: vec![tier("a", 0)], ..ProductDraft::default() };
            let made = catalog::create_product(shop, &by(), new, once).await?;
            assert_eq!(made.variants.len(), 1);
            Ok(made.slug)
        }
        "promotions" => {
            let new = NewPromotion { name: Some("Sale".to_owned()), percent_off: Some(10), ..NewPromotion::default() };
            Ok(promotions::create(shop, &by(), new, once).await?.id.to_string())
        }
        "categories" => {
            let new = NewCategory { name: "Größe".to_owned(), ..NewCategory::default() };
            catalog::create_category(shop, &by(), new, once).await
        }
        "api_keys" => {
            let new = NewKey { name: "Build server".to_owned(), scopes: None };
            Ok(accounts::create_key(shop, member, new, once).await?.to_string())
        }
        "members" => Ok(accounts::invite(shop, &by(), Role::Owner, "bob@example.com", Role::Support, once).await?.to_string()),
        "releases" => {
            let new = NewRelease { version: "2.0".to_owned(), notes: String::new(), is_draft: false };
            Ok(releases::create(shop, &by(), "a-book", new, once).await?.id)
        }
        "copies" => catalog::duplicate_product(shop, &by(), "a-gift", once).await,
        other => panic!("{other}"),
    }
}

const KINDS: [(&str, &str); 7] = [
    ("products", "products WHERE title = 'Größe'"),
    ("promotions", "promotions"),
    ("categories", "categories"),
    ("api_keys", "api_keys"),
    ("members", "members WHERE email = 'bob@example.com'"),
    ("releases", "releases WHERE version = '2.0'"),
    ("copies", "products WHERE title LIKE '%(copy)'"),
];

#[on_both_databases]
async fn a_request_that_is_sent_twice_at_once_makes_one_thing_and_leads_to_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let member = owner(&test).await;
    for (kind, rows) in KINDS {
        let once = once(&format!("form:{kind}"), kind);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let (shop, member, once) = (test.shop.clone(), member.clone(), once.clone());
            tasks.spawn(async move { make(&shop, &member, kind, once.as_ref()).await });
        }
        let mut made = Vec::new();
        while let Some(done) = tasks.join_next().await {
            made.push(done.unwrap().unwrap_or_else(|error| panic!("{kind}: {error}")));
        }
        made.push(make(&test.shop, &member, kind, once.as_ref()).await.unwrap());
        made.dedup();
        assert_eq!(made.len(), 1, "{kind}: {made:?}");
        assert_eq!(test.count(rows).await, 1, "{kind}");
        let other = self::once(&format!("form:{kind}"), "something else");
        let refused = make(&test.shop, &member, kind, other.as_ref()).await.unwrap_err();
        assert_eq!((refused.answer().0, refused.answer().1), (409, "idempotency_key_reused"), "{kind}");
    }
    assert_eq!(test.count("entry_links").await, 1, "one invitation is mailed");
}

#[on_both_databases]
async fn a_refused_request_can_be_put_right_under_the_same_key(engine: Engine) {
    let test = TestShop::open(engine).await;
    let new = |name: &str| NewCategory { name: name.to_owned(), slug: Some("maps".to_owned()), parent: String::new() };
    catalog::create_category(&test.shop, &by(), new("Maps"), None).await.unwrap();
    let refused = catalog::create_category(&test.shop, &by(), new("Charts"), once("form:1", "charts").as_ref()).await.unwrap_err();
    assert_eq!(refused.answer().1, "slug_taken");
    let better = NewCategory { slug: None, ..new("Charts") };
    assert_eq!(catalog::create_category(&test.shop, &by(), better, once("form:1", "better").as_ref()).await.unwrap(), "charts");
}
