//! A row of `variants`.

use crate::base::database::Stored;
use domain::catalog::VariantStatus;
use domain::terms::LicenseTerms;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub product_id: Uuid,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::product::Entity>,
    #[sea_orm(column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub summary: String,
    pub terms: Stored<LicenseTerms, Entity>,
    pub position: i64,
    pub status: Stored<VariantStatus, Entity>,
    pub download_limit: Option<i64>,
    pub has_license: bool,
    pub license_activation_limit: Option<i64>,
    pub license_expires_after_days: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub attributes: String,
}

impl ActiveModelBehavior for ActiveModel {}
