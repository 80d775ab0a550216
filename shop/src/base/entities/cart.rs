//! A row of `carts`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "carts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub token_hash: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub email: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    #[sea_orm(column_type = "Text")]
    pub promotion_code: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub referrer: String,
    pub n_purchases: i64,
}

impl ActiveModelBehavior for ActiveModel {}
