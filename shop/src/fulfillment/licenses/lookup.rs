//! A license by its key.

use super::answer::{Answer, LicenseView, MetaView, number_of};
use super::{KeptRow, sql};
use crate::base::database::{JsonText, statement};
use crate::{Result, Shop};
use domain::id::Id;
use domain::license::{LicenseCode, LicensePolicy, Standing};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A license with all that decides of it.
#[derive(FromQueryResult)]
pub(super) struct Found {
    #[sea_orm(nested)]
    kept: KeptRow,
    number: i64,
    policy: JsonText<LicensePolicy>,
    updates_until: Option<i64>,
    created_at: i64,
    pub last_validated_at: Option<i64>,
    order_id: Id,
    order_item_id: Id,
    product_id: Id,
    variant_id: Id,
    product_title: String,
    product_slug: String,
    variant_name: String,
    email: String,
    customer_id: Option<Id>,
    livemode: bool,
}

impl Found {
    pub fn id(&self) -> Id {
        self.kept.id
    }

    pub fn order_id(&self) -> Id {
        self.order_id
    }

    pub fn standing(&self) -> Standing {
        self.kept.standing()
    }

    pub fn code(&self, shop: &Shop) -> LicenseCode {
        self.standing().code(shop.clock.now_ms())
    }

    pub fn policy(&self) -> &LicensePolicy {
        &self.policy.0
    }

    pub fn activation_limit(&self) -> Option<i64> {
        self.kept.activation_limit
    }

    /// Whether it is one of the product that software names: by its number, its id or its slug.
    pub fn is_of(&self, product: Option<&str>) -> bool {
        let Some(product) = product.map(str::trim).filter(|name| !name.is_empty()) else { return true };
        product == number_of(self.product_id).to_string()
            || product == self.product_slug
            || uuid::Uuid::try_parse(product).is_ok_and(|id| id == self.product_id)
    }

    /// What software is told, with this many seats in use.
    pub fn answer(self, shop: &Shop, activation_usage: i64) -> Result<Answer> {
        let standing = Standing { activation_usage, ..self.standing() };
        Ok(Answer {
            id: self.kept.id,
            license: LicenseView {
                number: self.number,
                status: standing.status(shop.clock.now_ms()),
                key: self.kept.key(shop)?,
                activation_limit: self.kept.activation_limit,
                activation_usage,
                created_at: self.created_at,
                expires_at: self.kept.expires_at,
                updates_until: self.updates_until,
                policy: self.policy.0,
                is_test: !self.livemode,
            },
            meta: MetaView {
                store_id: number_of(shop.settings.store_id),
                order_id: number_of(self.order_id),
                order_item_id: number_of(self.order_item_id),
                product_id: number_of(self.product_id),
                product_name: self.product_title,
                product_slug: self.product_slug,
                variant_id: number_of(self.variant_id),
                variant_name: self.variant_name,
                // Who bought a key before there were customers is known by the order.
                customer_id: number_of(self.customer_id.unwrap_or(self.order_id)),
                customer_email: self.email,
            },
        })
    }
}

/// The license whose key has this hash.
pub(super) async fn find(db: &impl ConnectionTrait, shop: &Shop, key_hmac: &[u8]) -> Result<Option<Found>> {
    let values = [shop.settings.store_id.into(), key_hmac.into()];
    Ok(Found::find_by_statement(statement(db, sql::of_key(), values)).one(db).await?)
}
