//! Orders for creators: the list, one order with all that is known of it, refunds.

use super::body::{ApiQuery, Creator, JsonBody, PathName};
use super::error::ApiError;
use super::idempotency::{IdempotencyKey, LONG_KEY};
use super::instant::rfc3339;
use super::named_line::NamedLine;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::Shop;
use shop::accounts::audit::Actor;
use shop::orders::{Edge, LineName, ListedOrder, OrderQuery};
use shop::payments::disputes::DisputeView;
use shop::payments::fraud::SignalView;
use shop::payments::refunds::{RefundRequest, RefundView};
use shop::stores::calendar::Calendar;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// One of pending, processing, paid, partially_refunded, refunded, disputed, charged_back, failed, expired.
    status: Option<String>,
    /// An order's id or number, an id of Stripe's, or the beginning of an email address.
    q: Option<String>,
    /// The slug of a product that is in the order.
    product: Option<String>,
    /// The code, or the id, of the promotion that the order was placed with.
    promotion: Option<String>,
    /// The code of the country that was paid from, such as DE.
    country: Option<String>,
    /// Where the visitor came from, as the figures name it.
    referrer: Option<String>,
    /// Begun on this day of the shop's time zone such as 2026-11-21, or at this instant (RFC 3339), or later.
    from: Option<String>,
    /// Begun on this day or before; of an instant, before it.
    to: Option<String>,
    /// `paid`, where the two are those of the payment.
    days: Option<String>,
    /// The least total, minor units.
    amount_from: Option<i64>,
    /// The largest total, minor units.
    amount_to: Option<i64>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

impl Filter {
    /// # Errors
    /// Refuses an invalid status, day or instant.
    pub async fn read(self, shop: &Shop) -> shop::Result<OrderQuery> {
        let calendar = Calendar::of(shop).await?;
        let at = |text: Option<String>, edge, code| text.map(|text| shop::orders::instant(&calendar, &text, edge, code)).transpose();
        Ok(OrderQuery {
            status: self.status.as_deref().map(shop::orders::status).transpose()?,
            q: self.q,
            product: self.product,
            promotion: self.promotion,
            country: self.country,
            referrer: self.referrer,
            from: at(self.from, Edge::Start, "from_unreadable")?,
            to: at(self.to, Edge::End, "to_unreadable")?,
            is_by_payment: match self.days.as_deref() {
                None | Some("begun") => false,
                Some(shop::orders::PAID) => true,
                Some(_) => return Err(shop::Error::refused("days_unknown", "The days are those of begun or paid.").at("days")),
            },
            amount_from: self.amount_from,
            amount_to: self.amount_to,
            cursor: self.cursor,
            ..OrderQuery::default()
        })
    }
}

/// Where few orders fit, a page may have less than fifty and yet a cursor: each looks at ten thousand orders at most.
#[derive(Serialize, ToSchema)]
pub struct Orders {
    items: Vec<OrderSummary>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct OrderSummary {
    id: String,
    number: String,
    status: String,
    email: String,
    amount_total: i64,
    amount_refunded: i64,
    /// What a bank took back in disputes that were lost.
    amount_lost: i64,
    currency: String,
    /// RFC 3339, UTC.
    created_at: String,
    paid_at: Option<String>,
}

impl From<ListedOrder> for OrderSummary {
    fn from(order: ListedOrder) -> Self {
        Self {
            id: order.id,
            number: order.number,
            status: order.status.as_str().to_owned(),
            email: order.email,
            amount_total: order.amount_total,
            amount_refunded: order.amount_refunded,
            amount_lost: order.amount_lost,
            currency: order.currency.to_string(),
            created_at: rfc3339(order.created_at),
            paid_at: order.paid_at.map(rfc3339),
        }
    }
}

#[utoipa::path(
    get, path = "/orders", operation_id = "list_orders", tag = "sales",
    params(Filter),
    security(("api_key" = [])),
    responses((status = 200, description = "Orders, newest first", body = Orders)),
)]
pub async fn list(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<Filter>,
) -> Result<Json<Orders>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let page = shop::orders::list(&state.shop, &filter.read(&state.shop).await?).await?;
    Ok(Json(Orders { items: page.items.into_iter().map(OrderSummary::from).collect(), next_cursor: page.next_cursor }))
}

#[derive(Serialize, ToSchema)]
pub struct Dispute {
    /// Stripe's name for it.
    id: String,
    /// Stripe's word: <https://docs.stripe.com/api/disputes/object#dispute_object-status>
    status: String,
    amount: i64,
    reason: Option<String>,
    created_at: String,
    /// Until when Stripe takes evidence; RFC 3339, UTC.
    due_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct FraudSignal {
    /// Stripe's name for it.
    id: String,
    /// early_fraud_warning or review.
    kind: String,
    is_open: bool,
    reason: String,
    created_at: String,
}

impl From<DisputeView> for Dispute {
    fn from(dispute: DisputeView) -> Self {
        Self {
            id: dispute.provider_id,
            status: dispute.status.as_str().to_owned(),
            amount: dispute.amount,
            reason: dispute.reason,
            created_at: rfc3339(dispute.created_at),
            due_at: dispute.due_at.map(rfc3339),
        }
    }
}

impl From<SignalView> for FraudSignal {
    fn from(signal: SignalView) -> Self {
        Self {
            id: signal.provider_id,
            kind: signal.kind.as_str().to_owned(),
            is_open: signal.is_open,
            reason: signal.reason,
            created_at: rfc3339(signal.created_at),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// Minor units, in steps that the currency moves in; all that is left of the line or the order when absent. At most what is left
    /// of the line where one is named.
    amount: Option<i64>,
    /// A line that is named loses its files and licenses, whatever the amount.
    item: Option<NamedLine>,
    /// duplicate, fraudulent, requested_by_customer, or any words.
    reason: Option<String>,
}

/// The line that a refund is for.
#[derive(Serialize, ToSchema)]
pub struct RefundedItem {
    /// The slug that it was sold under.
    product: String,
    variant: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Refund {
    id: String,
    /// requested (Stripe has not answered yet), pending, requires_action, succeeded, failed or canceled.
    status: String,
    amount: i64,
    item: Option<RefundedItem>,
    reason: Option<String>,
    /// Why it failed.
    failure: Option<String>,
    created_at: String,
}

impl From<RefundView> for Refund {
    fn from(refund: RefundView) -> Self {
        Self {
            id: refund.id.simple().to_string(),
            status: refund.state.as_str().to_owned(),
            amount: refund.amount,
            item: refund.item.map(|(product, variant)| RefundedItem { product, variant: Some(variant) }),
            reason: refund.reason,
            failure: refund.failure,
            created_at: rfc3339(refund.created_at),
        }
    }
}

#[utoipa::path(
    post, path = "/orders/{id}/refunds", operation_id = "create_refund", tag = "sales",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One request is one refund, however often it is sent"),
    ),
    request_body = CreateRefund,
    security(("api_key" = [])),
    responses((status = 201, description = "The refund", body = Refund), (status = 503)),
)]
pub async fn refund(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    key: IdempotencyKey<LONG_KEY>,
    JsonBody(body): JsonBody<CreateRefund>,
) -> Result<(StatusCode, Json<Refund>), ApiError> {
    holder.check(Permission::Refund)?;
    let request = RefundRequest {
        order: id,
        amount: body.amount,
        item: body.item.map(LineName::from),
        reason: body.reason,
        request_key: key.into_text(),
        by: Some(Actor::from(&holder)),
    };
    let refund = shop::payments::refunds::request(&state.shop, request).await?;
    Ok((StatusCode::CREATED, Json(refund.into())))
}
