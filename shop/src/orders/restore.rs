//! An order that was paid and is gone: made again from what Stripe kept of it.
//!
//! A backup of yesterday knows nothing of today's orders, and their customers have paid. With every session Stripe keeps which
//! pieces were sold at which price, and what the order's own key is derived from, so that the link in the customer's mail and
//! the license keys are the same as before.

use super::lost::{self, LostGoods, LostTier};
use super::steps;
use crate::base::database::begin_write;
use crate::base::entities::{order, order_item, product, variant};
use crate::payments::stripe::CheckoutFacts;
use crate::{Result, Shop, base::world, catalog, orders};
use domain::email::Email;
use domain::id::{Id, PublicId};
use domain::lines::LineAmounts;
use domain::order::OrderStatus;
use domain::timeline::Step;
use sea_orm::{DatabaseTransaction, EntityTrait};
use std::collections::HashMap;

/// The metadata key that names the shop.
pub(crate) const STORE_KEY: &str = "store";
/// Stripe keeps at most 500 characters under a key; a line takes less than 70.
const LINES_A_KEY: usize = 6;
/// Stripe keeps at most 50 keys of 500 characters with a session; two are left for what is added beside these.
const MAX_KEYS: usize = 48;
const MAX_VALUE_CHARS: usize = 500;
/// Marks a line that came with the one before it.
const PART: &str = "+";

struct KeptLine {
    variant_id: Id,
    amounts: LineAmounts,
    /// It came with the line before it that has a price.
    is_part: bool,
}

/// What Stripe is given to keep: nothing personal, and no key without our secret.
pub(crate) fn kept(order: &order::Model, items: &[order_item::Model]) -> HashMap<String, String> {
    let mut metadata: HashMap<String, String> = [
        (STORE_KEY.to_owned(), order.store_id.simple().to_string()),
        ("order_id".to_owned(), order.id.simple().to_string()),
        ("nonce".to_owned(), data_encoding::HEXLOWER.encode(&order.access_nonce)),
    ]
    .into();
    for (n, lines) in items.chunks(LINES_A_KEY).enumerate() {
        let lines: Vec<String> = lines
            .iter()
            .map(|item| {
                let part = if item.part_of_id.is_some() { PART } else { "" };
                format!("{}:{}:{}:{}{part}", item.variant_id.simple(), item.quantity, item.unit_amount, item.amount_discount)
            })
            .collect();
        metadata.insert(format!("lines_{n}"), lines.join(" "));
    }
    keep_names(&mut metadata, items);
    metadata
}

/// Slugs and keys of the lines, in their order, as far as Stripe keeps so much: by them goods are known that were made again.
fn keep_names(metadata: &mut HashMap<String, String>, items: &[order_item::Model]) {
    let mut names = String::new();
    let mut n = 0;
    for item in items {
        let name = format!("{}/{}", item.product_slug, item.variant_key);
        if !names.is_empty() && names.len() + 1 + name.len() > MAX_VALUE_CHARS {
            metadata.insert(format!("goods_{n}"), std::mem::take(&mut names));
            n += 1;
        }
        if metadata.len() >= MAX_KEYS {
            return;
        }
        if !names.is_empty() {
            names.push(' ');
        }
        names.push_str(&name);
    }
    metadata.insert(format!("goods_{n}"), names);
}

/// Slugs and keys of the first lines; of sessions of before there are none.
fn kept_names(metadata: &HashMap<String, String>) -> Vec<(String, String)> {
    let values = (0..).map_while(|n| metadata.get(&format!("goods_{n}")));
    let names = values.flat_map(|value| value.split(' ')).map_while(|name| name.split_once('/'));
    names.map(|(slug, key)| (slug.to_owned(), key.to_owned())).collect()
}

fn kept_lines(metadata: &HashMap<String, String>) -> Option<Vec<KeptLine>> {
    let mut lines = Vec::new();
    for n in 0.. {
        let Some(text) = metadata.get(&format!("lines_{n}")) else { break };
        for line in text.split(' ') {
            let (line, is_part) = line.strip_suffix(PART).map_or((line, false), |line| (line, true));
            let mut parts = line.split(':');
            lines.push(KeptLine {
                variant_id: Id::try_parse(parts.next()?).ok()?,
                amounts: LineAmounts {
                    quantity: parts.next()?.parse().ok().filter(|n| *n > 0)?,
                    unit: parts.next()?.parse().ok().filter(|n| *n >= 0)?,
                    discount: parts.next()?.parse().ok()?,
                    tax: 0,
                },
                is_part,
            });
        }
    }
    (!lines.is_empty()).then_some(lines)
}

/// What came of it.
pub(crate) enum Restored {
    /// The order is there.
    Made,
    /// What Stripe kept is not enough.
    Unknown,
    /// Goods of the order are gone as well: somebody has to bring them back.
    GoodsLost(LostGoods),
}

/// Makes the order of a session again, unpaid.
pub(crate) async fn restore(shop: &Shop, facts: &CheckoutFacts) -> Result<Restored> {
    let text = |key: &str| facts.metadata.get(key);
    let id = |key: &str| text(key).and_then(|id| Id::try_parse(id).ok());
    // What was begun before shops gave their name is not known well enough.
    if id(STORE_KEY) != Some(shop.settings.store_id) {
        return Ok(Restored::Unknown);
    }
    let parts = (
        facts.order.as_deref().and_then(PublicId::parse),
        id("order_id"),
        text("nonce").and_then(|nonce| data_encoding::HEXLOWER.decode(nonce.as_bytes()).ok()),
        facts.email.as_deref().and_then(|email| Email::parse(email).ok()),
        kept_lines(&facts.metadata),
        facts.currency,
    );
    let (Some(public_id), Some(order_id), Some(nonce), Some(email), Some(lines), Some(currency)) = parts else {
        return Ok(Restored::Unknown);
    };
    let created_at = facts.created * 1000;
    let amount_subtotal: i64 = lines.iter().map(|line| line.amounts.subtotal()).sum();
    let amount_discount: i64 = lines.iter().map(|line| line.amounts.discount).sum();
    let row = order::Model {
        id: order_id,
        store_id: shop.settings.store_id,
        public_id: public_id.as_str().to_owned(),
        access_nonce: nonce,
        status: OrderStatus::Pending.into(),
        livemode: facts.livemode,
        email: email.as_str().to_owned(),
        email_normalized: email.normalized(),
        currency: currency.into(),
        amount_subtotal,
        amount_discount,
        amount_tax: 0,
        amount_total: amount_subtotal - amount_discount,
        amount_paid: 0,
        amount_refunded: 0,
        refund_reserved: 0,
        checkout_session_id: Some(facts.id.clone()),
        checkout_expires_at: Some(facts.expires_at * 1000),
        checkout_attempt: 1,
        version: 0,
        created_at,
        next_check_at: Some(shop.clock.now_ms()),
        customer_id: None,
        checkout_url: None,
        payment_intent_id: None,
        idempotency_key: None,
        request_hash: None,
        cart_id: None,
        cart_purchase: None,
        duplicate_of_id: None,
        paid_at: None,
        seen_at: None,
        checked_at: None,
        referrer: String::new(),
        country: String::new(),
    };
    let tx = begin_write(&shop.db).await?;
    let names = kept_names(&facts.metadata);
    let (mut variants, mut goods) = (Vec::with_capacity(lines.len()), Vec::new());
    for (i, line) in lines.iter().enumerate() {
        match find_variant(&tx, shop, order_id, line.variant_id, names.get(i)).await? {
            Some(variant) => variants.push(variant),
            None => goods.push(LostTier { variant_id: line.variant_id, name: names.get(i).cloned() }),
        }
    }
    if !goods.is_empty() {
        let (order, payment) = (public_id.as_str().to_owned(), facts.payment_intent.clone());
        return Ok(Restored::GoodsLost(LostGoods { order, order_id, payment, goods }));
    }
    // Two events of the same payment may find it gone at once.
    let Some(order) = steps::place(&tx, row).await? else { return Ok(Restored::Made) };
    let (mut items, mut sold) = (Vec::with_capacity(lines.len()), None);
    for (position, (line, variant)) in lines.iter().zip(variants).enumerate() {
        let item = item(&tx, &order, position, line, variant, sold.filter(|_| line.is_part)).await?;
        if !line.is_part {
            sold = Some(item.id);
        }
        items.push(item);
    }
    steps::add_lines(&tx, items).await?;
    orders::note(&tx, shop, order.id, Step::Restored, "").await?;
    tx.commit().await?;
    tracing::warn!(order = %order.public_id, session = %facts.id, "a paid order that was gone is made again from what Stripe kept");
    metrics::counter!("orders_restored_total").increment(1);
    Ok(Restored::Made)
}

/// The tier that was sold, or the one that was made again for it.
async fn find_variant(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order_id: Id,
    id: Id,
    name: Option<&(String, String)>,
) -> Result<Option<variant::Model>> {
    let found = variant::Entity::find_by_id(id).one(tx).await?;
    let (None, Some(name)) = (&found, name) else { return Ok(found) };
    match lost::made_again(tx, shop, order_id, name).await? {
        Some(id) => Ok(variant::Entity::find_by_id(id).one(tx).await?),
        None => Ok(None),
    }
}

/// A line as it was sold, of what the tier promises now.
async fn item(
    tx: &DatabaseTransaction,
    order: &order::Model,
    position: usize,
    line: &KeptLine,
    variant: variant::Model,
    part_of_id: Option<Id>,
) -> Result<order_item::Model> {
    let gone = || anyhow::anyhow!("the product of tier {} is gone", variant.id);
    let product = product::Entity::find_by_id(variant.product_id).one(tx).await?.ok_or_else(gone)?;
    let terms_id = catalog::current_terms_id(tx, order.store_id, *variant.terms).await?;
    Ok(order_item::Model {
        id: world::new_id(),
        store_id: order.store_id,
        order_id: order.id,
        product_id: product.id,
        variant_id: variant.id,
        product_slug: product.slug,
        product_title: product.title,
        variant_key: variant.key,
        variant_name: variant.name,
        terms: (*variant.terms).into(),
        quantity: line.amounts.quantity,
        unit_amount: line.amounts.unit,
        amount_discount: line.amounts.discount,
        amount_tax: line.amounts.tax,
        download_limit: variant.download_limit,
        has_license: variant.has_license,
        license_activation_limit: variant.license_activation_limit,
        license_expires_after_days: variant.license_expires_after_days,
        license_policy: variant.license_policy,
        position: position as i64,
        terms_id,
        part_of_id,
    })
}
