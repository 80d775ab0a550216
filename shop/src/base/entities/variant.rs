//! A row of `variants`.

use crate::base::database::{JsonText, Stored, pairs};
use domain::catalog::VariantStatus;
use domain::draft::{TierDraft, TierPrice};
use domain::license::LicensePolicy;
use domain::terms::LicenseTerms;
use domain::tier::TierRef;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    pub product_id: Uuid,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<super::product::Entity>,
    #[sea_orm(column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub summary: String,
    pub terms: Stored<LicenseTerms, Entity>,
    pub position: i64,
    pub status: Stored<VariantStatus, Entity>,
    pub download_limit: Option<i64>,
    pub has_license: bool,
    pub license_activation_limit: Option<i64>,
    pub license_expires_after_days: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub license_policy: JsonText<LicensePolicy>,
    #[sea_orm(column_type = "Text")]
    pub attributes: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What its seller said, with what stands in rows of its own.
    pub fn draft(self, price: TierPrice, includes: Vec<TierRef>) -> TierDraft {
        TierDraft {
            price,
            includes,
            attributes: pairs::read_list(&self.attributes),
            key: self.key,
            name: self.name,
            summary: self.summary,
            terms: *self.terms,
            download_limit: self.download_limit,
            has_license: self.has_license,
            activation_limit: self.license_activation_limit,
            expires_after_days: self.license_expires_after_days,
            license_policy: self.license_policy.0,
            position: self.position,
            is_archived: self.status == VariantStatus::Archived,
        }
    }
}

impl ActiveModel {
    /// Takes over what a draft says of its row.
    pub fn describe(&mut self, draft: &TierDraft) {
        self.key = Set(draft.key.clone());
        self.name = Set(draft.name.clone());
        self.summary = Set(draft.summary.clone());
        self.terms = Set(draft.terms.into());
        self.download_limit = Set(draft.download_limit);
        self.has_license = Set(draft.has_license);
        self.license_activation_limit = Set(draft.activation_limit);
        self.license_expires_after_days = Set(draft.expires_after_days);
        self.license_policy = Set(JsonText(draft.license_policy.clone()));
        self.attributes = Set(pairs::list(&draft.attributes));
        self.position = Set(draft.position);
        self.status = Set(if draft.is_archived { VariantStatus::Archived } else { VariantStatus::Active }.into());
    }
}
