//! An order with frozen prices, placed in one transaction.

use super::lines::{Line, check_total, subtotal};
use super::{SESSION_MS, StartCheckout, first_check_ms};
use crate::database::{begin_write, is_duplicate};
use crate::entities::{order, order_item};
use crate::{Error, Result, Shop, carts, chance, fulfillment, orders, promotions, world};
use domain::email::Email;
use domain::id::PublicId;
use domain::money::shares;
use domain::order::OrderStatus;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction};

/// Writes the order, its lines, and the promotion that it holds. An order over nothing is delivered in the same transaction.
///
/// # Errors
/// `checkout_in_progress` when the attempt has an order already.
pub(super) async fn place(
    shop: &Shop,
    wish: &StartCheckout,
    email: &Email,
    lines: &[Line],
    key: Option<&str>,
    request_hash: &str,
) -> Result<order::Model> {
    let currency = lines[0].offer.currency.clone();
    let amount_subtotal = subtotal(lines)?;
    let discount = match wish.promotion_code.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => Some(promotions::find_discount(shop, code, amount_subtotal, &currency).await?),
        None => None,
    };
    let amount_discount = discount.as_ref().map_or(0, |discount| discount.amount);
    let amount_total = amount_subtotal - amount_discount;
    check_total(amount_total, &currency)?;
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let tx = begin_write(&shop.db).await?;
    let cart_id = match &wish.cart {
        Some(token) => carts::find(&tx, shop, token).await?,
        None => None,
    };
    let row = order::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        public_id: Set(PublicId::from_chance(chance()).as_str().to_owned()),
        access_nonce: Set(chance::<16>().to_vec()),
        status: Set(OrderStatus::Pending.as_str().to_owned()),
        livemode: Set(shop.settings.livemode),
        email: Set(email.as_str().to_owned()),
        email_normalized: Set(email.normalized()),
        customer_id: Set(None),
        currency: Set(currency),
        amount_subtotal: Set(amount_subtotal),
        amount_discount: Set(amount_discount),
        amount_tax: Set(0),
        amount_total: Set(amount_total),
        amount_paid: Set(0),
        amount_refunded: Set(0),
        refund_reserved: Set(0),
        checkout_session_id: Set(None),
        checkout_url: Set(None),
        checkout_expires_at: Set(Some(now + SESSION_MS)),
        checkout_attempt: Set(1),
        payment_intent_id: Set(None),
        idempotency_key: Set(key.map(str::to_owned)),
        request_hash: Set(Some(request_hash.to_owned())),
        cart_id: Set(cart_id),
        version: Set(0),
        created_at: Set(now),
        paid_at: Set(None),
        seen_at: Set(None),
        checked_at: Set(None),
        next_check_at: Set(Some(now + first_check_ms())),
    };
    let order = match row.insert(&tx).await {
        Ok(order) => order,
        Err(error) if is_duplicate(&error) => return Err(Error::conflict("checkout_in_progress", "This checkout is being made already.")),
        Err(error) => return Err(error.into()),
    };
    insert_items(&tx, shop, &order, lines).await?;
    orders::note(&tx, shop, id, "created", "").await?;
    if let Some(discount) = &discount {
        promotions::reserve(&tx, shop, discount, id, email).await?;
    }
    if amount_total == 0 {
        fulfillment::deliver_free(&tx, shop, &order).await?;
    }
    tx.commit().await?;
    tracing::info!(order = %order.public_id, "order created");
    Ok(order)
}

async fn insert_items(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, lines: &[Line]) -> Result<()> {
    let discounts = shares(order.amount_discount, &lines.iter().map(Line::amount).collect::<Vec<_>>());
    for (position, (line, amount_discount)) in lines.iter().zip(discounts).enumerate() {
        order_item::ActiveModel {
            id: Set(world::new_id()),
            store_id: Set(shop.settings.store_id),
            order_id: Set(order.id),
            product_id: Set(line.offer.product_id),
            variant_id: Set(line.offer.variant_id),
            product_slug: Set(line.offer.slug.clone()),
            product_title: Set(line.offer.title.clone()),
            variant_key: Set(line.offer.key.clone()),
            variant_name: Set(line.offer.name.clone()),
            terms: Set(line.offer.terms.clone()),
            quantity: Set(line.quantity),
            unit_amount: Set(line.offer.amount),
            amount_discount: Set(amount_discount),
            amount_tax: Set(0),
            download_limit: Set(line.offer.download_limit),
            has_license: Set(line.offer.has_license),
            license_activation_limit: Set(line.offer.license_activation_limit),
            license_expires_after_days: Set(line.offer.license_expires_after_days),
            position: Set(position as i64),
            terms_id: Set(line.offer.terms_id),
        }
        .insert(tx)
        .await?;
    }
    Ok(())
}
