//! A row of `download_sessions`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub link_id: Uuid,
    #[sea_orm(belongs_to, from = "link_id", to = "id")]
    pub link: BelongsTo<super::download_link::Entity>,
    pub entitlement_id: Uuid,
    #[sea_orm(belongs_to, from = "entitlement_id", to = "id")]
    pub entitlement: BelongsTo<super::entitlement::Entity>,
    pub file_id: Uuid,
    #[sea_orm(belongs_to, from = "file_id", to = "id")]
    pub file: BelongsTo<super::file::Entity>,
    #[sea_orm(column_type = "Text")]
    pub ip: String,
    #[sea_orm(column_type = "Text")]
    pub user_agent: String,
    pub started_at: i64,
    pub n_bytes: i64,
    pub last_at: Option<i64>,
    pub is_short: bool,
}

impl ActiveModelBehavior for ActiveModel {}
