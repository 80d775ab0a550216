//! The steps of a file: all that writes `files`. Its bytes never change, so a row is made once and stays.

use super::{Stored, tombstones};
use crate::base::database::begin_write;
use crate::base::entities::file::{self, ActiveModel, Column, Entity};
use crate::{Result, Shop, base::world};
use domain::id::Id;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

/// The facts of stored bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileFacts {
    pub object_key: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    /// Pixels.
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// What most of a picture has, as `#rrggbb`.
    pub color: Option<String>,
    /// Other widths of a picture: their rows are made with it.
    pub sizes: Vec<FileFacts>,
    /// The picture as links to the shop show it.
    pub shared: Option<Box<FileFacts>>,
    pub warning: &'static str,
}

impl FileFacts {
    /// All objects that were stored for it.
    pub fn object_keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self).chain(&self.sizes).chain(self.shared.as_deref()).map(|facts| facts.object_key.as_str())
    }
}

/// Another width of a picture, as the picture's row keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SizeRow {
    pub id: Id,
    /// Pixels.
    pub width: u32,
    #[serde(default)]
    pub height: u32,
    /// For programs that show links, not for pages.
    #[serde(default)]
    pub is_shared: bool,
}

/// Makes the row of a file, and those of its other widths.
pub(crate) async fn add(tx: &DatabaseTransaction, shop: &Shop, name: &str, facts: &FileFacts) -> Result<file::Model> {
    tombstones::clear(tx, facts.object_keys()).await?;
    let (id, now) = (world::new_id(), shop.clock.now_ms());
    let row = |id: Id, original_id: Option<Id>, facts: &FileFacts, sizes: String| ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        object_key: Set(facts.object_key.clone()),
        name: Set(name.to_owned()),
        media_type: Set(facts.media_type.clone()),
        size_bytes: Set(facts.size_bytes),
        sha256: Set(facts.sha256.clone()),
        created_at: Set(now),
        width: Set(facts.width),
        height: Set(facts.height),
        sizes: Set(sizes),
        original_id: Set(original_id),
        warning: Set(facts.warning.to_owned()),
        color: Set(facts.color.clone()),
    };
    let parts: Vec<&FileFacts> = facts.sizes.iter().chain(facts.shared.as_deref()).collect();
    let pixels = |n: Option<i64>| u32::try_from(n.unwrap_or(0)).unwrap_or(0);
    let sizes: Vec<SizeRow> = parts
        .iter()
        .enumerate()
        .map(|(n, size)| SizeRow {
            id: world::new_id(),
            width: pixels(size.width),
            height: pixels(size.height),
            is_shared: n >= facts.sizes.len(),
        })
        .collect();
    let json = if sizes.is_empty() { String::new() } else { serde_json::to_string(&sizes).map_err(anyhow::Error::from)? };
    let file = row(id, None, facts, json).insert(tx).await?;
    for (size, facts) in sizes.iter().zip(parts) {
        row(size.id, Some(id), facts, String::new()).insert(tx).await?;
    }
    Ok(file)
}

/// The row of these bytes. Asked by writing it once more, which waits for a commit that is still under way where reading does not.
pub(crate) async fn find_for_sure(shop: &Shop, stored: &Stored) -> Result<Option<file::Model>> {
    let tx = begin_write(&shop.db).await?;
    let row = ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        object_key: Set(stored.object_key.clone()),
        name: Set(String::new()),
        media_type: Set(String::new()),
        size_bytes: Set(0),
        sha256: Set(String::new()),
        created_at: Set(0),
        ..Default::default()
    };
    let once = OnConflict::column(Column::ObjectKey).do_nothing().to_owned();
    let is_new = Entity::insert(row).on_conflict(once).exec_without_returning(&tx).await? == 1;
    tx.rollback().await?;
    if is_new {
        return Ok(None);
    }
    Ok(Entity::find().filter(Column::ObjectKey.eq(&stored.object_key)).one(&shop.db).await?)
}
