//! A row of `drafts`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drafts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub member_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<Option<super::member::Entity>>,
    #[sea_orm(column_type = "Text")]
    pub form: String,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub field: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub message: String,
    pub created_at: i64,
    pub client: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
