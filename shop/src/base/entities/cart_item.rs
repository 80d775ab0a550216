//! A row of `cart_items`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cart_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub cart_id: Uuid,
    #[sea_orm(belongs_to, from = "cart_id", to = "id")]
    pub cart: BelongsTo<super::cart::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub variant_id: Uuid,
    #[sea_orm(belongs_to, from = "variant_id", to = "id")]
    pub variant: BelongsTo<super::variant::Entity>,
    pub quantity: i64,
    pub added_at: i64,
    pub chosen_amount: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
