//! Which promotion an order gets, and what it takes off each line.

use super::list::reduction;
use super::normalized;
use super::refusal;
use super::sql;
use crate::base::database::{Stored, statement};
use crate::base::entities::promotion;
use crate::{Result, Shop};
use domain::email::Email;
use domain::id::Id;
use domain::money::{Currency, shares_in_steps};
use domain::promotion::{AppliedPromotion, Reduction};
use sea_orm::{FromQueryResult, Value};

/// A line of a cart or an order, as far as promotions look at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub product_id: Id,
    pub variant_id: Id,
    /// Minor units of the whole line.
    pub amount: i64,
}

/// A promotion that fits an order, and what it takes off.
pub(crate) struct Discount {
    pub promotion_id: Id,
    pub applied: AppliedPromotion,
    pub amount: i64,
    /// What it takes off each line; together `amount`.
    pub by_line: Vec<i64>,
}

impl Discount {
    pub fn is_automatic(&self) -> bool {
        self.applied.code.is_none()
    }
}

/// Who buys what, with which code.
pub(crate) struct DiscountRequest<'a> {
    pub pieces: &'a [Piece],
    pub currency: Currency,
    pub code: Option<&'a str>,
    /// Nothing while nobody has said who buys.
    pub customer: Option<&'a Email>,
    /// The cart whose own order may hold a use: that use is there for this order.
    pub cart_id: Option<Id>,
    /// Promotions that turned out to be gone a moment ago.
    pub without: &'a [Id],
}

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    name: String,
    code: Option<String>,
    percent_off: Option<i64>,
    amount_off: Option<i64>,
    currency: Option<Stored<Currency, promotion::Entity>>,
    minimum_amount: Option<i64>,
    once_per_customer: bool,
    is_for_everything: bool,
    product_id: Option<Id>,
    variant_id: Option<Id>,
}

/// The promotion that takes off the most: the one of the code, or one that applies by itself. Nobody pays more for having a code.
///
/// # Errors
/// Refuses a code that does not work for this order with `promotion_invalid`, whatever else applies.
pub(crate) async fn find_discount(shop: &Shop, request: &DiscountRequest<'_>) -> Result<Option<Discount>> {
    let code = request.code.map(normalized).filter(|code| !code.is_empty());
    if code.as_deref().is_some_and(|code| code.chars().any(char::is_control)) {
        return Err(refusal());
    }
    let (by_code, automatic): (Vec<Discount>, Vec<Discount>) =
        candidates(shop, request, code.as_deref()).await?.into_iter().partition(|discount| !discount.is_automatic());
    let by_code = by_code.into_iter().next();
    if code.is_some() && by_code.is_none() {
        return Err(refusal());
    }
    let subtotal: i64 = request.pieces.iter().map(|piece| piece.amount).sum();
    let least = request.currency.least_charge();
    // One that leaves less than can be charged would keep the order from being paid.
    let can_be_paid = |discount: &Discount| subtotal == discount.amount || subtotal - discount.amount >= least;
    // Of two that take off the same it is the older one, so that everybody gets the same.
    let best = automatic
        .into_iter()
        .filter(|discount| discount.amount > 0 && can_be_paid(discount) && !request.without.contains(&discount.promotion_id))
        .reduce(|best, next| if (next.amount, best.promotion_id) > (best.amount, next.promotion_id) { next } else { best });
    Ok(match (by_code, best) {
        (Some(by_code), Some(best)) if best.amount > by_code.amount => Some(best),
        (Some(by_code), _) => Some(by_code),
        (None, best) => best,
    })
}

/// Every promotion that fits: one statement, however many goods each is for.
async fn candidates(shop: &Shop, request: &DiscountRequest<'_>, code: Option<&str>) -> Result<Vec<Discount>> {
    let mut values: Vec<Value> = vec![
        shop.settings.store_id.into(),
        code.unwrap_or_default().into(),
        shop.clock.now_ms().into(),
        request.customer.map(Email::normalized).unwrap_or_default().into(),
        request.cart_id.into(),
    ];
    let mut goods = "FALSE".to_owned();
    if !request.pieces.is_empty() {
        let places: Vec<String> = (0..request.pieces.len()).map(|n| format!("${}", n + 6)).collect();
        values.extend(request.pieces.iter().map(|piece| Value::from(piece.product_id)));
        goods = format!("g.product_id IN ({})", places.join(", "));
    }
    let rows = Row::find_by_statement(statement(&shop.db, sql::candidates(&goods), values)).all(&shop.db).await?;
    let discounts = rows.chunk_by(|a, b| a.id == b.id).filter_map(|rows| discount(request, rows));
    Ok(discounts.collect())
}

/// What one promotion takes off, where it fits; its rows differ in their goods alone.
fn discount(request: &DiscountRequest<'_>, rows: &[Row]) -> Option<Discount> {
    let row = rows.first()?;
    let reduction = reduction(row.percent_off, row.amount_off, row.currency.map(|currency| *currency))?;
    let subtotal: i64 = request.pieces.iter().map(|piece| piece.amount).sum();
    let fits = row.currency.is_none_or(|of| of == request.currency) && row.minimum_amount.is_none_or(|minimum| minimum <= subtotal);
    if !fits {
        return None;
    }
    let is_for = |piece: &Piece| {
        row.is_for_everything
            || rows.iter().any(|good| good.product_id == Some(piece.product_id) && good.variant_id.is_none_or(|id| id == piece.variant_id))
    };
    if !request.pieces.iter().any(is_for) {
        return None;
    }
    let weights: Vec<i64> = request.pieces.iter().map(|piece| if is_for(piece) { piece.amount } else { 0 }).collect();
    let (amount, by_line) = allocate(reduction, &weights, request.currency);
    Some(Discount {
        promotion_id: row.id,
        applied: AppliedPromotion {
            name: row.name.clone(),
            code: row.code.clone(),
            reduction,
            once_per_customer: row.once_per_customer,
            is_for_everything: request.pieces.iter().all(is_for),
        },
        amount,
        by_line,
    })
}

/// What a reduction takes off lines of these amounts: all of it together, and of each line, in steps that can be charged.
fn allocate(reduction: Reduction, weights: &[i64], currency: Currency) -> (i64, Vec<i64>) {
    let amount = reduction.of(weights.iter().sum(), currency);
    (amount, shares_in_steps(amount, weights, currency.step()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_off_the_lines_is_what_is_taken_off_together_and_never_more_than_a_line_costs() {
        let (usd, kwd) = (Currency::USD, Currency::parse("KWD").unwrap());
        for percent in 1..=100 {
            for weights in [vec![500, 900, 0], vec![1, 1, 1], vec![33, 0, 67, 100], vec![99_999_999, 1], vec![0, 0]] {
                let (amount, by_line) = allocate(Reduction::Percent(percent), &weights, usd);
                assert_eq!(by_line.iter().sum::<i64>(), amount);
                assert!(by_line.iter().zip(&weights).all(|(off, weight)| (0..=*weight).contains(off)));
                assert_eq!(allocate(Reduction::Percent(percent), &weights, usd), (amount, by_line), "and so each time");
            }
            let (amount, by_line) = allocate(Reduction::Percent(percent), &[1010, 990, 10], kwd);
            assert_eq!(by_line.iter().sum::<i64>(), amount);
            assert!(by_line.iter().all(|off| off % 10 == 0), "no fils is charged");
        }
    }
}
