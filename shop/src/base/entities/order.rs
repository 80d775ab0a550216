//! A row of `orders`.

use crate::base::database::Stored;
use domain::money::Currency;
use domain::order::OrderStatus;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(column_type = "Text")]
    pub public_id: String,
    pub access_nonce: Vec<u8>,
    pub status: Stored<OrderStatus, Entity>,
    pub livemode: bool,
    #[sea_orm(column_type = "Text")]
    pub email: String,
    #[sea_orm(column_type = "Text")]
    pub email_normalized: String,
    pub customer_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "customer_id", to = "id")]
    pub customer: BelongsTo<Option<super::customer::Entity>>,
    pub currency: Stored<Currency, Entity>,
    pub amount_subtotal: i64,
    pub amount_discount: i64,
    pub amount_tax: i64,
    pub amount_total: i64,
    pub amount_paid: i64,
    pub amount_refunded: i64,
    pub refund_reserved: i64,
    #[sea_orm(column_type = "Text")]
    pub checkout_session_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub checkout_url: Option<String>,
    pub checkout_expires_at: Option<i64>,
    pub checkout_attempt: i64,
    #[sea_orm(column_type = "Text")]
    pub payment_intent_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub idempotency_key: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub request_hash: Option<String>,
    pub cart_id: Option<Uuid>,
    pub cart_purchase: Option<i64>,
    pub duplicate_of_id: Option<Uuid>,
    pub version: i64,
    pub created_at: i64,
    pub paid_at: Option<i64>,
    pub seen_at: Option<i64>,
    pub checked_at: Option<i64>,
    pub next_check_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub referrer: String,
    #[sea_orm(column_type = "Text")]
    pub country: String,
    #[sea_orm(has_many)]
    pub items: HasMany<super::order_item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
