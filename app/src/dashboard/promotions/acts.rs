//! What the forms of promotions do.

use crate::error::AppError;
use crate::layout::request::{self, Acting};
use crate::layout::with_query;
use domain::member::Permission;
use domain::promotion::PromotionForm;
use leptos::prelude::*;

pub(super) const LIST: &str = "/dashboard/promotions";

/// Puts a promotion away; the page after it offers to take that back.
#[server(prefix = "/_fn", endpoint = "archive_promotion")]
pub async fn archive_promotion(id: String) -> Result<String, AppError> {
    request::act_to(Permission::EditPromotions, LIST, async |Acting { shop, by, .. }| {
        shop::checkout::promotions::archive(&shop, &by, &id).await?;
        let id = shop::checkout::promotions::find(&shop, &id).await?.id;
        Ok(request::with_notice(&with_query(LIST, &[("undo", &id)]), "promotion_archived"))
    })
    .await
}

/// Brings a promotion back.
#[server(prefix = "/_fn", endpoint = "unarchive_promotion")]
pub async fn unarchive_promotion(id: String) -> Result<String, AppError> {
    request::act_to(Permission::EditPromotions, LIST, async |Acting { shop, by, .. }| {
        shop::checkout::promotions::unarchive(&shop, &by, &id).await?;
        let id = shop::checkout::promotions::find(&shop, &id).await?.id;
        Ok(request::with_notice(&format!("{LIST}/{id}"), "promotion_unarchived"))
    })
    .await
}

pub(super) const FORM: &str = "promotion";

/// Makes a promotion, or changes the one that the form names.
#[server(prefix = "/_fn", endpoint = "save_promotion")]
pub async fn save_promotion(#[server(flatten)] form: PromotionForm, #[server(default)] attempt: String) -> Result<String, AppError> {
    use shop::checkout::promotions::{self, PromotionChange};
    let mut typed = form;
    let made_from = request::made_from(&mut typed.revision, &mut typed.on_top);
    typed.join_goods();
    let is_named = typed.id.len() == 32 && typed.id.bytes().all(|b| b.is_ascii_hexdigit());
    let page = if is_named { format!("{LIST}/{}", typed.id) } else { format!("{LIST}/new") };
    request::submit(Permission::EditPromotions, FORM, &typed, &page, async |Acting { shop, by, .. }| {
        let saved = async {
            let new = promotions::form::read(&shop, &typed).await?;
            if typed.id.is_empty() {
                let once = request::once(&attempt, ("promotion", &new));
                let made = promotions::create(&shop, &by, new, once.as_ref()).await?;
                return Ok(request::with_notice(&format!("{LIST}/{}", made.id.simple()), "promotion_made"));
            }
            let change = PromotionChange { revision: made_from, ..PromotionChange::default() };
            promotions::update(&shop, &by, &typed.id, change, |promotion| *promotion = new).await?;
            Ok(request::with_notice(&page, "saved"))
        };
        saved.await.map_err(|error: shop::Error| error.renamed(&promotions::form::NAMES))
    })
    .await
}
