//! Several products of the list at once.

use super::checklist::check_delivers;
use super::draft::read;
use super::edit::{find, set_status, update_product};
use crate::accounts::audit::Actor;
use crate::base::at_once;
use crate::base::entities::product;
use crate::{Error, Result, Shop};
use domain::catalog::ProductStatus;
use domain::draft::ProductDraft;
use domain::pages::several::{Outcome, SeveralAct};
use domain::slug::Slug;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashMap;

/// Does it to the products of these slugs. `category` is a slug, or empty for none. What delivers nothing is published only where that
/// `is_meant`.
///
/// # Errors
/// Refuses none, too many, and what is nothing to do to a product; what one product is refused for is in the outcome.
pub async fn change_several(shop: &Shop, by: &Actor, act: SeveralAct, slugs: &[String], category: &str, is_meant: bool) -> Result<Outcome> {
    let chosen = at_once::chosen(slugs)?;
    let titles = titles(shop, &chosen).await?;
    let mut outcome = at_once::begun(act);
    for slug in chosen {
        let done = match act {
            SeveralAct::Publish => put(shop, by, slug, ProductStatus::Published, is_meant).await,
            SeveralAct::Unlist => put(shop, by, slug, ProductStatus::Unlisted, is_meant).await,
            SeveralAct::Archive => put(shop, by, slug, ProductStatus::Archived, true).await,
            SeveralAct::Categorize => categorize(shop, by, slug, category).await,
            SeveralAct::Resend => return Err(Error::refused("malformed", "There is no such act.")),
        };
        at_once::note(&mut outcome, slug, titles.get(slug).cloned().unwrap_or_else(|| slug.to_owned()), done);
    }
    Ok(outcome)
}

/// Puts it where it is to stand, unless it stands there.
async fn put(shop: &Shop, by: &Actor, slug: &str, status: ProductStatus, is_meant: bool) -> Result<()> {
    let row = find(shop, slug).await?;
    // Whoever publishes what is scheduled wants it now.
    let now = shop.clock.now_ms();
    let waits = status.is_on_sale() && row.published_at.is_some_and(|at| at > now);
    if row.status() == status && !waits {
        return Ok(());
    }
    if !is_meant {
        let draft = ProductDraft { status, ..read(&shop.db, &row).await? };
        check_delivers(shop, Some(&row), &draft).await?;
    }
    if waits {
        let change = |draft: &mut ProductDraft| {
            (draft.status, draft.published_at) = (status, None);
            Ok(())
        };
        return update_product(shop, by, slug, None, change).await.map(drop);
    }
    set_status(shop, by, slug, status).await.map(drop)
}

async fn categorize(shop: &Shop, by: &Actor, slug: &str, category: &str) -> Result<()> {
    let change = |draft: &mut ProductDraft| {
        draft.category = Some(category.to_owned()).filter(|category| !category.is_empty());
        Ok(())
    };
    update_product(shop, by, slug, None, change).await.map(drop)
}

async fn titles(shop: &Shop, slugs: &[&str]) -> Result<HashMap<String, String>> {
    let slugs = slugs.iter().filter_map(|slug| Slug::parse(slug).ok());
    let known = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.is_in(slugs.map(|slug| slug.as_str().to_owned())));
    let columns = known.select_only().columns([product::Column::Slug, product::Column::Title]);
    Ok(columns.into_tuple::<(String, String)>().all(&shop.db).await?.into_iter().collect())
}
