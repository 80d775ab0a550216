//! The editor's form: what a product is first, its tiers, where it stands; the rest folded away.

use crate::components::{Attempt, ChoiceField, FormError, Moment, NoticeText, TextField};
use crate::dashboard::conflict::{RefusedForm, differences, shown};
use crate::dashboard::products::ProductState;
use crate::dashboard::products::acts::{
    DeleteProduct, DuplicateProduct, EditorSheet, SaveProduct, SetProductStatus, files_page, product_page,
};
use crate::dashboard::products::checklist::{PublishAnyway, ToDo};
use crate::dashboard::products::tabs::{Tab, Tabs};
use crate::dashboard::products::tiers::Tiers;
use domain::catalog::{Kind, ProductStatus};
use domain::pages::form::FormRefusal;
use domain::pages::goods::{EditedProduct, EditorChoices, ProductForm};
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The whole page of the editor.
#[component]
pub fn Editor(sheet: EditorSheet) -> impl IntoView {
    let EditorSheet { product, filled, choices, preview, has_pictures, .. } = sheet;
    let (form, refusal) = (filled.form, filled.refusal);
    let heading = product.as_ref().map_or_else(|| "New product".to_owned(), |product| product.title.clone());
    let others = product.clone();
    view! {
        <form class="editor" method="post" action=SaveProduct::PATH data-unsaved="">
            <input type="hidden" name="form[product]" value=form.product.clone()/>
            <input type="hidden" name="form[revision]" value=form.revision.clone()/>
            <Attempt/>
            <input type="hidden" name="form[publish_at_shown]" value=form.publish_at_shown.clone()/>
            <input type="hidden" name="form[on_top]" value=form.on_top.clone()/>
            <input type="hidden" name="form[publish_anyway]" value=form.publish_anyway.clone()/>
            <div class="page-head">
                <div>
                    <p class="quiet text-sm"><a href="/dashboard/products">"Products"</a></p>
                    <h1>{heading}</h1>
                    {product.as_ref().map(|product| view! { <SavedState product=product.clone()/> })}
                </div>
                // First of all buttons, so that it is the one that the Enter key presses.
                <button class="button" type="submit" name="act" value="save">"Save"</button>
            </div>
            {product.as_ref().map(|product| {
                let is_open = product.status.is_on_sale() && product.appears_at.is_none();
                view! { <Tabs slug=product.slug.clone() here=Tab::Details n_files=product.n_files as usize is_open/> }
            })}
            <Refused refusal=refusal.clone() product=product.clone() form=form.clone()/>
            <ToDo product=product.clone()/>
            <div class="editor-columns">
                <div>
                    <What form=form.clone() refusal=refusal.clone() preview has_pictures/>
                    <OtherCurrency
                        product=product.as_ref().map(|product| product.form.currency.clone()) form=form.clone()
                        sold_in=choices.currency.clone()
                    />
                    <Tiers
                        tiers=form.tiers.clone() currency=form.currency.clone() terms=choices.terms.clone()
                        choices=choices.tiers.clone() refusal=refusal.clone()
                    />
                </div>
                <div>
                    <Where form=form.clone() time_zone=choices.time_zone.clone() refusal=refusal.clone()/>
                    <Shelf form=form.clone() refusal=refusal.clone() choices/>
                    <Folded form refusal/>
                </div>
            </div>
            <div class="save-bar">
                <button class="button" type="submit" name="act" value="save">"Save"</button>
                <a href="/dashboard/products">"Leave without saving"</a>
            </div>
        </form>
        {others.map(|product| view! { <Others product/> })}
    }
}

/// The way to the store's currency for a product that is priced in another one.
#[component]
fn OtherCurrency(product: Option<String>, form: ProductForm, sold_in: String) -> impl IntoView {
    let priced_in = product.filter(|currency| *currency != sold_in)?;
    let now = sold_in.clone();
    let options = vec![(priced_in.clone(), format!("{priced_in}: not for sale")), (sold_in.clone(), format!("{sold_in}, as the shop"))];
    Some(view! {
        <section class="panel stack" aria-label="Currency">
            <p>
                {format!(
                    "This product is priced in {priced_in}, and the shop sells in {now}, so that nobody can buy it. Choose {now}, look \
                     over its prices below, and save."
                )}
            </p>
            <ChoiceField
                at="currency".to_owned() name="form[currency]".to_owned() label="Currency of its prices" value=form.currency options
                refusal=None
            />
        </section>
    })
}

/// Where the product stands.
#[component]
fn SavedState(product: EditedProduct) -> impl IntoView {
    view! {
        <p class="standing">
            <span><ProductState status=product.status appears_at=product.appears_at/></span>
            <span class="quiet">
                "Saved "<Moment at_ms=product.updated_at/>
                {(!product.updated_by.is_empty()).then(|| format!(" by {}", product.updated_by))}
            </span>
        </p>
    }
}

/// What is wrong, with the way to its field; and where somebody else was faster, what they changed.
#[component]
fn Refused(refusal: Option<FormRefusal>, product: Option<EditedProduct>, form: ProductForm) -> impl IntoView {
    let refusal = refusal?;
    if refusal.code == "nothing_to_deliver" {
        return Some(view! { <PublishAnyway question=refusal.message files=product.map(|product| files_page(&product.slug))/> }.into_any());
    }
    let Some(product) = product.filter(|_| refusal.is_outdated()) else {
        let field = refusal.field.as_ref().map(|field| format!("#{field}"));
        return Some(
            view! {
                <div class="refused">
                    <FormError refusal=Some(refusal)/>
                    {field.map(|field| view! { <p><a href=field>"Go to the field"</a></p> })}
                </div>
            }
            .into_any(),
        );
    };
    let theirs = theirs(&form, &product.form);
    let on_top = ("act", "save_on_top".to_owned());
    Some(view! { <RefusedForm refusal=Some(refusal) what="this product" theirs on_top page=product_page(&product.slug)/> }.into_any())
}

/// Where what is saved differs from what was typed.
fn theirs(typed: &ProductForm, saved: &ProductForm) -> Vec<(String, String)> {
    let mut found = differences(fields(typed), fields(saved));
    let prices = |form: &ProductForm| form.tiers.iter().map(|tier| format!("{} {}", tier.name, tier.price)).collect::<Vec<_>>().join(", ");
    let count = |form: &ProductForm| {
        form.tiers.iter().map(|tier| (tier.name.clone(), tier.price.clone(), tier.summary.clone(), tier.included())).collect::<Vec<_>>()
    };
    if count(typed) != count(saved) {
        found.push(("Tiers".to_owned(), shown(&prices(saved))));
    }
    found
}

/// A text that may be absent, as its field shows it.
fn some(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn fields(form: &ProductForm) -> [(&'static str, &str); 16] {
    let texts = &form.texts;
    [
        ("Title", &texts.title),
        ("Slug", &form.slug),
        ("Credits", &texts.credits),
        ("One sentence", &texts.promise),
        ("Kind", &form.kind),
        ("Description", &texts.description),
        ("Status", &form.status),
        ("Publish at", &form.publish_at),
        ("Category", &form.category),
        ("Tags", &form.tags),
        ("Edition", some(&texts.edition)),
        ("Works with", some(&texts.requirements)),
        ("SKU", some(&texts.sku)),
        ("Title in search results", &texts.seo_title),
        ("Description in search results", &texts.seo_description),
        ("Notes", &form.metadata),
    ]
}

#[component]
fn What(form: ProductForm, refusal: Option<FormRefusal>, preview: Option<String>, has_pictures: bool) -> impl IntoView {
    let kinds = Kind::all().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
    view! {
        <section class="stack">
            <h2>"Details"</h2>
            <TextField
                at="title" name="form[title]" label="Title" value=form.texts.title refusal=refusal.clone() is_required=true
                max_length=200
            />
            <TextField
                at="credits" name="form[credits]" label="Credits" value=form.texts.credits refusal=refusal.clone() max_length=200
                help="Who made it: author, narrator, artist or label. Shown below the title as “By …”."
            />
            <TextField
                at="promise" name="form[promise]" label="One sentence" value=form.texts.promise refusal=refusal.clone()
                help="What the buyer gets, in one sentence. Shown below the title and on cards."
            />
            <ChoiceField
                at="kind" name="form[kind]" label="Kind" value=form.kind options=kinds refusal=refusal.clone()
                help="Decides the shape of its cover."
            />
            <TextField
                at="description" name="form[description]" label="Description" value=form.texts.description refusal=refusal.clone()
                rows=10 max_length=50_000
                help="Markdown: *emphasis*, **strong**, # headings, - lists, - [ ] tasks, > quotes, | tables |, notes[^1] and \
                    [links](https://…) to web, mail and tel: addresses. Bare addresses become links. Pictures are not shown here; put \
                    them into the gallery."
            />
            {has_pictures.then(|| {
                let text = "This description has a picture. Its page shows only the words of it: put the picture into the gallery.";
                view! { <NoticeText text=text.to_owned()/> }
            })}
            <p>
                <button class="button plain" type="submit" name="act" value="preview" formnovalidate=true>
                    "Preview the description"
                </button>
            </p>
            <div id="preview">
                {preview.map(|html| view! {
                    <div class="panel" role="region" aria-label="Preview of the description">
                        {if html.is_empty() {
                            view! { <p class="quiet">"There is nothing to show yet."</p> }.into_any()
                        } else {
                            view! { <div class="prose" inner_html=html></div> }.into_any()
                        }}
                    </div>
                })}
            </div>
        </section>
    }
}

#[component]
fn Where(form: ProductForm, time_zone: String, refusal: Option<FormRefusal>) -> impl IntoView {
    let meaning = |status: ProductStatus| match status {
        ProductStatus::Draft => "Draft: only you",
        ProductStatus::Published => "Published: in the shop",
        ProductStatus::Unlisted => "Unlisted: anyone with the link",
        ProductStatus::Archived => "Archived: no longer sold",
    };
    let options = ProductStatus::all().map(|status| (status.as_str().to_owned(), meaning(status).to_owned())).collect();
    view! {
        <section class="stack">
            <h2>"Visibility"</h2>
            <ChoiceField at="status" name="form[status]" label="Status" value=form.status options refusal=refusal.clone()/>
            <TextField
                at="publish_at" name="form[publish_at]" label=format!("Publish at ({time_zone})") value=form.publish_at refusal
                input_type="datetime-local" max_length=30
                help="Leave it empty to publish at once. Until then nobody sees it; then it appears by itself."
            />
        </section>
    }
}

#[component]
fn Shelf(form: ProductForm, refusal: Option<FormRefusal>, choices: EditorChoices) -> impl IntoView {
    let mut options = vec![(String::new(), "None".to_owned())];
    options.extend(choices.categories);
    view! {
        <section class="stack">
            <h2>"Organization"</h2>
            <ChoiceField at="category" name="form[category]" label="Category" value=form.category options refusal=refusal.clone()/>
            <TextField
                at="tags" name="form[tags]" label="Tags" value=form.tags refusal max_length=1_300
                help="With commas between them; new ones are made."
            />
            {(!choices.tags.is_empty()).then(|| {
                let in_use = choices.tags.into_iter().take(30).collect::<Vec<_>>().join(", ");
                view! { <p class="help">"In use: "{in_use}</p> }
            })}
        </section>
    }
}

/// What most products do without, open where something is wrong in it.
#[component]
fn Folded(form: ProductForm, refusal: Option<FormRefusal>) -> impl IntoView {
    let is_about = |fields: &[&str]| refusal.as_ref().is_some_and(|refusal| fields.iter().any(|field| refusal.at(field).is_some()));
    let filled_in = |fields: &[&str]| {
        let is_filled = fields.iter().any(|field| !field.is_empty());
        is_filled.then(|| view! { <span class="quiet text-sm">" · filled in"</span> })
    };
    let facts_open = is_about(&["slug", "edition", "requirements", "sku"]);
    let search_open = is_about(&["seo_title", "seo_description"]);
    let notes_open = is_about(&["metadata"]);
    view! {
        <section>
            <details class="fold" open=facts_open>
                <summary>
                    "Facts and address"
                    {filled_in(&[some(&form.texts.edition), some(&form.texts.requirements), some(&form.texts.sku)])}
                </summary>
                <div class="stack">
                    <TextField
                        at="slug" name="form[slug]" label="Slug" value=form.slug refusal=refusal.clone() max_length=80
                        help="Its name in links: lower-case letters, digits and hyphens. Empty: made from the title. Old links go on \
                            working when it changes."
                    />
                    <TextField
                        at="edition" name="form[edition]" label="Edition" value=form.texts.edition.unwrap_or_default()
                        refusal=refusal.clone() placeholder="Second edition, 2026"
                    />
                    <TextField
                        at="requirements" name="form[requirements]" label="Works with" value=form.texts.requirements.unwrap_or_default()
                        refusal=refusal.clone() placeholder="macOS 14 or later"
                    />
                    <TextField
                        at="sku" name="form[sku]" label="SKU" value=form.texts.sku.unwrap_or_default() refusal=refusal.clone()
                        help="Your own number for it."
                    />
                </div>
            </details>
            <details class="fold" open=search_open>
                <summary>"In search results"{filled_in(&[&form.texts.seo_title, &form.texts.seo_description])}</summary>
                <div class="stack">
                    <TextField
                        at="seo_title" name="form[seo_title]" label="Title in search results" value=form.texts.seo_title
                        refusal=refusal.clone() help="Empty: the title."
                    />
                    <TextField
                        at="seo_description" name="form[seo_description]" label="Description in search results"
                        value=form.texts.seo_description refusal=refusal.clone() help="Empty: the sentence below the title."
                    />
                </div>
            </details>
            <details class="fold" open=notes_open>
                <summary>"Notes for software"{filled_in(&[&form.metadata])}</summary>
                <div class="stack">
                    <TextField
                        at="metadata" name="form[metadata]" label="Notes" value=form.metadata refusal rows=4 max_length=30_000
                        placeholder="isbn = 978-3-16-148410-0"
                        help="A line each: name = value. The API tells them to your own software, never to customers."
                    />
                </div>
            </details>
        </section>
    }
}

/// What else can be done with a product. Nothing here is for ever.
#[component]
fn Others(product: EditedProduct) -> impl IntoView {
    let slug = product.slug.clone();
    let hidden = move || view! { <input type="hidden" name="product" value=slug.clone()/> };
    let is_archived = product.status == ProductStatus::Archived;
    view! {
        <section class="others" aria-label="More about this product">
            <form method="post" action=DuplicateProduct::PATH>
                <Attempt/>
                {hidden()}
                <button class="button plain" type="submit">"Duplicate"</button>
            </form>
            {(!is_archived).then(|| view! {
                <form method="post" action=SetProductStatus::PATH>
                    {hidden()}
                    <input type="hidden" name="status" value="archived"/>
                    <button class="button plain" type="submit">"Archive"</button>
                </form>
            })}
            <form method="post" action=DeleteProduct::PATH>
                {hidden()}
                <button class="button plain" type="submit">{format!("Delete “{}”", shown_title(&product.title))}</button>
            </form>
            <p class="help">"Orders keep what they bought, with files and links. Archive and delete can be undone."</p>
        </section>
    }
}

fn shown_title(title: &str) -> String {
    let mut short: String = title.chars().take(40).collect();
    if short.len() < title.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::draft::ProductTexts;
    use domain::pages::goods::TierForm;

    #[test]
    fn what_differs_is_told_as_it_is_saved() {
        let tier = |price: &str| TierForm { name: "One".to_owned(), price: price.to_owned(), ..TierForm::default() };
        let texts = |title: &str, description: &str| ProductTexts {
            title: title.to_owned(),
            description: description.to_owned(),
            ..ProductTexts::default()
        };
        let typed = ProductForm { texts: texts("Mine", "a\r\nb"), tiers: vec![tier("1")], ..ProductForm::default() };
        let saved = ProductForm { texts: texts("Theirs", "a\nb"), tiers: vec![tier("2.00")], ..ProductForm::default() };
        let told = theirs(&typed, &saved);
        assert_eq!(told, [("Title".to_owned(), "Theirs".to_owned()), ("Tiers".to_owned(), "One 2.00".to_owned())]);
        assert!(theirs(&saved, &saved).is_empty());
    }
}
