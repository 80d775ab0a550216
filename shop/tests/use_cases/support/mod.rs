//! A shop of its own for each test, on the database that the test asks for, with a Stripe emulator beside it.

pub use shop_testing::Engine;

use domain::catalog::{Kind, ProductStatus};
use domain::draft::{ProductDraft, ProductTexts, TierDraft};
use domain::money::{Currency, Money};
use domain::tier::TierRef;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use shop::accounts::audit::Actor;
use shop::catalog::{FileRole, NewFile, add_file, create_product, update_product};
use shop::checkout::{CheckoutItem, StartCheckout, StartedCheckout};
use shop::files::{MemoryFileStore, stream_of};
use shop::jobs::mail::MemoryMailer;
use shop::{Clock, Delivery, SecretKey, Settings, Shop};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use stripe_emulator::{Emulator, Options};

/// A tier in US dollars, named as its key.
pub fn tier(key: &str, amount: i64) -> TierDraft {
    TierDraft::new(key, key, Money::new(amount, Currency::USD))
}

/// A published product of this slug, without tiers.
pub fn titled(slug: &str) -> ProductDraft {
    let texts = ProductTexts { title: slug.replace('-', " "), ..ProductTexts::default() };
    ProductDraft { texts, slug: Some(slug.to_owned()), status: ProductStatus::Published, ..ProductDraft::default() }
}

/// Changes what a product says; tells its slug.
pub async fn change(shop: &Shop, by: &Actor, slug: &str, change: impl Fn(&mut ProductDraft)) -> shop::Result<String> {
    let change = |draft: &mut ProductDraft| {
        change(draft);
        Ok(())
    };
    update_product(shop, by, slug, None, change).await
}

/// A shop with its world in reach.
pub struct TestShop {
    pub shop: Shop,
    pub mail: Arc<MemoryMailer>,
    pub clock: Arc<AtomicI64>,
    /// What Stripe's answers say of the time.
    pub stripe_clock: Arc<AtomicI64>,
    pub stripe_url: String,
    pub database_url: String,
    _folder: tempfile::TempDir,
}

pub const WEBHOOK_SECRET: &str = "whsec_test";

impl TestShop {
    pub async fn open(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = engine.shop_database(folder.path()).await;
        let db = shop::base::database::connect(&url).await.unwrap();
        migration::migrate(db.writer()).await.unwrap();
        let stripe_clock = Arc::new(AtomicI64::new(Clock::System.now_ms()));
        let emulator = Emulator::new(Options { date: Some(stripe_clock.clone()), ..Options::default() }).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stripe_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(emulator.serve(listener, std::future::pending()));
        let clock = Arc::new(AtomicI64::new(Clock::System.now_ms()));
        // Time passes for PostgreSQL as it does for the shop; `clocks.rs` has what is otherwise.
        let db = db.with_clock(Clock::Fixed(clock.clone()));
        let mail = Arc::new(MemoryMailer::default());
        let store_id = shop::stores::ensure(&db, &Clock::System).await.unwrap();
        let settings = Settings {
            store_id,
            base_url: "http://shop.test".to_owned(),
            alert_email: Some("owner@example.com".to_owned()),
            secret_key: SecretKey::new("0123456789abcdef0123456789abcdef").unwrap(),
            delivery: Delivery::Stream,
            stripe_webhook_secret: WEBHOOK_SECRET.to_owned().into(),
            livemode: false,
            license_signing_key: None,
        };
        let shop = Shop {
            db,
            stripe: shop::payments::stripe::connect("sk_test_1", &stripe_url).unwrap(),
            files: Arc::new(MemoryFileStore::default()),
            mail: mail.clone(),
            clock: Clock::Fixed(clock.clone()),
            settings: Arc::new(settings),
            wake: Arc::default(),
            catalog_changes: Arc::new(AtomicU64::new(0)),
            memos: Arc::default(),
            visits: Arc::default(),
            transfers: Arc::default(),
            clocks: Arc::default(),
        };
        Self { shop, mail, clock, stripe_clock, stripe_url, database_url: url, _folder: folder }
    }

    /// A product with two tiers, a file for both and a license with the dearer one.
    pub async fn stock(&self) {
        let limited = |key: &str, amount| TierDraft { download_limit: Some(2), ..tier(key, amount) };
        let rich = TierDraft { has_license: true, activation_limit: Some(3), ..limited("rich", 900) };
        self.product("a-book", vec![limited("plain", 500), rich]).await;
        self.product("a-gift", vec![limited("free", 0)]).await;
    }

    /// Another thing that costs nothing.
    pub async fn more_gifts(&self) {
        self.product("another-gift", vec![tier("free", 0)]).await;
    }

    async fn product(&self, slug: &str, tiers: Vec<TierDraft>) {
        let texts = ProductTexts { promise: "A promise".to_owned(), description: "Words about *things*".to_owned(), ..titled(slug).texts };
        let new = ProductDraft { texts, kind: Kind::Book, tiers, ..titled(slug) };
        create_product(&self.shop, &Actor::operator(), new, None).await.unwrap();
        self.give_file(slug, &[]).await;
    }

    /// Adds a file for these tiers, or for all; without one nothing of a product is sold.
    pub async fn give_file(&self, slug: &str, tiers: &[String]) {
        let body = stream_of(format!("%PDF-1.7 {slug}").into_bytes());
        let file = NewFile { role: FileRole::Good, name: "book.pdf", title: "", head: b"%PDF-1.7", body };
        add_file(&self.shop, &Actor::operator(), slug, tiers, file).await.unwrap();
    }

    pub fn request(&self, product: &str, variant: &str, quantity: i64) -> StartCheckout {
        StartCheckout {
            items: vec![CheckoutItem { tier: TierRef::parse(&format!("{product}/{variant}")), quantity, amount: None }],
            email: "reader@example.com".to_owned(),
            ..StartCheckout::default()
        }
    }

    pub async fn start(&self, product: &str, variant: &str, quantity: i64) -> StartedCheckout {
        shop::checkout::start(&self.shop, self.request(product, variant, quantity)).await.unwrap()
    }

    /// As [`Self::start`], for somebody else: an address has a free tier once.
    pub async fn start_for(&self, email: &str, product: &str, variant: &str) -> StartedCheckout {
        let request = StartCheckout { email: email.to_owned(), ..self.request(product, variant, 1) };
        shop::checkout::start(&self.shop, request).await.unwrap()
    }

    /// Pays at the emulator with a card, and tells the session's id.
    pub async fn pay(&self, started: &StartedCheckout, card: &str) -> String {
        let session = started.checkout_url.as_deref().unwrap().rsplit('/').next().unwrap().to_owned();
        let status = self.ask_emulator(&format!("/_emulator/sessions/{session}/pay"), &format!("{{\"card\":\"{card}\"}}")).await;
        assert_eq!(status, 200);
        session
    }

    /// Posts JSON to the emulator's control surface.
    pub async fn ask_emulator(&self, path: &str, body: &str) -> u16 {
        self.ask("POST", path, body).await
    }

    /// The session that an order is to be paid in.
    pub fn session_of(&self, started: &StartedCheckout) -> String {
        started.checkout_url.as_deref().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// Asks Stripe's API as another client would.
    pub async fn get_stripe(&self, path: &str) -> serde_json::Value {
        self.call_stripe("GET", path, "").await
    }

    /// Changes something at Stripe past the shop, as in Stripe's own dashboard.
    pub async fn post_stripe(&self, path: &str, form: &str) -> serde_json::Value {
        self.call_stripe("POST", path, form).await
    }

    async fn call_stripe(&self, method: &str, path: &str, form: &str) -> serde_json::Value {
        use http_body_util::{BodyExt, Full};
        use hyper_util::client::legacy::Client;
        let client = Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
        let request = hyper::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.stripe_url))
            .header("authorization", "Bearer sk_test_1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::new(bytes::Bytes::from(form.to_owned())))
            .unwrap();
        let response = client.request(request).await.unwrap();
        let (status, body) = (response.status(), response.into_body().collect().await.unwrap().to_bytes());
        assert!(status.is_success(), "{method} {path}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// The payment intent of a paid order.
    pub async fn intent(&self, public_id: &str) -> String {
        let sql = format!("SELECT p.provider_id FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.public_id = '{public_id}'");
        let statement = Statement::from_string(self.shop.db.get_database_backend(), sql);
        self.shop.db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "provider_id").unwrap()
    }

    /// Another session of the same price as one of ours, with other metadata, paid as well.
    pub async fn copy_paid_session(&self, session: &str, fields: &str, card: &str) -> String {
        let original = self.get_stripe(&format!("/v1/checkout/sessions/{session}")).await;
        let form = format!(
            "mode=payment&success_url=http://shop.test/&line_items[0][price_data][currency]={}&line_items[0][price_data][unit_amount]={}\
             &line_items[0][price_data][product_data][name]=x&line_items[0][quantity]=1&{fields}",
            original["currency"].as_str().unwrap(),
            original["amount_total"],
        );
        let copy = self.post_stripe("/v1/checkout/sessions", &form).await["id"].as_str().unwrap().to_owned();
        let status = self.ask_emulator(&format!("/_emulator/sessions/{copy}/pay"), &format!(r#"{{"card":"{card}"}}"#)).await;
        assert_eq!(status, 200);
        copy
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> u16 {
        ask(&self.stripe_url, method, path, body).await
    }

    /// Brings an event to the door, signed.
    pub async fn receive(&self, id: &str, kind: &str, object_id: &str) {
        let body =
            format!(r#"{{"id":"{id}","type":"{kind}","livemode":false,"api_version":"x","data":{{"object":{{"id":"{object_id}"}}}}}}"#);
        let time = self.shop.clock.now_ms() / 1000;
        let mac = shop::base::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[time.to_string().as_bytes(), b".", body.as_bytes()]);
        let header = format!("t={time},v1={}", data_encoding::HEXLOWER.encode(&mac));
        shop::payments::stripe::webhook::receive(&self.shop, Some(&header), body.as_bytes()).await.unwrap();
    }

    /// Works until nothing is due.
    pub async fn work(&self) {
        while shop::jobs::run_once(&self.shop).await.unwrap() > 0 {}
    }

    /// Makes the rounds that are made each minute.
    pub async fn reconcile(&self) {
        shop::jobs::reconcile_once(&self.shop).await.unwrap();
    }

    /// The emulator is well again.
    pub async fn forget_faults(&self) {
        self.ask("DELETE", "/_emulator/faults", "").await;
    }

    pub async fn run(&self, sql: &str) {
        self.shop.db.execute_unprepared(sql).await.unwrap();
    }

    /// As [`Self::run`], where it may be refused.
    pub async fn try_run(&self, sql: &str) -> Result<(), sea_orm::DbErr> {
        self.shop.db.execute_unprepared(sql).await.map(|_| ())
    }

    /// Waits until there are this many rows, for what nobody waits for.
    pub async fn eventually(&self, rows: &str, n: i64) {
        for _ in 0..400 {
            if self.count(rows).await == n {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(self.count(rows).await, n, "{rows}");
    }

    /// Lets time pass, for the shop and for Stripe.
    pub fn advance(&self, millis: i64) {
        self.clock.fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
        self.stripe_clock.fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }

    /// The texts of a query with one column.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.shop.db.get_database_backend(), sql.to_owned());
        let rows = self.shop.db.query_all_raw(statement).await.unwrap();
        rows.into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// How many rows there are: `orders`, or `orders WHERE status = 'paid'`.
    pub async fn count(&self, rows: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) AS n FROM {rows}")).await
    }

    /// The sum of a column over rows as in [`Self::count`]; the column's value where it is one row.
    pub async fn sum(&self, column: &str, rows: &str) -> i64 {
        self.number(&format!("SELECT CAST(COALESCE(SUM({column}), 0) AS BIGINT) AS n FROM {rows}")).await
    }

    async fn number(&self, sql: &str) -> i64 {
        #[derive(FromQueryResult)]
        struct Row {
            n: i64,
        }
        let statement = Statement::from_string(self.shop.db.get_database_backend(), sql.to_owned());
        Row::find_by_statement(statement).one(&self.shop.db).await.unwrap().unwrap().n
    }
}

/// Pays a session at the emulator, as whoever has its page may; tells the status of the answer.
pub async fn pay_at(stripe_url: &str, session: &str, card: &str) -> u16 {
    ask(stripe_url, "POST", &format!("/_emulator/sessions/{session}/pay"), &format!(r#"{{"card":"{card}"}}"#)).await
}

async fn ask(stripe_url: &str, method: &str, path: &str, body: &str) -> u16 {
    use http_body_util::Full;
    use hyper_util::client::legacy::Client;
    let client = Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let request = hyper::Request::builder()
        .method(method)
        .uri(format!("{stripe_url}{path}"))
        .header("content-type", "application/json")
        .body(Full::new(bytes::Bytes::from(body.to_owned())))
        .unwrap();
    client.request(request).await.unwrap().status().as_u16()
}
