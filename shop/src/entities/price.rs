//! A row of `prices`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    pub variant_id: Uuid,
    pub amount: i64,
    #[sea_orm(column_type = "Text")]
    pub currency: String,
    pub compare_at: Option<i64>,
    pub is_active: bool,
    pub created_at: i64,
    pub pay_what_you_want: bool,
    pub suggested_amount: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
