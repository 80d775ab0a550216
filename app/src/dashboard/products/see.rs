//! A product's page as a buyer would see it, whatever its status; for members alone.

use crate::components::{Icon, IconName};
use crate::dashboard::frame::refused;
use crate::dashboard::products::acts::product_page;
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use crate::storefront::product::Product;
use domain::member::{MemberView, Permission};
use domain::pages::storefront::ProductDetail;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

/// A product of any status, and who looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenProduct {
    pub member: MemberView,
    pub product: ProductDetail,
}

/// For members who may see products.
#[server(prefix = "/_fn", endpoint = "see_product")]
pub async fn see_product(slug: String) -> Result<SeenProduct, AppError> {
    let (shop, member) = request::viewer(Permission::SeeProducts).await?;
    let product = shop::catalog::find_any_product(&shop, &slug).await?.ok_or(shop::Error::NotFound)?;
    Ok(SeenProduct { member, product })
}

#[component]
pub fn SeeProductPage() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match see_product(slug).await {
                    Ok(SeenProduct { member, product }) => {
                        let may_edit = member.role.may(Permission::EditProducts);
                        let back = if may_edit { product_page(&product.slug) } else { "/dashboard/products".to_owned() };
                        view! {
                            <Title text=page_title(&product.texts.title, &store)/>
                            <p class="notice" role="status">
                                <Icon name=IconName::Info/>
                                <span>"This is how buyers see it. "<a href=back>"Back to the dashboard"</a></span>
                            </p>
                            <Product product is_preview=true/>
                        }.into_any()
                    }
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}
