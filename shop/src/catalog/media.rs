//! Covers, gallery and samples: the only files that anybody may fetch.

use super::attach::{self, line, lock_product, product_named};
use super::sql::IS_PUBLIC;
use super::steps;
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, statement, word};
use crate::base::entities::{file, preview, product};
use crate::files::StoredFile;
use crate::files::steps::SizeRow;
use crate::{
    Error, Result, Shop,
    base::{refusals, world},
    files::{archives, pictures, tombstones},
};
use domain::id::Id;
use domain::pages::storefront::{Picture, SharedPicture, SizedPicture};
use domain::{
    files::FileRole,
    pages::files::{FileView, PictureView, SampleView},
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, prelude::Uuid,
};
use serde::Serialize;

/// The public path of a preview file.
pub fn media_path(file_id: Id, name: &str) -> String {
    format!(
        "/media/{}/{}",
        file_id.simple(),
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect::<String>()
    )
}

/// A picture as a row of `files` has it.
#[derive(Clone, FromQueryResult)]
pub(crate) struct PictureRow {
    pub id: Id,
    name: String,
    width: Option<i64>,
    height: Option<i64>,
    /// The other widths that it comes in, as JSON.
    sizes: String,
    color: Option<String>,
}

impl From<&file::Model> for PictureRow {
    fn from(file: &file::Model) -> Self {
        let (name, sizes) = (file.name.clone(), file.sizes.clone());
        Self { id: file.id, name, width: file.width, height: file.height, sizes, color: file.color.clone() }
    }
}

impl PictureRow {
    /// The picture with all widths that it comes in, and the words for who can't see it.
    pub fn with_alt(&self, alt: &str) -> Picture {
        let name = &self.name;
        let pixels = |n: Option<i64>| n.and_then(|n| u32::try_from(n).ok());
        let sizes: Vec<SizeRow> = serde_json::from_str(&self.sizes).unwrap_or_default();
        let (shared, sizes): (Vec<SizeRow>, Vec<SizeRow>) = sizes.into_iter().partition(|size| size.is_shared);
        let shared_name = format!("{}.jpg", name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem));
        let shared = shared.first();
        Picture {
            url: media_path(self.id, name),
            alt: alt.to_owned(),
            width: pixels(self.width),
            height: pixels(self.height),
            sizes: sizes.into_iter().map(|size| SizedPicture { url: media_path(size.id, name), width: size.width }).collect(),
            shared: shared.map(|size| SharedPicture { url: media_path(size.id, &shared_name), width: size.width, height: size.height }),
            color: self.color.clone(),
        }
    }
}

/// The file behind a public path, if it is a cover, a picture, one of their widths, a sample, or the logo. Goods are never found here.
pub async fn find_preview_file(shop: &Shop, file_id: &str) -> Result<Option<StoredFile>> {
    let Ok(id) = Uuid::try_parse(file_id) else { return Ok(None) };
    let Some(file) = file::Entity::find_by_id(id).filter(file::Column::StoreId.eq(shop.settings.store_id)).one(&shop.db).await? else {
        return Ok(None);
    };
    let public = shop.db.query_one_raw(statement(&shop.db, IS_PUBLIC, [file.original_id.unwrap_or(id).into()])).await?;
    Ok(public.map(|_| StoredFile::from(file)))
}

impl From<file::Model> for StoredFile {
    fn from(file: file::Model) -> Self {
        Self {
            id: file.id,
            object_key: file.object_key,
            name: file.name,
            media_type: file.media_type,
            size_bytes: file.size_bytes,
            sha256: file.sha256,
        }
    }
}

/// A file as its facts.
pub(crate) fn file_view(file: &file::Model) -> FileView {
    FileView {
        id: file.id.simple().to_string(),
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        warning: archives::warning_text(&file.warning)
            .or_else(|| pictures::warning_text(&file.warning))
            .or_else(|| attach::warning_text(&file.warning))
            .map(str::to_owned),
        created_at: file.created_at,
    }
}

/// What a product shows before it is bought.
pub(crate) struct Shown {
    pub cover: Option<PictureView>,
    pub gallery: Vec<PictureView>,
    pub samples: Vec<SampleView>,
}

/// Cover, gallery and samples of a product, in their order.
pub(crate) async fn shown(shop: &Shop, product: &product::Model) -> Result<Shown> {
    let cover = match product.cover_file_id {
        Some(id) => file::Entity::find_by_id(id).one(&shop.db).await?.map(|file| picture_view(&file, &product.cover_alt)),
        None => None,
    };
    let mut previews = preview::Entity::find().filter(preview::Column::ProductId.eq(product.id)).all(&shop.db).await?;
    previews.sort_by_key(|row| (row.position, row.id));
    let ids = previews.iter().map(|row| row.file_id);
    let files = file::Entity::find().filter(file::Column::Id.is_in(ids)).all(&shop.db).await?;
    let (mut gallery, mut samples) = (Vec::new(), Vec::new());
    for row in previews {
        let Some(file) = files.iter().find(|file| file.id == row.file_id) else { continue };
        if row.role == FileRole::Gallery {
            gallery.push(picture_view(file, &row.title));
        } else {
            samples.push(SampleView { file: file_view(file), url: media_path(file.id, &file.name), title: row.title });
        }
    }
    Ok(Shown { cover, gallery, samples })
}

fn picture_view(file: &file::Model, alt: &str) -> PictureView {
    PictureView { file: file_view(file), picture: PictureRow::from(file).with_alt(alt) }
}

/// What a picture, a cover or a sample of this product is.
struct Place {
    product: product::Model,
    /// Nothing for the cover.
    preview: Option<preview::Model>,
    file: file::Model,
}

async fn place(shop: &Shop, slug: &str, file_id: &str) -> Result<Place> {
    let product = product_named(shop, slug).await?;
    let id = Uuid::try_parse(file_id).map_err(|_| Error::NotFound)?;
    let preview = preview::Entity::find()
        .filter(preview::Column::ProductId.eq(product.id))
        .filter(preview::Column::FileId.eq(id))
        .one(&shop.db)
        .await?;
    if preview.is_none() && product.cover_file_id != Some(id) {
        return Err(Error::NotFound);
    }
    let file = file::Entity::find_by_id(id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    Ok(Place { product, preview, file })
}

#[derive(Serialize)]
struct Words<'a> {
    title: &'a str,
}

/// Gives a picture other words for who cannot see it, or a sample another title.
///
/// # Errors
/// `NotFound` where the product shows no such file.
pub async fn describe(shop: &Shop, by: &Actor, slug: &str, file_id: &str, title: &str) -> Result<()> {
    let Place { product, preview, file } = place(shop, slug, file_id).await?;
    let title = line(title.trim());
    let before = preview.as_ref().map_or(&product.cover_alt, |row| &row.title);
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    match &preview {
        Some(row) => set_preview(&tx, row.id, preview::Column::Title, Expr::value(title.as_str())).await?,
        None => _ = steps::describe_cover(&tx, product.id, &title).await?,
    };
    let name = format!("{}: {}", product.slug, file.name);
    let action = Action { act: "described", kind: "file", id: Some(file.id), name: &name };
    audit::record(&tx, shop, by, action, Some(&Words { title: before }), Some(&Words { title: &title })).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

/// Takes a cover, a picture or a sample off its product. Its bytes go two days later.
///
/// # Errors
/// `NotFound` where the product shows no such file.
pub async fn remove_picture(shop: &Shop, by: &Actor, slug: &str, file_id: &str) -> Result<()> {
    let Place { product, preview, file } = place(shop, slug, file_id).await?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    match &preview {
        Some(row) => _ = preview::Entity::delete_by_id(row.id).exec(&tx).await?,
        None => _ = steps::remove_cover(&tx, product.id, file.id).await?,
    };
    tombstones::record_file(&tx, shop, file.id).await?;
    let name = format!("{}: {}", product.slug, file.name);
    let title = preview.as_ref().map_or(&product.cover_alt, |row| &row.title);
    let action = Action { act: "removed", kind: "file", id: Some(file.id), name: &name };
    audit::record(&tx, shop, by, action, Some(&Words { title }), None).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

/// Puts the pictures of the gallery into this order. Pictures that it does not name come after those that it does.
///
/// # Errors
/// Refuses a picture that is not in the gallery.
pub async fn order_gallery(shop: &Shop, by: &Actor, slug: &str, file_ids: &[String]) -> Result<()> {
    let product = product_named(shop, slug).await?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    let rows = gallery(&tx, product.id).await?;
    let mut wanted = Vec::with_capacity(rows.len());
    for id in file_ids {
        let row = rows.iter().find(|row| row.file_id.simple().to_string() == id.replace('-', ""));
        let row = row.ok_or(refusals::PICTURE_UNKNOWN)?;
        if !wanted.contains(&row.id) {
            wanted.push(row.id);
        }
    }
    wanted.extend(rows.iter().map(|row| row.id).filter(|id| !wanted.contains(id)).collect::<Vec<_>>());
    for (position, id) in wanted.iter().enumerate() {
        set_preview(&tx, *id, preview::Column::Position, Expr::value(position as i64)).await?;
    }
    audit::note(&tx, shop, by, Action { act: "ordered", kind: "gallery", id: Some(product.id), name: &product.slug }).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

async fn set_preview(tx: &DatabaseTransaction, id: Id, column: preview::Column, to: Expr) -> Result<()> {
    preview::Entity::update_many().col_expr(column, to).filter(preview::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

async fn gallery(tx: &DatabaseTransaction, product_id: Id) -> Result<Vec<preview::Model>> {
    let pictures =
        preview::Entity::find().filter(preview::Column::ProductId.eq(product_id)).filter(preview::Column::Role.eq(word(FileRole::Gallery)));
    Ok(pictures.order_by_asc(preview::Column::Position).order_by_asc(preview::Column::Id).all(tx).await?)
}

/// Adds a picture or a sample behind those that a product has. The product's row is taken.
pub(super) async fn add_preview(
    tx: &DatabaseTransaction,
    product: &product::Model,
    file_id: Id,
    role: FileRole,
    title: &str,
) -> Result<()> {
    let last = preview::Entity::find().filter(preview::Column::ProductId.eq(product.id));
    let last = last.order_by_desc(preview::Column::Position).one(tx).await?;
    let row = preview::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(product.store_id),
        product_id: Set(product.id),
        file_id: Set(file_id),
        role: Set(role.into()),
        title: Set(title.to_owned()),
        position: Set(last.map_or(0, |last| last.position + 1)),
    };
    row.insert(tx).await?;
    Ok(())
}
