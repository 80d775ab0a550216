//! A row of `wrong_clocks`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "wrong_clocks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub machine: String,
    pub seen_at: i64,
    pub ahead_of_stripe_ms: Option<i64>,
    pub ahead_of_database_ms: Option<i64>,
    pub n_refused: i64,
}

impl ActiveModelBehavior for ActiveModel {}
