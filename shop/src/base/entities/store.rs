//! A row of `stores`.

use crate::base::database::Stored;
use domain::money::Currency;
use domain::pages::settings::SaleMails;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stores")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub tagline: String,
    pub currency: Stored<Currency, Entity>,
    #[sea_orm(column_type = "Text")]
    pub time_zone: String,
    #[sea_orm(column_type = "Text")]
    pub support_email: Option<String>,
    pub catalog_version: i64,
    pub created_at: i64,
    pub is_main: Option<bool>,
    pub events_read_until: Option<i64>,
    pub events_read_next: Option<i64>,
    pub claimed_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub legal_name: String,
    #[sea_orm(column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "Text")]
    pub tax_id: String,
    #[sea_orm(column_type = "Text")]
    pub sender_name: String,
    pub logo_file_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "logo_file_id", to = "id")]
    pub logo_file: BelongsTo<Option<super::file::Entity>>,
    pub download_limit: Option<i64>,
    pub activation_limit: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub terms_text: String,
    #[sea_orm(column_type = "Text")]
    pub privacy_text: String,
    #[sea_orm(column_type = "Text")]
    pub refund_text: String,
    pub revision: i64,
    pub sale_mails: Stored<SaleMails, Entity>,
    pub sales_mailed_day: Option<i64>,
    pub refund_days: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
