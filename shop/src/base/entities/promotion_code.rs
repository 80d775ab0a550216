//! A row of `promotion_codes`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promotion_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub promotion_id: Uuid,
    #[sea_orm(belongs_to, from = "promotion_id", to = "id")]
    pub promotion: BelongsTo<super::promotion::Entity>,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub code_normalized: String,
}

impl ActiveModelBehavior for ActiveModel {}
