//! Figures: computed by hand on days of the store's own clock, and the same from rows and from sums whatever happens.

mod visitors;

use crate::support::{Engine, TestShop};
use domain::id::Id;
use domain::pages::analytics::{Breakdown, By, Figures, Interval, Summary};
use domain::word::Word;
use sea_orm::ConnectionTrait;
use shop::accounts::audit::Actor;
use shop::analytics::sales::sum_days;
use shop::analytics::visits::{self, View};
use shop::analytics::{RangeQuery, breakdown, summary};
use shop::base::database::{execute, statement};
use shop::base::world::new_id;
use shop::checkout::promotions::NewPromotion;
use shop::stores::calendar::{Calendar, parse_day};
use shop_testing::on_both_databases;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

const MINUTE: i64 = 60_000;

/// A shop in a time zone, at a minute of its wall clock.
struct Office {
    test: TestShop,
    calendar: Calendar,
    book: Id,
    gift: Id,
}

/// An order that is written straight into the books.
struct Sold<'a> {
    at: &'a str,
    customer: &'a str,
    /// Product, pieces, amount of the line before what is taken off, and that.
    lines: &'a [(bool, i64, i64, i64)],
    country: &'a str,
    referrer: &'a str,
    promotion: Option<Id>,
}

const PLAIN: Sold<'_> = Sold { at: "", customer: "ada", lines: &[(true, 1, 500, 0)], country: "US", referrer: "", promotion: None };

impl Office {
    async fn open(engine: Engine, zone: &str, now: &str) -> Self {
        let test = TestShop::open(engine).await;
        test.stock().await;
        test.run(&format!("UPDATE stores SET time_zone = '{zone}'")).await;
        let calendar = Calendar::parse(zone).unwrap();
        test.clock.store(calendar.parse_minute(now).unwrap(), Ordering::SeqCst);
        // What was put on the shelves just now was there on that day already.
        test.run("UPDATE products SET published_at = 1").await;
        let (book, gift) = (id_of(&test, "a-book").await, id_of(&test, "a-gift").await);
        Self { test, calendar, book, gift }
    }

    fn at(&self, text: &str) -> i64 {
        self.calendar.parse_minute(text).unwrap()
    }

    async fn promotion(&self, name: &str) -> Id {
        let new = NewPromotion { name: Some(name.to_owned()), percent_off: Some(10), ..NewPromotion::default() };
        shop::checkout::promotions::create(&self.test.shop, &Actor::operator(), new, None).await.unwrap().id
    }

    async fn customer(&self, name: &str) -> Id {
        let (db, store) = (&self.test.shop.db, self.test.shop.settings.store_id);
        let sql = "INSERT INTO customers (id, store_id, email, email_normalized, created_at) VALUES ($1, $2, $3, $3, 0) ON CONFLICT \
            (store_id, email_normalized) DO UPDATE SET name = '' RETURNING id";
        let row = db.writer().query_one_raw(statement(db, sql, [new_id().into(), store.into(), name.into()])).await.unwrap();
        row.unwrap().try_get("", "id").unwrap()
    }

    async fn sell(&self, sold: Sold<'_>) -> (Id, Vec<Id>) {
        let (db, store) = (&self.test.shop.db, self.test.shop.settings.store_id);
        let (id, at) = (new_id(), self.at(sold.at));
        let subtotal: i64 = sold.lines.iter().map(|line| line.2).sum();
        let discount: i64 = sold.lines.iter().map(|line| line.3).sum();
        let sql = "INSERT INTO orders (id, store_id, public_id, access_nonce, status, livemode, email, email_normalized, customer_id, \
            currency, amount_subtotal, amount_discount, amount_total, amount_paid, created_at, paid_at, referrer, country) \
                   VALUES ($1, $2, $3, $4, 'paid', FALSE, $5, $5, $6, 'USD', $7, $8, $9, $9, $10, $10, $11, $12)";
        let values = [
            id.into(),
            store.into(),
            id.simple().to_string().into(),
            vec![0u8].into(),
            sold.customer.into(),
            self.customer(sold.customer).await.into(),
            subtotal.into(),
            discount.into(),
            (subtotal - discount).into(),
            at.into(),
            sold.referrer.into(),
            sold.country.into(),
        ];
        execute(db, sql, values).await.unwrap();
        let mut items = Vec::new();
        for (position, (is_book, quantity, amount, off)) in sold.lines.iter().enumerate() {
            let item = new_id();
            let product = if *is_book { self.book } else { self.gift };
            let sql = "INSERT INTO order_items (id, store_id, order_id, product_id, variant_id, product_slug, product_title, variant_key, \
                variant_name, terms, quantity, unit_amount, amount_discount, position) \
                       VALUES ($1, $2, $3, $4, $4, 'x', 'x', 'x', 'x', 'personal', $5, $6, $7, $8)";
            let values = [
                item.into(),
                store.into(),
                id.into(),
                product.into(),
                (*quantity).into(),
                (amount / quantity).into(),
                (*off).into(),
                (position as i64).into(),
            ];
            execute(db, sql, values).await.unwrap();
            items.push(item);
        }
        if let Some(promotion) = sold.promotion {
            let sql = "INSERT INTO promotion_uses (id, store_id, promotion_id, order_id, customer_key, once_per_customer, amount, state, \
                created_at) VALUES ($1, $2, $3, $4, $5, FALSE, $6, 'redeemed', $7)";
            let values = [new_id().into(), store.into(), promotion.into(), id.into(), sold.customer.into(), discount.into(), at.into()];
            execute(db, sql, values).await.unwrap();
        }
        (id, items)
    }

    async fn refund(&self, order: Id, item: Option<Id>, amount: i64, at: &str) -> Id {
        let (db, store, id) = (&self.test.shop.db, self.test.shop.settings.store_id, new_id());
        let sql = "INSERT INTO refunds (id, store_id, order_id, order_item_id, amount, state, idempotency_key, created_at, updated_at) \
            VALUES ($1, $2, $3, $4, $5, 'succeeded', $6, $7, $7)";
        let values = [id.into(), store.into(), order.into(), item.into(), amount.into(), id.to_string().into(), self.at(at).into()];
        execute(db, sql, values).await.unwrap();
        id
    }

    /// A dispute that the bank decided for the customer.
    async fn lose(&self, order: Id, amount: i64, at: &str) {
        let (db, store, id) = (&self.test.shop.db, self.test.shop.settings.store_id, new_id());
        let sql = "INSERT INTO disputes (id, store_id, order_id, provider_id, status, amount, created_at, updated_at) VALUES ($1, $2, $3, \
            $4, 'lost', $5, $6, $6)";
        let values = [id.into(), store.into(), order.into(), id.to_string().into(), amount.into(), self.at(at).into()];
        execute(db, sql, values).await.unwrap();
    }

    async fn figures(&self, from: &str, to: &str, interval: Interval) -> Summary {
        let query = RangeQuery { from: Some(from.to_owned()), to: Some(to.to_owned()), interval: Some(interval), range: None };
        summary(&self.test.shop, &query, true).await.unwrap()
    }

    async fn parts(&self, from: &str, to: &str, by: By) -> Breakdown {
        let query = RangeQuery { from: Some(from.to_owned()), to: Some(to.to_owned()), ..RangeQuery::default() };
        breakdown(&self.test.shop, &query, by).await.unwrap()
    }

    /// All that can be asked of these days.
    async fn everything(&self, from: &str, to: &str) -> (Vec<Summary>, Vec<Breakdown>) {
        let (mut figures, mut parts) = (Vec::new(), Vec::new());
        for interval in Interval::all() {
            figures.push(self.figures(from, to, interval).await);
        }
        for by in By::all() {
            parts.push(self.parts(from, to, by).await);
        }
        (figures, parts)
    }

    /// What is true of the days, which is the same from rows, from sums, and from some of each.
    async fn proven(&self, from: &str, to: &str) -> (Vec<Summary>, Vec<Breakdown>) {
        let seen = self.everything(from, to).await;
        sum_days(&self.test.shop).await.unwrap();
        assert_eq!(self.everything(from, to).await, seen, "from the sums");
        self.test.run("UPDATE sales_days SET summed_until = 0 WHERE day % 2 = 0").await;
        assert_eq!(self.everything(from, to).await, seen, "from some of each");
        self.test.run("DELETE FROM sales_days").await;
        assert_eq!(self.everything(from, to).await, seen, "from the rows");
        sum_days(&self.test.shop).await.unwrap();
        seen
    }

    async fn visit(&self, address: u32, product: Option<&str>, referrer: Option<&str>, query: Option<&str>) -> visits::Visitor {
        let address = IpAddr::from(address.to_be_bytes());
        visits::refresh(&self.test.shop).await.unwrap();
        let visitor = visits::visitor(&self.test.shop, address, "Mozilla/5.0").unwrap();
        visits::note(&self.test.shop, &visitor, View { product, referrer, query });
        visitor
    }
}

async fn id_of(test: &TestShop, slug: &str) -> Id {
    let sql = format!("SELECT id FROM products WHERE slug = '{slug}'");
    test.shop.db.query_one_raw(statement(&test.shop.db, sql, [])).await.unwrap().unwrap().try_get("", "id").unwrap()
}

fn money(figures: &Figures) -> (i64, i64, i64) {
    (figures.paid.amount, figures.refunded.amount, figures.revenue().amount)
}

fn counts(figures: &Figures) -> (i64, i64, i64, i64) {
    (figures.n_orders, figures.n_sales, figures.n_new_customers, figures.n_returning())
}

fn rows(parts: &Breakdown) -> Vec<(&str, i64, i64)> {
    parts.rows.iter().map(|row| (row.name.as_str(), row.n_orders, row.revenue().amount)).collect()
}

fn wanted(variant: &str) -> shop::checkout::carts::Wanted<'_> {
    shop::checkout::carts::Wanted { product: "a-book", variant: Some(variant), quantity: 1, price: "" }
}

#[on_both_databases]
async fn figures_are_those_that_a_person_computes_on_the_day_that_the_clocks_change(engine: Engine) {
    // In Auckland the 27th of September 2026 has 23 hours; it begins at noon of the 26th in UTC.
    let office = Office::open(engine, "Pacific/Auckland", "2026-09-29T10:00").await;
    let launch = office.promotion("Launch").await;
    let sale = |at| Sold { at, ..PLAIN };
    office.sell(sale("2026-09-26T23:59")).await;
    let (_, _) = office.sell(Sold { customer: "ben", country: "NZ", ..sale("2026-09-27T00:00") }).await;
    let lines = [(true, 2, 1800, 180), (false, 1, 200, 20)];
    let (mixed, items) = office
        .sell(Sold { lines: &lines, promotion: Some(launch), referrer: "news.example", country: "NZ", ..sale("2026-09-27T23:59") })
        .await;
    office.sell(Sold { lines: &[(false, 1, 0, 0)], customer: "cleo", country: "", ..sale("2026-09-28T00:00") }).await;
    office.refund(mixed, None, 900, "2026-09-28T09:00").await;
    office.refund(mixed, Some(items[1]), 100, "2026-09-28T09:01").await;

    let (figures, parts) = office.proven("2026-09-26", "2026-09-28").await;
    let days: Vec<_> = figures[0].points.iter().map(|point| (point.period.from.as_str(), money(&point.figures))).collect();
    assert_eq!(days, [("2026-09-26", (500, 0, 500)), ("2026-09-27", (2300, 0, 2300)), ("2026-09-28", (0, 1000, -1000))]);
    let now = figures[0].now;
    assert_eq!((money(&now), counts(&now)), ((2800, 1000, 1800), (4, 3, 3, 1)));
    assert_eq!((now.average().unwrap().amount, now.discounted.amount, now.n_refunds), (933, 200, 2));
    assert_eq!(figures[0].time_zone, "Pacific/Auckland");
    // The week begins on Monday, the 28th.
    let weeks: Vec<_> = figures[1].points.iter().map(|point| (point.period.from.as_str(), point.figures.n_orders)).collect();
    assert_eq!(weeks, [("2026-09-26", 3), ("2026-09-28", 1)]);
    assert_eq!(figures[2].points.len(), 1);
    let before = figures[0].before.as_ref().unwrap();
    assert_eq!((before.period.from.as_str(), before.period.to.as_str(), before.figures.n_orders), ("2026-09-23", "2026-09-25", 0));

    // Of 900 that went back 810 are the book's by what its line cost, and 90 the gift's. Of the 100 that name the gift, it has 90 left.
    assert_eq!(rows(&parts[0]), [("a book", 3, 500 + 500 + 1620 - 810 - 10), ("a gift", 2, 0)]);
    assert_eq!(parts[0].rows[0].n_pieces, Some(4));
    assert_eq!(parts[0].rows[0].key, "a-book");
    assert_eq!(rows(&parts[1]), [("New Zealand", 2, 500 + 1800 - 1000), ("United States of America", 1, 500), ("Not known", 1, 0)]);
    assert_eq!(parts[1].rows[1].key, "US");
    assert_eq!(rows(&parts[2]), [("Without a promotion", 3, 1000), ("Launch", 1, 800)]);
    assert_eq!(parts[2].rows[1].key, launch.simple().to_string());
    assert_eq!(rows(&parts[3]), [("Direct, or not known", 3, 1000), ("news.example", 1, 800)]);
}

#[on_both_databases]
async fn sums_are_those_of_the_rows_whatever_happens(engine: Engine) {
    let office = Office::open(engine, "America/New_York", "2026-03-20T15:00").await;
    let promotions = [None, Some(office.promotion("A").await), Some(office.promotion("B").await)];
    let mut chance: u64 = 0x5eed;
    let mut next = |below: u64| {
        // A sequence of its own, the same each time: https://en.wikipedia.org/wiki/Xorshift
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance % below) as i64
    };
    let mut orders: Vec<(Id, Vec<Id>)> = Vec::new();
    let mut refunds: Vec<(Id, i64)> = Vec::new();
    for round in 0..4 {
        for _ in 0..25 {
            // The clocks go forward on the 8th of March.
            // Some are of the day that goes on, and some of them of the hour that is not summed.
            let at = format!("2026-03-{:02}T{:02}:{:02}", 5 + next(16), next(15), next(60));
            let lines: Vec<(bool, i64, i64, i64)> = (0..=next(3))
                .map(|n| {
                    let (quantity, price) = (1 + next(3), next(900));
                    (n % 2 == 0, quantity, quantity * price, next(1 + (quantity * price) as u64))
                })
                .collect();
            let customer = format!("customer{}", next(12));
            let sold = Sold {
                at: &at,
                customer: &customer,
                lines: &lines,
                country: ["", "US", "DE", "NZ"][next(4) as usize],
                referrer: ["", "news.example", "letter"][next(3) as usize],
                promotion: promotions[next(3) as usize],
            };
            let sold = office.sell(sold).await;
            if next(3) == 0 {
                let item = (next(2) == 0).then(|| sold.1[0]);
                let at = format!("2026-03-{:02}T{:02}:00", 9 + next(11), next(24));
                // A refund of more than a line can't be; of less than it is.
                let refund = office.refund(sold.0, item, 1, &at).await;
                refunds.push((refund, office.at(&at)));
            }
            orders.push(sold);
        }
        if round % 2 == 1 {
            // News that come late: a refund of a summed day fails after all. As in the shop, whoever writes it opens the day.
            for _ in 0..4 {
                let (refund, at) = refunds.swap_remove(next(refunds.len() as u64) as usize);
                office.test.run(&format!("UPDATE refunds SET state = 'failed' WHERE id = {}", literal(engine, refund))).await;
                let day = at.div_euclid(86_400_000);
                office.test.run(&format!("UPDATE sales_days SET summed_until = 0 WHERE day BETWEEN {} AND {}", day - 1, day + 1)).await;
            }
        }
        // New orders fall on days that are summed: the books were written by hand, so they are opened by hand.
        office.test.run("UPDATE sales_days SET summed_until = 0").await;
        let (figures, parts) = office.proven("2026-03-01", "2026-03-20").await;
        let now = figures[0].now;
        assert_eq!(now.n_orders, 25 * (round + 1));
        for parts in &parts {
            assert_eq!(parts.rows.iter().map(|row| row.paid.amount).sum::<i64>(), now.paid.amount, "{:?}", parts.by);
            if parts.by != By::Product {
                assert_eq!(parts.rows.iter().map(|row| row.n_orders).sum::<i64>(), now.n_orders, "{:?}", parts.by);
                assert_eq!(parts.rows.iter().map(|row| row.refunded.amount).sum::<i64>(), now.refunded.amount, "{:?}", parts.by);
            }
        }
        for figures in &figures {
            let sum: i64 = figures.points.iter().map(|point| point.figures.revenue().amount).sum();
            assert_eq!(sum, figures.now.revenue().amount);
        }
        let distinct = "(SELECT DISTINCT customer_id FROM orders WHERE customer_id IS NOT NULL) c";
        assert_eq!(now.n_new_customers, office.test.count(distinct).await, "each customer is new once");
    }
}

fn literal(engine: Engine, id: Id) -> String {
    match engine {
        Engine::Sqlite => format!("X'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'"),
    }
}

#[on_both_databases]
async fn the_day_that_goes_on_is_summed_up_to_an_hour_that_is_over(engine: Engine) {
    // 18:10 in UTC; the day ends at 18:30.
    let office = Office::open(engine, "Asia/Kolkata", "2026-05-10T23:40").await;
    let today = parse_day("2026-05-10").unwrap();
    let summed = async |day: i64| {
        let rows = format!("sales_days WHERE day = {day}");
        (office.test.sum("summed_until", &rows).await, office.test.sum("n_orders", &rows).await)
    };
    for at in ["2026-05-10T00:00", "2026-05-10T22:29", "2026-05-10T22:30", "2026-05-10T23:39"] {
        office.sell(Sold { at, ..PLAIN }).await;
    }
    let n_orders = async || office.proven("2026-05-10", "2026-05-11").await.0[0].now.n_orders;
    assert_eq!(n_orders().await, 4);
    assert_eq!(summed(today).await, (office.at("2026-05-10T22:30"), 2));

    // Whoever is paid in the hour that is not summed is counted at once.
    office.sell(Sold { at: "2026-05-10T22:45", ..PLAIN }).await;
    assert_eq!(n_orders().await, 5);
    office.test.advance(90 * MINUTE);
    office.sell(Sold { at: "2026-05-11T00:20", ..PLAIN }).await;
    assert_eq!(n_orders().await, 6);
    assert_eq!(summed(today).await, (office.at("2026-05-10T23:30"), 4));
    assert_eq!(summed(today + 1).await, (0, 0));

    office.test.advance(30 * MINUTE);
    assert_eq!(n_orders().await, 6);
    assert_eq!(summed(today).await, (office.at("2026-05-11T00:00"), 5));
    assert_eq!(summed(today + 1).await, (office.at("2026-05-11T00:30"), 1));
    // What is summed is not summed again before an hour has passed.
    office.test.run("UPDATE sales_days SET n_orders = n_orders + 100").await;
    sum_days(&office.test.shop).await.unwrap();
    assert_eq!(summed(today + 1).await.1, 101);
}

#[on_both_databases]
async fn another_time_zone_sums_the_days_anew(engine: Engine) {
    let office = Office::open(engine, "UTC", "2026-05-10T12:00").await;
    office.sell(Sold { at: "2026-05-01T20:00", ..PLAIN }).await;
    office.proven("2026-05-01", "2026-05-09").await;
    let n_whole =
        |zone: &str, hours: i64| format!("sales_days WHERE summed_until = (day * 24 + 24 - {hours}) * 3600000 AND time_zone = '{zone}'");
    assert_eq!(office.test.count(&n_whole("UTC", 0)).await, 9);
    // In Tokyo it was the morning after.
    office.test.run("UPDATE stores SET time_zone = 'Asia/Tokyo'").await;
    let days = |summary: Summary| -> Vec<(String, i64)> {
        let sold = summary.points.into_iter().filter(|point| point.figures.n_orders > 0);
        sold.map(|point| (point.period.from, point.figures.n_orders)).collect()
    };
    let expected = [("2026-05-02".to_owned(), 1)];
    assert_eq!(days(office.figures("2026-05-01", "2026-05-09", Interval::Day).await), expected, "before the round");
    sum_days(&office.test.shop).await.unwrap();
    assert_eq!(office.test.count(&n_whole("Asia/Tokyo", 9)).await, 8);
    assert_eq!(days(office.figures("2026-05-01", "2026-05-09", Interval::Day).await), expected, "after it");
}

#[on_both_databases]
async fn an_invalid_range_is_refused(engine: Engine) {
    let office = Office::open(engine, "UTC", "2026-05-10T12:00").await;
    let query = |from: &str, to: &str| RangeQuery { from: Some(from.to_owned()), to: Some(to.to_owned()), ..RangeQuery::default() };
    for (query, expected) in [
        (query("2026-05-02", "2026-05-01"), "range_invalid"),
        (query("1990-01-01", "2026-05-01"), "range_invalid"),
        (query("yesterday", ""), "date_invalid"),
        (query("2026-02-30", ""), "date_invalid"),
        (RangeQuery { range: Some("ever".to_owned()), ..RangeQuery::default() }, "range_invalid"),
        (RangeQuery { interval: Some(Interval::Day), ..query("2020-01-01", "2026-05-01") }, "interval_invalid"),
    ] {
        assert_eq!(summary(&office.test.shop, &query, true).await.unwrap_err().answer().1, expected, "{query:?}");
    }
    let usual = summary(&office.test.shop, &RangeQuery::default(), false).await.unwrap();
    assert_eq!((usual.period.from.as_str(), usual.period.to.as_str(), usual.points.len()), ("2026-04-11", "2026-05-10", 30));
}

#[on_both_databases]
async fn a_paid_order_knows_the_country_of_its_buyer(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.session_of(&started);
    let body = r#"{"card":"4242424242424242","country":"NZ"}"#;
    assert_eq!(test.ask_emulator(&format!("/_emulator/sessions/{session}/pay"), body).await, 200);
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    let parts = breakdown(&test.shop, &RangeQuery::default(), By::Country).await.unwrap();
    assert_eq!(rows(&parts), [("New Zealand", 1, 500)]);
}

#[on_both_databases]
async fn a_lost_dispute_leaves_the_revenue_of_its_day_and_takes_only_what_refunds_have_left(engine: Engine) {
    let office = Office::open(engine, "Europe/Berlin", "2026-09-29T10:00").await;
    let launch = office.promotion("Launch").await;
    let lines = [(true, 1, 1500, 0), (false, 1, 500, 0)];
    let sold = Sold { lines: &lines, promotion: Some(launch), referrer: "news.example", country: "NZ", at: "2026-09-20T10:00", ..PLAIN };
    let (order, items) = office.sell(sold).await;
    office.sell(Sold { at: "2026-09-20T11:00", ..PLAIN }).await;
    office.refund(order, Some(items[1]), 500, "2026-09-21T10:00").await;
    sum_days(&office.test.shop).await.unwrap();
    office.lose(order, 2000, "2026-09-22T23:30").await;

    let (figures, parts) = office.proven("2026-09-20", "2026-09-23").await;
    let days: Vec<_> =
        figures[0].points.iter().map(|point| (money(&point.figures), point.figures.lost.amount, point.figures.n_lost)).collect();
    assert_eq!(days, [((2500, 0, 2500), 0, 0), ((0, 500, -500), 0, 0), ((0, 0, -1500), 1500, 1), ((0, 0, 0), 0, 0)]);
    assert_eq!(rows(&parts[0]), [("a book", 2, 500), ("a gift", 1, 0)]);
    assert_eq!(rows(&parts[1]), [("United States of America", 1, 500), ("New Zealand", 1, 0)]);
    assert_eq!(rows(&parts[2]), [("Without a promotion", 1, 500), ("Launch", 1, 0)]);
    assert_eq!(rows(&parts[3]), [("Direct, or not known", 1, 500), ("news.example", 1, 0)]);
    // Banks that change their minds give it back, whatever was summed.
    office.test.run("UPDATE disputes SET status = 'won'").await;
    assert_eq!(office.figures("2026-09-20", "2026-09-23", Interval::Day).await.now.revenue().amount, 2000);
}
