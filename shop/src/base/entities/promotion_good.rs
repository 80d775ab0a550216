//! A row of `promotion_goods`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "promotion_goods")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub promotion_id: Uuid,
    #[sea_orm(belongs_to, from = "promotion_id", to = "id")]
    pub promotion: BelongsTo<super::promotion::Entity>,
    pub product_id: Uuid,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::product::Entity>,
    pub variant_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "variant_id", to = "id")]
    pub variant: BelongsTo<Option<super::variant::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
