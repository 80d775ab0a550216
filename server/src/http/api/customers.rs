//! Customers and their licenses, for creators.

use super::body::{ApiQuery, Creator, PathName};
use super::error::ApiError;
use super::instant::rfc3339;
use super::licenses::License;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use domain::member::Permission;
use domain::pages::customer::{CustomerRow, GoodRow, Spent};
use domain::pages::dashboard::{NoteRow, OrderRow};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::customers::{CustomerQuery, Erased};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CustomerFilter {
    /// The beginning of an email address or of a name.
    q: Option<String>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Customers {
    items: Vec<Customer>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Customer {
    id: String,
    email: String,
    name: String,
    /// Name and address were forgotten on request.
    is_erased: bool,
    /// Paid orders.
    orders: i64,
    /// What was spent in each currency.
    spent: Vec<Sum>,
    /// RFC 3339, UTC.
    last_order_at: Option<String>,
    created_at: String,
}

/// Minor units.
#[derive(Serialize, ToSchema)]
pub struct Sum {
    currency: String,
    paid: i64,
    refunded: i64,
    /// What banks took back in disputes that were lost.
    lost: i64,
}

impl From<Spent> for Sum {
    fn from(spent: Spent) -> Self {
        Self {
            currency: spent.paid.currency.code().to_owned(),
            paid: spent.paid.amount,
            refunded: spent.refunded.amount,
            lost: spent.lost.amount,
        }
    }
}

impl From<CustomerRow> for Customer {
    fn from(customer: CustomerRow) -> Self {
        Self {
            id: customer.id,
            email: customer.email,
            name: customer.name,
            is_erased: customer.is_erased,
            orders: customer.n_orders,
            spent: customer.spent.into_iter().map(Sum::from).collect(),
            last_order_at: customer.last_order_at.map(rfc3339),
            created_at: rfc3339(customer.created_at),
        }
    }
}

#[utoipa::path(
    get, path = "/customers", operation_id = "list_customers", tag = "customers",
    params(CustomerFilter),
    security(("api_key" = [])),
    responses((status = 200, description = "Customers, newest first; what a search finds goes by address", body = Customers)),
)]
pub async fn list(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<CustomerFilter>,
) -> Result<Json<Customers>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let page =
        shop::customers::list(&state.shop, &CustomerQuery { q: filter.q, cursor: filter.cursor, ..CustomerQuery::default() }).await?;
    Ok(Json(Customers { items: page.customers.into_iter().map(Customer::from).collect(), next_cursor: page.next_cursor }))
}

/// A customer with everything that was bought.
#[derive(Serialize, ToSchema)]
pub struct CompleteCustomer {
    customer: Customer,
    /// The latest fifty.
    orders: Vec<CustomerOrder>,
    goods: Vec<Good>,
    licenses: Vec<License>,
    notes: Vec<CustomerNote>,
}

#[derive(Serialize, ToSchema)]
pub struct CustomerOrder {
    id: String,
    number: String,
    status: String,
    amount_total: i64,
    currency: String,
    created_at: String,
}

impl From<OrderRow> for CustomerOrder {
    fn from(order: OrderRow) -> Self {
        Self {
            id: order.id,
            number: order.number,
            status: order.status.as_str().to_owned(),
            amount_total: order.total.amount,
            currency: order.total.currency.code().to_owned(),
            created_at: rfc3339(order.created_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Good {
    order: String,
    title: String,
    variant: String,
    quantity: i64,
    /// active, suspended or revoked.
    state: String,
}

impl From<GoodRow> for Good {
    fn from(good: GoodRow) -> Self {
        Self {
            order: good.order.0,
            title: good.title,
            variant: good.variant_name,
            quantity: good.quantity,
            state: good.state.as_str().to_owned(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CustomerNote {
    order: Option<String>,
    author: String,
    text: String,
    created_at: String,
}

impl From<NoteRow> for CustomerNote {
    fn from(note: NoteRow) -> Self {
        Self { order: note.order.map(|order| order.0), author: note.author, text: note.body, created_at: rfc3339(note.created_at) }
    }
}

#[utoipa::path(
    get, path = "/customers/{id}", operation_id = "get_customer", tag = "customers",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "The customer with everything that was bought", body = CompleteCustomer)),
)]
pub async fn show(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
) -> Result<Json<CompleteCustomer>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let file = shop::customers::file(&state.shop, &id).await?;
    Ok(Json(CompleteCustomer {
        customer: file.customer.into(),
        orders: file.orders.into_iter().map(CustomerOrder::from).collect(),
        goods: file.goods.into_iter().map(Good::from).collect(),
        licenses: file.licenses.into_iter().map(License::from).collect(),
        notes: file.notes.into_iter().map(CustomerNote::from).collect(),
    }))
}

#[utoipa::path(
    get, path = "/customers/{id}/export", operation_id = "export_customer", tag = "customers",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "Everything that the shop keeps of the person", body = serde_json::Value)),
)]
pub async fn export(
    State(state): State<AppState>,
    method: Method,
    PathName(id): PathName,
    Creator(holder): Creator,
) -> Result<Json<serde_json::Value>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    Ok(Json(shop::customers::data_of(&state.shop, &Actor::from(&holder), &id, method == Method::GET).await?))
}

#[utoipa::path(
    delete, path = "/customers/{id}", operation_id = "erase_customer", tag = "customers",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses(
        (
            status = 202,
            description = "The customer is forgotten; old notes and records are still looked through for the address, which goes on by \
                itself",
        ),
        (status = 204, description = "Name and address are forgotten for ever; amounts and dates stay"),
        (status = 409),
    ),
)]
pub async fn erase(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EraseCustomers)?;
    Ok(match shop::customers::erase(&state.shop, &Actor::from(&holder), &id).await? {
        Erased::Everywhere => StatusCode::NO_CONTENT,
        Erased::GoesOn => StatusCode::ACCEPTED,
    })
}
