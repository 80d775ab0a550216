//! A sample on a page of the shop.

use super::{find_preview_file, find_product};
use crate::files::{ByteRange, StoredFile, text_charset};
use crate::{Result, Shop};
use anyhow::Context;
use domain::pages::storefront::SamplePage;
use futures::TryStreamExt;

/// Nobody reads more than this before buying; the file itself has the rest.
const MAX_TEXT_BYTES: u64 = 256 * 1024;

/// A sample of a product on sale, by the id of its file; a text with what is written in it.
pub async fn find_sample(shop: &Shop, slug: &str, file_id: &str) -> Result<Option<SamplePage>> {
    let Some(product) = find_product(shop, slug).await? else { return Ok(None) };
    let Some(sample) = product.samples.iter().find(|sample| sample.file_id == file_id).cloned() else { return Ok(None) };
    let (mut text, mut is_cut) = (None, false);
    if sample.media_type == "text/plain"
        && let Some(file) = find_preview_file(shop, file_id).await?
    {
        is_cut = file.size_bytes > MAX_TEXT_BYTES as i64;
        text = Some(read(shop, &file).await?);
    }
    Ok(Some(SamplePage { product, sample, text, is_cut }))
}

/// The beginning of a text, whatever letters it is written in.
async fn read(shop: &Shop, file: &StoredFile) -> Result<String> {
    let range = ByteRange { start: 0, end_inclusive: MAX_TEXT_BYTES - 1 };
    let parts = shop.files.get(&file.object_key, Some(range)).await.context("reading a sample")?;
    let bytes: Vec<bytes::Bytes> = parts.try_collect().await.context("reading a sample")?;
    let bytes = bytes.concat();
    let charset = encoding_rs::Encoding::for_label(text_charset(&bytes).as_bytes()).unwrap_or(encoding_rs::UTF_8);
    let (text, _, _) = charset.decode(&bytes);
    // A letter may be cut in two where the beginning ends.
    Ok(text.trim_end_matches('\u{fffd}').to_owned())
}
