//! Carts: what a visitor has put aside. A cart is known by a random token in a cookie, and needs no account.

mod bought;
mod sql;
mod typed;

pub(crate) use bought::{count_purchase, hold, holds, take_out};
pub use typed::{RefusedChange, Typed, keep_typed, pieces};

use crate::analytics::visits::{self, Visitor};
use crate::base::database::{Stored, begin_write, statement};
use crate::base::entities::{cart, cart_item, product, store, variant};
use crate::base::secret::{sha256, token_text};
use crate::base::texts::{Act, FreeText};
use crate::catalog::{self, Offer, PictureRow, load_offer};
use crate::checkout::promotions::{self, Discount, DiscountRequest, Piece};
use crate::{
    Error, Result, Shop,
    base::{refusals, world},
    chance, stores,
};
use domain::cart::{MAX_LINES, MAX_QUANTITY, Quantity, Quote, QuoteLine};
use domain::id::Id;
use domain::lines::LineAmounts;
use domain::money::{Currency, Money};
use domain::price::Price;
use domain::text::typed;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DerivePartialModel, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};
use std::collections::HashMap;

/// Where a customer's address may have been written.
pub(crate) const TEXTS: &[FreeText] = &[FreeText { table: "carts", column: "email", act: Act::Clear }];

/// What the cookie of a cart holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartToken(String);

impl CartToken {
    /// Reads a cookie; `None` when no cart can have this name.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 32 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new() -> Self {
        Self(token_text(&chance::<20>()))
    }

    fn hash(&self) -> Vec<u8> {
        sha256(self.0.as_bytes())
    }
}

#[derive(FromQueryResult)]
struct LineRow {
    cart_id: Id,
    product_id: Id,
    variant_id: Id,
    promotion_code: Option<String>,
    email: Option<String>,
    slug: String,
    title: String,
    key: String,
    name: String,
    quantity: i64,
    amount: Option<i64>,
    pay_what_you_want: Option<bool>,
    chosen_amount: Option<i64>,
    is_bundle: bool,
    has_license: bool,
    currency: Stored<Currency, product::Entity>,
    /// What the store sells in.
    sold_in: Stored<Currency, store::Entity>,
    is_on_sale: bool,
    delivers: bool,
    #[sea_orm(nested(prefix = "cover_"))]
    cover: Option<PictureRow>,
    cover_alt: String,
}

impl LineRow {
    /// What a piece costs now; nothing where it can't be bought.
    fn unit_price(&self) -> Option<Money> {
        let amount = self.amount.filter(|_| self.is_on_sale && self.is_priced() && self.delivers)?;
        let amount = Money::new(amount, *self.currency);
        let price = Price { amount, pay_what_you_want: self.pay_what_you_want.unwrap_or_default(), suggested_amount: None };
        Some(price.charge_since(self.chosen_amount))
    }

    fn is_priced(&self) -> bool {
        *self.currency == *self.sold_in
    }
}

/// What the cart costs now. Computed here alone, from the catalog's prices.
pub async fn quote(shop: &Shop, token: Option<&CartToken>) -> Result<Quote> {
    let rows = match token {
        Some(token) => lines(shop, token).await?,
        None => Vec::new(),
    };
    let currency = rows.first().map_or(Currency::USD, |row| *row.sold_in);
    let code = rows.first().and_then(|row| row.promotion_code.clone());
    let (cart_id, email) = (rows.first().map(|row| row.cart_id), rows.first().and_then(|row| row.email.clone()));
    let bundles: Vec<Id> = rows.iter().filter(|row| row.is_bundle).map(|row| row.variant_id).collect();
    let mut included = catalog::included(&shop.db, shop.clock.now_ms(), &bundles).await?;
    let titles: HashMap<Id, &str> =
        rows.iter().filter(|row| row.unit_price().is_some()).map(|row| (row.variant_id, row.title.as_str())).collect();
    let also_in: HashMap<Id, String> = included
        .iter()
        .filter_map(|(bundle, tiers)| Some((titles.get(bundle)?, tiers)))
        .flat_map(|(title, tiers)| tiers.iter().map(|tier| (tier.offer.variant_id, (*title).to_owned())))
        .collect();
    let (mut lines, mut pieces, mut subtotal) = (Vec::new(), Vec::new(), 0i64);
    let (mut gone, mut unpriced, mut coming) = (Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        let Some(unit_price) = row.unit_price() else {
            let why = match (row.is_on_sale, row.is_priced()) {
                (false, _) => &mut gone,
                (true, false) => &mut unpriced,
                (true, true) if row.amount.is_some() => &mut coming,
                (true, true) => &mut gone,
            };
            why.push(row.title);
            continue;
        };
        // Nobody needs two copies of what costs nothing.
        if unit_price.is_zero() {
            row.quantity = 1;
        }
        let line_total = LineAmounts::of(unit_price.amount, row.quantity).checked_subtotal().ok_or(refusals::AMOUNT_TOO_LARGE)?;
        let line_total = Money::new(line_total, unit_price.currency);
        subtotal = subtotal.saturating_add(line_total.amount);
        pieces.push(Piece { product_id: row.product_id, variant_id: row.variant_id, amount: line_total.amount });
        lines.push(QuoteLine {
            cover: row.cover.map(|cover| cover.with_alt(&row.cover_alt)),
            product: row.slug,
            variant: row.key,
            title: row.title,
            variant_name: row.name,
            quantity: row.quantity,
            unit_price,
            line_total,
            pay_what_you_want: row.pay_what_you_want.unwrap_or_default(),
            least: row.amount.filter(|_| row.pay_what_you_want.unwrap_or_default()).map(|amount| Money::new(amount, unit_price.currency)),
            has_license: row.has_license,
            also_in: also_in.get(&row.variant_id).cloned(),
            includes: included.remove(&row.variant_id).unwrap_or_default().into_iter().map(|tier| tier.offer.title).collect(),
        });
    }
    let (discount, is_code_refused) =
        if lines.is_empty() { (None, false) } else { discount(shop, &pieces, currency, code.as_deref(), cart_id).await? };
    let off = discount.as_ref().map_or(0, |discount| discount.amount);
    Ok(Quote {
        lines,
        subtotal: Money::new(subtotal, currency),
        discount: Money::new(off, currency),
        promotion: discount.map(|discount| discount.applied),
        code,
        is_code_refused,
        email,
        tax: Money::new(0, currency),
        total: Money::new(subtotal - off, currency),
        gone,
        unpriced,
        coming,
    })
}

/// What applies to the cart now, and whether its code does not. Who buys is not known yet.
async fn discount(
    shop: &Shop,
    pieces: &[Piece],
    currency: Currency,
    code: Option<&str>,
    cart_id: Option<Id>,
) -> Result<(Option<Discount>, bool)> {
    let request = DiscountRequest { pieces, currency, code, customer: None, cart_id, without: &[] };
    match promotions::find_discount(shop, &request).await {
        Err(Error::Refused(refusal)) if refusal.code == promotions::REFUSED => {
            Ok((promotions::find_discount(shop, &DiscountRequest { code: None, ..request }).await?, true))
        }
        outcome => Ok((outcome?, false)),
    }
}

/// Applies a code to the cart, or takes it away when it is empty.
///
/// # Errors
/// Refuses a code that does not work for what is in the cart with `promotion_invalid`; the cart stays as it was.
pub async fn set_promotion_code(shop: &Shop, token: &CartToken, code: &str) -> Result<()> {
    let code = Some(typed(code)).filter(|code| !code.is_empty());
    if let Some(code) = code.as_deref() {
        let rows = lines(shop, token).await?;
        let on_sale: Vec<(&LineRow, Money)> = rows.iter().filter_map(|row| Some((row, row.unit_price()?))).collect();
        let currency = on_sale.first().map_or(Currency::USD, |(_, price)| price.currency);
        let pieces: Vec<Piece> = on_sale
            .iter()
            .map(|(row, price)| Piece {
                product_id: row.product_id,
                variant_id: row.variant_id,
                amount: LineAmounts::of(price.amount, row.quantity).subtotal(),
            })
            .collect();
        let cart_id = rows.first().map(|row| row.cart_id);
        let request = DiscountRequest { pieces: &pieces, currency, code: Some(code), customer: None, cart_id, without: &[] };
        promotions::find_discount(shop, &request).await?;
    }
    cart::Entity::update_many()
        .col_expr(cart::Column::PromotionCode, Expr::value(code))
        .col_expr(cart::Column::UpdatedAt, Expr::value(shop.clock.now_ms()))
        .filter(is_named(shop, token))
        .exec(&shop.db)
        .await?;
    Ok(())
}

/// How many pieces are in the cart, on sale or not.
pub async fn n_pieces(shop: &Shop, token: Option<&CartToken>) -> Result<i64> {
    let Some(token) = token else { return Ok(0) };
    // PostgreSQL sums whole numbers as decimals.
    let n_pieces: Option<Option<i64>> = cart_item::Entity::find()
        .select_only()
        .column_as(cart_item::Column::Quantity.sum().cast_as("BIGINT"), "n_pieces")
        .inner_join(cart::Entity)
        .filter(is_named(shop, token))
        .into_tuple()
        .one(&shop.db)
        .await?;
    Ok(n_pieces.flatten().unwrap_or(0))
}

async fn lines(shop: &Shop, token: &CartToken) -> Result<Vec<LineRow>> {
    let values = [token.hash().into(), shop.settings.store_id.into(), shop.clock.now_ms().into()];
    Ok(LineRow::find_by_statement(statement(&shop.db, sql::lines(), values)).all(&shop.db).await?)
}

/// Puts a tier into the cart, which is made when there is none yet. What is in it already is added to.
///
/// # Errors
/// Refuses a quantity out of range, an unknown product, one that delivers nothing (`nothing_to_deliver`), and a cart that is full.
pub async fn add(shop: &Shop, token: Option<CartToken>, product: &str, variant: Option<&str>, quantity: i64) -> Result<CartToken> {
    add_for(shop, token, Wanted { product, variant, quantity, price: "" }, None).await
}

/// What somebody puts into a cart.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// A slug.
    pub product: &'a str,
    /// A key; the first tier when absent.
    pub variant: Option<&'a str>,
    pub quantity: i64,
    /// What a piece is to cost, as it was typed; empty for the tier's own price.
    pub price: &'a str,
}

/// As [`add`], for a price that the customer names, and a visitor who is counted: a cart that is made remembers where they came
/// from.
pub async fn add_for(shop: &Shop, token: Option<CartToken>, wanted: Wanted<'_>, visitor: Option<&Visitor>) -> Result<CartToken> {
    let quantity = Quantity::parse(wanted.quantity)?;
    let offer = load_offer(shop, wanted.product, wanted.variant).await?;
    if !offer.delivers {
        return Err(catalog::nothing_to_deliver(&offer.title));
    }
    let chosen = chosen(&offer, wanted.price)?;
    let now = shop.clock.now_ms();
    let referrer = match visitor {
        Some(visitor) => visits::origin(shop, visitor).await?,
        None => String::new(),
    };
    let tx = begin_write(&shop.db).await?;
    check_currency(&tx, shop, &offer).await?;
    let found = match token {
        Some(token) => find(&tx, shop, &token).await?.map(|cart| (cart.id, token)),
        None => None,
    };
    let is_new = found.is_none();
    let (cart_id, token) = match found {
        Some(found) => found,
        None => make(&tx, shop, now, &referrer).await?,
    };
    put_in(&tx, cart_id, offer.variant_id, quantity, chosen, now).await?;
    touch(&tx, cart_id, now).await?;
    let n_lines = cart_item::Entity::find().filter(cart_item::Column::CartId.eq(cart_id)).count(&tx).await?;
    if n_lines > MAX_LINES as u64 {
        return Err(refusals::CART_FULL.into());
    }
    tx.commit().await?;
    if let Some(visitor) = visitor.filter(|_| is_new) {
        visits::note_cart(shop, visitor);
    }
    Ok(token)
}

/// Adds pieces of a tier, up to the most that a line may have.
async fn put_in(tx: &DatabaseTransaction, cart_id: Id, variant_id: Id, quantity: Quantity, chosen: Option<i64>, now: i64) -> Result<()> {
    use cart_item::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        cart_id: Set(cart_id),
        variant_id: Set(variant_id),
        quantity: Set(quantity.get()),
        added_at: Set(now),
        chosen_amount: Set(chosen),
    };
    let sum = || Expr::col((Entity, Column::Quantity)).add(quantity.get());
    let added = OnConflict::columns([Column::CartId, Column::VariantId])
        .update_column(Column::ChosenAmount)
        .value(Column::Quantity, Expr::case(sum().gt(MAX_QUANTITY), MAX_QUANTITY).finally(sum()))
        .to_owned();
    Entity::insert(row).on_conflict(added).exec_without_returning(tx).await?;
    Ok(())
}

/// Notes that somebody uses the cart.
async fn touch(tx: &DatabaseTransaction, cart_id: Id, now: i64) -> Result<()> {
    let touched = cart::Entity::update_many().col_expr(cart::Column::UpdatedAt, Expr::value(now));
    touched.filter(cart::Column::Id.eq(cart_id)).exec(tx).await?;
    Ok(())
}

/// What the customer named for a piece; nothing where the tier has its own price.
fn chosen(offer: &Offer, typed: &str) -> Result<Option<i64>> {
    let price = offer.price();
    let charged = price.charge_typed(typed).map_err(|why| Error::refused(why.code(), why.to_string()).at("price"))?;
    Ok(price.pay_what_you_want.then_some(charged.amount))
}

/// Changes what a piece of a tier in the cart is to cost.
///
/// # Errors
/// Refuses what can't be charged for it; the cart stays as it was.
pub async fn set_price(shop: &Shop, token: &CartToken, product: &str, variant: &str, price: &str) -> Result<()> {
    let offer = load_offer(shop, product, Some(variant)).await?;
    let chosen = chosen(&offer, price)?;
    let tx = begin_write(&shop.db).await?;
    check_currency(&tx, shop, &offer).await?;
    let cart_id = find(&tx, shop, token).await?.ok_or(Error::NotFound)?.id;
    cart_item::Entity::update_many()
        .col_expr(cart_item::Column::ChosenAmount, Expr::value(chosen))
        .filter(cart_item::Column::CartId.eq(cart_id))
        .filter(cart_item::Column::VariantId.eq(offer.variant_id))
        .exec(&tx)
        .await?;
    touch(&tx, cart_id, shop.clock.now_ms()).await?;
    tx.commit().await?;
    Ok(())
}

/// Amounts in carts are in the store's currency, which can't change until this transaction ends.
async fn check_currency(tx: &DatabaseTransaction, shop: &Shop, offer: &Offer) -> Result<()> {
    if stores::hold_currency(tx, shop.settings.store_id).await? == *offer.currency {
        return Ok(());
    }
    Err(refusals::CURRENCY_CHANGED.into())
}

/// Forgets what customers named for what is in their carts: the store's currency changes, and these amounts are in the old one.
pub(crate) async fn forget_chosen(tx: &DatabaseTransaction, shop: &Shop) -> Result<()> {
    let carts = cart::Entity::find().select_only().column(cart::Column::Id).filter(cart::Column::StoreId.eq(shop.settings.store_id));
    cart_item::Entity::update_many()
        .col_expr(cart_item::Column::ChosenAmount, Expr::value(None::<i64>))
        .filter(cart_item::Column::ChosenAmount.is_not_null())
        .filter(cart_item::Column::CartId.in_subquery(carts.into_query()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Sets how many pieces of a tier the cart has; 0 takes it out.
pub async fn set_quantity(shop: &Shop, token: &CartToken, product: &str, variant: &str, quantity: i64) -> Result<()> {
    if quantity != 0 {
        Quantity::parse(quantity)?;
    }
    let tx = begin_write(&shop.db).await?;
    let cart_id = find(&tx, shop, token).await?.ok_or(Error::NotFound)?.id;
    let tier = variant::Entity::find()
        .select_only()
        .column(variant::Column::Id)
        .inner_join(product::Entity)
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(product))
        .filter(variant::Column::Key.eq(variant));
    let item = Condition::all().add(cart_item::Column::CartId.eq(cart_id)).add(cart_item::Column::VariantId.in_subquery(tier.into_query()));
    if quantity == 0 {
        cart_item::Entity::delete_many().filter(item).exec(&tx).await?;
    } else {
        let quantity = Expr::value(quantity);
        cart_item::Entity::update_many().col_expr(cart_item::Column::Quantity, quantity).filter(item).exec(&tx).await?;
    }
    touch(&tx, cart_id, shop.clock.now_ms()).await?;
    tx.commit().await?;
    Ok(())
}

/// A cart, for an order that is made from it.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "cart::Entity")]
pub(crate) struct FoundCart {
    pub id: Id,
    pub referrer: String,
}

fn is_named(shop: &Shop, token: &CartToken) -> Condition {
    Condition::all().add(cart::Column::TokenHash.eq(token.hash())).add(cart::Column::StoreId.eq(shop.settings.store_id))
}

pub(crate) async fn find(db: &impl ConnectionTrait, shop: &Shop, token: &CartToken) -> Result<Option<FoundCart>> {
    Ok(cart::Entity::find().filter(is_named(shop, token)).into_partial_model().one(db).await?)
}

async fn make(db: &impl ConnectionTrait, shop: &Shop, now: i64, referrer: &str) -> Result<(Id, CartToken)> {
    let (id, token) = (world::new_id(), CartToken::new());
    let row = cart::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        token_hash: Set(token.hash()),
        created_at: Set(now),
        updated_at: Set(now),
        referrer: Set(referrer.to_owned()),
        ..Default::default()
    };
    cart::Entity::insert(row).exec_without_returning(db).await?;
    Ok((id, token))
}

/// Carts that nobody has touched for this long are thrown away.
const MAX_AGE_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Throws old carts away; part of the worker's rounds.
pub async fn sweep(shop: &Shop) -> Result<u64> {
    let old = cart::Entity::delete_many().filter(cart::Column::UpdatedAt.lt(shop.clock.now_ms() - MAX_AGE_MS));
    Ok(old.exec(&shop.db).await?.rows_affected)
}
