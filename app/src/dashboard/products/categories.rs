//! Categories as a tree, and tags: added, renamed, moved, hidden, merged, taken away.

use crate::components::{Attempt, ChoiceField, Icon, IconName, TextField};
use crate::dashboard::conflict::{RefusedForm, differences};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::products::shelves::{CategoryForm, ChangeTag, FORM, MoveCategory, SaveCategory};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::form::{Filled, FormRefusal};
use domain::pages::goods::{CategoryRow, TagRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// The tree and the tags, what was typed and refused, and who looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategorySheet {
    pub member: MemberView,
    pub categories: Vec<CategoryRow>,
    pub tags: Vec<TagRow>,
    pub filled: Filled<CategoryForm>,
}

/// For members who may edit products.
#[server(prefix = "/_fn", endpoint = "get_category_sheet")]
pub async fn get_category_sheet(draft: String) -> Result<CategorySheet, AppError> {
    let (shop, member) = request::viewer(Permission::EditProducts).await?;
    let filled = request::filled(&shop, &member, FORM, &draft, CategoryForm::default()).await?;
    let (categories, tags) = (shop::catalog::all_categories(&shop).await?, shop::catalog::tags(&shop).await?);
    Ok(CategorySheet { member, categories, tags, filled })
}

#[component]
pub fn CategoriesPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_category_sheet(draft).await {
                    Ok(sheet) => view! {
                        <Title text=page_title("Categories and tags", &store)/>
                        <Frame member=sheet.member.clone() here="/dashboard/products"><Sheet sheet/></Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Sheet(sheet: CategorySheet) -> impl IntoView {
    let CategorySheet { categories, tags, filled, .. } = sheet;
    let is_new = filled.form.category.is_empty();
    let typed_new = filled.clone();
    let parents = parents(&categories, None);
    view! {
        <p class="quiet text-sm"><a href="/dashboard/products">"Products"</a></p>
        <h1>"Categories and tags"</h1>
        <section class="narrow" aria-labelledby="categories">
            <h2 id="categories">"Categories"</h2>
            {categories.is_empty().then(|| view! {
                <p class="quiet mb-4">"None yet. Categories are the shelves of the shop; a product stands on one of them, or on none."</p>
            })}
            <ul class="tree">
                {categories.iter().map(|row| view! {
                    <Category row=row.clone() parents=self::parents(&categories, Some(row)) filled=filled.clone()/>
                }).collect_view()}
            </ul>
            <details class="fold" open=categories.is_empty() || (is_new && filled.refusal.is_some())>
                <summary>"Add a category"</summary>
                <CategoryFields at="new" form=typed_new.form refusal=typed_new.refusal.filter(|_| is_new) parents/>
            </details>
        </section>
        <section class="narrow" aria-labelledby="tags">
            <h2 id="tags">"Tags"</h2>
            {if tags.is_empty() {
                view! { <p class="quiet">"None yet. Type them into a product, and they are made."</p> }.into_any()
            } else {
                view! {
                    <ul class="tree">{tags.iter().map(|row| view! { <Tag row=row.clone() others=tags.clone()/> }).collect_view()}</ul>
                }.into_any()
            }}
        </section>
    }
}

/// Where a category may stand: everywhere but below itself.
fn parents(categories: &[CategoryRow], of: Option<&CategoryRow>) -> Vec<(String, String)> {
    let mut below: Vec<&str> = of.iter().map(|row| row.slug.as_str()).collect();
    let mut parents = vec![(String::new(), "The top".to_owned())];
    for row in categories {
        if row.parent.as_deref().is_some_and(|parent| below.contains(&parent)) {
            below.push(&row.slug);
        }
        if !below.contains(&row.slug.as_str()) {
            parents.push((row.slug.clone(), format!("{}{}", "\u{2014} ".repeat(row.depth), row.name)));
        }
    }
    parents
}

fn pieces(n: i64) -> String {
    match n {
        0 => "no products".to_owned(),
        1 => "1 product".to_owned(),
        n => format!("{n} products"),
    }
}

#[component]
fn Category(row: CategoryRow, parents: Vec<(String, String)>, filled: Filled<CategoryForm>) -> impl IntoView {
    let is_typed = filled.refusal.is_some() && [&row.id, &row.slug].contains(&&filled.form.category);
    let stands = CategoryForm {
        category: row.id.clone(),
        revision: row.revision.to_string(),
        on_top: String::new(),
        name: row.name.clone(),
        slug: row.slug.clone(),
        parent: row.parent.clone().unwrap_or_default(),
    };
    let (form, refusal) = if is_typed { (filled.form, filled.refusal) } else { (stands.clone(), None) };
    let is_empty = row.n_products == 0 && !row.has_children;
    let (hide, hide_label) = if row.is_active { ("hide", "Hide") } else { ("show", "Show") };
    let name = row.name.clone();
    let act = move |act: &'static str, label: &'static str| {
        view! {
            <button class="link-button" type="submit" name="act" value=act>{label}<span class="sr-only">": "{name.clone()}</span></button>
        }
    };
    let named = row.name.clone();
    let step = move |act: &'static str, label: &'static str, icon: IconName| {
        view! {
            <button class="icon-button" type="submit" name="act" value=act title=label>
                <Icon name=icon/><span class="sr-only">{label}": "{named.clone()}</span>
            </button>
        }
    };
    view! {
        <li class=format!("depth-{}", row.depth.min(7))>
            <details class="fold" open=is_typed>
                <summary>
                    {row.name.clone()}
                    <span class="quiet text-sm">" · "{pieces(row.n_in_all)}{(!row.is_active).then_some(" · hidden")}</span>
                </summary>
                <CategoryFields at=row.slug.clone() form refusal parents stands/>
            </details>
            <form class="tree-acts" method="post" action=MoveCategory::PATH>
                <input type="hidden" name="category" value=row.slug/>
                {step("up", "Up", IconName::ChevronUp)}
                {step("down", "Down", IconName::ChevronDown)}
                {act(hide, hide_label)}
                {is_empty.then(|| act("delete", "Delete"))}
            </form>
        </li>
    }
}

#[component]
fn CategoryFields(
    #[prop(into)] at: String,
    form: CategoryForm,
    refusal: Option<FormRefusal>,
    parents: Vec<(String, String)>,
    /// How it is saved; a new one is not.
    #[prop(optional)]
    stands: CategoryForm,
) -> impl IntoView {
    let theirs = differences(form.fields(), stands.fields());
    let on_top = ("form[on_top]", stands.revision);
    let id = move |field: &str| format!("category-{at}-{field}");
    let is_new = form.category.is_empty();
    view! {
        <form class="stack" method="post" action=SaveCategory::PATH>
            <RefusedForm refusal=refusal.clone() what="this category" theirs on_top page="/dashboard/categories"/>
            <input type="hidden" name="form[category]" value=form.category/>
            <input type="hidden" name="form[revision]" value=form.revision/>
            {is_new.then(|| view! { <Attempt/> })}
            <TextField at=id("name") name="form[name]" label="Name" value=form.name refusal=refusal.clone() max_length=60/>
            <TextField
                at=id("slug") name="form[slug]" label="Slug" value=form.slug refusal=refusal.clone() max_length=80
                help=if is_new { "Its name in links. Empty: made from the name." } else { "Its name in links." }
            />
            <ChoiceField at=id("parent") name="form[parent]" label="Below" value=form.parent options=parents refusal/>
            <p><button class="button plain" type="submit">{if is_new { "Add it" } else { "Save" }}</button></p>
        </form>
    }
}

#[component]
fn Tag(row: TagRow, others: Vec<TagRow>) -> impl IntoView {
    let others: Vec<(String, String)> =
        others.into_iter().filter(|other| other.slug != row.slug).map(|other| (other.slug, other.name)).collect();
    let has_others = !others.is_empty();
    let (name_id, into_id) = (format!("tag-{}-name", row.slug), format!("tag-{}-into", row.slug));
    let said = row.name.clone();
    let label = move |text: &'static str| view! { {text}<span class="sr-only">": "{said.clone()}</span> };
    let slug = row.slug.clone();
    let hidden = move || view! { <input type="hidden" name="tag" value=slug.clone()/> };
    view! {
        <li>
            <details class="fold">
                <summary>{row.name.clone()}<span class="quiet text-sm">" · "{pieces(row.n_products)}</span></summary>
                <div class="stack">
                    <form class="inline-form" method="post" action=ChangeTag::PATH>
                        {hidden()}
                        <TextField at=name_id name="name" label="Name" value=row.name.clone() refusal=None max_length=60/>
                        <button class="button plain" type="submit" name="act" value="rename">{label("Rename")}</button>
                    </form>
                    {has_others.then(|| view! {
                        <form class="inline-form" method="post" action=ChangeTag::PATH>
                            {hidden()}
                            <ChoiceField at=into_id name="into" label="Merge into" value=String::new() options=others refusal=None/>
                            <button class="button plain" type="submit" name="act" value="merge">{label("Merge")}</button>
                        </form>
                    })}
                    <form method="post" action=ChangeTag::PATH>
                        {hidden()}
                        <button class="link-button" type="submit" name="act" value="delete">{label("Take it off all products")}</button>
                    </form>
                </div>
            </details>
        </li>
    }
}
