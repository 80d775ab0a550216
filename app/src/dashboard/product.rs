//! The editor of a product: makes it, changes it, copies, archives and deletes it. Works as a plain form.

use super::frame::{Frame, refused};
use super::product_form::Editor;
use super::products::product_page;
use crate::components::{Icon, IconName};
use crate::error::AppError;
use crate::layout::{load_store, page_title};
use crate::storefront::product::MOVED;
use domain::catalog::ProductStatus;
use domain::form::Filled;
use domain::goods::EditorAct;
use domain::goods::{EditedProduct, EditorChoices, ProductForm};
use domain::member::MemberView;
use domain::member::Permission;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
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
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member_who_may(&shop, Permission::EditProducts).await?;
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
    let preview = if filled.form.shows_preview { Some(shop::markdown::rendered(&filled.form.description).await?) } else { None };
    let has_pictures = shop::markdown::has_pictures(&filled.form.description);
    Ok(EditorSheet { member, product: edited, filled, choices, preview, has_pictures })
}

fn form_name(product: &str) -> String {
    format!("product:{product}")
}

/// Does what a button of the editor asks for: saves, or shows the form again with another tier or the preview.
#[server(prefix = "/_fn", endpoint = "save_product")]
pub async fn save_product(
    #[server(default)] act: String,
    #[server(default)] attempt: String,
    form: ProductForm,
) -> Result<String, AppError> {
    use crate::layout::request;
    use shop::audit::Actor;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
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
        let place = shop::catalog::act_on_form(&shop, &mut form, verb).await?;
        form.shows_preview = verb == EditorAct::Preview;
        return request::send_back(&shop, &member, &name, &form, None, &page, &place).await;
    }
    form.on_top = if act == "save_on_top" { "on".to_owned() } else { String::new() };
    match shop::catalog::save_form(&shop, &Actor::from(&member), &form, request::request_key(&attempt)).await {
        Ok(slug) => {
            let notice = if is_new { "product_made" } else { "product_saved" };
            request::finish(Ok(request::with_notice(&product_page(&slug), notice)), &page)
        }
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
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let copied = async {
        request::check(&member, Permission::EditProducts)?;
        let once = request::once(&attempt, ("duplicate", &product));
        let slug = shop::catalog::duplicate_product(&shop, &(&member).into(), &product, once.as_ref()).await?;
        Ok(request::with_notice(&product_page(&slug), "product_copied"))
    };
    request::finish(copied.await, "/dashboard/products")
}

/// Puts a product where it is to stand; archiving tells the way back.
#[server(prefix = "/_fn", endpoint = "set_product_status")]
pub async fn set_product_status(product: String, status: String) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let set = async {
        request::check(&member, Permission::EditProducts)?;
        let status = ProductStatus::parse(&status).ok_or_else(|| shop::Error::refused("malformed", "There is no such status."))?;
        let before = shop::catalog::set_status(&shop, &(&member).into(), &product, status).await?;
        let page = product_page(&product);
        Ok(match status {
            ProductStatus::Archived => with_query(&page, &[("archived", before.as_str())]),
            _ => request::with_notice(&page, "product_restored"),
        })
    };
    request::finish(set.await, "/dashboard/products")
}

/// Takes a product out of the shop; orders keep it.
#[server(prefix = "/_fn", endpoint = "delete_product")]
pub async fn delete_product(product: String) -> Result<String, AppError> {
    use crate::layout::{request, with_query};
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let deleted = async {
        request::check(&member, Permission::EditProducts)?;
        let id = shop::catalog::delete_product(&shop, &(&member).into(), &product).await?;
        Ok(with_query("/dashboard/products", &[("deleted", &id.to_string())]))
    };
    request::finish(deleted.await, "/dashboard/products")
}

/// Brings a deleted product back.
#[server(prefix = "/_fn", endpoint = "restore_product")]
pub async fn restore_product(product: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let restored = async {
        request::check(&member, Permission::EditProducts)?;
        let slug = shop::catalog::restore_product(&shop, &(&member).into(), &product).await?;
        Ok(request::with_notice(&product_page(&slug), "product_restored"))
    };
    request::finish(restored.await, "/dashboard/products")
}

#[component]
pub fn NewProductPage() -> impl IntoView {
    view! { <EditorPage product=String::new()/> }
}

#[component]
pub fn EditProductPage() -> impl IntoView {
    let product = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    view! { <EditorPage product/> }
}

#[component]
fn EditorPage(product: String) -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (draft, archived_from) = (asked("draft"), ProductStatus::parse(&asked("archived")));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_editor(product, draft).await {
                    Ok(sheet) => {
                        let title = sheet.product.as_ref().map_or_else(|| "New product".to_owned(), |product| product.title.clone());
                        let archived = sheet.product.as_ref().filter(|product| product.status == ProductStatus::Archived);
                        let undo = archived.map(|product| product.slug.clone()).zip(archived_from);
                        view! {
                            <Title text=page_title(&title, &store)/>
                            <Frame member=sheet.member.clone() here="/dashboard/products">
                                {undo.map(|(slug, before)| view! { <Unarchive slug before/> })}
                                <Editor sheet/>
                            </Frame>
                        }.into_any()
                    }
                    Err(error) if error.code == MOVED => ().into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

/// Says what was archived, with the way back.
#[component]
fn Unarchive(slug: String, before: ProductStatus) -> impl IntoView {
    view! {
        <div class="notice undo" role="status">
            <Icon name=IconName::Info/>
            <span>"The product is archived: nobody can buy it, and orders keep it."</span>
            <form method="post" action=SetProductStatus::PATH>
                <input type="hidden" name="product" value=slug/>
                <input type="hidden" name="status" value=before.as_str()/>
                <button class="link-button" type="submit">"Undo"</button>
            </form>
        </div>
    }
}
