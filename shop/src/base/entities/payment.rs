//! A row of `payments`.

use crate::base::database::Stored;
use domain::money::Currency;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub order_id: Uuid,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: BelongsTo<super::order::Entity>,
    #[sea_orm(column_type = "Text")]
    pub provider: String,
    #[sea_orm(column_type = "Text")]
    pub provider_id: String,
    #[sea_orm(column_type = "Text")]
    pub charge_id: Option<String>,
    pub amount: i64,
    pub currency: Stored<Currency, Entity>,
    pub paid_at: i64,
    #[sea_orm(column_type = "Text")]
    pub method: String,
    #[sea_orm(column_type = "Text")]
    pub brand: String,
    #[sea_orm(column_type = "Text")]
    pub last4: String,
    #[sea_orm(column_type = "Text")]
    pub wallet: String,
    pub fee: Option<i64>,
    pub fee_currency: Option<Stored<Currency, Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
