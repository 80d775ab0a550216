//! What downloads tell of a customer who is forgotten.

use crate::base::entities::{download_record, download_session};
use crate::orders::Orders;
use crate::{Result, fulfillment::entitlements};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// Forgets from where and with what the files of some orders were fetched.
pub(crate) async fn forget(tx: &DatabaseTransaction, orders: &Orders) -> Result<()> {
    let of_orders = download_session::Column::EntitlementId.in_subquery(entitlements::ids_of(orders));
    let sessions =
        download_session::Entity::find().filter(of_orders.clone()).select_only().column(download_session::Column::Id).into_query();
    download_record::Entity::update_many()
        .col_expr(download_record::Column::Ip, Expr::value(""))
        .col_expr(download_record::Column::UserAgent, Expr::value(""))
        .filter(download_record::Column::SessionId.in_subquery(sessions))
        .exec(tx)
        .await?;
    download_session::Entity::update_many()
        .col_expr(download_session::Column::Ip, Expr::value(""))
        .col_expr(download_session::Column::UserAgent, Expr::value(""))
        .filter(of_orders)
        .exec(tx)
        .await?;
    Ok(())
}
