//! Files for members who are signed in: orders, streamed as they are read, and what is kept of a customer.

use super::page;
use crate::state::AppState;
use app::layout::request;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use domain::id::PublicId;
use domain::member::{MemberView, Permission};
use domain::pages::dashboard::OrderFilter;
use domain::pages::several::MAX_AT_ONCE;
use shop::Shop;
use shop::accounts::audit::Actor;
use shop::analytics::exports::Sheet;
use shop::files::ByteStream;
use shop::orders::OrderQuery;
use tower_sessions::Session;

/// `GET /dashboard/orders.csv` and `order-lines.csv`: the route says which sheet it is.
pub async fn sheet(
    State(state): State<AppState>,
    Extension(sheet): Extension<Sheet>,
    method: Method,
    session: Session,
    uri: Uri,
    Query(filter): Query<OrderFilter>,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let begun = begin(&state.shop, &method, &session, &filter, chosen(&query.unwrap_or_default()), sheet).await;
    answer(&state, &uri, begun.map(|stream| stream.map(|stream| attachment(&state.shop, sheet.as_str(), stream))))
}

/// `GET /dashboard/customers/{id}/data.json`
pub async fn customer(State(state): State<AppState>, method: Method, session: Session, uri: Uri, Path(id): Path<String>) -> Response<Body> {
    let made = match member(&session).await {
        Ok(Some(member)) => shop::customers::data_of(&state.shop, &Actor::from(&member), &id, method == Method::GET).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    answer(
        &state,
        &uri,
        made.map(|data| data.map(|data| file(&state.shop, "customer", "json", "application/json", data.to_string().into()))),
    )
}

/// The file; for strangers the way in, and a page for a refusal.
fn answer(state: &AppState, uri: &Uri, made: shop::Result<Option<Response<Body>>>) -> Response<Body> {
    match made {
        Ok(Some(file)) => file,
        Ok(None) => {
            let here = uri.path_and_query().map_or("/dashboard", |here| here.as_str());
            let way_in = app::layout::with_query("/sign-in", &[("next", here)]);
            (StatusCode::FOUND, [(header::LOCATION, way_in)]).into_response()
        }
        Err(error) => {
            if let shop::Error::Unexpected(cause) = &error {
                tracing::error!(?cause, "an export could not be begun");
            }
            let (status, _, message) = error.answer();
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, page::refusal(&state.stylesheet, "There is no file", &[message])).into_response()
        }
    }
}

/// The member who asks, where the role may see orders; nobody for strangers.
async fn member(session: &Session) -> shop::Result<Option<MemberView>> {
    let member = request::member_of(session).await?;
    if let Some(member) = &member {
        request::check(member, Permission::SeeOrders)?;
    }
    Ok(member)
}

/// The orders that a form of the list names, where it sends its own alone.
fn chosen(query: &str) -> Option<Vec<String>> {
    let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
    let ids = pairs().filter(|(name, _)| ["chosen[]", "chosen%5B%5D"].contains(name)).filter_map(|(_, id)| PublicId::parse(id));
    pairs().any(|pair| pair == ("only", "chosen")).then(|| ids.map(|id| id.as_str().to_owned()).take(MAX_AT_ONCE).collect())
}

async fn begin(
    shop: &Shop,
    method: &Method,
    session: &Session,
    filter: &OrderFilter,
    chosen: Option<Vec<String>>,
    sheet: Sheet,
) -> shop::Result<Option<ByteStream>> {
    let Some(member) = member(session).await? else { return Ok(None) };
    let query = OrderQuery { chosen, ..shop::orders::read_filter(shop, filter).await? };
    shop::analytics::exports::begin(shop, &Actor::from(&member), sheet, query, *method == Method::GET).await.map(Some)
}

/// A stream of CSV as a file to keep.
pub fn attachment(shop: &Shop, what: &str, stream: ByteStream) -> Response<Body> {
    file(shop, what, "csv", "text/csv; charset=utf-8", Body::from_stream(stream))
}

/// A file that is named by what it holds and the day.
fn file(shop: &Shop, what: &str, ending: &str, media_type: &'static str, body: Body) -> Response<Body> {
    let name = format!("attachment; filename=\"{what}-{}.{ending}\"", shop::base::world::date(shop.clock.now_ms() / 1000));
    let disposition = HeaderValue::try_from(name).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}
