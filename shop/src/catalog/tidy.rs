//! Words of a product as they are kept, however they were pasted ([`domain::text::tidy`]).

use super::{NewProduct, NewVariant, ProductChange, VariantChange};
use domain::text::tidy;

fn all(texts: &mut [&mut String]) {
    for text in texts {
        **text = tidy(text);
    }
}

fn some(texts: &mut [&mut Option<String>]) {
    for text in texts.iter_mut().filter_map(|text| text.as_mut()) {
        *text = tidy(text);
    }
}

fn pairs(pairs: &mut [(String, String)]) {
    for (name, value) in pairs {
        all(&mut [name, value]);
    }
}

pub(super) fn product(mut new: NewProduct) -> NewProduct {
    all(&mut [&mut new.title, &mut new.promise, &mut new.seo_title, &mut new.seo_description]);
    some(&mut [&mut new.sku, &mut new.edition, &mut new.requirements]);
    new.tags.iter_mut().for_each(|tag| *tag = tidy(tag));
    pairs(&mut new.metadata);
    new.variants = new.variants.into_iter().map(variant).collect();
    new
}

fn variant(mut new: NewVariant) -> NewVariant {
    all(&mut [&mut new.name, &mut new.summary]);
    pairs(&mut new.attributes);
    new
}

pub(super) fn change(mut change: ProductChange) -> ProductChange {
    some(&mut [
        &mut change.title,
        &mut change.promise,
        &mut change.edition,
        &mut change.requirements,
        &mut change.sku,
        &mut change.seo_title,
        &mut change.seo_description,
    ]);
    change.tags.iter_mut().flatten().for_each(|tag| *tag = tidy(tag));
    pairs(change.metadata.as_deref_mut().unwrap_or_default());
    change.variants = change.variants.into_iter().map(variant_change).collect();
    change
}

fn variant_change(mut change: VariantChange) -> VariantChange {
    some(&mut [&mut change.name, &mut change.summary]);
    pairs(change.attributes.as_deref_mut().unwrap_or_default());
    change
}
