//! Members of the store: how the first one claims it, how they get in, who they are, and their keys.

pub mod audit;
mod entry;
mod keys;
mod members;
mod password;
pub mod sessions;
mod setup;
mod sign_in;
mod tries;

pub use entry::{EntryView, Purpose, enter, open_entry, request_link};
pub(crate) use entry::{entry_url, find_for_mail};
pub use keys::{KeyHolder, NewKey, create_api_key, create_key, find_api_key, list_keys, revoke_key, take_key};
pub use members::{change_role, create_owner, first_owner, invite, invite_again, list_members, remove};
pub use password::{change_password, prove, set_password};
pub(crate) use setup::store_name;
pub use setup::{NewShop, claim, claimed_already, is_claimed, setup_code};
pub use sign_in::sign_in;
pub use tries::{Knock, Try, count_try, forget_tries, was_here_mark};

/// Throws away links and counted tries that are over.
pub(crate) async fn sweep(shop: &crate::Shop) -> crate::Result<()> {
    entry::sweep(shop).await?;
    tries::sweep(shop).await
}
