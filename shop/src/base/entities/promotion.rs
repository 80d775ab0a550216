//! A row of `promotions`.

use crate::base::database::Stored;
use domain::money::Currency;
use domain::promotion::PromotionStatus;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promotions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    pub percent_off: Option<i64>,
    pub amount_off: Option<i64>,
    pub currency: Option<Stored<Currency, Entity>>,
    pub minimum_amount: Option<i64>,
    pub once_per_customer: bool,
    pub max_redemptions: Option<i64>,
    pub n_reserved: i64,
    pub n_redeemed: i64,
    pub starts_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub status: Stored<PromotionStatus, Entity>,
    pub created_at: i64,
    pub is_automatic: bool,
    pub is_for_everything: bool,
    pub amount_sold: i64,
    pub amount_given: i64,
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}
