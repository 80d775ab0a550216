//! The store: the one seller that this shop has to begin with.

pub mod calendar;
pub mod dashboard;
pub mod logo;
pub mod settings;
pub(crate) mod steps;

use crate::base::database::Database;
use crate::base::entities::store;
use crate::{Error, Result, Shop, base::world};
use domain::id::Id;
use domain::money::Currency;
use domain::pages::settings::{Policy, SaleMails};
use domain::pages::storefront::StoreFace;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

/// The id of the store, which is made when there is none.
pub async fn ensure(db: &Database, clock: &crate::Clock) -> Result<Id> {
    if let Some(id) = find_main(db).await? {
        return Ok(id);
    }
    // Of several programs that start together one makes the store, by its unique key; all find the same.
    steps::add_main(db, world::new_id(), clock.now_ms()).await?;
    find_main(db).await?.ok_or(Error::NotFound)
}

async fn find_main(db: &Database) -> Result<Option<Id>> {
    Ok(store::Entity::find().filter(store::Column::IsMain.eq(true)).one(db).await?.map(|store| store.id))
}

/// The store's row.
pub(crate) async fn load(shop: &Shop) -> Result<store::Model> {
    store::Entity::find_by_id(shop.settings.store_id).one(&shop.db).await?.ok_or(Error::NotFound)
}

/// The time zone of the store's days, by its IANA name.
pub async fn time_zone(shop: &Shop) -> Result<String> {
    Ok(load(shop).await?.time_zone)
}

/// The currency that the store counts in.
pub async fn currency(shop: &Shop) -> Result<Currency> {
    Ok(*load(shop).await?.currency)
}

/// As [`currency`], as this transaction sees it.
pub(crate) async fn currency_in(db: &impl ConnectionTrait, store_id: Id) -> Result<Currency> {
    Ok(*store::Entity::find_by_id(store_id).one(db).await?.ok_or(Error::NotFound)?.currency)
}

/// As [`currency`], which stays so until the transaction ends. The last row that a transaction takes, as it is the first one that a
/// change of the currency takes.
pub(crate) async fn hold_currency(tx: &DatabaseTransaction, store_id: Id) -> Result<Currency> {
    Ok(*store::Entity::find_by_id(store_id).lock_shared().one(tx).await?.ok_or(Error::NotFound)?.currency)
}

/// How the owner hears of sales, as this transaction sees it.
pub(crate) async fn sale_mails(db: &impl ConnectionTrait, store_id: Id) -> Result<SaleMails> {
    Ok(*store::Entity::find_by_id(store_id).one(db).await?.ok_or(Error::NotFound)?.sale_mails)
}

/// The store as every page names it: as [`face`], kept until it changes.
pub async fn shown_face(shop: &Shop) -> Result<StoreFace> {
    shop.memos.face.or_read(shop, face(shop)).await
}

/// The store as its pages and mails name it.
pub async fn face(shop: &Shop) -> Result<StoreFace> {
    let store = load(shop).await?;
    let logo = logo::picture(shop, store.logo_file_id, &store.name).await?;
    let mut seller: Vec<String> = vec![store.legal_name];
    seller.extend(store.address.lines().map(|line| line.trim().to_owned()));
    if !store.tax_id.is_empty() {
        seller.push(format!("Tax ID {}", store.tax_id));
    }
    seller.retain(|line| !line.is_empty());
    let texts = [(Policy::Terms, store.terms_text), (Policy::Privacy, store.privacy_text), (Policy::Refunds, store.refund_text)];
    Ok(StoreFace {
        name: store.name,
        tagline: store.tagline,
        support_email: store.support_email,
        seller,
        policies: texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(policy, _)| policy).collect(),
        refund_days: store.refund_days,
        sender_name: store.sender_name,
        logo,
        base_url: shop.settings.base_url.clone(),
        time_zone: store.time_zone,
    })
}

/// How often the catalog has changed, over all replicas.
pub async fn catalog_version(shop: &Shop) -> Result<i64> {
    let version = store::Entity::find_by_id(shop.settings.store_id).select_only().column(store::Column::CatalogVersion);
    Ok(version.into_tuple().one(&shop.db).await?.unwrap_or(0))
}

/// The picture that stands in place of the store's name.
pub(crate) async fn logo_file(db: &impl ConnectionTrait, store_id: Id) -> Result<Option<Id>> {
    Ok(store::Entity::find_by_id(store_id).one(db).await?.and_then(|store| store.logo_file_id))
}

/// Notes in the caller's transaction that pages of the catalog have become stale.
pub async fn catalog_changed(db: &impl ConnectionTrait, store_id: Id) -> Result<()> {
    steps::catalog_changed(db, store_id).await?;
    Ok(())
}
