//! Orders and their lines as CSV (RFC 4180), for spreadsheets and accountants: page by page from the list's own walk, so that a
//! million orders take no more memory than five hundred.

use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::Stored;
use crate::base::entities::{order_item, promotion_code, promotion_use};
use crate::files::ByteStream;
use crate::orders::{self, OrderQuery, OrderRow};
use crate::{Result, Shop};
use bytes::Bytes;
use domain::id::{Id, order_number};
use domain::lines::LineAmounts;
use domain::money::{Currency, Money};
use domain::terms::LicenseTerms;
use domain::word::Word;
use futures::stream::{self, StreamExt, TryStreamExt};
use sea_orm::{ColumnTrait, DerivePartialModel, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a row of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    Orders,
    /// The lines of orders, each with its order's facts.
    Lines,
}

impl Sheet {
    pub fn as_str(self) -> &'static str {
        match self {
            Sheet::Orders => "orders",
            Sheet::Lines => "order-lines",
        }
    }

    fn head(self) -> &'static [&'static str] {
        match self {
            Sheet::Orders => &ORDER_HEAD,
            Sheet::Lines => &LINE_HEAD,
        }
    }
}

const ORDER_HEAD: [&str; 24] = [
    "Order",
    "Number",
    "Status",
    "Mode",
    "Created at",
    "Paid at",
    "Email",
    "Products",
    "Promotion code",
    "Currency",
    "Subtotal",
    "Discount",
    "Tax",
    "Total",
    "Refunded",
    "Net",
    "Subtotal (minor)",
    "Discount (minor)",
    "Tax (minor)",
    "Total (minor)",
    "Refunded (minor)",
    "Stripe payment",
    "Lost disputes",
    "Lost disputes (minor)",
];

const LINE_HEAD: [&str; 26] = [
    "Order",
    "Number",
    "Status",
    "Mode",
    "Created at",
    "Paid at",
    "Email",
    "Product",
    "Product slug",
    "Tier",
    "Tier key",
    "License terms",
    "Quantity",
    "Currency",
    "Unit price",
    "Discount",
    "Tax",
    "Unit price (minor)",
    "Discount (minor)",
    "Tax (minor)",
    "Refunded",
    "Lost disputes",
    "Net",
    "Refunded (minor)",
    "Lost disputes (minor)",
    "Net (minor)",
];

const PAGE: usize = 500;
/// So that spreadsheets read UTF-8 as such.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Begins a file of all orders that fit; where it `is_sent`, that somebody took them out is written down. Who only asks about it, by
/// HEAD, takes nothing out.
///
/// # Errors
/// Refuses an invalid cursor. What fails later breaks the stream off, so that no file looks whole that is not.
pub async fn begin(shop: &Shop, by: &Actor, sheet: Sheet, query: OrderQuery, is_sent: bool) -> Result<ByteStream> {
    let first = page(shop, sheet, &query, true).await?;
    if !is_sent {
        return Ok(Box::pin(stream::empty()));
    }
    audit::note(&shop.db, shop, by, Action { act: "exported", kind: "orders", id: None, name: sheet.as_str() }).await?;
    let (bytes, next) = first;
    let shop = shop.clone();
    let rest = stream::try_unfold(next, move |next| {
        let (shop, query) = (shop.clone(), query.clone());
        async move {
            let Some(cursor) = next else { return Ok(None) };
            let (bytes, next) = page(&shop, sheet, &OrderQuery { cursor: Some(cursor), ..query }, false).await?;
            Ok(Some((bytes, next)))
        }
    });
    let rest = rest.map_err(|error: crate::Error| {
        tracing::error!(?error, "an export broke off");
        std::io::Error::other("the export broke off")
    });
    Ok(Box::pin(stream::once(async move { Ok(bytes) }).chain(rest)))
}

async fn page(shop: &Shop, sheet: Sheet, query: &OrderQuery, is_first: bool) -> Result<(Bytes, Option<String>)> {
    let (rows, next) = orders::page(shop, query, PAGE).await?;
    let mut out = Vec::new();
    if is_first {
        out.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
    }
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    if is_first {
        writer.write_record(sheet.head()).map_err(anyhow::Error::from)?;
    }
    let mut lines = lines(shop, rows.iter().map(|row| row.id).collect()).await?;
    let mut codes = if sheet == Sheet::Orders { codes(shop, rows.iter().map(|row| row.id).collect()).await? } else { HashMap::new() };
    let gone = gone(shop, sheet, &rows).await?;
    for row in rows {
        let lines = lines.remove(&row.id).unwrap_or_default();
        let code = codes.remove(&row.id).unwrap_or_default();
        match sheet {
            Sheet::Orders => writer.write_record(order_record(row, &lines, code)).map_err(anyhow::Error::from)?,
            Sheet::Lines => {
                for line in lines {
                    let gone = gone.get(&line.id).copied().unwrap_or_default();
                    writer.write_record(line_record(&row, line, gone)).map_err(anyhow::Error::from)?;
                }
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| anyhow::anyhow!("writing CSV: {error}"))?;
    Ok((bytes.into(), next))
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "order_item::Entity")]
struct LineRow {
    id: Id,
    order_id: Id,
    product_title: String,
    product_slug: String,
    variant_name: String,
    variant_key: String,
    terms: Stored<LicenseTerms, order_item::Entity>,
    quantity: i64,
    unit_amount: i64,
    amount_discount: i64,
    amount_tax: i64,
    /// The line that it came with.
    part_of_id: Option<Id>,
}

async fn lines(shop: &Shop, ids: Vec<Id>) -> Result<HashMap<Id, Vec<LineRow>>> {
    let mut lines: HashMap<Id, Vec<LineRow>> = HashMap::new();
    if ids.is_empty() {
        return Ok(lines);
    }
    let of_orders = order_item::Entity::find().filter(order_item::Column::OrderId.is_in(ids));
    let of_orders = of_orders.order_by_asc(order_item::Column::OrderId).order_by_asc(order_item::Column::Position);
    for row in of_orders.into_partial_model::<LineRow>().all(&shop.db).await? {
        lines.entry(row.order_id).or_default().push(row);
    }
    Ok(lines)
}

async fn codes(shop: &Shop, ids: Vec<Id>) -> Result<HashMap<Id, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let code_of_use = promotion_use::Entity::belongs_to(promotion_code::Entity)
        .from(promotion_use::Column::PromotionId)
        .to(promotion_code::Column::PromotionId)
        .into();
    let uses = promotion_use::Entity::find().join(JoinType::InnerJoin, code_of_use).filter(promotion_use::Column::OrderId.is_in(ids));
    let uses = uses.select_only().column(promotion_use::Column::OrderId).column(promotion_code::Column::Code);
    Ok(uses.into_tuple::<(Id, String)>().all(&shop.db).await?.into_iter().collect())
}

fn order_record(row: OrderRow, lines: &[LineRow], code: String) -> Vec<String> {
    let amounts = [row.amount_subtotal, row.amount_discount, row.amount_tax, row.amount_total, row.amount_refunded];
    let titles: Vec<&str> = lines.iter().filter(|line| line.part_of_id.is_none()).map(|line| line.product_title.as_str()).collect();
    let mut record = facts(&row);
    record.extend([text(&titles.join("; ")), text(&code), row.currency.code().to_owned()]);
    record.extend(amounts.iter().map(|amount| decimal(*amount, *row.currency)));
    record.push(decimal(row.amount_total - row.amount_refunded - row.amount_lost, *row.currency));
    record.extend(amounts.iter().map(ToString::to_string));
    record.push(row.payment_intent_id.unwrap_or_default());
    record.extend([decimal(row.amount_lost, *row.currency), row.amount_lost.to_string()]);
    record
}

/// `gone` is what was refunded of the line, and what a bank took of it.
fn line_record(row: &OrderRow, line: LineRow, gone: [i64; 2]) -> Vec<String> {
    let amounts = [line.unit_amount, line.amount_discount, line.amount_tax];
    let of_line = LineAmounts { unit: line.unit_amount, quantity: line.quantity, discount: line.amount_discount, tax: line.amount_tax };
    let total = of_line.total();
    let brought = [gone[0], gone[1], if row.paid_at.is_some() { total - gone[0] - gone[1] } else { 0 }];
    let mut record = facts(row);
    record.extend([
        text(&line.product_title),
        text(&line.product_slug),
        text(&line.variant_name),
        text(&line.variant_key),
        text(line.terms.as_str()),
    ]);
    record.extend([line.quantity.to_string(), row.currency.code().to_owned()]);
    record.extend(amounts.iter().map(|amount| decimal(*amount, *row.currency)));
    record.extend(amounts.iter().map(ToString::to_string));
    record.extend(brought.iter().map(|amount| decimal(*amount, *row.currency)));
    record.extend(brought.iter().map(ToString::to_string));
    record
}

/// What is gone of the lines of those orders of which something is, by the line's id.
async fn gone(shop: &Shop, sheet: Sheet, rows: &[OrderRow]) -> Result<HashMap<Id, [i64; 2]>> {
    let touched = |row: &&OrderRow| sheet == Sheet::Lines && (row.amount_refunded > 0 || row.amount_lost > 0);
    let ids: Vec<Id> = rows.iter().filter(touched).map(|row| row.id).collect();
    let orders = crate::orders::lines::of_orders(&shop.db, &ids).await?;
    Ok(orders.values().flat_map(|lines| lines.gone()).collect())
}

/// What stands at the beginning of each row.
fn facts(row: &OrderRow) -> Vec<String> {
    vec![
        row.public_id.clone(),
        order_number(&row.public_id),
        row.status.as_str().to_owned(),
        if row.livemode { "live" } else { "test" }.to_owned(),
        instant(row.created_at),
        row.paid_at.map(instant).unwrap_or_default(),
        text(&row.email),
    ]
}

/// A text that no spreadsheet takes for a formula (CWE-1236).
fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

fn decimal(amount: i64, currency: Currency) -> String {
    Money::new(amount, currency).decimal()
}

fn instant(at_ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1"] {
            assert!(text(bad).starts_with('\''), "{bad:?}");
        }
        for good in ["reader@example.com", "a=b", "", "'", " =1"] {
            assert_eq!(text(good), good);
        }
    }

    #[test]
    fn every_row_is_as_wide_as_its_head() {
        let line = || LineRow {
            id: Id::nil(),
            order_id: Id::nil(),
            product_title: "T".into(),
            product_slug: "t".into(),
            variant_name: "V".into(),
            variant_key: "v".into(),
            terms: LicenseTerms::Personal.into(),
            quantity: 1,
            unit_amount: 1250,
            amount_discount: 0,
            amount_tax: 0,
            part_of_id: None,
        };
        let row = || OrderRow {
            id: Id::nil(),
            public_id: "x".into(),
            status: domain::order::OrderStatus::Paid.into(),
            livemode: true,
            email: "a@b.c".into(),
            currency: Currency::USD.into(),
            amount_subtotal: 1250,
            amount_discount: 0,
            amount_tax: 0,
            amount_total: 1250,
            amount_refunded: 50,
            amount_lost: 200,
            payment_intent_id: None,
            created_at: 0,
            paid_at: Some(1),
        };
        let order = order_record(row(), &[line()], "TEN".into());
        assert_eq!(order.len(), ORDER_HEAD.len());
        assert_eq!((order[13].as_str(), order[15].as_str(), order[19].as_str()), ("12.50", "10.00", "1250"));
        let line = line_record(&row(), line(), [50, 200]);
        assert_eq!((line.len(), line[22].as_str()), (LINE_HEAD.len(), "10.00"));
        assert_eq!(order[5], "1970-01-01T00:00:00.001Z");
    }
}
