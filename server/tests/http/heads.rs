//! What machines read of the shop: heads of pages, the sitemap, and what browsers ask for beside them.

use crate::support::{Engine, TestServer};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

/// What a page says in JSON-LD.
fn linked_data(page: &str) -> Vec<Value> {
    let texts = page.split("<script type=\"application/ld+json\">").skip(1).map(|rest| rest.split("</script>").next().unwrap());
    texts.map(|text| serde_json::from_str(text).unwrap()).collect()
}

fn canonical(page: &str) -> Option<&str> {
    let tag = page.split("<link ").find(|tag| tag.contains("rel=\"canonical\""))?;
    tag.split("href=\"").nth(1)?.split('"').next()
}

async fn product(server: &TestServer, slug: &str, status: &str, category: Option<&str>) {
    let variants = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
    let new = json!({ "title": slug, "slug": slug, "status": status, "category": category, "variants": variants });
    let answer = server.create("/api/v1/products", &new).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn every_page_of_the_shelf_names_its_own_address_and_way() {
    let server = TestServer::start().await;
    server.stock().await;
    for (name, parent) in [("Books", ""), ("Essays", "books")] {
        assert_eq!(server.create("/api/v1/categories", &json!({ "name": name, "parent": parent })).await.status, 201);
    }
    product(&server, "an-essay", "published", Some("essays")).await;
    for path in ["/", "/products", "/products?category=essays", "/products/an-essay"] {
        let page = server.get(path).await.text();
        assert_eq!(canonical(&page), Some(format!("{}{path}", server.base).as_str()), "{path}");
        assert!(page.contains("property=\"og:url\"") && page.contains("name=\"theme-color\""), "{path}");
    }
    let home = linked_data(&server.get("/").await.text());
    let kinds: Vec<&Value> = home[0]["@graph"].as_array().unwrap().iter().map(|node| &node["@type"]).collect();
    assert_eq!(kinds, ["WebSite", "Organization"]);
    let target = home[0]["@graph"][0]["potentialAction"]["target"]["urlTemplate"].as_str().unwrap();
    assert_eq!(target, format!("{}/products?q={{search_term_string}}", server.base));
    let names = |data: &[Value]| -> Vec<String> {
        let list = data.iter().find(|node| node["@type"] == "BreadcrumbList").unwrap();
        list["itemListElement"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let category = server.get("/products?category=essays").await.text();
    assert_eq!(names(&linked_data(&category)), ["All products", "Books", "Essays"]);
    assert!(category.contains("name=\"description\" content=\"Essays at"), "a category has a description of its own");
    let product = linked_data(&server.get("/products/an-essay").await.text());
    assert_eq!(product[0]["@type"], "Product");
    assert_eq!(names(&product), ["All products", "Books", "Essays", "an-essay"]);
}

#[on_both_databases]
async fn the_sitemap_names_what_stands_on_the_shelves(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    assert_eq!(server.create("/api/v1/categories", &json!({ "name": "Books" })).await.status, 201);
    product(&server, "a-draft", "draft", None).await;
    product(&server, "a-secret", "unlisted", None).await;
    let robots = server.get("/robots.txt").await;
    assert!(robots.text().ends_with(&format!("Sitemap: {}/sitemap.xml\n", server.base)), "{}", robots.text());
    assert!(robots.text().contains("Disallow: /sign-in\n") && robots.header("content-type").starts_with("text/plain"));
    let first = server.get("/sitemap.xml").await;
    assert_eq!((first.status, first.header("content-type")), (200, "application/xml"));
    assert!(first.header("cache-control").starts_with("public") && !first.headers.contains_key("x-page-in-catalog"));
    let text = first.text();
    for path in ["/", "/products", "/products?category=books", "/products/a-book"] {
        assert!(text.contains(&format!("<loc>{}{path}</loc>", server.base)), "{path}: {text}");
    }
    assert!(!text.contains("a-draft") && !text.contains("a-secret"), "{text}");
    product(&server, "a-second", "published", None).await;
    assert!(server.get("/sitemap.xml").await.text().contains("/products/a-second</loc>"), "it changes with the catalog");
}

#[tokio::test]
async fn browsers_find_icons_and_the_manifest() {
    let server = TestServer::start().await;
    for (path, media_type) in [("/favicon.ico", "image/x-icon"), ("/apple-touch-icon.png", "image/png"), ("/icon-512.png", "image/png")] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "{path}");
    }
    let answer = server.get("/manifest.webmanifest").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/manifest+json"));
    for icon in answer.json()["icons"].as_array().unwrap() {
        assert_eq!(server.get(icon["src"].as_str().unwrap()).await.status, 200, "{icon}");
    }
    let policy = server.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains("manifest-src 'self'"), "{policy}");
}
