//! An order, with its access key as the bearer.

use super::body::{Bearer, JsonBody, PathName, bearer, creator};
use super::error::ApiError;
use super::instant::rfc3339;
use super::order_licenses::OrderLicense;
use super::sales::{Dispute, FraudSignal, Refund};
use crate::http::client::ClientIp;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::member::Permission;
use domain::order::OrderView;
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::orders::TimelineEntry;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Order {
    id: String,
    number: String,
    status: String,
    email: String,
    amount_total: i64,
    amount_refunded: i64,
    /// What a bank took back in disputes that were lost.
    amount_lost: i64,
    currency: String,
    /// Where an unpaid order can be paid.
    checkout_url: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
    paid_at: Option<String>,
    /// Null for what was free, not paid, or not told by Stripe.
    payment_method: Option<PaymentMethod>,
    items: Vec<OrderItem>,
    /// What happened to the order, oldest first.
    timeline: Vec<Step>,
    /// With a creator's key alone, as are the next ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    refunds: Option<Vec<Refund>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disputes: Option<Vec<Dispute>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fraud_signals: Option<Vec<FraudSignal>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    /// How open each line is, in the order of `items`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Vec<Access>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<Note>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mails: Option<Vec<OrderMail>>,
}

/// A means of payment, in Stripe's words; what it doesn't have is empty.
#[derive(Serialize, ToSchema)]
pub struct PaymentMethod {
    /// card, link, paypal, sepa_debit and others.
    #[serde(rename = "type")]
    kind: String,
    brand: String,
    last4: String,
    /// apple_pay, google_pay and others.
    wallet: String,
    /// As a person reads it: "Visa ending in 4242".
    text: String,
}

impl From<domain::payment::PaymentMethod> for PaymentMethod {
    fn from(method: domain::payment::PaymentMethod) -> Self {
        let text = method.words();
        Self { kind: method.kind, brand: method.brand, last4: method.last4, wallet: method.wallet, text }
    }
}

/// How open a line is.
#[derive(Serialize, ToSchema)]
pub struct Access {
    /// active, suspended or revoked.
    state: String,
    /// refund, dispute, review, or member where somebody of the shop closed it.
    #[serde(skip_serializing_if = "String::is_empty")]
    cause: String,
}

/// What somebody of the shop wrote on the order.
#[derive(Serialize, ToSchema)]
pub struct Note {
    author: String,
    text: String,
    created_at: String,
}

/// A mail to the customer.
#[derive(Serialize, ToSchema)]
pub struct OrderMail {
    kind: String,
    /// waiting, retried, sent or failed.
    state: String,
    /// Why it was not taken the last time.
    error: Option<String>,
    attempts: i64,
    /// When it was sent, or is to be.
    at: String,
}

/// A step of an order: created, paid, entitled, mailed, seen by its customer, fetched, and what became of its money.
#[derive(Serialize, ToSchema)]
pub struct Step {
    event: String,
    /// The file that was fetched, the amount that went back, the status of a dispute.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// RFC 3339, UTC.
    at: String,
}

impl From<TimelineEntry> for Step {
    fn from(entry: TimelineEntry) -> Self {
        Self { event: entry.step.as_str().to_owned(), detail: entry.detail, at: rfc3339(entry.created_at) }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrderItem {
    /// Names the item in refunds, `revoke` and `restore`, whatever becomes of slugs.
    id: String,
    /// The slug that the product was sold under.
    product: String,
    /// The slug that the same product has now; null where it is not on sale, and for a creator where it was deleted.
    product_now: Option<String>,
    variant: String,
    title: String,
    quantity: i64,
    unit_amount: i64,
    /// What a refund that names it can still give back; with a creator's key alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_refundable: Option<i64>,
    /// The title of the item that it came with; it has no price of its own then.
    part_of: Option<String>,
    files: Vec<OrderFile>,
    licenses: Vec<OrderLicense>,
}

#[derive(Serialize, ToSchema)]
pub struct OrderFile {
    id: String,
    name: String,
    size_bytes: i64,
    sha256: String,
    downloads_left: i64,
}

impl From<shop::orders::CompleteOrder> for Order {
    fn from(file: shop::orders::CompleteOrder) -> Self {
        let left: Vec<Option<i64>> = file.view.items.iter().map(|line| file.refundable_lines.get(&line.id).copied()).collect();
        let mut order = Self {
            refunds: Some(file.refunds.into_iter().map(Refund::from).collect()),
            disputes: Some(file.disputes.into_iter().map(Dispute::from).collect()),
            fraud_signals: Some(file.fraud_signals.into_iter().map(FraudSignal::from).collect()),
            customer: file.customer_id.map(|id| id.simple().to_string()),
            access: Some(
                file.access
                    .into_iter()
                    .map(|line| Access { state: line.state.as_str().to_owned(), cause: line.cause.as_str().to_owned() })
                    .collect(),
            ),
            notes: Some(
                file.notes
                    .into_iter()
                    .map(|note| Note { author: note.author, text: note.body, created_at: rfc3339(note.created_at) })
                    .collect(),
            ),
            mails: Some(
                file.mails
                    .into_iter()
                    .map(|mail| OrderMail {
                        kind: mail.kind.as_str().to_owned(),
                        state: mail.state.as_str().to_owned(),
                        error: mail.error,
                        attempts: mail.attempts,
                        at: rfc3339(mail.at),
                    })
                    .collect(),
            ),
            ..Self::new(file.view, file.timeline)
        };
        for (item, left) in order.items.iter_mut().zip(left) {
            item.amount_refundable = left;
        }
        order
    }
}

impl Order {
    fn new(order: OrderView, timeline: Vec<TimelineEntry>) -> Self {
        Self {
            created_at: rfc3339(order.created_at),
            paid_at: order.paid_at.map(rfc3339),
            payment_method: order.paid_with.map(PaymentMethod::from),
            timeline: timeline.into_iter().map(Step::from).collect(),
            refunds: None,
            disputes: None,
            fraud_signals: None,
            customer: None,
            access: None,
            notes: None,
            mails: None,
            status: order.status.as_str().to_owned(),
            currency: order.currency.code().to_owned(),
            id: order.id,
            number: order.number,
            email: order.email,
            amount_total: order.amount_total,
            amount_refunded: order.amount_refunded,
            amount_lost: order.amount_lost,
            checkout_url: order.checkout_url,
            items: order
                .items
                .into_iter()
                .map(|line| OrderItem {
                    id: line.id.simple().to_string(),
                    product: line.product,
                    product_now: line.product_now,
                    variant: line.variant,
                    title: line.title,
                    quantity: line.quantity,
                    unit_amount: line.unit_price.amount,
                    amount_refundable: None,
                    part_of: line.part_of,
                    files: line
                        .files
                        .into_iter()
                        .map(|file| OrderFile {
                            id: file.id,
                            name: file.name,
                            size_bytes: file.size_bytes,
                            sha256: file.sha256,
                            downloads_left: file.downloads_left,
                        })
                        .collect(),
                    licenses: line.licenses.into_iter().map(OrderLicense::from).collect(),
                })
                .collect(),
        }
    }
}

#[utoipa::path(
    get, path = "/orders/{id}", operation_id = "get_order", tag = "orders",
    params(("id" = String, Path)),
    security(("access_key" = []), ("api_key" = [])),
    responses(
        (
            status = 200,
            description = "The order with its files and licenses; with a creator's key, with refunds, disputes and signs of fraud as well",
            body = Order,
        ),
    ),
)]
pub async fn show(State(state): State<AppState>, PathName(id): PathName, headers: HeaderMap) -> Result<Json<Order>, ApiError> {
    let key = bearer(&headers)?;
    // Access keys are base 32 and have no underscore.
    if key.starts_with("wl_") {
        creator(&state, &headers, Permission::SeeOrders).await?;
        return Ok(Json(shop::orders::find_for_member(&state.shop, &id).await?.into()));
    }
    let order = shop::orders::load(&state.shop, &id, key).await?;
    Ok(Json(Order::new(order, shop::orders::timeline(&state.shop, &id, key).await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MintLink {
    file_id: String,
}

#[derive(Serialize, ToSchema)]
pub struct Link {
    url: String,
    /// RFC 3339, UTC.
    expires_at: String,
    downloads_left: i64,
}

#[utoipa::path(
    post, path = "/orders/{id}/downloads", operation_id = "create_download", tag = "orders",
    params(("id" = String, Path)),
    request_body = MintLink,
    security(("access_key" = [])),
    responses((status = 201, description = "A link to the file", body = Link), (status = 429)),
)]
pub async fn mint(
    State(state): State<AppState>,
    client: ClientIp,
    PathName(id): PathName,
    Bearer(key): Bearer,
    JsonBody(body): JsonBody<MintLink>,
) -> Result<(StatusCode, Json<Link>), ApiError> {
    state.limits.links.check(client).map_err(ApiError::too_many)?;
    let link = shop::fulfillment::downloads::mint(&state.shop, &id, &key, &body.file_id).await?;
    Ok((StatusCode::CREATED, Json(Link { url: link.url, expires_at: rfc3339(link.expires_at), downloads_left: link.downloads_left })))
}

#[derive(Serialize, ToSchema)]
pub struct Resent {
    status: String,
}

#[utoipa::path(
    post, path = "/orders/{id}/resend", operation_id = "resend_order", tag = "orders",
    params(("id" = String, Path)),
    security(("access_key" = []), ("api_key" = [])),
    responses((status = 202, description = "The mail is under way", body = Resent), (status = 409), (status = 429)),
)]
pub async fn resend(
    State(state): State<AppState>,
    client: ClientIp,
    PathName(id): PathName,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Resent>), ApiError> {
    state.limits.resends.check(client).map_err(ApiError::too_many)?;
    let key = bearer(&headers)?;
    if key.starts_with("wl_") {
        let holder = creator(&state, &headers, Permission::HelpCustomers).await?;
        shop::orders::resend_for_member(&state.shop, &Actor::from(&holder), &id).await?;
    } else {
        shop::orders::resend(&state.shop, &id, key).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(Resent { status: "queued".to_owned() })))
}
