//! A row of `disputes`.

use crate::base::database::Stored;
use domain::ledger::DisputeStatus;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disputes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub order_id: Uuid,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: BelongsTo<super::order::Entity>,
    pub payment_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "payment_id", to = "id")]
    pub payment: BelongsTo<Option<super::payment::Entity>>,
    #[sea_orm(column_type = "Text")]
    pub provider_id: String,
    pub status: Stored<DisputeStatus, Entity>,
    pub amount: i64,
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub due_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
