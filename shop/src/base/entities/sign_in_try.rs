//! A row of `sign_in_tries`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_tries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: Vec<u8>,
    pub n: i64,
    pub ends_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
