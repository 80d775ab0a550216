//! What happened to a license.

use crate::base::entities::license_event;
use crate::{Result, Shop, base::world};
use domain::id::Id;
use domain::license::LicenseEvent;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};

/// Notes an event in the transaction that makes it.
pub(super) async fn note(tx: &DatabaseTransaction, shop: &Shop, license_id: Id, kind: LicenseEvent, detail: &str) -> Result<()> {
    let row = license_event::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        license_id: Set(license_id),
        kind: Set(kind.into()),
        detail: Set(detail.to_owned()),
        created_at: Set(shop.clock.now_ms()),
    };
    license_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
