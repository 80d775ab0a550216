//! A row of `license_events`.

use crate::base::database::Stored;
use domain::license::LicenseEvent;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "license_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub license_id: Uuid,
    #[sea_orm(belongs_to, from = "license_id", to = "id")]
    pub license: BelongsTo<super::license::Entity>,
    pub kind: Stored<LicenseEvent, Entity>,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
