//! A row of `jobs`.

use crate::base::database::Stored;
use crate::jobs::JobState;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub dedupe_key: String,
    #[sea_orm(column_type = "Text")]
    pub payload: String,
    pub state: Stored<JobState, Entity>,
    pub attempts: i64,
    pub next_at: i64,
    pub lease_until: i64,
    #[sea_orm(column_type = "Text")]
    pub last_error: Option<String>,
    pub created_at: i64,
    pub done_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub request_id: Option<String>,
    pub order_id: Option<Uuid>,
    pub dismissed_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
