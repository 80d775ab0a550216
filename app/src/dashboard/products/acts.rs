//! What the forms about products do.

use crate::dashboard::several;
use crate::error::AppError;
use crate::layout::request::{self, Acting};
use crate::layout::with_query;
use crate::storefront::product::MOVED;
use domain::catalog::ProductStatus;
use domain::member::{MemberView, Permission};
use domain::pages::form::Filled;
use domain::pages::goods::{EditedProduct, EditorAct, EditorChoices, ProductForm};
use domain::pages::several::SeveralAct;
use domain::word::Word;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The editor with what it needs, and who uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorSheet {
    pub member: MemberView,
    /// Nothing for a new product.
    pub product: Option<EditedProduct>,
    pub filled: Filled<ProductForm>,
    pub choices: EditorChoices,
    /// The description as its page would show it, where somebody asked for it.
    pub preview: Option<String>,
    /// Whether the description holds pictures, which its page does not show.
    pub has_pictures: bool,
}

/// For members who may edit products; an empty `product` is a new one.
#[server(prefix = "/_fn", endpoint = "get_editor")]
pub async fn get_editor(product: String, draft: String) -> Result<EditorSheet, AppError> {
    let (shop, member) = request::viewer(Permission::EditProducts).await?;
    let edited = if product.is_empty() {
        None
    } else {
        match shop::catalog::edited(&shop, &product).await {
            Ok(edited) => Some(edited),
            Err(error) => {
                let Some(slug) = shop::catalog::moved_to_for_member(&shop, &product).await? else { return Err(error.into()) };
                request::lead_on(&product_page(&slug));
                return Err(AppError::new(MOVED, "This product has another address now."));
            }
        }
    };
    let stands = match &edited {
        Some(edited) => edited.form.clone(),
        None => shop::catalog::blank_form(&shop).await?,
    };
    let currency = stands.currency.clone();
    let mut filled = request::filled(&shop, &member, &form_name(&product), &draft, stands).await?;
    let choices = shop::catalog::choices(&shop).await?;
    // It can be chosen only to be the store's.
    if filled.form.currency != choices.currency {
        filled.form.currency = currency;
    }
    let preview =
        if filled.form.shows_preview { Some(shop::catalog::markdown::rendered(&filled.form.texts.description).await?) } else { None };
    let has_pictures = shop::catalog::markdown::has_pictures(&filled.form.texts.description);
    Ok(EditorSheet { member, product: edited, filled, choices, preview, has_pictures })
}

pub(super) fn form_name(product: &str) -> String {
    format!("product:{product}")
}

/// Does what a button of the editor asks for: saves, or shows the form again with another tier or the preview.
#[server(prefix = "/_fn", endpoint = "save_product")]
pub async fn save_product(
    #[server(default)] act: String,
    #[server(default)] attempt: String,
    form: ProductForm,
) -> Result<String, AppError> {
    let Acting { shop, member, by } = request::acting().await?;
    let mut form = form;
    let is_new = form.product.is_empty();
    if !is_new {
        // It may have another address since the form was opened.
        form.product = shop::catalog::slug_now(&shop, &form.product).await?;
    }
    let page = if is_new { "/dashboard/products/new".to_owned() } else { product_page(&form.product) };
    if let Err(error) = request::check(&member, Permission::EditProducts) {
        return request::finish(Err(error), "/dashboard/products");
    }
    let name = form_name(&form.product);
    let verb = EditorAct::from_word(&act);
    if verb != EditorAct::Save {
        let acted = shop::catalog::act_on_form(&shop, &mut form, verb).await;
        form.shows_preview = verb == EditorAct::Preview;
        return match acted {
            Ok(place) => request::send_back(&shop, &member, &name, &form, None, &page, &place).await,
            Err(refused) => request::finish_form(&shop, &member, &name, &form, Err(refused), &page).await,
        };
    }
    form.decide(&act);
    let notice = match (is_new, form.is_on_sale(), !form.publish_anyway.is_empty()) {
        (_, true, true) => "product_coming",
        (true, true, false) => "product_published",
        (true, false, _) => "product_made",
        (false, ..) => "product_saved",
    };
    match shop::catalog::save_form(&shop, &by, &form, request::request_key(&attempt)).await {
        Ok(slug) => request::finish(Ok(request::with_notice(&product_page(&slug), notice)), &page),
        // Where the product is gone, the form is not: what was typed makes a new one.
        Err(gone @ shop::Error::NotFound) => {
            form.product = String::new();
            request::finish_form(&shop, &member, &form_name(""), &form, Err(gone), "/dashboard/products/new").await
        }
        refused => request::finish_form(&shop, &member, &name, &form, refused, &page).await,
    }
}

/// Makes a draft with the same words, tiers and files.
#[server(prefix = "/_fn", endpoint = "duplicate_product")]
pub async fn duplicate_product(product: String, #[server(default)] attempt: String) -> Result<String, AppError> {
    request::act_to(Permission::EditProducts, "/dashboard/products", async |Acting { shop, by, .. }| {
        let once = request::once(&attempt, ("duplicate", &product));
        let slug = shop::catalog::duplicate_product(&shop, &by, &product, once.as_ref()).await?;
        Ok(request::with_notice(&product_page(&slug), "product_copied"))
    })
    .await
}

/// Puts a product where it is to stand; archiving tells the way back.
#[server(prefix = "/_fn", endpoint = "set_product_status")]
pub async fn set_product_status(product: String, status: String) -> Result<String, AppError> {
    request::act_to(Permission::EditProducts, "/dashboard/products", async |Acting { shop, by, .. }| {
        let status = status.parse::<ProductStatus>().map_err(|_| shop::Error::refused("malformed", "There is no such status."))?;
        let before = shop::catalog::set_status(&shop, &by, &product, status).await?;
        let page = product_page(&product);
        Ok(match status {
            ProductStatus::Archived => with_query(&page, &[("archived", before.as_str())]),
            _ => request::with_notice(&page, "product_restored"),
        })
    })
    .await
}

/// Does it to the products that are chosen in the list; `anyway` where those are meant that deliver nothing.
#[server(prefix = "/_fn", endpoint = "change_products")]
pub async fn change_products(
    #[server(default)] act: String,
    #[server(default)] chosen: Vec<String>,
    #[server(default)] category: String,
    #[server(default)] anyway: String,
    #[server(default)] back: String,
) -> Result<String, AppError> {
    let page = several::list_page("/dashboard/products", &back);
    request::act_to(Permission::EditProducts, &page, async |Acting { shop, member, by }| {
        if act.is_empty() {
            return Ok(page.clone());
        }
        let act = act.parse::<SeveralAct>().map_err(|_| shop::Error::refused("malformed", "There is no such act."))?;
        let outcome = shop::catalog::change_several(&shop, &by, act, &chosen, &category, !anyway.is_empty()).await?;
        several::done(&shop, &member, &outcome, &page).await
    })
    .await
}

/// Takes a product out of the shop; orders keep it.
#[server(prefix = "/_fn", endpoint = "delete_product")]
pub async fn delete_product(product: String) -> Result<String, AppError> {
    request::act_to(Permission::EditProducts, "/dashboard/products", async |Acting { shop, by, .. }| {
        let id = shop::catalog::delete_product(&shop, &by, &product).await?;
        Ok(with_query("/dashboard/products", &[("deleted", &id.to_string())]))
    })
    .await
}

/// Brings a deleted product back.
#[server(prefix = "/_fn", endpoint = "restore_product")]
pub async fn restore_product(product: String) -> Result<String, AppError> {
    request::act_to(Permission::EditProducts, "/dashboard/products", async |Acting { shop, by, .. }| {
        let slug = shop::catalog::restore_product(&shop, &by, &product).await?;
        Ok(request::with_notice(&product_page(&slug), "product_restored"))
    })
    .await
}

/// The dashboard's page of a product.
pub fn product_page(slug: &str) -> String {
    format!("/dashboard/products/{slug}")
}

/// The page of a product's files.
pub fn files_page(slug: &str) -> String {
    format!("/dashboard/products/{slug}/files")
}
