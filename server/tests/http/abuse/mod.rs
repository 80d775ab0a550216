//! Every route, page and form, with hostile values in each of its places, as a stranger and as the owner: what comes is a right
//! answer or a refusal in words, never a failure of ours, and nothing panics.

mod crowd;
mod document;
mod functions;
mod promises;
mod values;

use crate::support::{Engine, OWNER, PASSWORD, TestServer, routes, send};
use crowd::{Ask, Crowd};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use shop_testing::on_both_databases;
use values::{HEADERS, bodies, encode, encoded, texts};

/// A shop with something behind each kind of name.
struct Shop {
    server: TestServer,
    order: String,
    order_key: String,
    cookie: String,
}

impl Shop {
    async fn open(engine: Engine) -> Self {
        let server = TestServer::on(engine).await;
        server.stock().await;
        let (order, order_key) = server.buy("plain").await;
        // What is spoiled here is another's than what the last purchase needs.
        let prey = json!({ "title": "Prey", "slug": "prey", "tags": ["sea"], "status": "published",
                           "variants": [{ "key": "plain", "name": "Plain", "amount": 500, "currency": "USD" }] });
        assert_eq!(server.create("/api/v1/products", &prey).await.status, 201);
        assert_eq!(server.create("/api/v1/categories", &json!({ "name": "Maps" })).await.status, 201);
        assert_eq!(server.create("/api/v1/promotions", &json!({ "code": "TEN", "percent_off": 10 })).await.status, 201);
        let cookie = server.sign_in(OWNER, PASSWORD).await;
        Self { server, order, order_key, cookie }
    }

    /// A path of the API with names that are there.
    fn path(&self, path: &str) -> String {
        let of_kind = [("/orders/{id}", &*self.order), ("/promotions/{id}", "TEN"), ("/license-terms/{id}", "personal")];
        let mut path = path.to_owned();
        for (place, name) in of_kind {
            path = path.replace(place, &place.replace("{id}", name));
        }
        for (place, name) in [("/categories/{slug}", "maps"), ("/tags/{slug}", "sea")] {
            path = path.replace(place, &place.replace("{slug}", name));
        }
        format!("/api/v1{}", path.replace("{slug}", "prey").replace("{id}", "0190b7a0b4f07c5e8d3f6a1b2c3d4e5f").replace("{number}", "1"))
    }

    /// Who asks the API: nobody, somebody with a wrong key, the owner.
    fn callers(&self) -> [(&'static str, Option<String>); 3] {
        [("a stranger", None), ("a forger", Some("Bearer wl_\u{1f511}' OR 1=1".to_owned())), ("the owner", Some(self.bearer()))]
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.server.api_key)
    }

    /// The shop stands, and sells.
    async fn expect_open(&self) {
        for table in ["orders", "products", "members", "inbox_events", "promotions"] {
            assert!(self.server.count(table).await >= i64::from(table != "inbox_events"), "{table}");
        }
        assert_eq!(self.server.get("/readyz").await.status, 200);
        assert_eq!(self.server.change("GET", "/api/v1/health-report", &Value::Null).await.status, 200);
        self.server.buy("plain").await;
    }
}

/// The same request by each caller.
fn by(callers: &[(&'static str, Option<String>)], ask: impl Fn() -> Ask) -> Vec<Ask> {
    let of = |(who, bearer): &(&'static str, Option<String>)| {
        let mut ask = ask();
        ask.what.push_str(&format!(" as {who}"));
        match bearer {
            Some(bearer) => ask.with("authorization", bearer.clone()),
            None => ask,
        }
    };
    callers.iter().map(of).collect()
}

fn method(name: &str) -> &'static str {
    match name {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        _ => "DELETE",
    }
}

#[on_both_databases]
async fn the_api_takes_any_name_and_any_query(engine: Engine) {
    let shop = Shop::open(engine).await;
    let document = shop.server.get("/api/openapi.json").await.json();
    let crowd = Crowd::before(&shop.server);
    let callers = shop.callers();
    for (name, path) in &routes(&document) {
        let mut asks = Vec::new();
        for place in ["{slug}", "{id}", "{number}", "{license}", "{instance}"].into_iter().filter(|place| path.contains(place)) {
            for (what, value) in encoded() {
                let real = shop.path(&path.replace(place, "HOSTILE")).replace("HOSTILE", &value);
                asks.extend(by(&callers, || {
                    let what = format!("{path} {place} = {what}");
                    Ask { method: method(name), path: real.clone(), headers: json_type(), body: b"{}".to_vec(), what }
                }));
            }
        }
        let operation = &document["paths"][format!("/api/v1{path}")][name];
        let mut queries = document::query_names(operation);
        queries.push("unknown".to_owned());
        for query in queries.iter().filter(|_| name == "get") {
            for (what, value) in encoded() {
                let real = format!("{}?{query}={value}", shop.path(path));
                asks.extend(by(&callers[1..], || Ask::get(real.clone(), format!("{path}?{query} = {what}"))));
            }
            for (what, pair) in [("twice", format!("{query}=a&{query}=b")), ("a list", format!("{query}[]=a&{query}[0][b]=c"))] {
                asks.push(
                    Ask::get(format!("{}?{pair}", shop.path(path)), format!("{path}?{query} {what}")).with("authorization", shop.bearer()),
                );
            }
        }
        crowd.send(asks).await;
    }
    crowd.expect_peace(5_000);
    shop.expect_open().await;
}

fn json_type() -> Vec<(&'static str, String)> {
    vec![("content-type", "application/json".to_owned())]
}

#[on_both_databases]
async fn the_api_takes_any_body(engine: Engine) {
    let shop = Shop::open(engine).await;
    let document = shop.server.get("/api/openapi.json").await.json();
    let crowd = Crowd::before(&shop.server);
    let callers = shop.callers();
    for (name, path) in routes(&document).iter().filter(|(name, _)| name != "get") {
        let ask = |what: String, body: Vec<u8>| Ask { method: method(name), path: shop.path(path), headers: json_type(), body, what };
        let mut asks = Vec::new();
        for (what, body) in bodies() {
            asks.extend(by(&callers, || ask(format!("{path} with {what}"), body.clone())));
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=", "application/json; charset=x"]
        {
            let mut odd = ask(format!("{path} as {kind}"), b"a=%00&b[".to_vec()).with("authorization", shop.bearer());
            odd.headers[0].1 = kind.to_owned();
            asks.push(odd);
        }
        let schema = &document["paths"][format!("/api/v1{path}")][name]["requestBody"]["content"]["application/json"]["schema"];
        let base = if path == "/promotions" { json!({ "code": "ABUSE", "percent_off": 10 }) } else { json!({}) };
        for (what, body) in document::spoiled(&document, schema, &base) {
            // Strangers are refused before their bodies are read, but where they may buy.
            let callers = if path == "/checkouts" { &callers[..] } else { &callers[2..] };
            asks.extend(by(callers, || ask(format!("{path} {what}"), body.to_string().into_bytes())));
        }
        crowd.send(asks).await;
    }
    crowd.expect_peace(5_000);
    shop.expect_open().await;
}

#[tokio::test]
async fn what_the_description_rules_out_is_refused() {
    let shop = Shop::open(Engine::Sqlite).await;
    let document = shop.server.get("/api/openapi.json").await.json();
    let (mut taken, mut n) = (Vec::new(), 0);
    for (name, path) in &routes(&document) {
        let operation = &document["paths"][format!("/api/v1{path}")][name];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        for (rule, mut body) in document::ruled_out(&document, schema) {
            // Either a share or an amount.
            if path == "/promotions" && body["percent_off"].is_null() && body["amount_off"].is_null() {
                body["percent_off"] = json!(10);
            }
            let answer = shop.server.change(method(name), &shop.path(path), &body).await;
            n += 1;
            if ![400, 413, 422].contains(&answer.status) {
                taken.push(format!("{} {name} {path} {rule}: {}", answer.status, answer.text()));
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|one| one["schema"]["enum"].is_array()) {
            let name = parameter["name"].as_str().unwrap();
            let answer = shop.server.change("GET", &format!("{}?{name}=no-such-word", shop.path(path)), &Value::Null).await;
            n += 1;
            if ![400, 413, 422].contains(&answer.status) {
                taken.push(format!("{} {path}?{name}: {}", answer.status, answer.text()));
            }
        }
    }
    assert!(taken.is_empty() && n > 80, "{n} rules: {taken:#?}");
}

/// They end the session that the test asks with.
const LEAVING: [&str; 3] = ["sign_out", "end_other_sessions", "change_password"];

#[on_both_databases]
async fn the_forms_take_any_field(engine: Engine) {
    let shop = Shop::open(engine).await;
    let forms = functions::forms(&shop.order, &shop.order_key);
    let crowd = Crowd::before(&shop.server);
    for path in server_fn_paths().map(|(path, _)| path.to_owned()) {
        let name = path.trim_start_matches("/_fn/");
        let form = forms.get(name).unwrap_or_else(|| panic!("{name} is not found in the source"));
        let mut asks = Vec::new();
        for cookie in ["", &shop.cookie] {
            if !cookie.is_empty() && LEAVING.contains(&name) {
                continue;
            }
            let ask = |what: String, body: String| Ask {
                method: "POST",
                path: path.clone(),
                headers: vec![
                    ("content-type", "application/x-www-form-urlencoded".to_owned()),
                    ("accept", "text/html".to_owned()),
                    ("origin", shop.server.base.clone()),
                    ("cookie", cookie.to_owned()),
                ],
                body: body.into_bytes(),
                what: format!("{name} {what}{}", if cookie.is_empty() { "" } else { " as the owner" }),
            };
            let pairs = |changed: usize, value: &str| {
                let pair = |(n, (field, usual)): (usize, &(String, String))| {
                    format!("{field}={}", if n == changed { value.to_owned() } else { encode(usual) })
                };
                form.fields.iter().enumerate().map(pair).collect::<Vec<_>>().join("&")
            };
            asks.extend(
                ["", "a", "%00=%00", "a[b][c][d][e][f][g]=1", "&&&===", "[]=1&[[]]=2", "%ff=%fe"]
                    .map(|body| ask(format!("with {body}"), body.to_owned())),
            );
            for (n, (field, _)) in form.fields.iter().enumerate() {
                // To check a password takes long by intent.
                let every = if name == "sign_in" || name == "enter" || name == "claim_shop" { 6 } else { 1 };
                for (what, value) in encoded().into_iter().step_by(every) {
                    asks.push(ask(format!("{field} = {what}"), pairs(n, &value)));
                }
            }
            if let Some((field, _)) = form.fields.first() {
                asks.push(ask("with a megabyte".to_owned(), format!("{field}={}", "x".repeat(1 << 20))));
            }
        }
        crowd.send(asks).await;
    }
    crowd.expect_peace(5_000);
    shop.expect_open().await;
}

/// What our pages read of their queries.
const PAGE_QUERIES: [&str; 22] = [
    "q", "tag", "sort", "cursor", "from", "to", "page", "draft", "made", "next", "key", "notice", "code", "files", "product", "status",
    "range", "interval", "by", "category", "token", "back",
];

#[on_both_databases]
async fn the_pages_take_any_address(engine: Engine) {
    let shop = Shop::open(engine).await;
    let crowd = Crowd::before(&shop.server);
    let mut pages: Vec<String> = leptos_axum::generate_route_list(app::App).iter().map(|page| page.path().to_owned()).collect();
    let files = [
        "/downloads/{token}",
        "/media/{file_id}/{name}",
        "/dashboard/customers/{id}/data.json",
        "/dashboard/orders.csv",
        "/dashboard/order-lines.csv",
        "/dashboard/uploads/{id}",
        "/pkg/{hash}/{file}",
        "/fonts/{file}",
        "/theme.js",
        "/robots.txt",
        "/healthz",
        "/readyz",
        "/api/openapi.json",
        "/{nothing}",
    ];
    pages.extend(files.map(str::to_owned));
    assert!(pages.len() > 40, "{pages:?}");
    for page in &pages {
        let mut asks = Vec::new();
        let places: Vec<&str> = page.split('/').filter(|part| part.starts_with('{')).collect();
        for (what, value) in encoded() {
            for place in &places {
                asks.push(Ask::get(fill(&page.replace(place, &value)), format!("{page} {place} = {what}")));
            }
            // A query of all fields would be too long.
            let value = if value.len() > 100 { value.chars().take(99).collect() } else { value };
            let query = PAGE_QUERIES.map(|name| format!("{name}={value}")).join("&");
            asks.push(Ask::get(format!("{}?{query}", fill(page)), format!("{page}?… = {what}")));
        }
        for name in PAGE_QUERIES {
            for (what, value) in encoded().into_iter().skip(2).step_by(4) {
                asks.push(Ask::get(format!("{}?{name}={value}", fill(page)), format!("{page}?{name} = {what}")));
            }
        }
        let asks = asks.into_iter().flat_map(|ask| {
            let stranger = Ask::get(ask.path.clone(), format!("{} as a stranger", ask.what));
            [stranger, ask.with("cookie", shop.cookie.clone())]
        });
        crowd.send(asks).await;
    }
    crowd.expect_peace(5_000);
    shop.expect_open().await;
}

/// A page with names that may be there.
fn fill(page: &str) -> String {
    let part = |part: &str| match part {
        "{slug}" => "prey".to_owned(),
        part if part.starts_with('{') => "none".to_owned(),
        part => part.to_owned(),
    };
    page.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[on_both_databases]
async fn no_header_makes_a_request_another(engine: Engine) {
    let shop = Shop::open(engine).await;
    let crowd = Crowd::before(&shop.server);
    let file = format!("/orders/{}?key={}", shop.order, shop.order_key);
    let paths = [
        "/",
        "/products/a-book",
        "/cart",
        "/sign-in",
        "/dashboard",
        file.as_str(),
        "/api/v1/products",
        "/downloads/none",
        "/healthz",
        "/robots.txt",
    ];
    let mut asks = Vec::new();
    for (name, value) in HEADERS {
        for path in paths {
            for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
                asks.push(Ask {
                    method,
                    path: path.to_owned(),
                    headers: vec![(*name, (*value).to_owned())],
                    body: Vec::new(),
                    what: format!("{path} {name}: {value}"),
                });
            }
        }
        let product = Ask::get("/api/v1/products/a-book", format!("as the owner with {name}: {value}")).with(name, *value);
        asks.push(product.with("authorization", shop.bearer()));
        let mut webhook = Ask::get("/webhooks/stripe", format!("a webhook with {name}: {value}")).with(name, *value);
        (webhook.method, webhook.body) = ("POST", b"{}".to_vec());
        asks.push(webhook);
        for (what, value) in texts() {
            // What a header may not hold is not sent.
            asks.push(Ask::get("/cart", format!("{name} = {what}")).with(name, value));
        }
    }
    crowd.send(asks).await;
    crowd.expect_peace(2_500);
    for (name, value) in HEADERS.iter().filter(|(_, value)| value.contains("evil.example")) {
        for path in ["/", "/products/a-book", "/sign-in", "/cart", "/robots.txt"] {
            let answer = send("GET", &format!("{}{path}", shop.server.base), &[(name, value)], "").await;
            let told = format!("{:?} {}", answer.headers, answer.text());
            assert!(!told.contains("evil.example"), "{path} repeats {name}");
        }
    }
    shop.expect_open().await;
}

#[on_both_databases]
async fn uploads_and_webhooks_take_any_name(engine: Engine) {
    let shop = Shop::open(engine).await;
    let crowd = Crowd::before(&shop.server);
    let mut asks = Vec::new();
    for (what, text) in texts() {
        for (field, content) in [("file\"; filename=\"{}", "%PDF-1.7"), ("kind", "{}"), ("variants", "{}"), ("title", "{}"), ("{}", "a")] {
            let parts =
                [(field.replace("{}", &text), content.replace("{}", &text)), ("file\"; filename=\"a.pdf".to_owned(), "%PDF".to_owned())];
            let parts = parts.map(|(name, content)| format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n"));
            for path in ["/api/v1/products/prey/files", "/dashboard/products/prey/upload", "/dashboard/settings/logo"] {
                asks.push(Ask {
                    method: "POST",
                    path: path.to_owned(),
                    headers: vec![
                        ("content-type", "multipart/form-data; boundary=b".to_owned()),
                        ("authorization", shop.bearer()),
                        ("cookie", shop.cookie.clone()),
                        ("origin", shop.server.base.clone()),
                        ("accept", "text/html".to_owned()),
                    ],
                    body: format!("{}--b--\r\n", parts.concat()).into_bytes(),
                    what: format!("{path} {field} = {what}"),
                });
            }
        }
        // Signed, as by whoever has the secret: no text in it may hurt.
        for place in ["id", "type", "api_version", "account", "object"] {
            let of = |name: &str, usual: &str| if name == place { text.clone() } else { usual.to_owned() };
            let event = json!({ "id": of("id", "evt_abuse"), "type": of("type", "charge.refunded"), "livemode": false,
                                "api_version": of("api_version", "x"), "account": of("account", "acct_1"),
                                "created": 1, "data": { "object": { "id": of("object", "ch_1") } } });
            asks.push(promises::signed(&event.to_string(), 0, format!("an event with {place} = {what}")));
        }
    }
    crowd.send(asks).await;
    crowd.expect_peace(400);
    shop.expect_open().await;
}
