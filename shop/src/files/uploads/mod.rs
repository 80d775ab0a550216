//! Files of any size that come in parts: begun, sent in any order over days, and put together once.
//!
//! A part is there when its row is; its bytes are durable before. What was begun and left is swept after a week.

mod begin;
mod finish;
mod part;
mod steps;
mod sweep;
mod whole;

pub use begin::{NewUpload, begin, cancel};
pub use finish::finish;
pub(crate) use finish::look;
pub use part::put_part;
pub(crate) use steps::leave_release;
pub(crate) use sweep::sweep;
pub(crate) use whole::drawn;
pub use whole::{WholeFile, take};

use crate::base::database::word;
use crate::base::entities::{file, upload, upload_part};
use crate::catalog::file_view;
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::pages::form::FormRefusal;
use domain::{
    files::UploadState,
    pages::files::{PartView, UploadView},
};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// The length of every part but the last: S3 takes 10,000 parts from 5 MiB, and a phone's line sends one within a minute.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
pub const PART_BYTES: i64 = 8 * 1024 * 1024;
/// More uploads of one product are not under way at once.
const MAX_OPEN: u64 = 100;

/// An upload with the parts that are there.
///
/// # Errors
/// `NotFound` for one that nobody began, or that was swept.
pub async fn find(shop: &Shop, id: &str) -> Result<UploadView> {
    let row = row(shop, id).await?;
    view(shop, row).await
}

/// Uploads of a product that broke off or are on their way, latest first; without their parts.
pub(crate) async fn open_ones(shop: &Shop, product_id: Id) -> Result<Vec<UploadView>> {
    let rows = upload::Entity::find()
        .filter(upload::Column::ProductId.eq(product_id))
        .filter(upload::Column::State.is_in([UploadState::Open, UploadState::Finishing].map(word)))
        .order_by_desc(upload::Column::Id)
        .limit(MAX_OPEN)
        .all(&shop.db)
        .await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        views.push(view(shop, row).await?);
    }
    Ok(views)
}

async fn row(shop: &Shop, id: &str) -> Result<upload::Model> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    upload::Entity::find_by_id(id)
        .filter(upload::Column::StoreId.eq(shop.settings.store_id))
        .filter(upload::Column::State.ne(word(UploadState::Swept)))
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)
}

async fn parts_of(shop: &Shop, id: Id) -> Result<Vec<upload_part::Model>> {
    let parts = upload_part::Entity::find().filter(upload_part::Column::UploadId.eq(id)).order_by_asc(upload_part::Column::Number);
    Ok(parts.all(&shop.db).await?)
}

async fn view(shop: &Shop, row: upload::Model) -> Result<UploadView> {
    let parts = parts_of(shop, row.id).await?;
    let file = match row.file_id {
        Some(id) => file::Entity::find_by_id(id).one(&shop.db).await?,
        None => None,
    };
    Ok(UploadView {
        id: row.id.simple().to_string(),
        role: *row.role,
        state: *row.state,
        received_bytes: parts.iter().map(|part| part.size_bytes).sum(),
        parts: parts.into_iter().map(|part| PartView { number: part.number, sha256: part.sha256 }).collect(),
        file: file.as_ref().map(file_view),
        refusal: row.refusal_code.map(|code| FormRefusal {
            code,
            field: None,
            message: row.refusal_text.unwrap_or_default(),
            also: Vec::new(),
        }),
        name: row.name,
        size_bytes: row.size_bytes,
        part_bytes: row.part_bytes,
        created_at: row.created_at,
    })
}

/// Reads a SHA-256 in hexadecimal.
fn checked_sha256(text: &str) -> Result<String> {
    let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase()).ok_or_else(|| Error::refused("sha256_invalid", "A SHA-256 has 64 hexadecimal digits."))
}
