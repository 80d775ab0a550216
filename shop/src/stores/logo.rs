//! The store's logo: a picture in place of its name above every page.

use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::base::entities::file;
use crate::catalog;
use crate::files::ByteStream;
use crate::{
    Error, Result, Shop,
    files::{self, pictures, tombstones, uploads},
    stores,
};
use domain::id::Id;
use domain::pages::storefront::Picture;
use domain::text::has_visible;
use sea_orm::{DatabaseTransaction, EntityTrait};

/// Draws a picture anew and makes it the logo. The one before stays where pages show it that were not made anew.
///
/// # Errors
/// As those of a cover: refuses what is no JPEG, PNG or WebP, is broken, or has too many pixels.
pub async fn set(shop: &Shop, by: &Actor, name: &str, body: ByteStream) -> Result<()> {
    let name = catalog::line(name.rsplit(['/', '\\']).next().unwrap_or(name));
    let name = if !has_visible(&name) { "logo".to_owned() } else { name };
    let facts = uploads::drawn(shop, body).await?;
    let tx = begin_write(&shop.db).await?;
    let file = files::steps::add(&tx, shop, &name, &facts).await?;
    point_to(&tx, shop, Some(file.id)).await?;
    audit::note(&tx, shop, by, action("added", &name)).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

/// Shows the name again. Taking away what is not there changes nothing.
pub async fn remove(shop: &Shop, by: &Actor) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    if !point_to(&tx, shop, None).await? {
        return Ok(());
    }
    audit::note(&tx, shop, by, action("removed", "logo")).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

fn action<'a>(act: &'static str, name: &'a str) -> Action<'a> {
    Action { act, kind: "logo", id: None, name }
}

async fn point_to(tx: &DatabaseTransaction, shop: &Shop, file_id: Option<Id>) -> Result<bool> {
    if let Some(before) = stores::logo_file(tx, shop.settings.store_id).await? {
        tombstones::record_file(tx, shop, before).await?;
    }
    let has_changed = stores::steps::set_logo(tx, shop.settings.store_id, file_id).await?;
    stores::catalog_changed(tx, shop.settings.store_id).await?;
    Ok(has_changed)
}

/// What is odd about the logo, in words; nothing where there is none.
pub async fn warning(shop: &Shop) -> Result<Option<&'static str>> {
    let Some(id) = stores::logo_file(&shop.db, shop.settings.store_id).await? else { return Ok(None) };
    let file = file::Entity::find_by_id(id).one(&shop.db).await?;
    Ok(file.and_then(|file| pictures::warning_text(&file.warning)))
}

/// The logo with the store's name for who cannot see it.
pub(crate) async fn picture(shop: &Shop, file_id: Option<Id>, name: &str) -> Result<Option<Picture>> {
    let Some(id) = file_id else { return Ok(None) };
    let file = file::Entity::find_by_id(id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    Ok(Some(catalog::PictureRow::from(&file).with_alt(name)))
}
