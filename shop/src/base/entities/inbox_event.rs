//! A row of `inbox_events`.

use crate::base::database::Stored;
use crate::jobs::{EventState, FailureCause};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub id: String,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub livemode: bool,
    #[sea_orm(column_type = "Text")]
    pub account: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub api_version: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub object_id: String,
    pub raw: Vec<u8>,
    pub state: Stored<EventState, Entity>,
    pub attempts: i64,
    pub next_at: i64,
    pub lease_until: i64,
    #[sea_orm(column_type = "Text")]
    pub last_error: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub lost_goods: Option<String>,
    pub received_at: i64,
    pub done_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub request_id: Option<String>,
    pub happened_at: Option<i64>,
    pub dismissed_at: Option<i64>,
    pub failure_cause: Option<Stored<FailureCause, Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
