//! A row of `products`.

use crate::base::database::Stored;
use domain::catalog::Kind;
use domain::catalog::ProductStatus;
use domain::money::Currency;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(column_type = "Text")]
    pub slug: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub sku: Option<String>,
    pub kind: Stored<Kind, Entity>,
    #[sea_orm(column_type = "Text")]
    pub promise: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    #[sea_orm(column_type = "Text")]
    pub edition: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub requirements: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub metadata: String,
    pub category_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "category_id", to = "id")]
    pub category: BelongsTo<Option<super::category::Entity>>,
    pub cover_file_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "cover_file_id", to = "id")]
    pub cover_file: BelongsTo<Option<super::file::Entity>>,
    #[sea_orm(column_type = "Text")]
    pub cover_alt: String,
    pub status: Stored<ProductStatus, Entity>,
    pub published_at: Option<i64>,
    pub price_from: i64,
    pub currency: Stored<Currency, Entity>,
    pub has_price_range: bool,
    pub n_sold: i64,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub is_listed: bool,
    pub revision: i64,
    #[sea_orm(column_type = "Text")]
    pub updated_by: String,
    #[sea_orm(column_type = "Text")]
    pub seo_title: String,
    #[sea_orm(column_type = "Text")]
    pub seo_description: String,
    pub deleted_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub deleted_slug: Option<String>,
    pub deleted_status: Option<Stored<ProductStatus, Entity>>,
    pub pay_what_you_want: bool,
}

impl ActiveModelBehavior for ActiveModel {}
