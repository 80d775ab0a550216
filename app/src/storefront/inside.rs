//! What a product is made of: samples, files, facts, and the license in plain words.

use super::tiers::MAX_TOLD_APART;
use crate::components::{Cover, Day, Icon, IconName};
use domain::media_type;
use domain::pages::offer::{FileFact, IncludedTier, VariantOffer};
use domain::pages::storefront::{ProductDetail, Sample, human_size};
use domain::terms::{LicenseTerms, TermsWords};
use leptos::prelude::*;

/// The facts that a shopper compares. What differs between tiers is that of the chosen one, by the style sheet alone.
#[component]
pub fn Facts(product: ProductDetail) -> impl IntoView {
    let offers = &product.variants;
    let of_tiers = [
        ("Format", of_tiers(offers, &VariantOffer::formats)),
        ("Size", of_tiers(offers, &|offer| Some(offer.total_bytes()).filter(|size| *size > 0).map(human_size).unwrap_or_default())),
        ("Includes", of_tiers(offers, &n_products)),
    ];
    let facts = [
        ("Edition", product.texts.edition),
        ("Version", product.version),
        ("Works with", product.texts.requirements),
        ("Item number", product.texts.sku),
    ];
    let n_tags = product.tags.len();
    view! {
        <dl class="facts">
            {of_tiers.into_iter().filter_map(|(name, value)| Some((name, value?))).map(|(name, value)| view! {
                <div><dt>{name}</dt><dd>{value}</dd></div>
            }).collect_view()}
            {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! {
                <div><dt>{name}</dt><dd>{value}</dd></div>
            })).collect_view()}
            <div><dt>"Updated"</dt><dd><Day at_ms=product.updated_at/></dd></div>
            {(n_tags > 0).then(|| view! {
                <div>
                    <dt>"Tags"</dt>
                    <dd>
                        {product.tags.into_iter().enumerate().map(|(i, (slug, name))| view! {
                            <a href=format!("/products?tag={slug}")>{name}</a>{(i + 1 < n_tags).then_some(", ")}
                        }).collect_view()}
                    </dd>
                </div>
            })}
        </dl>
    }
}

/// One fact of all tiers: once where they have it alike, else that of the chosen one. `None` where no tier has it.
fn of_tiers(offers: &[VariantOffer], fact: &dyn Fn(&VariantOffer) -> String) -> Option<AnyView> {
    let texts: Vec<String> = offers.iter().map(fact).collect();
    let first = texts.iter().find(|text| !text.is_empty())?.clone();
    // None is chosen where none can be bought yet: all are told that are known.
    if !offers.iter().any(VariantOffer::delivers) {
        let known = offers.iter().zip(&texts).filter(|(_, text)| !text.is_empty());
        let known = known.map(|(offer, text)| if offers.len() > 1 { format!("{}: {text}", offer.name) } else { text.clone() });
        return Some(known.collect::<Vec<_>>().join(" · ").into_any());
    }
    if texts.iter().all(|text| *text == first) {
        return Some(first.into_any());
    }
    if texts.len() > MAX_TOLD_APART {
        return Some("Depends on the edition".into_any());
    }
    let text = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    Some(texts.into_iter().map(|of| view! { <span class="of-tier">{text(of)}</span> }).collect_view().into_any())
}

/// How many products a bundle has.
fn n_products(offer: &VariantOffer) -> String {
    match offer.includes.len() {
        0 => String::new(),
        1 => "1 product".to_owned(),
        n => format!("{n} products"),
    }
}

/// Something to read, hear or see before buying. `product` is its slug.
#[component]
pub fn Samples(product: String, samples: Vec<Sample>, is_preview: bool) -> impl IntoView {
    let row = |sample| view! { <SampleRow product=product.clone() sample is_preview/> };
    view! { <ul class="rows">{samples.into_iter().map(row).collect_view()}</ul> }
}

#[component]
fn SampleRow(product: String, sample: Sample, is_preview: bool) -> impl IntoView {
    let Sample { file_id, title, url, media_type, size_bytes } = sample;
    let is_sound = media_type::is_sound(&media_type);
    // A player tells how long it plays, which says more than how large it is.
    let size = human_size(size_bytes);
    let size = (!is_sound).then(|| {
        view! {
            " "<a class="quiet number" href=url.clone() aria-label=format!("Open the file of {title}, {size}")>{size.clone()}</a>
        }
    });
    let content = if is_sound {
        view! { <audio controls preload="metadata" src=url aria-label=title.clone()></audio> }.into_any()
    } else if media_type::is_picture(&media_type) {
        view! { <a href=url.clone()><img class="cover" src=url.clone() alt=title.clone() loading="lazy" decoding="async"/></a> }.into_any()
    } else {
        // Samples of what is not on sale have no page.
        let page = if is_preview { url.clone() } else { format!("/products/{product}/sample/{file_id}") };
        let (verb, href, icon) = match media_type.as_str() {
            text if media_type::is_text(text) => ("Read", page, None),
            film if media_type::is_film(film) => ("Watch", page, None),
            _ => ("Download", url, Some(IconName::Download)),
        };
        view! {
            <a class="button plain" href=href aria-label=format!("{verb}: {title}")>{verb}{icon.map(|name| view! { <Icon name/> })}</a>
        }
        .into_any()
    };
    view! { <li><span>{title}{size}</span>{content}</li> }
}

/// What comes with the tiers, each once, with the tiers that have it.
#[component]
pub fn Included(variants: Vec<VariantOffer>) -> impl IntoView {
    let mut all: Vec<(IncludedTier, Vec<&str>)> = Vec::new();
    for offer in &variants {
        for tier in &offer.includes {
            match all.iter_mut().find(|(known, _)| known == tier) {
                Some((_, tiers)) => tiers.push(&offer.name),
                None => all.push((tier.clone(), vec![&offer.name])),
            }
        }
    }
    view! {
        <ul class="rows">
            {all.into_iter().map(|(tier, tiers)| {
                let (title, formats) = (tier.title.clone(), tier.formats());
                let title = if tier.is_on_sale { view! {
                    <a href=format!("/products/{}", tier.product)>{title}</a>
                }.into_any() } else { title.into_any() };
                let tiers = (tiers.len() < variants.len()).then(|| listed(&tiers));
                view! {
                    <li class="with-cover">
                        <div><Cover picture=tier.cover kind=tier.kind title="" is_decoration=true/></div>
                        <span>
                            {title}
                            <span class="quiet">" · "{tier.variant_name}</span>
                            {(!formats.is_empty()).then(|| view! { <br/><span class="quiet text-sm">{formats}</span> })}
                            {tiers.map(|tiers| view! { <br/><span class="quiet text-sm">"In "{tiers}</span> })}
                        </span>
                        {(tier.is_on_sale && !tier.price.is_zero()).then(|| view! {
                            <span class="quiet number">{tier.price.to_string()}<span class="sr-only">" by itself"</span></span>
                        })}
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}

/// Every file once, with its size and the tiers that have it.
#[component]
pub fn Files(variants: Vec<VariantOffer>) -> impl IntoView {
    view! {
        <ul class="rows">
            {files(&variants).into_iter().map(|(file, tiers)| view! {
                <li>
                    <span>
                        <span class="file-name">{file.name.clone()}</span>
                        {tiers.map(|tiers| view! { <br/><span class="quiet text-sm">"In "{tiers}</span> })}
                    </span>
                    <span class="quiet number">{human_size(file.size_bytes)}</span>
                </li>
            }).collect_view()}
        </ul>
    }
}

/// The files in their order; `None` for the tiers of a file that all have.
fn files(variants: &[VariantOffer]) -> Vec<(FileFact, Option<String>)> {
    let mut files: Vec<(FileFact, Vec<&str>)> = Vec::new();
    for offer in variants {
        for file in &offer.files {
            match files.iter_mut().find(|(known, _)| known == file) {
                Some((_, tiers)) => tiers.push(&offer.name),
                None => files.push((file.clone(), vec![&offer.name])),
            }
        }
    }
    files.into_iter().map(|(file, tiers)| (file, (tiers.len() < variants.len()).then(|| listed(&tiers)))).collect()
}

/// What may be done with the goods, once for each kind of license.
#[component]
pub fn Licenses(variants: Vec<VariantOffer>, terms: Vec<TermsWords>) -> impl IntoView {
    let mut kinds: Vec<(LicenseTerms, Vec<&str>)> = Vec::new();
    for offer in &variants {
        match kinds.iter_mut().find(|(known, _)| *known == offer.terms) {
            Some((_, tiers)) => tiers.push(&offer.name),
            None => kinds.push((offer.terms, vec![&offer.name])),
        }
    }
    let has_choice = variants.len() > 1;
    view! {
        <dl class="licenses">
            {kinds.into_iter().map(|(kind, tiers)| {
                let words = terms.iter().find(|words| words.terms == kind).cloned().unwrap_or_else(|| kind.words());
                view! {
                    <div>
                        <dt>{words.label.clone()}{has_choice.then(|| view! { <span class="quiet">" · "{listed(&tiers)}</span> })}</dt>
                        <dd>{words.summary.clone()}<TermsBody words/></dd>
                    </div>
                }
            }).collect_view()}
        </dl>
    }
}

/// The full text, folded away.
#[component]
pub fn TermsBody(words: TermsWords) -> impl IntoView {
    (!words.body.is_empty()).then(|| {
        view! {
            <details class="terms-body">
                <summary>"Full text"<span class="sr-only">" of: "{words.label}</span></summary>
                <p>{words.body}</p>
            </details>
        }
    })
}

fn listed(names: &[&str]) -> String {
    names.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::{Currency, Money};

    fn offer(name: &str, files: &[&str]) -> VariantOffer {
        VariantOffer {
            is_in_currency: true,
            key: name.to_lowercase(),
            name: name.to_owned(),
            summary: String::new(),
            price: Money::new(100, Currency::USD),
            compare_at: None,
            terms: LicenseTerms::Personal,
            files: files
                .iter()
                .map(|name| FileFact { name: (*name).to_owned(), media_type: "application/pdf".to_owned(), size_bytes: 1 })
                .collect(),
            has_license: false,
            activation_limit: None,
            expires_after_days: None,
            license_policy: Default::default(),
            download_limit: None,
            attributes: Vec::new(),
            pay_what_you_want: false,
            suggested_amount: None,
            includes: Vec::new(),
        }
    }

    #[test]
    fn a_file_is_listed_once_with_the_tiers_that_have_it() {
        let files = files(&[offer("PDF", &["a.pdf"]), offer("Both", &["a.pdf", "a.epub"])]);
        let seen: Vec<_> = files.iter().map(|(file, tiers)| (file.name.as_str(), tiers.as_deref())).collect();
        assert_eq!(seen, [("a.pdf", None), ("a.epub", Some("Both"))]);
    }
}
