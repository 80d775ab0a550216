//! A row of `promotion_uses`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promotion_uses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    pub promotion_id: Uuid,
    pub order_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub customer_key: String,
    pub once_per_customer: bool,
    pub amount: i64,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
