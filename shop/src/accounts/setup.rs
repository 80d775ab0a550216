//! The first start: whoever has the code that the program printed claims the shop, once.

use super::{members, password};
use crate::accounts::audit::{self, Action, Actor};
use crate::accounts::sessions::{Origin, SignIn, Way};
use crate::base::database::begin_write;
use crate::base::entities::{member, store};
use crate::base::secret::{equal, token_text};
use crate::stores::settings::{self, time_zone};
use crate::stores::{self, steps::Claim};
use crate::{
    Error, Result, Shop,
    base::{refusals, world},
};
use domain::email::Email;
use domain::member::{MemberView, Role};
use domain::money::Currency;
use domain::pages::settings::OldPrices;
use domain::text::{has_visible, tidy, typed};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, SelectExt};

/// What the first owner says.
#[derive(Clone)]
pub struct NewShop {
    /// From [`setup_code`].
    pub code: String,
    pub store_name: String,
    pub currency: String,
    pub time_zone: String,
    pub email: String,
    pub password: String,
}

const MAX_NAME_CHARS: usize = 100;

/// Whether the shop has an owner.
pub async fn is_claimed(shop: &Shop) -> Result<bool> {
    let claimed = store::Entity::find_by_id(shop.settings.store_id).filter(store::Column::ClaimedAt.is_not_null());
    Ok(claimed.exists(&shop.db).await?)
}

/// What proves that somebody may read the shop's log. The same on every replica and after every start, as it follows from the
/// secret key; worth nothing once the shop is claimed.
pub fn setup_code(shop: &Shop) -> String {
    token_text(&shop.settings.secret_key.derive("setup", shop.settings.store_id.as_bytes())[..10])
}

/// Makes the first owner and names the shop.
///
/// # Errors
/// `setup_code_wrong` (403); `already_claimed` (409) for all but the first; what is wrong with a field.
pub async fn claim(shop: &Shop, new: NewShop, origin: &Origin) -> Result<SignIn> {
    let code = typed(&new.code).to_lowercase();
    if !equal(code.as_bytes(), setup_code(shop).as_bytes()) {
        return Err(refusals::SETUP_CODE_WRONG.into());
    }
    if is_claimed(shop).await? {
        return Err(claimed_already());
    }
    let name = store_name(&new.store_name).map_err(|error| error.at("store_name"))?;
    let email = Email::parse(&new.email)?;
    let currency =
        Currency::parse(&new.currency).map_err(|error| Error::refused("currency_invalid", format!("{error}.")).at("currency"))?;
    let time_zone = time_zone(&new.time_zone)?;
    let hash = password::hash(&new.password, password::context(&name, email.as_str())).await?;
    let (id, now) = (world::new_id(), shop.clock.now_ms());
    let tx = begin_write(&shop.db).await?;
    let claim = Claim { name: &name, currency, time_zone: &time_zone };
    // Of two who come at once the first one has it.
    if !stores::steps::claim(&tx, shop.settings.store_id, now, Some(claim)).await? {
        return Err(claimed_already());
    }
    let by = Actor { member_id: Some(id), name: email.as_str().to_owned() };
    // Goods that the command line put there before.
    settings::settle_old_prices(&tx, shop, &by, currency.code(), OldPrices::SameNumbers).await?;
    member::Entity::insert(members::new_row(shop, id, &email, Role::Owner, Some(hash))).exec_without_returning(&tx).await?;
    audit::note(&tx, shop, &by, Action { act: "claimed", kind: "store", id: Some(shop.settings.store_id), name: &name }).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    let member = MemberView { id, role: Role::Owner, email: email.as_str().to_owned() };
    Ok(SignIn::new(shop, member, origin, Way::Password))
}

/// The name of a store as it stands on every page.
///
/// # Errors
/// Refuses an empty one, a long one, one of several lines.
pub(crate) fn store_name(name: &str) -> Result<String> {
    let name = tidy(name);
    if !has_visible(&name) || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(refusals::STORE_NAME_INVALID.into());
    }
    Ok(name)
}

/// Why nobody claims a shop twice.
pub fn claimed_already() -> Error {
    refusals::ALREADY_CLAIMED.into()
}
