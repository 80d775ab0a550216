//! The list of products: searched, filtered, paged; all of it in the URL.

use crate::components::{Ago, Icon, IconName, Moment};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::products::acts::{ChangeProducts, RestoreProduct, product_page};
use crate::dashboard::several::{self, AskFirst, ChooseAll, ChooseOne, Done, NoDefault, SeveralBar};
use crate::dashboard::sorting::{Sorted, head};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::catalog::ProductStatus;
use domain::id::Id;
use domain::member::{MemberView, Permission};
use domain::money::Money;
use domain::pages::dashboard::ProductRow;
use domain::pages::goods::{GoodsColumn, GoodsList, GoodsQuery};
use domain::pages::several::{Outcome, SeveralAct};
use domain::pages::storefront::Picture;
use domain::sorting::Sorting;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

pub mod acts;
pub mod categories;
mod checklist;
pub mod editor;
mod form;
mod keys;
pub mod see;
pub mod shelves;
pub mod tabs;
pub mod terms;
mod tiers;

/// A page of products, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goods {
    pub member: MemberView,
    pub list: GoodsList,
    /// What was just done to several of them.
    pub outcome: Option<Outcome>,
    /// Slugs and names to choose from, for those who may edit.
    pub categories: Vec<(String, String)>,
}

/// For members who may see products.
#[server(prefix = "/_fn", endpoint = "get_goods")]
pub async fn get_goods(query: GoodsQuery, #[server(default)] done: String) -> Result<Goods, AppError> {
    let (shop, member) = request::viewer(Permission::SeeProducts).await?;
    let may_edit = member.role.may(Permission::EditProducts);
    Ok(Goods {
        list: shop::catalog::list_goods(&shop, &query).await?,
        outcome: several::outcome(&shop, &member, &done).await?,
        categories: if may_edit { shop::catalog::category_choices(&shop).await? } else { Vec::new() },
        member,
    })
}

#[component]
pub fn ProductsPage() -> impl IntoView {
    let params = use_query_map();
    let asked = move |name: &str| params.with_untracked(|params| params.get(name).unwrap_or_default());
    let query = GoodsQuery { q: asked("q"), status: asked("status"), sort: asked("sort"), cursor: asked("cursor") };
    let (deleted, done) = (asked("deleted"), asked("done"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_goods(query.clone(), done.clone()).await {
                    Ok(goods) => {
                        let may_edit = goods.member.role.may(Permission::EditProducts);
                        view! {
                            <Title text=page_title("Products", &store)/>
                            <Frame member=goods.member here="/dashboard/products">
                                <Undelete id=deleted.clone()/>
                                <div class="page-head">
                                    <h1>"Products"</h1>
                                    {may_edit.then(|| view! {
                                        <div class="actions">
                                            <a href="/dashboard/categories">"Categories and tags"</a>
                                            <a href="/dashboard/products/terms">"License terms"</a>
                                            <a class="button" href="/dashboard/products/new">"New product"</a>
                                        </div>
                                    })}
                                </div>
                                <Page list=goods.list query may_edit categories=goods.categories outcome=goods.outcome/>
                            </Frame>
                        }.into_any()
                    }
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

/// Says what was deleted, with the way back.
#[component]
fn Undelete(id: String) -> impl IntoView {
    Id::try_parse(&id).ok().map(|id| {
        view! {
            <div class="notice notice-success undo" role="status">
                <Icon name=IconName::Done/>
                <span>"The product is deleted. Orders keep it, with files and links."</span>
                <form method="post" action=RestoreProduct::PATH>
                    <input type="hidden" name="product" value=id.to_string()/>
                    <button class="link-button" type="submit">"Undo"</button>
                </form>
            </div>
        }
    })
}

#[component]
fn Filter(query: GoodsQuery, sorted: Sorted<GoodsColumn>) -> impl IntoView {
    let choices = [
        ("", "Any"),
        ("published", "Published"),
        ("draft", "Draft"),
        ("scheduled", "Scheduled"),
        ("unlisted", "Unlisted"),
        ("archived", "Archived"),
    ];
    view! {
        <form class="filter" method="get" action="/dashboard/products" role="search" aria-label="Products">
            <div class="field">
                <label for="q">"Search"</label>
                <input class="input" id="q" name="q" type="search" value=query.q maxlength="200" placeholder="Title, slug or SKU"/>
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select class="input" id="status" name="status">
                    {choices.into_iter().map(|(word, label)| view! {
                        <option value=word selected=word == query.status>{label}</option>
                    }).collect_view()}
                </select>
            </div>
            {sorted.choice()}
            <button class="button plain" type="submit">"Apply"</button>
        </form>
    }
}

#[component]
fn Page(list: GoodsList, query: GoodsQuery, may_edit: bool, categories: Vec<(String, String)>, outcome: Option<Outcome>) -> impl IntoView {
    let is_filtered = !(query.q.is_empty() && query.status.is_empty());
    if list.products.is_empty() && !is_filtered && query.cursor.is_empty() {
        return view! { <NoProducts may_edit/> }.into_any();
    }
    let sorted = Sorted::new("/dashboard/products", &[("q", &query.q), ("status", &query.status)], Sorting::parse(&query.sort));
    let back = sorted.at(&query.cursor);
    let pager = sorted.pager(!query.cursor.is_empty(), list.next_cursor.as_deref(), !query.q.is_empty());
    view! {
        {outcome.map(|outcome| view! { <ProductsDone outcome back=back.clone()/> })}
        <Filter query sorted=sorted.clone()/>
        {if list.products.is_empty() {
            view! {
                <p class="quiet mt-6">"No product fits. Search for words of its title, or the beginning of its slug or SKU."</p>
                <p class="mt-4"><a href="/dashboard/products">"Show all products"</a></p>
            }.into_any()
        } else {
            let table = view! { <ProductTable products=list.products may_edit sorted is_chosen_from=may_edit/> };
            if may_edit { view! { <Several back categories>{table}</Several> }.into_any() } else { table.into_any() }
        }}
        {pager}
    }
    .into_any()
}

/// The list with what can be done to several of its products.
#[component]
fn Several(back: String, categories: Vec<(String, String)>, children: Children) -> impl IntoView {
    view! {
        <form class="several" method="post" action=ChangeProducts::PATH>
            <NoDefault/>
            <input type="hidden" name="back" value=back/>
            {children()}
            <SeveralBar>
                <button class="button plain" type="submit" name="act" value=SeveralAct::Publish.as_str()>"Publish"</button>
                <button class="button plain" type="submit" name="act" value=SeveralAct::Unlist.as_str()>"Make unlisted"</button>
                <AskFirst
                    act=SeveralAct::Archive label="Archive" yes="Archive them"
                    question="Archived products are no longer sold. Whoever bought them keeps them, and you can publish them again."
                />
                <details class="ask">
                    <summary class="button plain">"Category"</summary>
                    <div>
                        <div class="field">
                            <label for="several-category">"Put them into"</label>
                            <select class="input" id="several-category" name="category" autocomplete="off">
                                <option value="">"No category"</option>
                                {categories.into_iter().map(|(slug, name)| view! { <option value=slug>{name}</option> }).collect_view()}
                            </select>
                        </div>
                        <button class="button" type="submit" name="act" value=SeveralAct::Categorize.as_str()>"Move them"</button>
                    </div>
                </details>
            </SeveralBar>
        </form>
    }
}

/// What became of it. What would be published and delivers nothing can be meant so.
#[component]
fn ProductsDone(outcome: Outcome, back: String) -> impl IntoView {
    let act = outcome.act.as_str();
    let asked: Vec<String> = outcome.asked().into_iter().map(|refused| refused.key.clone()).collect();
    view! {
        <Done outcome>
            {(!asked.is_empty()).then(|| view! {
                <form method="post" action=ChangeProducts::PATH>
                    <input type="hidden" name="back" value=back/>
                    <input type="hidden" name="anyway" value="yes"/>
                    {asked.into_iter().map(|slug| view! { <input type="hidden" name="chosen[]" value=slug/> }).collect_view()}
                    <button class="link-button" type="submit" name="act" value=act>"Publish as coming soon"</button>
                </form>
            })}
        </Done>
    }
}

/// What there is to do where nothing is.
#[component]
pub fn NoProducts(may_edit: bool) -> impl IntoView {
    view! {
        <div class="first-product">
            <p>"Nothing on the shelves yet. Three steps to the first sale:"</p>
            <ol>
                <li>"Give it a title, a sentence and a price."</li>
                <li>"Add the files that customers get."</li>
                <li>"Publish it, and share its link."</li>
            </ol>
            {may_edit.then(|| view! { <a class="button" href="/dashboard/products/new">"Add your first product"</a> })}
        </div>
    }
}

/// Where a product stands, in a word and a dot.
#[component]
pub fn ProductState(status: ProductStatus, appears_at: Option<i64>) -> impl IntoView {
    if let Some(at_ms) = appears_at {
        return view! { <span class="status status-waiting">"Scheduled"</span><span class="quiet text-sm">" for "<Moment at_ms/></span> }
            .into_any();
    }
    let class = match status {
        ProductStatus::Published => "status status-good",
        ProductStatus::Draft => "status status-waiting",
        ProductStatus::Unlisted | ProductStatus::Archived => "status",
    };
    view! { <span class=class>{status.label()}</span> }.into_any()
}

/// Why nobody can buy a product that is published.
fn why_not_sold(product: &ProductRow) -> Option<&'static str> {
    match (product.is_for_sale, product.delivers) {
        (false, _) => Some("not for sale: another currency"),
        (true, false) if product.status.is_on_sale() => Some("coming soon: no files"),
        _ => None,
    }
}

/// The price, or the lowest and the highest.
fn price_text(from: Money, to: Option<Money>) -> String {
    let from = if from.is_zero() { "Free".to_owned() } else { from.to_string() };
    to.map_or_else(|| from.clone(), |to| format!("{from}\u{2013}{to}"))
}

/// A thumbnail of the cover, or an empty box of the same size where there is no cover.
#[component]
fn Thumbnail(cover: Option<Picture>) -> impl IntoView {
    match cover {
        // The title stands beside it.
        Some(cover) => {
            view! { <img src=cover.at_least(96).to_owned() alt="" width="40" height="40" loading="lazy" decoding="async"/> }.into_any()
        }
        None => view! { <span class="no-cover"></span> }.into_any(),
    }
}

/// Products as a table; each leads to its editor, or to its page for those who may not edit it.
#[component]
pub fn ProductTable(
    products: Vec<ProductRow>,
    may_edit: bool,
    #[prop(optional)] sorted: Option<Sorted<GoodsColumn>>,
    #[prop(optional)] is_chosen_from: bool,
) -> impl IntoView {
    let head = |by, label, class| head(sorted.as_ref(), by, label, class);
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Products">
            <table class="table goods rows-open">
                <thead>
                    <tr>
                        {is_chosen_from.then(|| view! { <ChooseAll/> })}
                        <th scope="col" class="thumbnail"><span class="sr-only">"Cover"</span></th>
                        {head(GoodsColumn::Title, "Product", "")}
                        <th scope="col">"Status"</th>
                        {head(GoodsColumn::Updated, "Updated", "")}
                        {head(GoodsColumn::Sold, "Sold", "number")}
                        {head(GoodsColumn::Price, "Price", "number")}
                    </tr>
                </thead>
                <tbody>
                    {products.into_iter().map(|product| {
                        let url = if may_edit { product_page(&product.slug) } else { format!("{}/see", product_page(&product.slug)) };
                        let not_sold = why_not_sold(&product);
                        let price = price_text(product.price_from, product.price_to);
                        view! {
                            <tr>
                                {is_chosen_from.then(|| view! { <ChooseOne value=product.slug.clone() name=product.title.clone()/> })}
                                <td class="thumbnail"><Thumbnail cover=product.cover/></td>
                                <td class="title"><a class="row-link" href=url>{product.title}</a></td>
                                <td class="state"><ProductState status=product.status appears_at=product.appears_at/></td>
                                <td class="updated"><Ago at_ms=product.updated_at/></td>
                                <td class="number sold">{product.n_sold}<span class="on-phone">" sold"</span></td>
                                <td class="number price">
                                    {price}
                                    {not_sold.map(|why| view! { <br/><span class="quiet text-sm">{why}</span> })}
                                </td>
                            </tr>
                        }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
