//! A row of `licenses`.

use crate::base::database::{JsonText, Stored};
use domain::entitlement::EntitlementState;
use domain::license::LicensePolicy;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "licenses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub entitlement_id: Uuid,
    #[sea_orm(belongs_to, from = "entitlement_id", to = "id")]
    pub entitlement: BelongsTo<super::entitlement::Entity>,
    pub number: i64,
    pub key_hmac: Vec<u8>,
    pub key_nonce: Vec<u8>,
    pub state: Stored<EntitlementState, Entity>,
    pub activation_limit: Option<i64>,
    pub activation_usage: i64,
    pub expires_at: Option<i64>,
    pub created_at: i64,
    #[sea_orm(column_type = "Text")]
    pub policy: JsonText<LicensePolicy>,
    pub key_sealed: Option<Vec<u8>>,
    pub updates_until: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub last_validated_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
