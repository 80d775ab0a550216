//! What is done after the request: side by side, each once, and never given up in silence.

use crate::support::{Engine, TestShop};
use domain::pages::settings::{SaleMails, StoreSettings};
use futures::future::BoxFuture;
use shop::Shop;
use shop::accounts::audit::Actor;
use shop::jobs::mail::{Mail, MailError, Mailer, MemoryMailer};
use shop::jobs::{Patience, run_once, run_until, run_with};
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
pub(super) fn worker(test: &TestShop, mail: Arc<dyn Mailer>) -> Shop {
    Shop { mail, wake: Arc::default(), ..test.shop.clone() }
}

/// Waits until something has happened; a test that waits in vain fails by its time limit.
pub(super) async fn until(mut has_happened: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !has_happened().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), waiting).await.expect("it happens in the end");
}

async fn order_gifts(test: &TestShop, n: usize) {
    test.stock().await;
    // What is counted here are the mails to those who ordered.
    let quiet = |settings: &mut StoreSettings| settings.sale_mails = SaleMails::Never;
    shop::stores::settings::change(&test.shop, &Actor::operator(), None, quiet).await.unwrap();
    for n in 0..n {
        test.start_for(&format!("reader{n}@example.com"), "a-gift", "free").await;
    }
}

async fn n_mailed(test: &TestShop) -> i64 {
    test.count("jobs WHERE kind = 'order_mail' AND state = 'done'").await
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
    until(async || test.count("payments").await == 1).await;
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
    until(async || test.count("inbox_events WHERE id = 'evt_1' AND attempts = 1").await == 1).await;
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
    until(async || test.count("jobs WHERE last_error IS NOT NULL AND lease_until = 0").await == 1).await;
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
        assert_eq!(test.count("inbox_events WHERE state = 'received'").await, 1, "{status}");
        test.advance(60_000);
    }
    test.work().await;
    assert_eq!(test.count("payments").await, 1);
}

#[on_both_databases]
async fn the_owner_is_told_once_of_an_event_that_is_given_up(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.receive("evt_1", "checkout.session.completed", "cs_test_nowhere").await;
    for _ in 0..3 {
        test.work().await;
        test.advance(3_600_000);
    }
    assert_eq!(test.count("inbox_events WHERE state = 'dead'").await, 1);
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
    assert_eq!(test.count("inbox_events WHERE state = 'dead'").await, 1);
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
    assert_eq!(test.count("jobs WHERE state = 'dead'").await, 1);
}

#[on_both_databases]
async fn an_alert_that_is_given_up_makes_no_other(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|_, _| async { Err(MailError::Permanent("550 5.1.1 nobody is there".to_owned())) });
    let shop = worker(&test, post.clone());
    while run_once(&shop).await.unwrap() > 0 {}
    assert_eq!(post.n_asked(), 2, "the order's mail and one alert");
    assert_eq!(test.count("jobs").await, 2);
    assert_eq!(test.count("jobs WHERE state = 'dead'").await, 2);
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
    assert_eq!(test.count("order_events WHERE kind = 'mailed'").await, 1, "the next one is written again");
}

#[on_both_databases]
async fn a_mail_that_does_not_end_goes_back_to_the_queue(engine: Engine) {
    let test = TestShop::open(engine).await;
    order_gifts(&test, 1).await;
    let post = Post::new(|n, _| async move { if n == 1 { std::future::pending().await } else { Ok(()) } });
    let patience = Patience { for_a_piece: Duration::from_millis(1_000), ..Patience::default() };
    let running = tokio::spawn(run_with(worker(&test, post.clone()), patience, std::future::pending()));
    until(async || test.count("jobs WHERE last_error LIKE '%did not end%' AND lease_until = 0").await == 1).await;
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
