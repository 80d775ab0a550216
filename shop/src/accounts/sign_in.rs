//! The way in by password.

use super::password;
use crate::accounts::sessions::{Origin, SignIn, Way};
use crate::base::entities::member;
use crate::{Error, Result, Shop, base::refusals};
use domain::email::Email;
use domain::member::MemberView;
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

/// The member as pages name them.
pub(super) fn view(member: member::Model) -> MemberView {
    MemberView { id: member.id, role: *member.role, email: member.email }
}

/// Lets a member in who knows the password.
///
/// # Errors
/// One refusal (401) for an unknown address and a wrong password alike, after the same work.
pub async fn sign_in(shop: &Shop, email: &str, password: &str, origin: &Origin) -> Result<SignIn> {
    let refusal = || Error::from(refusals::SIGN_IN_FAILED);
    let Ok(email) = Email::parse(email) else { return Err(refusal()) };
    if password.len() > password::MAX_BYTES {
        return Err(refusal());
    }
    let member = find(shop, &email).await?;
    let hash = member.as_ref().and_then(|member| member.password_hash.clone());
    // Somebody unknown costs as much time as somebody known.
    let is_right = password::verify(hash, password.to_owned()).await?;
    let member = member.filter(|_| is_right).ok_or_else(refusal)?;
    Ok(SignIn::new(shop, view(member), origin, Way::Password))
}
