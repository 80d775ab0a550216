//! A row of `release_files`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release_files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub release_id: Uuid,
    #[sea_orm(belongs_to, from = "release_id", to = "id")]
    pub release: BelongsTo<super::release::Entity>,
    pub variant_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "variant_id", to = "id")]
    pub variant: BelongsTo<Option<super::variant::Entity>>,
    pub file_id: Uuid,
    #[sea_orm(belongs_to, from = "file_id", to = "id")]
    pub file: BelongsTo<super::file::Entity>,
    pub position: i64,
}

impl ActiveModelBehavior for ActiveModel {}
