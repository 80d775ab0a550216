//! What is done after the request: side by side, each once, and never given up in silence.

use crate::support::{Engine, TestShop};
use futures::future::BoxFuture;
use shop::Shop;
use shop::jobs::mail::{Mail, MailError, Mailer, MemoryMailer};
use shop::jobs::{Patience, run_once, run_until, run_with, sweep};
use shop_testing::on_both_databases;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

const PAYS: &str = "4242424242424242";

type Script = Box<dyn Fn(usize, Mail) -> BoxFuture<'static, Result<(), MailError>> + Send + Sync>;

/// A mail server that does what the test says with each mail, counted from one, before it is taken.
struct Post {
    script: Script,
    n_asked: AtomicUsize,
    taken: Mutex<Vec<Mail>>,
}

impl Post {
    fn new<F>(script: impl Fn(usize, Mail) -> F + Send + Sync + 'static) -> Arc<Self>
    where
        F: Future<Output = Result<(), MailError>> + Send + 'static,
    {
        let script: Script = Box::new(move |n, mail| Box::pin(script(n, mail)));
        Arc::new(Self { script, n_asked: AtomicUsize::new(0), taken: Mutex::default() })
    }

    fn n_asked(&self) -> usize {
        self.n_asked.load(Ordering::SeqCst)
    }

    fn n_taken(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
}

#[async_trait::async_trait]
impl Mailer for Post {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let n = self.n_asked.fetch_add(1, Ordering::SeqCst) + 1;
        (self.script)(n, mail.clone()).await?;
        self.taken.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

/// The same shop on another machine, with a mail server of its own.
fn worker(test: &TestShop, mail: Arc<dyn Mailer>) -> Shop {
    Shop { mail, wake: Arc::default(), ..test.shop.clone() }
}

/// Waits until something has happened; a test that waits in vain fails by its time limit.
async fn until(mut has_happened: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !has_happened().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), waiting).await.expect("it happens in the end");
}

async fn order_gifts(test: &TestShop, n: usize) {
    test.stock().await;
    for n in 0..n {
        test.start_for(&format!("reader{n}@example.com"), "a-gift", "free").await;
    }
}

async fn n_mailed(test: &TestShop) -> i64 {
    test.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'order_mail' AND state = 'done'").await
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_hangs_holds_up_no_event(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|_, _| std::future::pending());
    let running = tokio::spawn(run_until(worker(&test, post.clone()), std::future::pending()));
    until(async || post.n_asked() == 1).await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    until(async || test.count("SELECT COUNT(*) AS n FROM payments").await == 1).await;
    running.abort();
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_service_that_hangs_holds_up_no_mail(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    let silence = r#"{"route":"GET /v1/checkout/sessions","kind":"timeout","times":9}"#;
    assert_eq!(test.ask_emulator("/_emulator/faults", silence).await, 204);
    let post = Post::new(|_, _| async { Ok(()) });
    let running = tokio::spawn(run_until(worker(&test, post.clone()), std::future::pending()));
    until(async || test.count("SELECT attempts AS n FROM inbox_events").await == 1).await;
    test.start("a-gift", "free", 1).await;
    until(async || post.n_taken() == 1).await;
    running.abort();
}

#[on_both_databases]
async fn many_mails_that_take_their_time_are_each_sent_by_one_worker(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 8).await;
    let second = Arc::new(MemoryMailer::default());
    let (other, clock) = (worker(&test, second.clone()), test.clock.clone());
    let first = Post::new(move |n, _| {
        let (other, clock) = (other.clone(), clock.clone());
        async move {
            clock.fetch_add(20_000, Ordering::SeqCst);
            if n == 4 {
                run_once(&other).await.unwrap();
            }
            Ok(())
        }
    });
    let slow = worker(&test, first.clone());
    while run_once(&slow).await.unwrap() > 0 {}
    assert_eq!(first.n_taken() + second.sent().len(), 8);
    assert_eq!(n_mailed(&test).await, 8);
}

#[on_both_databases]
async fn a_worker_that_was_too_slow_changes_nothing_any_more(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let go_on = Arc::new(Notify::new());
    let begun = Arc::new(Notify::new());
    let second = {
        let (go_on, begun) = (go_on.clone(), begun.clone());
        Post::new(move |_, _| {
            let (go_on, begun) = (go_on.clone(), begun.clone());
            async move {
                begun.notify_one();
                go_on.notified().await;
                Ok(())
            }
        })
    };
    let running = Arc::new(Mutex::new(None));
    let first = {
        let (other, clock, running, begun) = (worker(&test, second.clone()), test.clock.clone(), running.clone(), begun.clone());
        Post::new(move |_, _| {
            let (other, clock, running, begun) = (other.clone(), clock.clone(), running.clone(), begun.clone());
            async move {
                clock.fetch_add(200_000, Ordering::SeqCst);
                *running.lock().unwrap() = Some(tokio::spawn(async move { run_once(&other).await.unwrap() }));
                begun.notified().await;
                Err(MailError::Transient("too late".to_owned()))
            }
        })
    };
    run_once(&worker(&test, first.clone())).await.unwrap();
    test.advance(60_000);
    assert_eq!(run_once(&test.shop).await.unwrap(), 0, "the second worker has it still");
    go_on.notify_one();
    let second_run = running.lock().unwrap().take().unwrap();
    assert_eq!(second_run.await.unwrap(), 1);
    test.work().await;
    assert_eq!((first.n_taken(), second.n_taken(), test.mail.sent().len()), (0, 1, 0));
    assert_eq!(n_mailed(&test).await, 1);
}

#[on_both_databases]
async fn a_panic_costs_one_try_of_one_mail(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 3).await;
    let post = Post::new(|n, _| async move { if n == 1 { panic!("a fault in the program") } else { Ok(()) } });
    let shop = worker(&test, post.clone());
    let running = tokio::spawn(run_until(shop, std::future::pending()));
    until(async || n_mailed(&test).await == 2).await;
    until(async || test.count("SELECT COUNT(*) AS n FROM jobs WHERE last_error IS NOT NULL AND lease_until = 0").await == 1).await;
    test.advance(60_000);
    until(async || n_mailed(&test).await == 3).await;
    assert_eq!(post.n_taken(), 3);
    assert!(!running.is_finished());
    running.abort();
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_told_to_stop_ends_what_it_began_and_leaves_the_rest(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 20).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let post = {
        let gate = gate.clone();
        Post::new(move |_, _| {
            let gate = gate.clone();
            async move {
                gate.acquire_owned().await.unwrap().forget();
                Ok(())
            }
        })
    };
    let running = tokio::spawn(run_until(worker(&test, post.clone()), async {
        stopped.await.unwrap();
    }));
    until(async || post.n_asked() > 0).await;
    stop.send(()).unwrap();
    gate.add_permits(20);
    running.await.unwrap();
    assert!(post.n_taken() < 20);
    assert_eq!(post.n_taken(), post.n_asked(), "what was begun is finished");
    assert_eq!(n_mailed(&test).await as usize, post.n_taken());
    test.work().await;
    assert_eq!(post.n_taken() + test.mail.sent().len(), 20, "the rest is free at once");
}

#[on_both_databases]
async fn an_event_outlives_a_refusal_that_is_not_about_its_object(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    for status in [401, 403, 404] {
        let fault = format!(r#"{{"route":"GET /v1/checkout/sessions","kind":"error","status":{status}}}"#);
        assert_eq!(test.ask_emulator("/_emulator/faults", &fault).await, 204);
        test.work().await;
        assert_eq!(test.count("SELECT COUNT(*) AS n FROM inbox_events WHERE state = 'received'").await, 1, "{status}");
        test.advance(60_000);
    }
    test.work().await;
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM payments").await, 1);
}

#[on_both_databases]
async fn the_owner_is_told_once_of_an_event_that_is_given_up(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.receive("evt_1", "checkout.session.completed", "cs_test_nowhere").await;
    for _ in 0..3 {
        test.work().await;
        test.advance(3_600_000);
    }
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM inbox_events WHERE state = 'dead'").await, 1);
    let [mail] = &test.mail.sent()[..] else { panic!("one mail") };
    assert_eq!(mail.to, "owner@example.com");
    assert!(mail.text.contains("cs_test_nowhere") && mail.text.contains("What to do"), "{}", mail.text);
}

#[on_both_databases]
async fn the_owner_is_told_once_of_a_payment_that_does_not_fit(engine: Engine) {
    use sea_orm::ConnectionTrait;
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.shop.db.execute_unprepared("UPDATE orders SET amount_total = 400").await.unwrap();
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM inbox_events WHERE state = 'dead'").await, 1);
    assert_eq!(test.mail.sent().len(), 1);
}

#[on_both_databases]
async fn the_owner_is_told_of_a_mail_that_is_given_up(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|_, mail| async move {
        if mail.to == "owner@example.com" { Ok(()) } else { Err(MailError::Permanent("550 5.1.1 no such person".to_owned())) }
    });
    let shop = worker(&test, post.clone());
    while run_once(&shop).await.unwrap() > 0 {}
    let taken = post.taken.lock().unwrap().clone();
    let [mail] = &taken[..] else { panic!("one mail") };
    assert!(mail.text.contains("no such person") && mail.text.contains("Order: "), "{}", mail.text);
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'").await, 1);
}

#[on_both_databases]
async fn an_alert_that_is_given_up_makes_no_other(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|_, _| async { Err(MailError::Permanent("550 5.1.1 nobody is there".to_owned())) });
    let shop = worker(&test, post.clone());
    while run_once(&shop).await.unwrap() > 0 {}
    assert_eq!(post.n_asked(), 2, "the order's mail and one alert");
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM jobs").await, 2);
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'").await, 2);
}

#[on_both_databases]
async fn a_mail_that_was_sent_stays_sent_when_the_timeline_cannot_be_written(engine: Engine) {
    use sea_orm::ConnectionTrait;
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    test.shop.db.execute_unprepared("ALTER TABLE order_events RENAME TO elsewhere").await.unwrap();
    for _ in 0..3 {
        test.work().await;
        test.advance(3_600_000);
    }
    assert_eq!(test.mail.sent().len(), 1);
    assert_eq!(n_mailed(&test).await, 1);
    test.shop.db.execute_unprepared("ALTER TABLE elsewhere RENAME TO order_events").await.unwrap();
    test.start("a-gift", "free", 1).await;
    test.work().await;
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM order_events WHERE kind = 'mailed'").await, 1, "the next one is written again");
}

#[on_both_databases]
async fn a_mail_that_does_not_end_goes_back_to_the_queue(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|n, _| async move { if n == 1 { std::future::pending().await } else { Ok(()) } });
    let patience = Patience { for_a_piece: Duration::from_millis(1_000), ..Patience::default() };
    let running = tokio::spawn(run_with(worker(&test, post.clone()), patience, std::future::pending()));
    until(async || test.count("SELECT COUNT(*) AS n FROM jobs WHERE last_error LIKE '%did not end%' AND lease_until = 0").await == 1).await;
    test.advance(60_000);
    until(async || n_mailed(&test).await == 1).await;
    running.abort();
}

#[on_both_databases]
async fn a_worker_ends_although_its_mail_does_not_and_another_sends_it_later(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|_, _| std::future::pending());
    let patience = Patience { at_the_end: Duration::from_millis(50), ..Patience::default() };
    let has_begun = async || post.n_asked() == 1;
    run_with(worker(&test, post.clone()), patience, until(has_begun)).await;
    assert_eq!(run_once(&test.shop).await.unwrap(), 0, "it may be under way");
    test.advance(200_000);
    test.work().await;
    assert_eq!(test.mail.sent().len(), 1);
}

#[on_both_databases]
async fn what_is_old_and_over_is_thrown_away_and_evidence_stays(engine: Engine) {
    use sea_orm::ConnectionTrait;
    use shop::fulfillment::downloads::{Visit, authorize, find, mint};
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    test.work().await;
    let file = shop::orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].clone();
    let used = mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap();
    let token = used.url.rsplit('/').next().unwrap();
    let link = find(&test.shop, token).await.unwrap().unwrap();
    authorize(&test.shop, &link, Visit { n_bytes: Some(1), ip: "", user_agent: "" }).await.unwrap().unwrap();
    mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap();
    // More than one statement takes.
    for sql in [
        "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2500) INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at) \
         SELECT 'evt_' || n, 'x', FALSE, 'x', '', 'ignored', 0, j.created_at FROM many, jobs j",
        "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at) SELECT 'evt_dead', 'x', FALSE, 'x', '', 'dead', 0, 0 FROM jobs",
    ] {
        test.shop.db.execute_unprepared(sql).await.unwrap();
    }
    let n = async || {
        (
            test.count("SELECT COUNT(*) AS n FROM jobs").await,
            test.count("SELECT COUNT(*) AS n FROM download_links").await,
            test.count("SELECT COUNT(*) AS n FROM inbox_events").await,
        )
    };
    test.advance(29 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n().await, (1, 2, 2501));
    test.advance(4 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n().await, (0, 1, 2501), "the done job and the link that nobody used are gone");
    test.advance(30 * DAY);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run_until(worker(&test, test.mail.clone()), async { stopped.await.unwrap() }));
    until(async || n().await == (0, 1, 1)).await;
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM download_sessions").await, 1);
    assert_eq!(test.count("SELECT COUNT(*) AS n FROM order_events WHERE kind = 'mailed'").await, 1);
}

#[on_both_databases]
async fn a_download_forgets_who_fetched_and_later_itself_while_its_day_keeps_the_count(engine: Engine) {
    use shop::fulfillment::downloads::{Visit, authorize, begin, find, flush, mint};
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    let file = shop::orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].clone();
    for ip in ["203.0.113.77", "2001:db8:1:2::3"] {
        let minted = mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap();
        let link = find(&test.shop, minted.url.rsplit('/').next().unwrap()).await.unwrap().unwrap();
        let visit = Visit { n_bytes: Some(1), ip, user_agent: "AdaReader/1" };
        let grant = authorize(&test.shop, &link, visit).await.unwrap().unwrap();
        assert!(begin(&test.shop, &grant, 0, ip, "AdaReader/1").unwrap().take(1));
    }
    flush(&test.shop).await.unwrap();
    let n = async |sql: &str| test.count(&format!("SELECT COUNT(*) AS n FROM {sql}")).await;
    test.advance(29 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("download_sessions WHERE user_agent = 'AdaReader/1' AND ip IN ('203.0.113.77', '2001:db8:1:2::3')").await, 2);
    assert_eq!(n("download_log WHERE user_agent = 'AdaReader/1'").await, 2);
    test.advance(2 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("download_sessions WHERE user_agent = '' AND ip IN ('203.0.113.0/24', '2001:db8:1::/48')").await, 2);
    assert_eq!(n("download_log WHERE user_agent = '' AND ip = '' AND n_bytes = 1").await, 2);
    shop::analytics::sales::sum_days(&test.shop).await.unwrap();
    let n_downloads = async || test.count("SELECT CAST(SUM(n_downloads) AS BIGINT) AS n FROM sales_days").await;
    assert_eq!(n_downloads().await, 2);
    test.advance(520 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!((n("download_sessions").await, n("download_log").await, n("download_links").await), (0, 0, 0));
    // A day that is summed anew, as after a change of the time zone, still knows.
    test.run("UPDATE sales_days SET summed_until = 0").await;
    shop::analytics::sales::sum_days(&test.shop).await.unwrap();
    assert_eq!(n_downloads().await, 2);
}

#[on_both_databases]
async fn orders_that_nobody_paid_go_with_all_that_is_theirs(engine: Engine) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let test = TestShop::open(engine).await;
    test.stock().await;
    let paid = test.start("a-gift", "free", 1).await;
    let unpaid = test.start("a-book", "plain", 2).await;
    let disputed = test.start("a-book", "rich", 1).await;
    test.work().await;
    test.run("UPDATE orders SET status = 'expired' WHERE status = 'pending'").await;
    test.run(&format!(
        "INSERT INTO disputes (id, store_id, order_id, provider_id, status, amount, created_at, updated_at) SELECT id, store_id, id, 'dp_1', 'lost', 1, 0, 0 FROM orders WHERE public_id = '{}'",
        disputed.public_id
    ))
    .await;
    shop::orders::add_note(&test.shop, &shop::accounts::audit::Actor::operator(), &unpaid.public_id, "Asked by phone.", None)
        .await
        .unwrap();
    let n = async |sql: &str| test.count(&format!("SELECT COUNT(*) AS n FROM {sql}")).await;
    test.advance(179 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("orders").await, 3);
    test.advance(2 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("orders").await, 2);
    for table in ["order_items", "order_events", "order_notes", "promotion_uses"] {
        assert_eq!(n(&format!("{table} t WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = t.order_id)")).await, 0, "{table}");
    }
    assert_eq!(n("order_notes").await, 0);
    for kept in [&paid, &disputed] {
        shop::orders::load(&test.shop, &kept.public_id, &kept.access_key).await.unwrap();
    }
    assert!(matches!(shop::orders::load(&test.shop, &unpaid.public_id, &unpaid.access_key).await, Err(shop::Error::NotFound)));
}
