//! A row of `products`.

use crate::base::database::{Stored, pairs};
use domain::catalog::Kind;
use domain::catalog::ProductStatus;
use domain::draft::{ProductDraft, ProductTexts};
use domain::money::Currency;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<super::store::Entity>,
    #[sea_orm(column_type = "Text")]
    pub slug: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub sku: Option<String>,
    pub kind: Stored<Kind, Entity>,
    #[sea_orm(column_type = "Text")]
    pub promise: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    #[sea_orm(column_type = "Text")]
    pub edition: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub requirements: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub metadata: String,
    pub category_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "category_id", to = "id")]
    pub category: BelongsTo<Option<super::category::Entity>>,
    pub cover_file_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "cover_file_id", to = "id")]
    pub cover_file: BelongsTo<Option<super::file::Entity>>,
    #[sea_orm(column_type = "Text")]
    pub cover_alt: String,
    pub status: Stored<ProductStatus, Entity>,
    pub published_at: Option<i64>,
    pub price_from: i64,
    pub currency: Stored<Currency, Entity>,
    pub has_price_range: bool,
    pub n_sold: i64,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub is_listed: bool,
    pub revision: i64,
    #[sea_orm(column_type = "Text")]
    pub updated_by: String,
    #[sea_orm(column_type = "Text")]
    pub seo_title: String,
    #[sea_orm(column_type = "Text")]
    pub seo_description: String,
    pub deleted_at: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub deleted_slug: Option<String>,
    pub deleted_status: Option<Stored<ProductStatus, Entity>>,
    pub pay_what_you_want: bool,
    #[sea_orm(column_type = "Text")]
    pub credits: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn status(&self) -> ProductStatus {
        self.status.listed(self.is_listed)
    }

    pub fn texts(&self) -> ProductTexts {
        ProductTexts {
            title: self.title.clone(),
            credits: self.credits.clone(),
            promise: self.promise.clone(),
            description: self.description.clone(),
            edition: self.edition.clone(),
            requirements: self.requirements.clone(),
            sku: self.sku.clone(),
            seo_title: self.seo_title.clone(),
            seo_description: self.seo_description.clone(),
        }
    }

    pub fn metadata(&self) -> Vec<(String, String)> {
        pairs::read_map(&self.metadata)
    }

    /// What its seller said, without what stands in rows of its own: category, tags and tiers.
    pub fn draft(&self) -> ProductDraft {
        ProductDraft {
            texts: self.texts(),
            slug: Some(self.slug.clone()),
            kind: *self.kind,
            metadata: self.metadata(),
            status: self.status(),
            published_at: self.published_at,
            ..ProductDraft::default()
        }
    }
}

impl ActiveModel {
    /// Takes over what a draft says, but for what depends on what stands there: slug, category and times.
    pub fn describe(&mut self, draft: &ProductDraft) {
        let texts = draft.texts.clone();
        self.title = Set(texts.title);
        self.credits = Set(texts.credits);
        self.promise = Set(texts.promise);
        self.description = Set(texts.description);
        self.edition = Set(texts.edition);
        self.requirements = Set(texts.requirements);
        self.sku = Set(texts.sku);
        self.seo_title = Set(texts.seo_title);
        self.seo_description = Set(texts.seo_description);
        self.kind = Set(draft.kind.into());
        self.metadata = Set(pairs::map(&draft.metadata));
        let (status, is_listed) = draft.status.columns();
        (self.status, self.is_listed) = (Set(status.into()), Set(is_listed));
    }
}
