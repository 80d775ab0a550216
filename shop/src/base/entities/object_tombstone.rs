//! A row of `object_tombstones`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "object_tombstones")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub object_key: String,
    pub gone_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
