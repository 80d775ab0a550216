//! The editor of a product: makes it, changes it, copies, archives and deletes it. Works as a plain form.

use crate::components::{Icon, IconName};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::products::acts::{SetProductStatus, get_editor};
use crate::dashboard::products::form::Editor;
use crate::layout::{load_store, page_title};
use crate::storefront::product::MOVED;
use domain::catalog::ProductStatus;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};

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
    let (draft, archived_from) = (asked("draft"), asked("archived").parse::<ProductStatus>().ok());
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
