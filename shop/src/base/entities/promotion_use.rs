//! A row of `promotion_uses`.

use crate::base::database::Stored;
use domain::promotion::UseState;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promotion_uses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub promotion_id: Uuid,
    #[sea_orm(belongs_to, from = "promotion_id", to = "id")]
    pub promotion: BelongsTo<super::promotion::Entity>,
    pub order_id: Uuid,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: BelongsTo<super::order::Entity>,
    #[sea_orm(column_type = "Text")]
    pub customer_key: String,
    pub once_per_customer: bool,
    pub amount: i64,
    pub state: Stored<UseState, Entity>,
    pub created_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
