//! Orders and their lines as CSV, by key.

use super::body::{ApiQuery, Creator};
use super::error::ApiError;
use super::sales::Filter;
use crate::http::exports::attachment;
use crate::state::AppState;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Response};
use domain::member::Permission;
use shop::accounts::audit::Actor;
use shop::analytics::exports::Sheet;

#[utoipa::path(
    get, path = "/exports/orders.csv", operation_id = "export_orders", tag = "exports",
    params(Filter),
    security(("api_key" = [])),
    responses((status = 200, description = "All orders that fit, newest first", body = String, content_type = "text/csv")),
)]
pub async fn orders(state: State<AppState>, method: Method, holder: Creator, filter: ApiQuery<Filter>) -> Result<Response<Body>, ApiError> {
    send(state, method, holder, filter, Sheet::Orders).await
}

#[utoipa::path(
    get, path = "/exports/order-lines.csv", operation_id = "export_order_lines", tag = "exports",
    params(Filter),
    security(("api_key" = [])),
    responses((status = 200, description = "The lines of all orders that fit", body = String, content_type = "text/csv")),
)]
pub async fn lines(state: State<AppState>, method: Method, holder: Creator, filter: ApiQuery<Filter>) -> Result<Response<Body>, ApiError> {
    send(state, method, holder, filter, Sheet::Lines).await
}

async fn send(
    State(state): State<AppState>,
    method: Method,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<Filter>,
    sheet: Sheet,
) -> Result<Response<Body>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let stream =
        shop::analytics::exports::begin(&state.shop, &Actor::from(&holder), sheet, filter.read(&state.shop).await?, method == Method::GET)
            .await?;
    Ok(attachment(&state.shop, sheet.as_str(), stream))
}
