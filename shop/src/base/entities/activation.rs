//! A row of `activations`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub license_id: Uuid,
    #[sea_orm(belongs_to, from = "license_id", to = "id")]
    pub license: BelongsTo<super::license::Entity>,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub fingerprint_hash: Vec<u8>,
    pub created_at: i64,
    pub seen_at: i64,
    pub deactivated_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub fingerprint: String,
    pub lease_until: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
