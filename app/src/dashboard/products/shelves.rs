//! What the forms about categories, tags and license terms do.

use crate::error::AppError;
use crate::layout::request::{self, Acting};
use domain::member::Permission;
use domain::terms::{LicenseTerms, TermsWords};
use domain::word::Word;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A category as somebody types it; `category` is the id or the slug of one that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoryForm {
    pub category: String,
    pub name: String,
    pub slug: String,
    pub parent: String,
    /// The revision that the form was made from.
    pub revision: String,
    /// The newer one that its member saw and saves on top of; else empty.
    pub on_top: String,
}

impl CategoryForm {
    /// Labels and values, to be held against what is saved.
    pub(super) fn fields(&self) -> [(&'static str, &str); 3] {
        [("Name", &self.name), ("Slug", &self.slug), ("Below", &self.parent)]
    }
}

pub(super) const CATEGORIES: &str = "/dashboard/categories";
pub(super) const FORM: &str = "category";

/// Adds a category, or changes the one that the form names.
#[server(prefix = "/_fn", endpoint = "save_category")]
pub async fn save_category(form: CategoryForm, #[server(default)] attempt: String) -> Result<String, AppError> {
    use shop::catalog::{CategoryChange, NewCategory};
    let Acting { shop, member, by } = request::acting().await?;
    let mut form = form;
    let revision = request::made_from(&mut form.revision, &mut form.on_top);
    let mut typed = form.clone();
    let saved = async {
        request::check(&member, Permission::EditProducts)?;
        let slug = Some(form.slug.trim().to_owned()).filter(|slug| !slug.is_empty());
        if form.category.is_empty() {
            let new = NewCategory { name: form.name, slug, parent: form.parent };
            let once = request::once(&attempt, ("category", &new));
            shop::catalog::create_category(&shop, &by, new, once.as_ref()).await?;
        } else {
            let change = CategoryChange { revision, name: Some(form.name), slug, parent: Some(form.parent), ..CategoryChange::default() };
            shop::catalog::update_category(&shop, &by, &form.category, change).await?;
        }
        Ok(request::with_notice(CATEGORIES, "category_saved"))
    };
    let saved = saved.await;
    if matches!(saved, Err(shop::Error::NotFound)) {
        // Where the category is gone, the form is not: what was typed makes a new one.
        typed.category = String::new();
    }
    request::finish_form(&shop, &member, FORM, &typed, saved, CATEGORIES).await
}

/// Moves a category among its siblings, hides it, shows it or takes it away: `act` is `up`, `down`, `hide`, `show` or `delete`.
#[server(prefix = "/_fn", endpoint = "move_category")]
pub async fn move_category(category: String, act: String) -> Result<String, AppError> {
    use shop::catalog::CategoryChange;
    request::act_to(Permission::EditProducts, CATEGORIES, async |Acting { shop, by, .. }| {
        let active = |is_active| CategoryChange { is_active: Some(is_active), ..CategoryChange::default() };
        match act.as_str() {
            "up" | "down" => shop::catalog::move_category(&shop, &by, &category, act == "up").await?,
            "hide" | "show" => drop(shop::catalog::update_category(&shop, &by, &category, active(act == "show")).await?),
            "delete" => {
                shop::catalog::delete_category(&shop, &by, &category).await?;
                return Ok(request::with_notice(CATEGORIES, "category_deleted"));
            }
            _ => return Err(shop::Error::refused("malformed", "There is no such act.")),
        }
        Ok(request::with_notice(CATEGORIES, "category_saved"))
    })
    .await
}

/// Renames a tag, merges it into another or takes it away: `act` is `rename`, `merge` or `delete`.
#[server(prefix = "/_fn", endpoint = "change_tag")]
pub async fn change_tag(
    tag: String,
    act: String,
    #[server(default)] name: String,
    #[server(default)] into: String,
) -> Result<String, AppError> {
    request::act_to(Permission::EditProducts, CATEGORIES, async |Acting { shop, by, .. }| {
        match act.as_str() {
            "rename" => drop(shop::catalog::rename_tag(&shop, &by, &tag, &name, None).await?),
            "merge" => shop::catalog::merge_tag(&shop, &by, &tag, &into).await?,
            "delete" => {
                shop::catalog::delete_tag(&shop, &by, &tag).await?;
                return Ok(request::with_notice(CATEGORIES, "tag_deleted"));
            }
            _ => return Err(shop::Error::refused("malformed", "There is no such act.")),
        }
        Ok(request::with_notice(CATEGORIES, "tag_saved"))
    })
    .await
}

/// The words of a kind as somebody types them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsForm {
    #[serde(flatten)]
    pub words: TermsWords,
    /// The revision that the form was made from.
    #[serde(default)]
    pub revision: String,
}

impl TermsForm {
    /// Labels and values, to be held against what is saved.
    pub(super) fn fields(&self) -> [(&'static str, &str); 3] {
        [("Name", &self.words.label), ("In short", &self.words.summary), ("Full text", &self.words.body)]
    }
}

pub(super) fn terms_form(terms: LicenseTerms) -> String {
    format!("terms:{}", terms.as_str())
}

pub(super) const TERMS: &str = "/dashboard/products/terms";

/// Writes the words of one kind.
#[server(prefix = "/_fn", endpoint = "write_terms")]
pub async fn write_terms(
    kind: String,
    label: String,
    summary: String,
    body: String,
    #[server(default)] revision: String,
    #[server(default)] on_top: String,
) -> Result<String, AppError> {
    use shop::catalog::TermsChange;
    let (mut revision, mut on_top) = (revision, on_top);
    let made_from = request::made_from(&mut revision, &mut on_top);
    let typed = TermsForm { words: TermsWords { terms: LicenseTerms::from_word(&kind), label, summary, body }, revision };
    request::submit(Permission::EditProducts, &terms_form(typed.words.terms), &typed, TERMS, async |Acting { shop, by, .. }| {
        let TermsWords { terms, label, summary, body } = typed.words.clone();
        let change = TermsChange { revision: made_from, label: Some(label), summary: Some(summary), body: Some(body) };
        shop::catalog::write_terms(&shop, &by, terms, change).await?;
        Ok(request::with_notice(TERMS, "terms_saved"))
    })
    .await
}
