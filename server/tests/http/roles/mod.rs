//! Who may do what: every route of the API, every server function and every page of the dashboard, for each role and for strangers.

mod everybody;

use crate::support::{Answer, Engine, PASSWORD, TestServer, routes as described, send};
use domain::member::{Permission, Role};
use domain::word::Word;
use everybody::FOR_EVERYBODY;
use leptos::server_fn::axum::server_fn_paths;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::BTreeSet;

struct Member {
    role: Role,
    api_key: String,
    cookie: String,
}

/// A member of each role.
async fn members(server: &TestServer) -> Vec<Member> {
    let mut members = Vec::new();
    for role in Role::all() {
        let email = format!("{}-role@example.com", role.as_str());
        shop::accounts::create_owner(&server.shop, &email, PASSWORD).await.unwrap();
        let sql = format!("UPDATE members SET role = '{}' WHERE email = '{email}'", role.as_str());
        server.shop.db.execute_unprepared(&sql).await.unwrap();
        let api_key = shop::accounts::create_api_key(&server.shop, &email).await.unwrap();
        members.push(Member { role, api_key, cookie: server.sign_in(&email, PASSWORD).await });
    }
    members
}

/// Whether it was refused for who asks: 401 for strangers, 403 for other roles.
fn verdict(answer: &Answer) -> &'static str {
    match answer.status {
        401 => "stranger",
        403 => "role",
        500.. => panic!("{}: {}", answer.status, answer.text()),
        _ => "let in",
    }
}

fn expected(role: Role, permission: Permission) -> &'static str {
    if role.may(permission) { "let in" } else { "role" }
}

#[tokio::test]
async fn each_route_of_the_api_is_open_to_the_roles_that_the_table_names() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    let (order, _) = server.buy("plain").await;
    let members = members(&server).await;
    let product = json!({ "title": "Another", "variants": [{ "key": "one", "name": "One", "amount": 100, "currency": "USD" }] });
    let routes: Vec<(&str, &str, Option<Permission>, Value)> = vec![
        ("get", "/products", None, Value::Null),
        ("post", "/products", Some(Permission::EditProducts), product),
        ("get", "/products/{slug}", Some(Permission::SeeProducts), Value::Null),
        ("patch", "/products/{slug}", Some(Permission::EditProducts), json!({ "promise": "Better" })),
        ("delete", "/products/{slug}", Some(Permission::EditProducts), Value::Null),
        ("post", "/products/{slug}/files", Some(Permission::EditProducts), Value::Null),
        ("get", "/promotions", Some(Permission::SeeSales), Value::Null),
        ("get", "/promotions/{id}", Some(Permission::SeeSales), Value::Null),
        ("patch", "/promotions/{id}", Some(Permission::EditPromotions), json!({ "percent_off": 20 })),
        ("delete", "/promotions/{id}", Some(Permission::EditPromotions), Value::Null),
        ("get", "/analytics/summary", Some(Permission::SeeSales), Value::Null),
        ("get", "/analytics/breakdown", Some(Permission::SeeSales), Value::Null),
        ("post", "/products/{slug}/duplicate", Some(Permission::EditProducts), Value::Null),
        ("post", "/products/{slug}/restore", Some(Permission::EditProducts), Value::Null),
        ("get", "/categories", Some(Permission::SeeProducts), Value::Null),
        ("post", "/categories", Some(Permission::EditProducts), json!({ "name": "Maps" })),
        ("patch", "/categories/{slug}", Some(Permission::EditProducts), json!({ "name": "Charts" })),
        ("delete", "/categories/{slug}", Some(Permission::EditProducts), Value::Null),
        ("get", "/tags", Some(Permission::SeeProducts), Value::Null),
        ("patch", "/tags/{slug}", Some(Permission::EditProducts), json!({ "name": "sea" })),
        ("delete", "/tags/{slug}", Some(Permission::EditProducts), Value::Null),
        ("post", "/tags/{slug}/merge", Some(Permission::EditProducts), json!({ "into": "sea" })),
        ("get", "/license-terms", Some(Permission::SeeProducts), Value::Null),
        ("patch", "/license-terms/{id}", Some(Permission::EditProducts), json!({ "label": "Home" })),
        ("get", "/products/{slug}/releases", Some(Permission::SeeProducts), Value::Null),
        ("post", "/products/{slug}/releases", Some(Permission::EditProducts), json!({ "version": "1.1" })),
        ("patch", "/products/{slug}/releases/{id}", Some(Permission::EditProducts), json!({ "notes": "More" })),
        ("delete", "/products/{slug}/releases/{id}", Some(Permission::EditProducts), Value::Null),
        ("post", "/uploads", Some(Permission::EditProducts), json!({ "product": "nothing", "name": "a.pdf", "size_bytes": 1 })),
        ("get", "/uploads/{id}", Some(Permission::EditProducts), Value::Null),
        ("delete", "/uploads/{id}", Some(Permission::EditProducts), Value::Null),
        ("put", "/uploads/{id}/parts/{number}", Some(Permission::EditProducts), Value::Null),
        ("post", "/uploads/{id}/finish", Some(Permission::EditProducts), json!({})),
        ("post", "/promotions", Some(Permission::EditPromotions), json!({ "code": "TEN", "percent_off": 10 })),
        ("post", "/checkouts", None, Value::Null),
        ("get", "/orders", Some(Permission::SeeOrders), Value::Null),
        ("get", "/orders/{id}", Some(Permission::SeeOrders), Value::Null),
        // This one takes an order's own key.
        ("post", "/orders/{id}/downloads", None, Value::Null),
        ("get", "/orders/{id}/licenses", None, Value::Null),
        ("delete", "/orders/{id}/licenses/{license}/instances/{instance}", None, Value::Null),
        ("post", "/orders/{id}/licenses/{license}/rotate", None, json!({ "license_key": "x" })),
        ("post", "/orders/{id}/resend", Some(Permission::HelpCustomers), Value::Null),
        ("patch", "/orders/{id}", Some(Permission::HelpCustomers), json!({ "email": "reader@example.com" })),
        ("post", "/orders/{id}/notes", Some(Permission::HelpCustomers), json!({ "text": "Called." })),
        ("post", "/orders/{id}/downloads/add", Some(Permission::HelpCustomers), json!({ "extra": 1 })),
        ("post", "/orders/{id}/downloads/reset", Some(Permission::HelpCustomers), json!({})),
        ("post", "/orders/{id}/extend", Some(Permission::HelpCustomers), json!({ "days": 1 })),
        ("post", "/orders/{id}/link", Some(Permission::HelpCustomers), json!({ "mail": false })),
        ("post", "/orders/{id}/revoke", Some(Permission::HelpCustomers), json!({})),
        ("post", "/orders/{id}/restore", Some(Permission::HelpCustomers), json!({})),
        ("post", "/orders/{id}/retry", Some(Permission::RetryWork), Value::Null),
        ("get", "/customers", Some(Permission::SeeOrders), Value::Null),
        ("get", "/customers/{id}", Some(Permission::SeeOrders), Value::Null),
        ("get", "/customers/{id}/export", Some(Permission::SeeOrders), Value::Null),
        ("delete", "/customers/{id}", Some(Permission::EraseCustomers), Value::Null),
        ("get", "/licenses", Some(Permission::SeeOrders), Value::Null),
        ("get", "/licenses/{id}", Some(Permission::SeeOrders), Value::Null),
        ("patch", "/licenses/{id}", Some(Permission::HelpCustomers), json!({ "status": "disabled" })),
        ("delete", "/licenses/{id}/instances/{instance}", Some(Permission::HelpCustomers), Value::Null),
        ("post", "/licenses/{id}/reset", Some(Permission::HelpCustomers), Value::Null),
        ("post", "/licenses/{id}/rotate", Some(Permission::HelpCustomers), Value::Null),
        ("get", "/exports/orders.csv", Some(Permission::SeeOrders), Value::Null),
        ("get", "/exports/order-lines.csv", Some(Permission::SeeOrders), Value::Null),
        ("get", "/health-report", Some(Permission::SeeOrders), Value::Null),
        ("post", "/failures/retry", Some(Permission::RetryWork), Value::Null),
        ("post", "/failures/{id}/dismiss", Some(Permission::RetryWork), Value::Null),
        ("post", "/orders/{id}/refunds", Some(Permission::Refund), json!({ "amount": 1 })),
        ("get", "/failures", Some(Permission::SeeOrders), Value::Null),
        ("post", "/failures/{id}/retry", Some(Permission::RetryWork), Value::Null),
    ];
    let mut routes = routes;
    routes.extend([
        ("get", "/members", Some(Permission::ManageMembers), Value::Null),
        ("post", "/members", Some(Permission::ManageMembers), json!({ "email": "new@example.com", "role": "analyst" })),
        ("patch", "/members/{id}", Some(Permission::ManageMembers), json!({ "role": "support" })),
        ("delete", "/members/{id}", Some(Permission::ManageMembers), Value::Null),
        ("get", "/api-keys", Some(Permission::ManageKeys), Value::Null),
        ("post", "/api-keys", Some(Permission::ManageKeys), json!({ "name": "A key" })),
        ("delete", "/api-keys/{id}", Some(Permission::ManageKeys), Value::Null),
        ("get", "/settings", Some(Permission::EditSettings), Value::Null),
        ("patch", "/settings", Some(Permission::EditSettings), json!({ "tagline": "Words" })),
        ("post", "/settings/stripe-check", Some(Permission::EditSettings), Value::Null),
        ("put", "/settings/logo", Some(Permission::EditSettings), json!("no picture")),
        ("delete", "/settings/logo", Some(Permission::EditSettings), Value::Null),
        ("get", "/audit", Some(Permission::SeeAudit), Value::Null),
    ]);
    let named: BTreeSet<(String, String)> = routes.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    let document = server.get("/api/openapi.json").await.json();
    assert_eq!(named, described(&document).into_iter().collect(), "every route has its place in the table");
    for (method, path, permission, body) in &routes {
        let Some(permission) = permission else { continue };
        // A product that is not there, so that each role finds the same.
        let path = path
            .replace("{slug}", "nothing")
            .replace("/orders/{id}", &format!("/orders/{order}"))
            .replace("{id}", "nothing")
            .replace("{number}", "1");
        let url = format!("{}/api/v1{path}", server.base);
        let ask = async |bearer: String| {
            let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
            let body = if body.is_null() { String::new() } else { body.to_string() };
            send(&method.to_uppercase(), &url, &headers, body).await
        };
        assert_eq!(verdict(&ask("Bearer wl_nobodys".to_owned()).await), "stranger", "{method} {path}");
        for member in &members {
            let answer = ask(format!("Bearer {}", member.api_key)).await;
            assert_eq!(verdict(&answer), expected(member.role, *permission), "{method} {path} as {:?}", member.role);
        }
    }
}

#[tokio::test]
async fn each_page_and_function_of_the_dashboard_is_open_to_the_roles_that_the_table_names() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    let (order, _) = server.buy("plain").await;
    server.buy("rich").await;
    let licenses = server.change("GET", "/api/v1/licenses", &Value::Null).await.json();
    let license = licenses["items"][0]["id"].as_str().unwrap();
    let customers = shop::customers::list(&server.shop, &shop::customers::CustomerQuery::default()).await.unwrap();
    let customer = customers.customers[0].id.clone();
    let members = members(&server).await;
    let by = shop::accounts::audit::Actor::operator();
    let new = shop::checkout::promotions::NewPromotion { code: Some("TEN".to_owned()), percent_off: Some(10), ..Default::default() };
    let promotion = shop::checkout::promotions::create(&server.shop, &by, new, None).await.unwrap().id.simple().to_string();
    for (path, permission) in [
        ("/dashboard".to_owned(), None),
        ("/dashboard/promotions".to_owned(), Some(Permission::SeeSales)),
        ("/dashboard/promotions/new".to_owned(), Some(Permission::EditPromotions)),
        (format!("/dashboard/promotions/{promotion}"), Some(Permission::SeeSales)),
        ("/dashboard/analytics".to_owned(), Some(Permission::SeeSales)),
        ("/dashboard/orders".to_owned(), Some(Permission::SeeOrders)),
        (format!("/dashboard/orders/{order}"), Some(Permission::SeeOrders)),
        ("/dashboard/customers".to_owned(), Some(Permission::SeeOrders)),
        ("/dashboard/licenses".to_owned(), Some(Permission::SeeOrders)),
        (format!("/dashboard/licenses/{license}"), Some(Permission::SeeOrders)),
        (format!("/dashboard/customers/{customer}"), Some(Permission::SeeOrders)),
        ("/dashboard/orders.csv".to_owned(), Some(Permission::SeeOrders)),
        ("/dashboard/order-lines.csv".to_owned(), Some(Permission::SeeOrders)),
        (format!("/dashboard/customers/{customer}/data.json"), Some(Permission::SeeOrders)),
        ("/dashboard/search".to_owned(), None),
        ("/dashboard/health".to_owned(), Some(Permission::SeeOrders)),
        ("/dashboard/settings".to_owned(), Some(Permission::EditSettings)),
        ("/dashboard/settings/connections".to_owned(), Some(Permission::EditSettings)),
        ("/dashboard/settings/members".to_owned(), Some(Permission::ManageMembers)),
        ("/dashboard/settings/keys".to_owned(), Some(Permission::ManageKeys)),
        ("/dashboard/settings/audit".to_owned(), Some(Permission::SeeAudit)),
        ("/dashboard/settings/account".to_owned(), None),
        ("/dashboard/products".to_owned(), Some(Permission::SeeProducts)),
        ("/dashboard/products/new".to_owned(), Some(Permission::EditProducts)),
        ("/dashboard/products/terms".to_owned(), Some(Permission::EditProducts)),
        ("/dashboard/products/a-book".to_owned(), Some(Permission::EditProducts)),
        ("/dashboard/products/a-book/see".to_owned(), Some(Permission::SeeProducts)),
        ("/dashboard/categories".to_owned(), Some(Permission::EditProducts)),
        ("/dashboard/products/a-book/files".to_owned(), Some(Permission::SeeProducts)),
    ] {
        let ask = async |cookie: &str| send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await;
        let stranger = ask("").await;
        assert_eq!((stranger.status, stranger.header("location")), (302, &*format!("/sign-in?next={path}")));
        for member in &members {
            let answer = ask(&member.cookie).await;
            let wanted = permission.map_or("let in", |permission| expected(member.role, permission));
            assert_eq!(verdict(&answer), wanted, "{path} as {:?}", member.role);
            assert!(answer.header("cache-control").contains("no-store"));
            let names_customer = answer.text().contains("reader@example.com");
            let is_about_orders = path == "/dashboard"
                || ["/dashboard/order", "/dashboard/customers", "/dashboard/licenses"].iter().any(|room| path.starts_with(room));
            assert_eq!(names_customer, is_about_orders && member.role.may(Permission::SeeOrders), "{path} as {:?}", member.role);
            let names_sales = answer.text().contains("Revenue");
            let has_sales = path == "/dashboard" || path == "/dashboard/analytics";
            assert_eq!(names_sales, has_sales && member.role.may(Permission::SeeSales), "{path} as {:?}", member.role);
        }
    }

    let settings = [
        "name=Shop",
        "tagline=",
        "legal_name=",
        "address=",
        "tax_id=",
        "currency=USD",
        "time_zone=UTC",
        "support_email=",
        "sender_name=",
        "download_limit=",
        "activation_limit=",
        "terms_text=",
        "privacy_text=",
        "refund_text=",
    ];
    let settings = settings
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            format!("form[{name}]={value}")
        })
        .join("&");
    let refund = format!("order={order}&amount=&item=&reason=&attempt=one");
    let functions = [
        ("get_dashboard", None, String::new()),
        ("get_product_files", Some(Permission::SeeProducts), "slug=a-book&draft=".to_owned()),
        ("prepare_release", Some(Permission::EditProducts), "slug=nothing&version=1.1&notes=".to_owned()),
        ("change_release", Some(Permission::EditProducts), "slug=nothing&release=nothing&version=1.1&notes=".to_owned()),
        ("publish_release", Some(Permission::EditProducts), "slug=nothing&release=nothing".to_owned()),
        ("discard_release", Some(Permission::EditProducts), "slug=nothing&release=nothing".to_owned()),
        ("remove_good", Some(Permission::EditProducts), "slug=nothing&release=nothing&file=nothing".to_owned()),
        ("assign_tiers", Some(Permission::EditProducts), "slug=nothing&release=nothing&file=nothing".to_owned()),
        ("describe_file", Some(Permission::EditProducts), "slug=nothing&file=nothing&title=".to_owned()),
        ("remove_file", Some(Permission::EditProducts), "slug=nothing&file=nothing".to_owned()),
        ("order_pictures", Some(Permission::EditProducts), "slug=nothing&order=".to_owned()),
        ("cancel_upload", Some(Permission::EditProducts), "slug=nothing&upload=nothing".to_owned()),
        ("get_orders", Some(Permission::SeeOrders), "filter[q]=&filter[status]=".to_owned()),
        ("get_order_file", Some(Permission::SeeOrders), format!("id={order}")),
        ("get_promotions", Some(Permission::SeeSales), "q=&state=&cursor=".to_owned()),
        ("get_promotion", Some(Permission::SeeSales), format!("id={promotion}&draft=")),
        ("get_analytics", Some(Permission::SeeSales), "range=&from=&to=&interval=&by=".to_owned()),
        (
            "save_promotion",
            Some(Permission::EditPromotions),
            format!("id={promotion}&way=code&code=TEN&name=&unit=percent&value=20&scope=everything&minimum=&limit=&starts=&ends="),
        ),
        ("archive_promotion", Some(Permission::EditPromotions), format!("id={promotion}")),
        ("unarchive_promotion", Some(Permission::EditPromotions), format!("id={promotion}")),
        ("mail_order", Some(Permission::HelpCustomers), format!("order={order}")),
        ("refund_order", Some(Permission::Refund), refund),
        ("retry_failure", Some(Permission::RetryWork), "id=nothing".to_owned()),
        ("add_note", Some(Permission::HelpCustomers), format!("order={order}&body=Called&attempt=one")),
        ("add_downloads", Some(Permission::HelpCustomers), format!("order={order}&file=&extra=1&attempt=two")),
        ("reset_downloads", Some(Permission::HelpCustomers), format!("order={order}&file=")),
        ("extend_access", Some(Permission::HelpCustomers), format!("order={order}&days=1&attempt=three")),
        ("correct_email", Some(Permission::HelpCustomers), format!("order={order}&email=reader@example.com")),
        ("mail_orders", Some(Permission::HelpCustomers), "act=resend&chosen[]=nothing".to_owned()),
        ("renew_link", Some(Permission::HelpCustomers), format!("order={order}&attempt=four")),
        ("close_access", Some(Permission::HelpCustomers), format!("order={order}&item=")),
        ("open_access", Some(Permission::HelpCustomers), format!("order={order}&item=")),
        ("retry_delivery", Some(Permission::RetryWork), format!("order={order}&back=")),
        ("get_customers", Some(Permission::SeeOrders), "q=&cursor=".to_owned()),
        ("get_licenses", Some(Permission::SeeOrders), "q=&status=&product=&cursor=".to_owned()),
        ("get_license", Some(Permission::SeeOrders), format!("id={license}")),
        ("set_license_state", Some(Permission::HelpCustomers), format!("license={license}&state=suspended")),
        ("extend_license", Some(Permission::HelpCustomers), format!("license={license}&days=1")),
        ("set_license_limit", Some(Permission::HelpCustomers), format!("license={license}&activation_limit=1")),
        ("free_license_seat", Some(Permission::HelpCustomers), format!("license={license}&instance=1")),
        ("reset_license_seats", Some(Permission::HelpCustomers), format!("license={license}")),
        ("replace_key_for_customer", Some(Permission::HelpCustomers), format!("license={license}")),
        ("get_customer", Some(Permission::SeeOrders), format!("id={customer}")),
        // Nobody is erased by a word that is not the address.
        ("erase_customer", Some(Permission::EraseCustomers), format!("customer={customer}&confirmation=no")),
        ("get_health", Some(Permission::SeeOrders), String::new()),
        ("retry_all", Some(Permission::RetryWork), String::new()),
        ("dismiss_failure", Some(Permission::RetryWork), "id=nothing".to_owned()),
        ("hurry_mails", Some(Permission::RetryWork), "id=".to_owned()),
        ("find_anything", None, "q=a".to_owned()),
        ("get_settings", Some(Permission::EditSettings), "draft=".to_owned()),
        ("save_settings", Some(Permission::EditSettings), settings),
        ("remove_logo", Some(Permission::EditSettings), String::new()),
        ("get_connections", Some(Permission::EditSettings), "check=false&draft=".to_owned()),
        ("send_test_mail", Some(Permission::EditSettings), String::new()),
        ("get_members", Some(Permission::ManageMembers), "draft=".to_owned()),
        ("invite_member", Some(Permission::ManageMembers), "email=somebody@example.com&role=analyst".to_owned()),
        ("invite_again", Some(Permission::ManageMembers), "id=nothing".to_owned()),
        ("change_role", Some(Permission::ManageMembers), "id=nothing&role=analyst".to_owned()),
        ("remove_member", Some(Permission::ManageMembers), "id=nothing".to_owned()),
        ("get_keys", Some(Permission::ManageKeys), "made=&draft=".to_owned()),
        ("create_key", Some(Permission::ManageKeys), "name=one&access=full".to_owned()),
        ("revoke_key", Some(Permission::ManageKeys), "id=nothing".to_owned()),
        ("get_audit", Some(Permission::SeeAudit), "actor=&kind=&object=&cursor=".to_owned()),
        ("get_account", None, "draft=".to_owned()),
        ("get_confirm", None, String::new()),
        ("end_session", None, "name=nothing".to_owned()),
        ("get_goods", Some(Permission::SeeProducts), "query[q]=".to_owned()),
        ("get_editor", Some(Permission::EditProducts), "product=&draft=".to_owned()),
        ("save_product", Some(Permission::EditProducts), "act=save&form[title]=".to_owned()),
        ("see_product", Some(Permission::SeeProducts), "slug=a-book".to_owned()),
        ("duplicate_product", Some(Permission::EditProducts), "product=nothing".to_owned()),
        ("set_product_status", Some(Permission::EditProducts), "product=nothing&status=archived".to_owned()),
        ("change_products", Some(Permission::EditProducts), "act=archive&chosen[]=nothing".to_owned()),
        ("delete_product", Some(Permission::EditProducts), "product=nothing".to_owned()),
        ("restore_product", Some(Permission::EditProducts), "product=nothing".to_owned()),
        ("get_terms", Some(Permission::EditProducts), "draft=".to_owned()),
        ("write_terms", Some(Permission::EditProducts), "kind=personal&label=&summary=&body=".to_owned()),
        ("get_category_sheet", Some(Permission::EditProducts), "draft=".to_owned()),
        ("save_category", Some(Permission::EditProducts), "form[name]=".to_owned()),
        ("move_category", Some(Permission::EditProducts), "category=nothing&act=up".to_owned()),
        ("change_tag", Some(Permission::EditProducts), "tag=nothing&act=delete".to_owned()),
    ];
    // Every member's own, and they would end the sessions that this test asks with.
    let of_members = ["change_password", "confirm", "end_other_sessions"];
    for path in server_fn_paths().map(|(path, _)| path.trim_start_matches("/_fn/").to_owned()) {
        let is_named = functions.iter().any(|(name, ..)| *name == path)
            || FOR_EVERYBODY.contains(&path.as_str())
            || of_members.contains(&path.as_str());
        assert!(is_named, "{path} has no place in the table");
    }
    for name in of_members {
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json"), ("origin", server.base.as_str())];
        let answer = send("POST", &format!("{}/_fn/{name}", server.base), &headers, "old=a&new=b&password=c&next=").await;
        assert_eq!(verdict(&answer), "stranger", "{name}");
    }
    for (name, permission, fields) in functions {
        let ask = async |cookie: &str| {
            let headers = [
                ("content-type", "application/x-www-form-urlencoded"),
                ("accept", "application/json"),
                ("origin", server.base.as_str()),
                ("cookie", cookie),
            ];
            send("POST", &format!("{}/_fn/{name}", server.base), &headers, fields.clone()).await
        };
        assert_eq!(verdict(&ask("").await), "stranger", "{name}");
        for member in &members {
            let wanted = permission.map_or("let in", |permission| expected(member.role, permission));
            assert_eq!(verdict(&ask(&member.cookie).await), wanted, "{name} as {:?}", member.role);
        }
    }
}

#[tokio::test]
async fn the_uploads_of_the_dashboard_are_open_to_the_roles_that_the_table_names() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    let members = members(&server).await;
    let begin = json!({ "product": "nothing", "name": "a.pdf", "size_bytes": 1 }).to_string();
    let digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    for (method, path, body) in [
        ("POST", "/dashboard/uploads", begin.as_str()),
        ("GET", "/dashboard/uploads/nothing", ""),
        ("DELETE", "/dashboard/uploads/nothing", ""),
        ("PUT", "/dashboard/uploads/nothing/parts/1", ""),
        ("POST", "/dashboard/uploads/nothing/finish", "{}"),
    ] {
        let ask = async |cookie: &str, bearer: &str, origin: &str| {
            let headers = [
                ("content-type", "application/json"),
                ("content-digest", digest),
                ("origin", origin),
                ("cookie", cookie),
                ("authorization", bearer),
            ];
            send(method, &format!("{}{path}", server.base), &headers, body).await
        };
        assert_eq!(verdict(&ask("", "", &server.base).await), "stranger", "{method} {path}");
        // A key is for the API, a cookie for the dashboard.
        let owner = &members[0];
        assert_eq!(verdict(&ask("", &format!("Bearer {}", owner.api_key), &server.base).await), "stranger", "{method} {path}");
        let cookie_alone = send(
            method,
            &format!("{}{}", server.base, path.replace("/dashboard", "/api/v1")),
            &[("cookie", &owner.cookie), ("content-type", "application/json")],
            body,
        )
        .await;
        assert_eq!(verdict(&cookie_alone), "stranger", "{method} {path}");
        for member in &members {
            let answer = ask(&member.cookie, "", &server.base).await;
            assert_eq!(verdict(&answer), expected(member.role, Permission::EditProducts), "{method} {path} as {:?}", member.role);
            // Another site can't make a browser do it.
            if method != "GET" {
                assert_eq!(ask(&member.cookie, "", "https://elsewhere.example").await.status, 403, "{method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn whatever_a_stranger_may_change_has_a_limit() {
    let server = TestServer::with(Engine::Sqlite, 0.001).await;
    for name in FOR_EVERYBODY.iter().filter(|name| !name.starts_with("get_")) {
        let mut last = 0;
        for _ in 0..3 {
            last = server.form(&format!("/_fn/{name}"), "", "session=none").await.status;
        }
        assert_eq!(last, 429, "{name}");
    }
}
