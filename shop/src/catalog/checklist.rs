//! What a product has of what a sale needs, and the question before one is published that delivers nothing.

use super::deliveries::is_delivering;
use crate::base::database::word;
use crate::base::entities::{preview, product, release_file, variant};
use crate::{Error, Result, Shop, catalog::releases, stores};
use domain::draft::{ProductDraft, TierDraft};
use domain::files::FileRole;
use domain::id::Id;
use domain::pages::goods::Checklist;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashSet;

/// The files that customers of a product have now.
#[derive(Default)]
pub(super) struct Placed {
    files: HashSet<Id>,
    /// Whether one is for all tiers, those to come as well.
    is_for_all: bool,
    /// Keys of the tiers that have one of their own.
    tiers: HashSet<String>,
}

impl Placed {
    pub fn n_files(&self) -> i64 {
        self.files.len() as i64
    }
}

pub(super) async fn placed(shop: &Shop, product_id: Id) -> Result<Placed> {
    let Some(newest) = releases::newest(&shop.db, product_id).await? else { return Ok(Placed::default()) };
    let rows = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(newest.id)).all(&shop.db).await?;
    let tiers = variant::Entity::find().filter(variant::Column::Id.is_in(rows.iter().filter_map(|row| row.variant_id)));
    Ok(Placed {
        files: rows.iter().map(|row| row.file_id).collect(),
        is_for_all: rows.iter().any(|row| row.variant_id.is_none()),
        tiers: tiers.all(&shop.db).await?.into_iter().map(|tier| tier.key).collect(),
    })
}

/// Names of the tiers that deliver nothing with these files.
async fn empty_names(shop: &Shop, placed: &Placed, tiers: &[TierDraft]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for tier in tiers.iter().filter(|tier| !tier.is_archived) {
        let mut delivers = tier.has_license || placed.is_for_all || placed.tiers.contains(&tier.key);
        for name in &tier.includes {
            delivers = delivers || is_delivering(shop, name).await?;
        }
        if !delivers {
            names.push(tier.name.clone());
        }
    }
    Ok(names)
}

pub(super) async fn checklist(shop: &Shop, row: &product::Model, placed: &Placed, tiers: &[TierDraft]) -> Result<Checklist> {
    let previews = preview::Entity::find().filter(preview::Column::ProductId.eq(row.id));
    let sample = previews.filter(preview::Column::Role.eq(word(FileRole::Sample))).one(&shop.db).await?;
    Ok(Checklist {
        has_cover: row.cover_file_id.is_some(),
        has_price: stores::currency(shop).await? == *row.currency,
        has_sample: sample.is_some(),
        empty_tiers: empty_names(shop, placed, tiers).await?,
    })
}

/// Asks before a product goes on sale that has a tier which delivers nothing.
///
/// # Errors
/// `nothing_to_deliver`, as the question.
pub(super) async fn check_delivers(shop: &Shop, known: Option<&product::Model>, draft: &ProductDraft) -> Result<()> {
    if !draft.status.is_on_sale() || known.is_some_and(|row| row.status().is_on_sale()) {
        return Ok(());
    }
    let placed = match known {
        Some(row) => placed(shop, row.id).await?,
        None => Placed::default(),
    };
    let names = empty_names(shop, &placed, &draft.tiers).await?;
    if names.is_empty() {
        return Ok(());
    }
    let n_sold = draft.tiers.iter().filter(|tier| !tier.is_archived).count();
    let what = match names.as_slice() {
        all if all.len() == n_sold => "This product delivers nothing yet: it has".to_owned(),
        [one] => format!("The tier \u{201c}{one}\u{201d} delivers nothing yet: it has"),
        some => format!("These tiers deliver nothing yet: {}. They have", some.join(", ")),
    };
    let text = format!(
        "{what} no files, license key or bundle. Once published, the shop shows \u{201c}Coming soon\u{201d}, and nobody can buy it until \
         you add something."
    );
    Err(Error::conflict("nothing_to_deliver", text).at("status"))
}
