//! A row of `sessions`.

use crate::accounts::sessions::Way;
use crate::base::database::Stored;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_hash: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub data: String,
    pub member_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<Option<super::member::Entity>>,
    pub customer_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "customer_id", to = "id")]
    pub customer: BelongsTo<Option<super::customer::Entity>>,
    pub created_at: i64,
    pub expires_at: i64,
    #[sea_orm(column_type = "Text")]
    pub user_agent: String,
    #[sea_orm(column_type = "Text")]
    pub ip: String,
    pub seen_at: i64,
    pub way: Stored<Way, Entity>,
    pub proved_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
