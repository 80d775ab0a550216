//! A row of `prices`.

use crate::base::database::Stored;
use domain::draft::TierPrice;
use domain::money::Currency;
use sea_orm::ActiveValue::Set;
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

impl Model {
    pub fn price(&self) -> TierPrice {
        TierPrice {
            amount: self.amount,
            currency: *self.currency,
            compare_at: self.compare_at,
            pay_what_you_want: self.pay_what_you_want,
            suggested_amount: self.suggested_amount,
        }
    }
}

impl ActiveModel {
    pub fn describe(&mut self, price: &TierPrice) {
        self.amount = Set(price.amount);
        self.currency = Set(price.currency.into());
        self.compare_at = Set(price.compare_at);
        self.pay_what_you_want = Set(price.pay_what_you_want);
        self.suggested_amount = Set(price.suggested_amount);
    }
}
