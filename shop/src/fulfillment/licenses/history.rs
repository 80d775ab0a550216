//! What happened to a license.

use crate::base::database::word;
use crate::base::entities::license_event::{self, Column, Entity};
use crate::base::texts::{Act, FreeText};
use crate::{Result, Shop, base::world};
use domain::id::Id;
use domain::license::LicenseEvent;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// What members write of a license: why it is suspended or revoked.
pub(crate) const TEXTS: &[FreeText] = &[
    FreeText { table: "licenses", column: "reason", act: Act::Redact },
    FreeText { table: "license_events", column: "detail", act: Act::Redact },
];

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

/// What customers call their devices stands in these.
pub(super) const OF_DEVICES: [LicenseEvent; 4] =
    [LicenseEvent::Activated, LicenseEvent::Deactivated, LicenseEvent::LeaseEnded, LicenseEvent::FileIssued];

/// Forgets the devices of some licenses.
pub(super) async fn forget(tx: &DatabaseTransaction, licenses: SelectStatement) -> Result<()> {
    let of_devices = Entity::update_many().col_expr(Column::Detail, Expr::value("")).filter(Column::LicenseId.in_subquery(licenses));
    of_devices.filter(Column::Kind.is_in(OF_DEVICES.map(word))).exec(tx).await?;
    Ok(())
}
