//! A row of `prices`.

use crate::base::database::Stored;
use domain::money::Currency;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "prices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub variant_id: Uuid,
    #[sea_orm(belongs_to, from = "variant_id", to = "id")]
    pub variant: BelongsTo<super::variant::Entity>,
    pub amount: i64,
    pub currency: Stored<Currency, Entity>,
    pub compare_at: Option<i64>,
    pub is_active: bool,
    pub created_at: i64,
    pub pay_what_you_want: bool,
    pub suggested_amount: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
