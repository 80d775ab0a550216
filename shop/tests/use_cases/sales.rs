//! What days brought: the same figures from rows and from sums, whatever happens to a day that is over.

use crate::support::{Engine, TestShop};
use domain::member::Role;
use domain::money::{Currency, Money};
use domain::pages::dashboard::{Sales, SetupStep};
use shop::analytics::sales::sum_days;
use shop::checkout::StartCheckout;
use shop::payments::refunds::{RefundRequest, request};
use shop::stores::dashboard::overview;
use shop_testing::on_both_databases;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;
const PAYS: &str = "4242424242424242";
const REFUND_FAILS: &str = "4000000000005126";

struct Shopped {
    test: TestShop,
    n: u32,
}

impl Shopped {
    async fn open(engine: Engine) -> Self {
        let test = TestShop::open(engine).await;
        test.stock().await;
        // What begins on a day is to end on it. The emulator's clock can't be moved, so midnight is waited for when it is near.
        let left = DAY - test.shop.clock.now_ms() % DAY;
        if left < 30_000 {
            tokio::time::sleep(std::time::Duration::from_millis(left.unsigned_abs())).await;
            test.advance(left);
        }
        // Yesterday is over for good an hour after midnight.
        let since = test.shop.clock.now_ms() % DAY;
        test.advance((2 * HOUR - since).max(0));
        Self { test, n: 0 }
    }

    /// All that happened so far happened so many days earlier.
    async fn age(&self, days: i64) {
        let by = days * DAY;
        self.test.run(&format!("UPDATE orders SET paid_at = paid_at - {by}")).await;
        self.test.run(&format!("UPDATE refunds SET updated_at = updated_at - {by}")).await;
    }

    async fn buys(&mut self, email: &str, variant: &str, card: &str) -> String {
        self.n += 1;
        let refund = StartCheckout { email: email.to_owned(), ..self.test.request("a-book", variant, 1) };
        let started = shop::checkout::start(&self.test.shop, refund).await.unwrap();
        let session = self.test.pay(&started, card).await;
        self.test.receive(&format!("evt_sold_{}", self.n), "checkout.session.completed", &session).await;
        self.test.work().await;
        started.public_id
    }

    async fn refund(&self, order: &str, amount: i64) {
        request(&self.test.shop, RefundRequest { order: order.to_owned(), amount: Some(amount), ..RefundRequest::default() })
            .await
            .unwrap();
        self.test.work().await;
    }

    async fn figures(&self) -> (Sales, Sales) {
        let overview = overview(&self.test.shop, domain::member::Role::Owner).await.unwrap();
        (overview.now.unwrap(), overview.before.unwrap())
    }

    async fn n_whole(&self) -> i64 {
        self.test.count("sales_days WHERE summed_until >= (day + 1) * 86400000").await
    }

    /// The figures, which are the same with and without sums.
    async fn proven_figures(&self) -> (Sales, Sales) {
        let summed = self.figures().await;
        self.test.run("UPDATE sales_days SET summed_until = 0").await;
        assert_eq!(self.figures().await, summed);
        sum_days(&self.test.shop).await.unwrap();
        assert_eq!(self.figures().await, summed);
        summed
    }
}

fn sales(revenue: i64, n_orders: i64, n_new_customers: i64) -> Sales {
    Sales { revenue: Money::new(revenue, Currency::USD), n_orders, n_new_customers, n_downloads: 0 }
}

#[on_both_databases]
async fn figures_are_those_of_the_rows_before_and_after_a_day_is_summed(engine: Engine) {
    let mut shopped = Shopped::open(engine).await;
    shopped.buys("ada@example.com", "plain", PAYS).await;
    let rich = shopped.buys("ben@example.com", "rich", PAYS).await;
    shopped.test.start("a-gift", "free", 1).await;
    shopped.refund(&rich, 300).await;
    let first_day = sales(500 + 900 - 300, 3, 3);
    assert_eq!(shopped.figures().await.0, first_day);
    assert_eq!(shopped.n_whole().await, 0);

    shopped.age(2).await;
    shopped.buys("ada@example.com", "plain", PAYS).await;
    shopped.refund(&rich, 100).await;
    sum_days(&shopped.test.shop).await.unwrap();
    assert_eq!(shopped.n_whole().await, 2, "the day of the sale and the one after, which brought nothing");
    assert_eq!(shopped.proven_figures().await, (sales(1100 + 500 - 100, 4, 3), sales(0, 0, 0)));

    // What was now is before in a month.
    shopped.test.advance(30 * DAY);
    sum_days(&shopped.test.shop).await.unwrap();
    assert_eq!(shopped.n_whole().await, 32);
    assert_eq!(shopped.proven_figures().await, (sales(0, 0, 0), sales(1500, 4, 3)));
}

#[on_both_databases]
async fn a_refund_that_fails_after_its_day_was_summed_opens_the_day_again(engine: Engine) {
    let mut shopped = Shopped::open(engine).await;
    let order = shopped.buys("ada@example.com", "rich", REFUND_FAILS).await;
    shopped.refund(&order, 900).await;
    shopped.age(1).await;
    sum_days(&shopped.test.shop).await.unwrap();
    assert_eq!((shopped.n_whole().await, shopped.figures().await.0), (1, sales(0, 1, 1)));

    shopped.test.ask_emulator("/_emulator/settle", "").await;
    let refund = shopped.test.get_stripe("/v1/refunds").await["data"][0]["id"].as_str().unwrap().to_owned();
    shopped.test.receive("evt_failed", "refund.failed", &refund).await;
    // The day is summed again and again while events come in.
    let closing = async {
        for _ in 0..20 {
            sum_days(&shopped.test.shop).await.unwrap();
        }
    };
    tokio::join!(closing, shopped.test.work());
    sum_days(&shopped.test.shop).await.unwrap();
    assert_eq!(shopped.n_whole().await, 1);
    assert_eq!(shopped.proven_figures().await.0, sales(900, 1, 1));
}

#[on_both_databases]
async fn an_order_that_was_paid_twice_is_one_sale(engine: Engine) {
    let mut shopped = Shopped::open(engine).await;
    let order = shopped.buys("ada@example.com", "plain", PAYS).await;
    let sql = format!("SELECT checkout_session_id AS id FROM orders WHERE public_id = '{order}'");
    let test = &shopped.test;
    let row =
        sea_orm::ConnectionTrait::query_one_raw(&test.shop.db, shop::base::database::statement(&test.shop.db, sql, [])).await.unwrap();
    let session: String = row.unwrap().try_get("", "id").unwrap();
    let store = test.shop.settings.store_id.simple().to_string();
    let fields = format!("client_reference_id={order}&metadata[order]={order}&metadata[store]={store}");
    let second = test.copy_paid_session(&session, &fields, PAYS).await;
    test.receive("evt_second", "checkout.session.completed", &second).await;
    test.work().await;
    assert_eq!(test.count("refunds WHERE state = 'succeeded'").await, 1);
    assert_eq!(shopped.figures().await.0, sales(500, 1, 1));
}

#[on_both_databases]
async fn a_new_shop_is_told_what_it_lacks_until_it_has_it(engine: Engine) {
    use SetupStep::{Mail, Policies, Product, Seller, Stripe, Support};
    let mut shopped = Shopped::open(engine).await;
    let shop = shopped.test.shop.clone();
    let lacks = async |role| {
        let steps = overview(&shop, role).await.unwrap().setup;
        steps.into_iter().filter(|(_, is_done)| !is_done).map(|(step, _)| step).collect::<Vec<_>>()
    };
    assert_eq!(lacks(Role::Owner).await, [Stripe, Mail, Support, Seller, Policies]);
    assert_eq!(lacks(Role::Analyst).await, [], "who can't set it is not asked for it");
    shopped.test.run("UPDATE products SET status = 'draft'").await;
    assert_eq!(lacks(Role::Owner).await[0], Product);
    shopped.test.run("UPDATE products SET status = 'published'").await;
    shopped.buys("ada@example.com", "plain", PAYS).await;
    assert_eq!(lacks(Role::Owner).await, [Support, Seller, Policies], "an order that was paid came by Stripe and went out by mail");
    let by = shop::accounts::audit::Actor::operator();
    let filled = |settings: &mut domain::pages::settings::StoreSettings| {
        settings.support_email = Some("help@example.com".to_owned());
        settings.legal_name = "Ada Ltd".to_owned();
        (settings.terms_text, settings.privacy_text, settings.refund_text) = ("a".to_owned(), "b".to_owned(), "c".to_owned());
    };
    shop::stores::settings::change(&shop, &by, None, filled).await.unwrap();
    let overview = overview(&shop, Role::Owner).await.unwrap();
    assert_eq!(overview.setup, [], "nothing is left to say");
    let best: Vec<(&str, Option<i64>)> = overview.best.iter().map(|row| (row.key.as_str(), row.n_pieces)).collect();
    assert_eq!((best, overview.n_undelivered, overview.n_failed_refunds), (vec![("a-book", Some(1))], 0, 0));
    assert_eq!(overview.sales.unwrap().points.len(), 30);
}
