//! Customers: found, told everything that is kept of them, forgotten.

use crate::support::{Engine, TestShop};
use sea_orm::{ConnectionTrait, Statement};
use shop::accounts::audit::Actor;
use shop::checkout::promotions::NewPromotion;
use shop::customers::{self, CustomerQuery, Erased, Pace};
use shop::orders;
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

async fn open(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test
}

async fn buy(test: &TestShop, email: &str, variant: &str) -> String {
    let request = shop::checkout::StartCheckout { email: email.into(), ..test.request("a-book", variant, 1) };
    let started = shop::checkout::start(&test.shop, request).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started.public_id
}

async fn found(test: &TestShop, q: &str) -> Vec<String> {
    let query = CustomerQuery { q: Some(q.to_owned()), ..CustomerQuery::default() };
    customers::list(&test.shop, &query).await.unwrap().customers.into_iter().map(|customer| customer.email).collect()
}

#[on_both_databases]
async fn customers_are_listed_with_what_they_spent_and_found_by_address_and_name(engine: Engine) {
    let test = open(engine).await;
    buy(&test, "Ada@Example.com", "plain").await;
    buy(&test, "ada+books@example.com", "rich").await;
    buy(&test, "bob@example.com", "plain").await;
    test.run("UPDATE customers SET name = 'Robert Reader' WHERE email = 'bob@example.com'").await;
    let all = customers::list(&test.shop, &CustomerQuery::default()).await.unwrap();
    assert_eq!(all.next_cursor, None);
    let [bob, ada] = &all.customers[..] else { panic!("two customers: {all:?}") };
    assert_eq!((bob.email.as_str(), ada.email.as_str(), ada.n_orders), ("bob@example.com", "Ada@Example.com", 2));
    assert_eq!(ada.spent[0].paid.amount, 1400);
    assert!(ada.last_order_at.unwrap() >= ada.created_at);
    assert_eq!(found(&test, "ADA@").await, ["Ada@Example.com"]);
    assert_eq!(found(&test, "robert").await, ["bob@example.com"]);
    assert_eq!(found(&test, "b").await, ["bob@example.com"]);
    for nothing in ["carol", "%", "_", "ob", "\u{0}x"] {
        assert_eq!(found(&test, nothing).await, Vec::<String>::new(), "{nothing:?}");
    }
    let file = customers::file(&test.shop, &ada.id).await.unwrap();
    assert_eq!((file.orders.len(), file.goods.len(), file.licenses.len(), file.has_more_orders), (2, 2, 1, false));
    assert!(customers::file(&test.shop, "none").await.is_err());
    assert!(customers::list(&test.shop, &CustomerQuery { cursor: Some("1".into()), ..CustomerQuery::default() }).await.is_err());
}

#[on_both_databases]
async fn customers_are_paged_by_key(engine: Engine) {
    let test = open(engine).await;
    for n in 0..120 {
        let id = if engine == Engine::Sqlite { format!("x'{:032x}'", n + 1) } else { format!("'{:032x}'", n + 1) };
        test.run(&format!(
            "INSERT INTO customers (id, store_id, email, email_normalized, created_at) SELECT {id}, id, \
            'c{n:03}@example.com', 'c{n:03}@example.com', {n} FROM stores"
        ))
        .await;
    }
    for q in [None, Some("c".to_owned())] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = customers::list(&test.shop, &CustomerQuery { q: q.clone(), cursor, ..CustomerQuery::default() }).await.unwrap();
            seen.extend(page.customers.into_iter().map(|customer| customer.email));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 120);
        let mut sorted = seen.clone();
        sorted.sort();
        if q.is_none() {
            sorted.reverse();
        }
        assert_eq!(seen, sorted);
    }
}

/// Every text and every blob of the schema, as one text: `table.column: value`.
async fn everything(test: &TestShop) -> String {
    let db = &test.shop.db;
    let is_sqlite = shop::base::database::is_sqlite(db);
    let columns = if is_sqlite {
        "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE \
         'product_search%'"
    } else {
        "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns WHERE table_schema = 'public' AND data_type \
         IN ('text', 'bytea', 'character varying', 'jsonb', 'json')"
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), columns)).await.unwrap();
    assert!(rows.len() > 150 || !is_sqlite && rows.len() > 80, "{}", rows.len());
    let mut all = String::new();
    for row in rows {
        let (table, column): (String, String) = (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap());
        let sql = if is_sqlite {
            format!(
                "SELECT CAST(\"{column}\" AS TEXT) AS v FROM \"{table}\" WHERE typeof(\"{column}\") = 'text' OR (typeof(\"{column}\") = \
                 'blob' AND length(\"{column}\") > 16)"
            )
        } else {
            format!(
                "SELECT CASE WHEN pg_typeof(\"{column}\") = 'bytea'::regtype THEN encode(\"{column}\"::text::bytea, 'escape') ELSE \
                 \"{column}\"::text END AS v FROM \"{table}\""
            )
        };
        for value in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap() {
            let bytes: Vec<u8> = match value.try_get::<Option<String>>("", "v") {
                Ok(text) => text.unwrap_or_default().into_bytes(),
                Err(_) => continue,
            };
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            // PostgreSQL tells bytes as hexadecimal digits.
            if let Some(hex) = text.strip_prefix("\\x").and_then(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).ok()) {
                text = String::from_utf8_lossy(&hex).into_owned();
            }
            all.push_str(&format!("{table}.{column}: {text}\n"));
        }
    }
    all
}

fn lines_with<'a>(all: &'a str, what: &str) -> Vec<&'a str> {
    all.lines().filter(|line| line.to_lowercase().contains(what)).collect()
}

#[on_both_databases]
async fn who_is_erased_is_found_nowhere_and_the_books_stay(engine: Engine) {
    let test = open(engine).await;
    let by = Actor { member_id: None, name: "owner@shop.test".into() };
    let code = NewPromotion { code: Some("TEN".into()), percent_off: Some(10), once_per_customer: true, ..NewPromotion::default() };
    shop::checkout::promotions::create(&test.shop, &Actor::operator(), code, None).await.unwrap();
    let request = shop::checkout::StartCheckout {
        email: "Ada.Lovelace+Books@Example.com".into(),
        promotion_code: Some("TEN".into()),
        idempotency_key: Some("ada.lovelace@example.com:1".into()),
        ..test.request("a-book", "rich", 1)
    };
    let started = shop::checkout::start(&test.shop, request).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    // As Stripe sends it, with the person in it.
    test.receive("evt_paid", "checkout.session.completed", &session).await;
    let bytes = if engine == Engine::Sqlite { "BLOB" } else { "BYTEA" };
    let raw = r#"{"customer_details":{"email":"Ada.Lovelace+Books@Example.com","name":"Ada Lovelace"}}"#;
    test.run(&format!("UPDATE inbox_events SET raw = CAST('{raw}' AS {bytes}) WHERE id = 'evt_paid'")).await;
    test.work().await;
    let order = started.public_id.clone();
    let unpaid = shop::checkout::StartCheckout { email: "ada.lovelace@example.com".into(), ..test.request("a-book", "plain", 1) };
    shop::checkout::start(&test.shop, unpaid).await.unwrap();
    let other = buy(&test, "grace@example.com", "plain").await;

    let view = orders::load(&test.shop, &order, &started.access_key).await.unwrap();
    let link = shop::fulfillment::downloads::mint(&test.shop, &order, &started.access_key, &view.items[0].files[0].id).await.unwrap();
    let token = link.url.rsplit('/').next().unwrap().to_owned();
    let link = shop::fulfillment::downloads::find(&test.shop, &token).await.unwrap().unwrap();
    let visit = shop::fulfillment::downloads::Visit { n_bytes: Some(1), ip: "203.0.113.77", user_agent: "AdaReader/1" };
    let grant = shop::fulfillment::downloads::authorize(&test.shop, &link, visit).await.unwrap().unwrap();
    assert!(shop::fulfillment::downloads::begin(&test.shop, &grant, 0, visit.ip, visit.user_agent).unwrap().take(1));
    shop::fulfillment::downloads::flush(&test.shop).await.unwrap();
    orders::add_note(&test.shop, &by, &order, "Ada Lovelace (ada.lovelace@example.com) called.", None).await.unwrap();
    orders::add_note(&test.shop, &by, &other, "Knows ADA.Lovelace@example.com well.", None).await.unwrap();
    test.run("UPDATE customers SET name = 'Ada Lovelace', password_hash = 'adahash' WHERE email_normalized = 'ada.lovelace@example.com'")
        .await;
    test.run("UPDATE jobs SET last_error = '550 <Ada.Lovelace+Books@Example.com>: unknown' WHERE order_id IS NOT NULL").await;
    test.run("UPDATE inbox_events SET last_error = 'no ada.lovelace@example.com here' WHERE id = 'evt_paid'").await;
    test.run("UPDATE carts SET email = 'ada.lovelace@example.com'").await;
    let refusal = domain::pages::form::FormRefusal { code: "email_invalid".into(), field: None, message: "x".into(), also: Vec::new() };
    shop::base::drafts::keep_open(&test.shop, "192.0.2.1", "order_help", &"ADA.lovelace@example.com", &refusal).await.unwrap();
    let request = shop::payments::refunds::RefundRequest {
        order: order.clone(),
        amount: Some(10),
        reason: Some("Ada Lovelace asked".into()),
        by: Some(by.clone()),
        ..Default::default()
    };
    shop::payments::refunds::request(&test.shop, request).await.unwrap();

    let before = everything(&test).await;
    assert!(lines_with(&before, "ada.lovelace").len() > 8, "{before}");
    let id = customers::list(&test.shop, &CustomerQuery { q: Some("ada".into()), ..CustomerQuery::default() }).await.unwrap().customers[0]
        .id
        .clone();
    let data = customers::data_of(&test.shop, &by, &id, true).await.unwrap();
    assert_eq!(data["customer"]["name"], "Ada Lovelace");
    assert_eq!(data["orders"].as_array().unwrap().len(), 2, "{data}");
    for part in ["lines", "payments", "refunds", "downloads", "timeline", "notes", "licenses"] {
        assert!(!data[part].as_array().unwrap().is_empty(), "{part}: {data}");
    }
    assert_eq!(data["downloads"][0]["ip"], "203.0.113.77");
    assert!(data["orders"][0]["created_at"].as_str().unwrap().ends_with('Z'), "{data}");

    let books = async || {
        let amounts = test.sum("amount_paid + amount_refunded + amount_discount", "orders").await;
        (amounts, test.count("orders WHERE paid_at IS NOT NULL").await)
    };
    let kept = books().await;
    assert_eq!(customers::erase(&test.shop, &by, &id).await.unwrap(), Erased::Everywhere);
    assert_eq!(customers::erase(&test.shop, &by, &id).await.unwrap(), Erased::Everywhere);
    let after = everything(&test).await;
    for word in ["lovelace", "203.0.113.77", "adareader", "adahash"] {
        assert_eq!(lines_with(&after, word), Vec::<&str>::new(), "{word} is still there");
    }
    assert!(!lines_with(&after, "grace@example.com").is_empty(), "others are left alone");
    assert_eq!(books().await, kept);
    assert_eq!(test.count("payments").await, 2);
    let view = orders::load(&test.shop, &order, &started.access_key).await.unwrap();
    assert!(customers::is_erased_address(&view.email), "{}", view.email);
    assert_eq!(
        (view.items[0].files.len(), view.items[0].licenses[0].status),
        (1, domain::license::LicenseStatus::Inactive),
        "what was bought stays open"
    );
    let file = customers::file(&test.shop, &id).await.unwrap();
    assert!(file.customer.is_erased && file.customer.spent[0].paid.amount == 810);
    assert_eq!(test.count("audit_entries WHERE act = 'erased'").await, 1);
    let refused = orders::correct_email(&test.shop, &by, &order, "ada@example.com").await.unwrap_err();
    assert_eq!(refused.answer().1, "customer_erased");
    assert_eq!(orders::resend_for_member(&test.shop, &by, &order).await.unwrap_err().answer().1, "customer_erased");
    let n_mails = test.mail.sent().len();
    let rest = shop::payments::refunds::RefundRequest { order: order.clone(), by: Some(by.clone()), ..Default::default() };
    shop::payments::refunds::request(&test.shop, rest).await.unwrap();
    test.work().await;
    assert_eq!(test.mail.sent().len(), n_mails, "nobody is written to");
    // Somebody who comes back is somebody new.
    buy(&test, "ada.lovelace@example.com", "plain").await;
    assert_eq!(found(&test, "ada").await.len(), 1);
}

/// Texts that speak of b@x.io, of people whose addresses look like it, and of nobody; with the customer's id.
async fn speak_of_b(test: &TestShop) -> String {
    let by = Actor { member_id: None, name: "owner@shop.test".into() };
    buy(test, "b@x.io", "plain").await;
    let other = buy(test, "bob@x.io", "plain").await;
    for note in [
        "b@x.io called; not bob@x.io, billing-b@x.io or b@x.io.uk. Write to B+books@X.io.",
        "Opened /search?q=b%40x.io (\"b@x.io\").",
        "bob@x.io and Bob <bob+b@x.io>",
    ] {
        orders::add_note(&test.shop, &by, &other, note, None).await.unwrap();
    }
    test.run("UPDATE jobs SET last_error = '550 <b@x.io>: not for bob@x.io'").await;
    test.run("UPDATE refunds SET failure = 'b@x.io'").await;
    let blob = if shop::base::database::is_sqlite(&test.shop.db) { "BLOB" } else { "BYTEA" };
    for (id, email) in [("evt_b", "b@x.io"), ("evt_bob", "bob@x.io")] {
        test.run(&format!(
            "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at) \
             VALUES ('{id}', 'charge.updated', FALSE, 'ch_{id}', CAST('{{\"email\": \"{email}\"}}' AS {blob}), 'done', 1, 1)"
        ))
        .await;
    }
    let refusal = domain::pages::form::FormRefusal { code: "email_invalid".into(), field: None, message: "x".into(), also: Vec::new() };
    for typed in ["B@x.io\nb", "bob@x.io"] {
        shop::base::drafts::keep_open(&test.shop, "192.0.2.1", "order_help", &typed, &refusal).await.unwrap();
    }
    test.run(
        "INSERT INTO carts (id, store_id, token_hash, email, created_at, updated_at) SELECT id, id, access_nonce, email, 1, 1 FROM \
        (SELECT o.store_id AS id, o.access_nonce, o.email FROM orders o WHERE o.email = 'b@x.io') b",
    )
    .await;
    let query = CustomerQuery { q: Some("b@x".into()), ..CustomerQuery::default() };
    customers::list(&test.shop, &query).await.unwrap().customers[0].id.clone()
}

/// Whether b@x.io is gone and the others are there.
async fn b_alone_is_gone(test: &TestShop) {
    let notes = "SELECT body FROM order_notes ORDER BY id";
    let db = &test.shop.db;
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), notes)).await.unwrap();
    let notes: Vec<String> = rows.iter().map(|row| row.try_get("", "body").unwrap()).collect();
    assert_eq!(
        notes,
        [
            "erased called; not bob@x.io, billing-b@x.io or b@x.io.uk. Write to erased.",
            "Opened /search?q=erased (\"erased\").",
            "bob@x.io and Bob <bob+b@x.io>"
        ]
    );
    assert_eq!(test.count("jobs WHERE last_error LIKE '%<b@%'").await, 0);
    assert!(test.count("jobs WHERE last_error = '550 <erased>: not for bob@x.io'").await > 0);
    assert_eq!(test.count("inbox_events WHERE id IN ('evt_b', 'evt_bob') AND LENGTH(raw) = 0").await, 1);
    assert_eq!(test.count("inbox_events WHERE id = 'evt_b' AND LENGTH(raw) = 0").await, 1);
    assert_eq!(test.count("drafts").await, 1);
    assert_eq!(test.count("carts WHERE email = 'b@x.io'").await, 0);
    assert_eq!(test.count("orders WHERE email = 'bob@x.io'").await, 1);
    assert_eq!(test.count("erasures").await, 0);
    assert_eq!(test.count("jobs WHERE kind = 'erasure' AND state <> 'done'").await, 0);
    assert_eq!(test.count("audit_entries WHERE act = 'erased'").await, 1);
    assert_eq!(found(test, "b").await, ["bob@x.io"]);
}

#[on_both_databases]
async fn who_is_erased_takes_nobody_of_a_similar_address_along(engine: Engine) {
    let test = open(engine).await;
    let id = speak_of_b(&test).await;
    assert_eq!(customers::erase(&test.shop, &Actor::operator(), &id).await.unwrap(), Erased::Everywhere);
    b_alone_is_gone(&test).await;
}

#[on_both_databases]
async fn an_erasure_that_breaks_off_anywhere_ends_as_one_that_ran_through(engine: Engine) {
    // Somebody pulls the plug after each of the steps; the job goes on when its time has come.
    for n_steps in [0, 1, 7, 20] {
        let test = open(engine).await;
        let id = speak_of_b(&test).await;
        let pace = Pace { n_rows: 1, n_steps };
        assert_eq!(customers::erase_at(&test.shop, &Actor::operator(), &id, pace).await.unwrap(), Erased::GoesOn);
        assert!(customers::file(&test.shop, &id).await.unwrap().customer.is_erased, "the shop knows nobody of the name at once");
        assert_eq!(test.count("erasures").await, 1);
        // As it is after a crash, where nobody woke the job.
        test.run("UPDATE jobs SET next_at = created_at + 60000 WHERE kind = 'erasure'").await;
        test.work().await;
        assert_eq!(test.count("erasures").await, 1);
        test.advance(61_000);
        test.work().await;
        b_alone_is_gone(&test).await;
    }
}

#[on_both_databases]
async fn an_erasure_that_takes_long_is_handed_from_job_to_job(engine: Engine) {
    let test = open(engine).await;
    let id = speak_of_b(&test).await;
    let pace = Pace { n_rows: 1, n_steps: 3 };
    assert_eq!(customers::erase_at(&test.shop, &Actor::operator(), &id, pace).await.unwrap(), Erased::GoesOn);
    let customer = domain::id::Id::parse_str(&id).unwrap();
    for n_jobs in 2..5 {
        customers::go_on_erasing(&test.shop, customer, pace).await.unwrap();
        assert_eq!(test.count("jobs WHERE kind = 'erasure' AND state = 'waiting'").await, n_jobs);
    }
    test.work().await;
    b_alone_is_gone(&test).await;
}

#[on_both_databases]
async fn an_erasure_that_two_drive_at_once_is_one(engine: Engine) {
    let test = open(engine).await;
    let id = speak_of_b(&test).await;
    let (by, pace) = (Actor::operator(), Pace { n_rows: 1, n_steps: 1_000 });
    let (one, two, three) = tokio::join!(
        customers::erase_at(&test.shop, &by, &id, pace),
        customers::erase_at(&test.shop, &by, &id, pace),
        customers::erase_at(&test.shop, &by, &id, Pace::USUAL),
    );
    assert_eq!((one.unwrap(), two.unwrap(), three.unwrap()), (Erased::Everywhere, Erased::Everywhere, Erased::Everywhere));
    b_alone_is_gone(&test).await;
}

#[on_both_databases]
async fn nobody_is_erased_while_a_payment_is_under_way(engine: Engine) {
    let test = open(engine).await;
    let by = Actor::operator();
    buy(&test, "ada@example.com", "plain").await;
    test.start("a-book", "plain", 1).await;
    test.run("UPDATE orders SET status = 'processing', email_normalized = 'ada@example.com' WHERE status = 'pending'").await;
    let id = customers::list(&test.shop, &CustomerQuery::default()).await.unwrap().customers[0].id.clone();
    let refused = customers::erase(&test.shop, &by, &id).await.unwrap_err();
    assert_eq!((refused.answer().0, refused.answer().1), (409, "payment_under_way"));
    assert_eq!(found(&test, "ada@").await, ["ada@example.com"]);
    assert!(customers::erase(&test.shop, &by, "none").await.is_err());
}

#[on_both_databases]
async fn who_never_paid_is_forgotten_after_ninety_days(engine: Engine) {
    let test = open(engine).await;
    let left = |email: &str| shop::checkout::StartCheckout { email: email.into(), ..test.request("a-book", "plain", 1) };
    shop::checkout::start(&test.shop, left("shy@example.com")).await.unwrap();
    buy(&test, "ada@example.com", "plain").await;
    test.run("UPDATE orders SET status = 'expired' WHERE email = 'shy@example.com'").await;
    let n_of = async |email: &str| test.count(&format!("orders WHERE email = '{email}'")).await;
    test.advance(89 * 24 * 60 * 60 * 1000);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!(n_of("shy@example.com").await, 1, "questions may still come");
    test.advance(2 * 24 * 60 * 60 * 1000);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!((n_of("shy@example.com").await, n_of("ada@example.com").await), (0, 1), "who bought something stays a customer");
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!(test.count("orders").await, 2);
}
