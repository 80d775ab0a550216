//! A row of `uploads`.

use crate::base::database::Stored;
use domain::files::FileRole;
use domain::files::UploadState;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub product_id: Uuid,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::product::Entity>,
    pub release_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "release_id", to = "id")]
    pub release: BelongsTo<Option<super::release::Entity>>,
    pub replaces_file_id: Option<Uuid>,
    #[sea_orm(belongs_to, relation_enum = "ReplacesFile", from = "replaces_file_id", to = "id")]
    pub replaces_file: BelongsTo<Option<super::file::Entity>>,
    pub role: Stored<FileRole, Entity>,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub variants: String,
    #[sea_orm(column_type = "Text")]
    pub mark: String,
    pub size_bytes: i64,
    pub part_bytes: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub sha256: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub object_key: String,
    #[sea_orm(column_type = "Text")]
    pub store_ref: String,
    pub state: Stored<UploadState, Entity>,
    pub lease_until: i64,
    pub file_id: Option<Uuid>,
    #[sea_orm(belongs_to, relation_enum = "File", from = "file_id", to = "id")]
    pub file: BelongsTo<Option<super::file::Entity>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub refusal_code: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub refusal_text: Option<String>,
    pub created_at: i64,
    pub touched_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
