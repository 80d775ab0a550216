//! A row of `download_links`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub token_hash: Vec<u8>,
    pub entitlement_id: Uuid,
    #[sea_orm(belongs_to, from = "entitlement_id", to = "id")]
    pub entitlement: BelongsTo<super::entitlement::Entity>,
    pub file_id: Uuid,
    #[sea_orm(belongs_to, from = "file_id", to = "id")]
    pub file: BelongsTo<super::file::Entity>,
    pub expires_at: i64,
    pub session_until: Option<i64>,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
