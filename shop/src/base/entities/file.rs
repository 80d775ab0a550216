//! A row of `files`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(column_type = "Text")]
    pub object_key: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub media_type: String,
    pub size_bytes: i64,
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    pub created_at: i64,
    /// Pixels.
    pub width: Option<i64>,
    pub height: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub sizes: String,
    pub original_id: Option<Uuid>,
    #[sea_orm(self_ref, relation_enum = "Original", from = "original_id", to = "id")]
    pub original: BelongsTo<Option<Entity>>,
    #[sea_orm(column_type = "Text")]
    pub warning: String,
    /// What most of a picture has, as `#rrggbb`; none where it can be seen through, or is older than this column.
    #[sea_orm(column_type = "Text")]
    pub color: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
