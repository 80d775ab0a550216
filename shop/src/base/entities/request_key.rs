//! A row of `request_keys`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub request_key: String,
    #[sea_orm(column_type = "Text")]
    pub wish_hash: String,
    pub created_at: i64,
    pub made_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
