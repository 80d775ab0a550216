//! A row of `refunds`.

use crate::base::database::Stored;
use domain::ledger::RefundState;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub order_id: Uuid,
    #[sea_orm(belongs_to, from = "order_id", to = "id")]
    pub order: BelongsTo<super::order::Entity>,
    pub order_item_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "order_item_id", to = "id")]
    pub order_item: BelongsTo<Option<super::order_item::Entity>>,
    pub payment_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "payment_id", to = "id")]
    pub payment: BelongsTo<Option<super::payment::Entity>>,
    pub amount: i64,
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    pub state: Stored<RefundState, Entity>,
    #[sea_orm(column_type = "Text")]
    pub provider_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub idempotency_key: String,
    #[sea_orm(column_type = "Text")]
    pub request_key: Option<String>,
    pub attempt: i64,
    #[sea_orm(column_type = "Text")]
    pub failure: Option<String>,
    pub member_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<Option<super::member::Entity>>,
    pub created_at: i64,
    pub updated_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
