//! Covers, gallery and samples: the only files that anybody may fetch.

use crate::entities::{file, preview, product};
use crate::files::StoredFile;
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

/// The public path of a preview file.
pub fn media_path(file_id: Id, name: &str) -> String {
    format!(
        "/media/{}/{}",
        file_id.simple(),
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect::<String>()
    )
}

/// The file behind a public path, if it is a cover, a picture or a sample. Goods are never found here.
pub async fn find_preview_file(shop: &Shop, file_id: &str) -> Result<Option<StoredFile>> {
    let Ok(id) = Uuid::try_parse(file_id) else { return Ok(None) };
    let Some(file) = file::Entity::find_by_id(id).filter(file::Column::StoreId.eq(shop.settings.store_id)).one(&shop.db).await? else {
        return Ok(None);
    };
    let is_preview = preview::Entity::find()
        .filter(preview::Column::FileId.eq(id))
        .select_only()
        .column(preview::Column::Id)
        .into_tuple::<Uuid>()
        .one(&shop.db)
        .await?
        .is_some();
    let is_public = is_preview
        || product::Entity::find()
            .filter(product::Column::CoverFileId.eq(id))
            .select_only()
            .column(product::Column::Id)
            .into_tuple::<Uuid>()
            .one(&shop.db)
            .await?
            .is_some();
    Ok(is_public.then(|| StoredFile::from(file)))
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
