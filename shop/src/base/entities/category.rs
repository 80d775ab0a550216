//! A row of `categories`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub parent_id: Option<Uuid>,
    #[sea_orm(self_ref, relation_enum = "Parent", from = "parent_id", to = "id")]
    pub parent: BelongsTo<Option<Entity>>,
    #[sea_orm(column_type = "Text")]
    pub slug: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    pub image_file_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "image_file_id", to = "id")]
    pub image_file: BelongsTo<Option<super::file::Entity>>,
    pub position: i64,
    pub is_active: bool,
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
