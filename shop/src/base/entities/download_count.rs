//! A row of `download_counts`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download_counts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub entitlement_id: Uuid,
    #[sea_orm(belongs_to, from = "entitlement_id", to = "id")]
    pub entitlement: BelongsTo<super::entitlement::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    #[sea_orm(belongs_to, from = "file_id", to = "id")]
    pub file: BelongsTo<super::file::Entity>,
    pub n_used: i64,
    pub n_extra: i64,
}

impl ActiveModelBehavior for ActiveModel {}
