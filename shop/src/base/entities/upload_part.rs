//! A row of `upload_parts`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upload_parts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub upload_id: Uuid,
    #[sea_orm(belongs_to, from = "upload_id", to = "id")]
    pub upload: BelongsTo<super::upload::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub size_bytes: i64,
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    #[sea_orm(column_type = "Text")]
    pub tag: String,
}

impl ActiveModelBehavior for ActiveModel {}
