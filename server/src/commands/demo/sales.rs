//! Three months of made-up sales, so that every chart and list of the demo is seen alive.
//!
//! Nothing is written past the shop. A clock that is set makes visitors come, buy, ask for refunds and dispute a payment, day by
//! day, at a Stripe emulator in the same time. So what the dashboard shows can be refunded, searched and opened like the rest.

mod people;

use crate::commands::admin::told;
use anyhow::Context;
use fastrand::Rng;
use people::{Buyer, SOURCES, Source, TIERS};
use shop::accounts::audit::Actor;
use shop::analytics::visits::{self, View, Visitor};
use shop::checkout::carts::{self, Wanted};
use shop::checkout::promotions::{self, NewPromotion};
use shop::checkout::{CheckoutItem, StartCheckout, StartedCheckout};
use shop::fulfillment::downloads::{self, Visit};
use shop::jobs::mail::{Mail, MailError, Mailer};
use shop::payments::refunds::{self, RefundRequest};
use shop::{Clock, Shop};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use stripe_emulator::{Emulator, Options, Payment};
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

const N_DAYS: i64 = 90;
const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// The same shop each time.
const SEED: u64 = 20;
const CARD: &str = "4242424242424242";
const DISPUTED_CARD: &str = "4000000000000259";
/// The day, counted from the end, on which a payment is made that is disputed.
const DISPUTED_DAY: i64 = 3;
const CODE: &str = "READER20";
const BROWSER: &str = "Mozilla/5.0";

/// Fills a shop without products with the sample, and with what was sold of it.
///
/// # Errors
/// A state file that can't be read, and whatever the shop itself answers.
pub async fn make_up(shop: &Shop, state_file: &Path) -> anyhow::Result<()> {
    let end = shop.clock.now_ms() - MINUTE_MS;
    let now = Arc::new(AtomicI64::new(end - (N_DAYS + 1) * DAY_MS));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let stripe_url = format!("http://{}", listener.local_addr()?);
    let options = Options { state_file: Some(state_file.to_owned()), now: Some(now.clone()), ..Options::default() };
    let emulator = Emulator::new(options)?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(emulator.clone().serve(listener, async {
        stopped.await.ok();
    }));
    let past = Past {
        shop: shop_of_then(shop, &stripe_url, &now)?,
        emulator,
        now,
        rng: Rng::with_seed(SEED),
        has_dispute: false,
        sold: Vec::new(),
    };
    // A log of three months ago would hide where the shop is.
    past.run(end).with_subscriber(NoSubscriber::default()).await?;
    stop.send(()).ok();
    serving.await?
}

/// The shop on a clock that is set; its mails go nowhere.
fn shop_of_then(shop: &Shop, stripe_url: &str, now: &Arc<AtomicI64>) -> anyhow::Result<Shop> {
    let clock = Clock::Fixed(now.clone());
    Ok(Shop {
        db: shop.db.clone().with_clock(clock.clone()),
        stripe: shop::payments::stripe::connect("sk_test_demo", stripe_url)?,
        mail: Arc::new(Nowhere),
        clock,
        wake: Arc::default(),
        catalog_changes: Arc::default(),
        memos: Arc::default(),
        visits: Arc::default(),
        transfers: Arc::default(),
        clocks: Arc::default(),
        ..shop.clone()
    })
}

struct Nowhere;

#[async_trait::async_trait]
impl Mailer for Nowhere {
    async fn send(&self, _mail: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}

struct Past {
    shop: Shop,
    emulator: Emulator,
    now: Arc<AtomicI64>,
    rng: Rng,
    has_dispute: bool,
    /// Orders that may be refunded.
    sold: Vec<String>,
}

impl Past {
    async fn run(mut self, end: i64) -> anyhow::Result<()> {
        if shop::catalog::sample::load(&self.shop).await.map_err(told)? == 0 {
            return Ok(());
        }
        println!("\n  Filling the shop with three months of made-up sales, which takes some ten seconds …");
        let discount = NewPromotion {
            code: Some(CODE.to_owned()),
            name: Some("Newsletter readers".to_owned()),
            percent_off: Some(20),
            ..NewPromotion::default()
        };
        promotions::create(&self.shop, &Actor::operator(), discount, None).await.map_err(told)?;
        for days_ago in (0..N_DAYS).rev() {
            self.day(end, days_ago).await?;
        }
        // The charts are there when the owner first looks.
        self.set(end);
        shop::jobs::reconcile_once(&self.shop).await.map_err(told)
    }

    fn set(&self, instant: i64) {
        self.now.store(instant, Ordering::SeqCst);
    }

    async fn day(&mut self, end: i64, days_ago: i64) -> anyhow::Result<()> {
        let start = end - (days_ago + 1) * DAY_MS;
        // More from month to month, and fewer on weekends.
        let is_weekend = matches!((start / DAY_MS + 4) % 7, 0 | 6);
        let n_usual = 16 + (N_DAYS - days_ago) / 4;
        let n_visitors = if is_weekend { n_usual * 2 / 3 } else { n_usual } + self.rng.i64(-5..=5);
        let gap = DAY_MS / (n_visitors + 1);
        for n in 0..n_visitors {
            self.set(start + gap * (n + 1));
            self.visit(days_ago).await?;
        }
        visits::flush(&self.shop).await.map_err(told)?;
        if days_ago % 6 == 4 {
            self.refund().await?;
        }
        shop::jobs::read_events(&self.shop).await.map_err(told)?;
        self.work().await
    }

    /// Mails go out, events are handled.
    async fn work(&self) -> anyhow::Result<()> {
        while shop::jobs::run_once(&self.shop).await.map_err(told)? > 0 {}
        Ok(())
    }

    /// Somebody looks around, and perhaps buys.
    async fn visit(&mut self, days_ago: i64) -> anyhow::Result<()> {
        visits::refresh(&self.shop).await.map_err(told)?;
        let source = people::weighted(&mut self.rng, SOURCES, |source| source.weight);
        let address = IpAddr::V4(Ipv4Addr::from_bits(self.rng.u32(0x0b00_0000..0xdf00_0000)));
        let Some(visitor) = visits::visitor(&self.shop, address, BROWSER) else { return Ok(()) };
        let (tier, _) = *people::weighted(&mut self.rng, TIERS, |(_, weight)| *weight);
        let (product, variant) = tier.split_once('/').context("a tier is named as product/variant")?;
        self.look(&visitor, source, None);
        self.look(&visitor, source, Some(product));
        for _ in 0..self.rng.u8(0..3) {
            let (other, _) = TIERS[self.rng.usize(..TIERS.len())];
            self.look(&visitor, source, other.split('/').next());
        }
        let chance = self.rng.u8(0..100);
        // Of these, some leave their cart and some the payment page.
        if chance < 11 {
            self.buy(&visitor, source, (product, variant), address, (chance, days_ago)).await?;
        }
        Ok(())
    }

    fn look(&self, visitor: &Visitor, source: &Source, product: Option<&str>) {
        let view = View { product, referrer: Some(source.referrer), query: Some(source.query) };
        visits::note(&self.shop, visitor, view);
    }

    async fn buy(
        &mut self,
        visitor: &Visitor,
        source: &Source,
        tier: (&str, &str),
        address: IpAddr,
        (chance, days_ago): (u8, i64),
    ) -> anyhow::Result<()> {
        let buyer = Buyer::pick(&mut self.rng);
        let wanted = Wanted { product: tier.0, variant: Some(tier.1), quantity: 1, price: "" };
        let cart = carts::add_for(&self.shop, None, wanted, Some(visitor)).await.map_err(told)?;
        if chance == 0 {
            return Ok(());
        }
        let quote = carts::quote(&self.shop, Some(&cart)).await.map_err(told)?;
        let is_reader = source.query.contains("newsletter") && self.rng.bool();
        let items = quote.lines.iter().map(|line| CheckoutItem {
            tier: domain::tier::TierRef { product: line.product.clone(), variant: Some(line.variant.clone()) },
            quantity: 1,
            amount: line.pay_what_you_want.then_some(line.unit_price.amount),
        });
        let request = StartCheckout {
            items: items.collect(),
            email: buyer.email.clone(),
            promotion_code: (is_reader && quote.total.amount > 0).then(|| CODE.to_owned()),
            cart: Some(cart),
            ..StartCheckout::default()
        };
        let started = shop::checkout::start(&self.shop, request).await.map_err(told)?;
        let Some(url) = started.checkout_url.as_deref() else {
            self.work().await?;
            return self.download(&started, address).await;
        };
        let Some(session) = url.rsplit('/').next().filter(|_| chance != 1) else { return Ok(()) };
        let is_disputed = days_ago == DISPUTED_DAY && !std::mem::replace(&mut self.has_dispute, true);
        let card = if is_disputed { DISPUTED_CARD } else { CARD };
        self.now.fetch_add(MINUTE_MS, Ordering::SeqCst);
        let Buyer { name, country, email } = buyer;
        let payment = Payment { card: card.to_owned(), email: Some(email), name: Some(name), country: Some(country.to_owned()) };
        self.emulator.pay(session, &payment)?;
        shop::orders::load(&self.shop, &started.public_id, &started.access_key).await.map_err(told)?;
        self.work().await?;
        self.download(&started, address).await?;
        if !is_disputed {
            self.sold.push(started.public_id);
        }
        Ok(())
    }

    /// The buyer opens the order page, and fetches most of the files that are there.
    async fn download(&mut self, order: &StartedCheckout, address: IpAddr) -> anyhow::Result<()> {
        let ip = address.to_string();
        let view = shop::orders::look(&self.shop, &order.public_id, &order.access_key).await.map_err(told)?;
        for file in view.items.iter().flat_map(|item| &item.files) {
            if self.rng.u8(0..10) == 0 {
                continue;
            }
            let minted = downloads::mint(&self.shop, &order.public_id, &order.access_key, &file.id).await.map_err(told)?;
            let token = minted.url.rsplit('/').next().unwrap_or_default();
            let Some(link) = downloads::find(&self.shop, token).await.map_err(told)? else { continue };
            let n_bytes = file.size_bytes.unsigned_abs();
            let visit = Visit { n_bytes: Some(n_bytes), ip: &ip, user_agent: BROWSER };
            let Ok(grant) = downloads::authorize(&self.shop, &link, visit).await.map_err(told)? else { continue };
            if let Some(mut transfer) = downloads::begin(&self.shop, &grant, 0, &ip, BROWSER) {
                let _ = transfer.take(n_bytes);
            }
        }
        downloads::flush(&self.shop).await.map_err(told)
    }

    /// The owner gives somebody their money back.
    async fn refund(&mut self) -> anyhow::Result<()> {
        if self.sold.is_empty() {
            return Ok(());
        }
        let order = self.sold.swap_remove(self.rng.usize(..self.sold.len()));
        let amount = self.rng.bool().then_some(200);
        let reason = Some("requested_by_customer".to_owned());
        let request = RefundRequest { order, amount, item: None, reason, request_key: None, by: Some(Actor::operator()) };
        refunds::request(&self.shop, request).await.map_err(told)?;
        Ok(())
    }
}
