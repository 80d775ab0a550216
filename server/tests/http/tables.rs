//! The lists of the dashboard: sorted by their heads, and several rows at once, without a script.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use shop_testing::on_both_databases;

async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await
}

#[on_both_databases]
async fn a_list_is_sorted_by_the_links_in_its_heads(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server.buy("plain").await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let products = open(&server, "/dashboard/products?q=a&status=published&sort=-price", &cookie).await.text();
    assert!(products.contains("aria-sort=\"descending\"") && products.contains("<option value=\"-price\" selected"), "{products}");
    assert!(products.contains("href=\"/dashboard/products?q=a&amp;status=published\""), "the third click gives the order up: {products}");
    assert!(products.contains("href=\"/dashboard/products?q=a&amp;status=published&amp;sort=title\""), "{products}");
    let orders = open(&server, "/dashboard/orders", &cookie).await.text();
    assert!(orders.contains("aria-sort=\"descending\"") && orders.contains("href=\"/dashboard/orders?sort=started\""), "{orders}");
    let customers = open(&server, "/dashboard/customers?sort=last_order", &cookie).await.text();
    assert!(customers.contains("aria-sort=\"ascending\"") && customers.contains("reader@example.com"), "{customers}");
    for list in ["products", "orders", "customers"] {
        for odd in ["sort=%00", "sort=-", "sort=price;--", "sort=-total&cursor=x"] {
            let status = open(&server, &format!("/dashboard/{list}?{odd}"), &cookie).await.status;
            assert!([200, 400].contains(&status), "{list} {odd}: {status}");
        }
    }
}

#[on_both_databases]
async fn several_rows_are_changed_and_the_page_tells_which_were_not(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (order, _) = server.buy("plain").await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let back = "back=/dashboard/products?sort=-sold";
    let act = async |fields: &str| server.form("/_fn/change_products", &format!("{back}&{fields}"), &cookie).await;
    let done = act("act=archive&chosen[]=a-book&chosen[]=nothing&category=").await;
    assert!(
        done.status == 303 && done.header("location").starts_with("/dashboard/products?sort=-sold&done="),
        "{}",
        done.header("location")
    );
    let page = open(&server, done.header("location"), &cookie).await.text();
    assert!(page.contains("1 product is archived") && page.contains("1 was left as it was"), "{page}");
    assert!(page.contains("type=\"checkbox\" name=\"chosen[]\" value=\"a-book\""), "{page}");
    let enter = act("act=&chosen[]=a-book&category=").await;
    assert_eq!(enter.header("location"), "/dashboard/products?sort=-sold", "Enter in a box presses no button");
    let none = act("act=publish&category=").await;
    assert_eq!(none.header("location"), "/dashboard/products?sort=-sold&notice=none_chosen");
    let elsewhere = server.form("/_fn/change_products", "back=//evil.example&act=publish&chosen[]=a-book", &cookie).await;
    assert!(elsewhere.header("location").starts_with("/dashboard/products?done="), "{}", elsewhere.header("location"));

    let mailed = server.form("/_fn/mail_orders", &format!("back=/dashboard/orders&act=resend&chosen[]={order}"), &cookie).await;
    let page = open(&server, mailed.header("location"), &cookie).await.text();
    assert!(page.contains("The email of 1 order is on its way"), "{page}");
    let file = open(&server, &format!("/dashboard/orders.csv?back=/dashboard/orders&chosen%5B%5D={order}&only=chosen"), &cookie).await;
    assert!(file.status == 200 && file.text().contains(&order), "{}", file.text());
    let none = open(&server, "/dashboard/orders.csv?back=/dashboard/orders&only=chosen", &cookie).await.text();
    assert!(!none.contains(&order), "none is not all: {none}");
}
