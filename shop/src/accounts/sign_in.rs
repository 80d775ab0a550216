//! The way in by password.

use super::password;
use crate::entities::member;
use crate::sessions::{self, Origin, SessionToken, Way};
use crate::{Error, Refusal, Result, Shop};
use domain::email::Email;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The member with this address who was not taken away.
pub(super) async fn find(shop: &Shop, email: &Email) -> Result<Option<member::Model>> {
    Ok(member::Entity::find()
        .filter(member::Column::StoreId.eq(shop.settings.store_id))
        .filter(member::Column::EmailNormalized.eq(email.normalized()))
        .filter(member::Column::RemovedAt.is_null())
        .one(&shop.db)
        .await?)
}

/// Opens a session for a member who knows the password.
///
/// # Errors
/// One refusal (401) for an unknown address and a wrong password alike, after the same work.
pub async fn sign_in(shop: &Shop, email: &str, password: &str, origin: &Origin) -> Result<SessionToken> {
    let refusal =
        || Error::Refused(Refusal::new("sign_in_failed", "This e-mail address and password don't fit together.").with_status(401));
    let Ok(email) = Email::parse(email) else { return Err(refusal()) };
    if password.len() > password::MAX_BYTES {
        return Err(refusal());
    }
    let (id, hash) = find(shop, &email).await?.map_or((None, None), |member| (Some(member.id), member.password_hash));
    // Somebody unknown costs as much time as somebody known.
    let is_right = password::verify(hash, password.to_owned()).await?;
    match id {
        Some(id) if is_right => sessions::begin(&shop.db, shop, id, origin, Way::Password).await,
        _ => Err(refusal()),
    }
}
