//! A row of `order_items`.

use crate::base::database::{JsonText, Stored};
use domain::license::LicensePolicy;
use domain::lines::LineAmounts;
use domain::terms::LicenseTerms;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub order_id: Uuid,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: BelongsTo<super::order::Entity>,
    pub product_id: Uuid,
    pub variant_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub product_slug: String,
    #[sea_orm(column_type = "Text")]
    pub product_title: String,
    #[sea_orm(column_type = "Text")]
    pub variant_key: String,
    #[sea_orm(column_type = "Text")]
    pub variant_name: String,
    pub terms: Stored<LicenseTerms, Entity>,
    pub quantity: i64,
    pub unit_amount: i64,
    pub amount_discount: i64,
    pub amount_tax: i64,
    pub download_limit: Option<i64>,
    pub has_license: bool,
    pub license_activation_limit: Option<i64>,
    pub license_expires_after_days: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub license_policy: JsonText<LicensePolicy>,
    pub position: i64,
    pub terms_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "terms_id", to = "id")]
    pub license_terms: BelongsTo<Option<super::license_terms::Entity>>,
    pub part_of_id: Option<Uuid>,
    #[sea_orm(self_ref, relation_enum = "PartOf", from = "part_of_id", to = "id")]
    pub part_of: BelongsTo<Option<Entity>>,
    #[sea_orm(has_many)]
    pub entitlements: HasMany<super::entitlement::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn amounts(&self) -> LineAmounts {
        LineAmounts { unit: self.unit_amount, quantity: self.quantity, discount: self.amount_discount, tax: self.amount_tax }
    }
}
