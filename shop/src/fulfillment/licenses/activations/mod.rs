//! Seats: the devices that a license key works on.

mod activate;
mod deactivate;
mod ping;
pub(super) mod seats;

pub use activate::{Activation, activate};
pub use deactivate::deactivate;
pub(super) use deactivate::take_back;
pub use ping::ping;

use crate::base::entities::license;
use crate::{Result, Shop};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

/// Locks the license of a key, so that its seats are counted by one at a time. A key that was rotated meanwhile is none any more.
pub(super) async fn lock(tx: &DatabaseTransaction, shop: &Shop, key_hmac: &[u8]) -> Result<Option<license::Model>> {
    let of_key = license::Entity::find().filter(license::Column::KeyHmac.eq(key_hmac));
    Ok(of_key.filter(license::Column::StoreId.eq(shop.settings.store_id)).lock_exclusive().one(tx).await?)
}
