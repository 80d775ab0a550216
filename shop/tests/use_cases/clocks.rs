//! Clocks that are wrong: of this machine, of the database's, of one replica among several.

use crate::support::{Engine, TestShop, WEBHOOK_SECRET};
use domain::clock::WrongClock;
use rstest::rstest;
use shop::catalog::FileRole;
use shop::files::uploads::{NewUpload, begin, cancel};
use shop::jobs::mail::{Mail, MailError, Mailer, MemoryMailer};
use shop::jobs::run_once;
use shop::payments::stripe::webhook::{WebhookRefusal, receive};
use shop::{Clock, Error, Shop, jobs::clocks};
use shop_testing::on_both_databases;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const PAYS: &str = "4242424242424242";
const TEN_MINUTES_MS: i64 = 10 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Brings an event that Stripe signed just now, by the true time.
async fn bring(shop: &Shop, id: &str) -> Result<(), WebhookRefusal> {
    let body = format!(r#"{{"id":"{id}","type":"charge.refunded","livemode":false,"data":{{"object":{{"id":"ch_1"}}}}}}"#);
    let time = Clock::System.now_ms() / 1000;
    let mac = shop::base::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[time.to_string().as_bytes(), b".", body.as_bytes()]);
    receive(shop, Some(&format!("t={time},v1={}", data_encoding::HEXLOWER.encode(&mac))), body.as_bytes()).await
}

/// Sets the shop's clock, which makes it wrong or right.
fn set_by(test: &TestShop, shift_ms: i64) {
    test.clock.fetch_add(shift_ms, Ordering::SeqCst);
}

async fn seen(test: &TestShop) -> Vec<WrongClock> {
    clocks::look(&test.shop).await.unwrap();
    shop::jobs::health::report(&test.shop).await.unwrap().clocks
}

async fn n_told(test: &TestShop) -> i64 {
    test.count("jobs WHERE kind = 'alert' AND dedupe_key LIKE 'clock:%'").await
}

#[on_both_databases]
async fn webhooks_that_are_refused_for_their_time_tell_of_the_clock_until_it_is_right(engine: Engine) {
    let test = TestShop::open(engine).await;
    set_by(&test, TEN_MINUTES_MS);
    for id in ["evt_1", "evt_2"] {
        let refusal = bring(&test.shop, id).await.unwrap_err();
        assert!(matches!(refusal, WebhookRefusal::OtherTime { ahead_secs: 599..=660 }), "{refusal}");
    }
    assert_eq!(test.count("inbox_events").await, 0);
    let clocks = seen(&test).await;
    assert_eq!(clocks.len(), 1);
    assert!(clocks[0].what().contains("ahead of Stripe's. 2 webhooks were refused"), "{}", clocks[0].what());
    assert!(clocks[0].to_do().contains("NTP"));
    // It is told once, and a minute later it is still so many.
    let later = seen(&test).await;
    assert_eq!((later.len(), later[0].n_refused), (1, 2));
    assert_eq!(n_told(&test).await, 1);
    test.work().await;
    let mails = test.mail.sent();
    assert!(mails.iter().any(|mail| mail.text.contains("ahead of Stripe's") && mail.text.contains("NTP")), "{mails:?}");
    set_by(&test, -TEN_MINUTES_MS);
    bring(&test.shop, "evt_3").await.unwrap();
    assert_eq!(seen(&test).await, []);
}

#[on_both_databases]
async fn an_old_webhook_that_is_sent_again_says_nothing_of_a_clock_that_is_right(engine: Engine) {
    let test = TestShop::open(engine).await;
    let body = br#"{"id":"evt_1","type":"charge.refunded"}"#;
    let time = Clock::System.now_ms() / 1000 - 3_600;
    let mac = shop::base::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[time.to_string().as_bytes(), b".", body]);
    let header = format!("t={time},v1={}", data_encoding::HEXLOWER.encode(&mac));
    let refusal = receive(&test.shop, Some(&header), body).await.unwrap_err();
    assert!(matches!(refusal, WebhookRefusal::OtherTime { ahead_secs: 3_600.. }), "{refusal}");
    assert_eq!(seen(&test).await, []);
    assert_eq!(n_told(&test).await, 0);
}

#[rstest]
#[case::ahead(DAY_MS, "ahead of Stripe's")]
#[case::behind(-DAY_MS, "behind Stripe's")]
#[tokio::test]
async fn any_answer_of_stripes_tells_of_the_clock(#[case] shift_ms: i64, #[case] words: &str) {
    let test = TestShop::open(Engine::Sqlite).await;
    let check = shop::stores::settings::check_stripe(&test.shop).await.unwrap();
    assert_eq!(check.clock_trouble, None);
    assert_eq!(seen(&test).await, []);
    set_by(&test, shift_ms);
    let clocks = seen(&test).await;
    assert!(clocks.len() == 1 && clocks[0].what().contains(words), "{clocks:?}");
    let trouble = shop::stores::settings::check_stripe(&test.shop).await.unwrap().clock_trouble.unwrap();
    assert!(trouble.contains(words) && trouble.contains("NTP"), "{trouble}");
}

#[tokio::test]
async fn a_database_whose_clock_is_wrong_is_told_from_a_machine_whose_is() {
    let test = TestShop::open(Engine::Postgres).await;
    test.shop.stripe.account_id().await.unwrap();
    let database_clock = Arc::new(AtomicI64::new(Clock::System.now_ms() - TEN_MINUTES_MS));
    let shop = Shop { db: test.shop.db.clone().with_clock(Clock::Fixed(database_clock.clone())), ..test.shop.clone() };
    clocks::look(&shop).await.unwrap();
    let wrong = clocks::wrong(&shop).await.unwrap();
    assert!(wrong.len() == 1 && wrong[0].what().starts_with("The database's clock is 10 minutes behind that of "), "{wrong:?}");
    database_clock.fetch_add(TEN_MINUTES_MS, Ordering::SeqCst);
    clocks::look(&shop).await.unwrap();
    assert_eq!(clocks::wrong(&shop).await.unwrap(), []);
}

#[tokio::test]
async fn a_machine_that_is_gone_is_forgotten() {
    let test = TestShop::open(Engine::Postgres).await;
    let seen_at = test.shop.clock.now_ms();
    test.run(&format!(
        "INSERT INTO wrong_clocks (machine, seen_at, ahead_of_database_ms, n_refused) VALUES ('web-9', {seen_at}, 60000, 0)"
    ))
    .await;
    assert!(clocks::wrong(&test.shop).await.unwrap()[0].what().contains("web-9 is 60 seconds ahead of the database's"));
    test.advance(TEN_MINUTES_MS);
    assert_eq!(clocks::wrong(&test.shop).await.unwrap(), []);
}

/// Two machines with one PostgreSQL, which has its own time: one has the right clock, the other's is ahead by more than any lease.
struct TwoMachines {
    test: TestShop,
    right: Shop,
    ahead: Shop,
    mails_of_ahead: Arc<MemoryMailer>,
}

impl TwoMachines {
    async fn open(mail: Arc<dyn Mailer>) -> Self {
        let test = TestShop::open(Engine::Postgres).await;
        test.stock().await;
        let machine = async |shift_ms: i64, mail: Arc<dyn Mailer>| {
            let clock = Clock::Fixed(Arc::new(AtomicI64::new(Clock::System.now_ms() + shift_ms)));
            let db = shop::base::database::connect(&test.database_url).await.unwrap();
            Shop { db, clock, mail, wake: Arc::default(), ..test.shop.clone() }
        };
        let mails_of_ahead = Arc::new(MemoryMailer::default());
        let (right, ahead) = (machine(0, mail).await, machine(TEN_MINUTES_MS, mails_of_ahead.clone()).await);
        Self { right, ahead, mails_of_ahead, test }
    }

    async fn order_gift(&self, shop: &Shop, email: &str) {
        let request = shop::checkout::StartCheckout { email: email.to_owned(), ..self.test.request("a-gift", "free", 1) };
        shop::checkout::start(shop, request).await.unwrap();
    }
}

/// A mail server that lets another machine look for work while it has a mail in its hands.
#[derive(Default)]
struct SlowPost {
    other: Mutex<Option<Shop>>,
    found_by_other: AtomicI64,
    taken: MemoryMailer,
}

#[async_trait::async_trait]
impl Mailer for SlowPost {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let other = self.other.lock().unwrap().clone();
        if let Some(other) = other {
            self.found_by_other.fetch_add(run_once(&other).await.unwrap() as i64, Ordering::SeqCst);
        }
        self.taken.send(mail).await
    }
}

#[tokio::test]
async fn a_machine_whose_clock_is_ahead_sends_no_mail_that_another_is_sending() {
    let post = Arc::new(SlowPost::default());
    let machines = TwoMachines::open(post.clone()).await;
    machines.order_gift(&machines.right, "reader@example.com").await;
    *post.other.lock().unwrap() = Some(machines.ahead.clone());
    assert_eq!(run_once(&machines.right).await.unwrap(), 1);
    assert_eq!(post.found_by_other.load(Ordering::SeqCst), 0);
    assert_eq!((post.taken.sent().len(), machines.mails_of_ahead.sent().len()), (1, 0));
    assert_eq!(machines.test.sum("attempts", "jobs WHERE kind = 'order_mail' AND state = 'done'").await, 1);
}

#[tokio::test]
async fn what_a_machine_whose_clock_is_ahead_leaves_to_do_is_due_for_all() {
    let post = Arc::new(MemoryMailer::default());
    let machines = TwoMachines::open(post.clone()).await;
    machines.order_gift(&machines.ahead, "reader@example.com").await;
    assert_eq!(run_once(&machines.right).await.unwrap(), 1);
    assert_eq!(post.sent().len(), 1);
    // A webhook at its door as well.
    let shop = &machines.ahead;
    let time = shop.clock.now_ms() / 1000;
    let body = br#"{"id":"evt_1","type":"nothing.known","livemode":false,"data":{"object":{"id":"x_1"}}}"#;
    let mac = shop::base::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[time.to_string().as_bytes(), b".", body]);
    receive(shop, Some(&format!("t={time},v1={}", data_encoding::HEXLOWER.encode(&mac))), body).await.unwrap();
    assert_eq!(run_once(&machines.right).await.unwrap(), 1);
}

#[tokio::test]
async fn a_machine_whose_clock_is_ahead_takes_no_event_that_another_is_asking_stripe_about() {
    let machines = TwoMachines::open(Arc::new(MemoryMailer::default())).await;
    let test = &machines.test;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    let silence = r#"{"route":"GET /v1/checkout/sessions","kind":"timeout","times":9}"#;
    assert_eq!(test.ask_emulator("/_emulator/faults", silence).await, 204);
    let right = machines.right.clone();
    let asking = tokio::spawn(async move { run_once(&right).await });
    test.eventually("inbox_events WHERE id = 'evt_1' AND attempts = 1", 1).await;
    assert_eq!(run_once(&machines.ahead).await.unwrap(), 0);
    assert_eq!(test.sum("attempts", "inbox_events WHERE id = 'evt_1'").await, 1);
    asking.abort();
}

#[tokio::test]
async fn a_machine_whose_clock_is_ahead_ends_no_upload_that_another_is_finishing() {
    let machines = TwoMachines::open(Arc::new(MemoryMailer::default())).await;
    let new = NewUpload {
        product: "a-book".to_owned(),
        role: FileRole::Good,
        name: "more.pdf".to_owned(),
        title: String::new(),
        size_bytes: 10,
        sha256: None,
        variants: Vec::new(),
        release: None,
        replaces: None,
        mark: None,
    };
    let upload = begin(&machines.right, new).await.unwrap();
    let until = Clock::System.now_ms() + 100_000;
    machines.test.run(&format!("UPDATE uploads SET state = 'finishing', lease_until = {until}")).await;
    let refused = cancel(&machines.ahead, &upload.id).await.unwrap_err();
    assert!(matches!(&refused, Error::Conflict(refusal) if refusal.code == "upload_finished"), "{refused:?}");
    machines.test.run("UPDATE uploads SET lease_until = 0").await;
    cancel(&machines.ahead, &upload.id).await.unwrap();
}

/// Reads Stripe's list and tells how many orders are paid.
async fn n_paid_by_list(test: &TestShop) -> i64 {
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
    test.count("orders WHERE status = 'paid'").await
}

#[on_both_databases]
async fn a_clock_that_was_ahead_steps_over_nothing_in_stripes_list(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (first, second) = (test.start("a-book", "plain", 1).await, test.start("a-book", "rich", 1).await);
    set_by(&test, DAY_MS);
    assert_eq!(n_paid_by_list(&test).await, 0);
    test.pay(&first, PAYS).await;
    set_by(&test, -DAY_MS);
    assert_eq!(n_paid_by_list(&test).await, 1);
    // An older release wrote how far the list was read by its own clock.
    let ahead = (Clock::System.now_ms() + DAY_MS) / 1000;
    test.run(&format!("UPDATE stores SET events_read_until = {ahead}")).await;
    test.pay(&second, PAYS).await;
    assert_eq!(n_paid_by_list(&test).await, 2);
    assert_eq!(test.count(&format!("stores WHERE events_read_until >= {ahead}")).await, 0);
}
