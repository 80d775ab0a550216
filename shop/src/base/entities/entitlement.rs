//! A row of `entitlements`.

use crate::base::database::Stored;
use domain::entitlement::Cause;
use domain::entitlement::EntitlementState;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub order_id: Uuid,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: BelongsTo<super::order::Entity>,
    pub order_item_id: Uuid,
    #[sea_orm(belongs_to, from = "order_item_id", to = "id")]
    pub order_item: BelongsTo<super::order_item::Entity>,
    pub unit_no: i64,
    pub product_id: Uuid,
    pub variant_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub email_normalized: String,
    pub download_limit: Option<i64>,
    pub state: Stored<EntitlementState, Entity>,
    pub cause: Stored<Cause, Entity>,
    pub created_at: i64,
    pub closed_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
