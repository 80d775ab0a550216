//! A row of `bundle_items`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bundle_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub variant_id: Uuid,
    #[sea_orm(belongs_to, relation_enum = "Variant", from = "variant_id", to = "id")]
    pub variant: BelongsTo<super::variant::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub included_variant_id: Uuid,
    #[sea_orm(belongs_to, relation_enum = "IncludedVariant", from = "included_variant_id", to = "id")]
    pub included_variant: BelongsTo<super::variant::Entity>,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub position: i64,
}

impl ActiveModelBehavior for ActiveModel {}
