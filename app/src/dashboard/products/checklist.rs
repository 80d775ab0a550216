//! What a product still needs before it sells, and the question before one goes on sale that delivers nothing.

use crate::components::{Icon, IconName};
use crate::dashboard::products::acts::files_page;
use domain::pages::goods::{Checklist, EditedProduct};
use leptos::prelude::*;

/// Asks whether a product is to be published that delivers nothing. Stands in the editor's form, so that its buttons send it.
#[component]
pub fn PublishAnyway(
    question: String,
    /// The page of its files; nothing for a new product.
    files: Option<String>,
) -> impl IntoView {
    view! {
        <section class="panel question" role="alert" aria-labelledby="publish-anyway">
            <h2 id="publish-anyway">"Nothing to deliver yet"</h2>
            <p>{question}</p>
            <p class="actions mt-4">
                <button class="button plain" type="submit" name="act" value="publish_anyway">"Publish anyway"</button>
                <button class="button plain" type="submit" name="act" value="save_draft">"Save as a draft"</button>
                {files.map(|files| view! { <a href=files>"Add files first"</a> })}
            </p>
        </section>
    }
}

/// What is there and what is missing, until the product is on sale with all of it.
#[component]
pub fn ToDo(product: Option<EditedProduct>) -> impl IntoView {
    let checklist = product.as_ref().map(|product| product.checklist.clone()).unwrap_or_default();
    let is_on_sale = product.as_ref().is_some_and(|product| product.status.is_on_sale());
    if checklist.is_done() && is_on_sale {
        return None;
    }
    let hint = match (&product, checklist.is_done()) {
        (None, _) => "Save it as a draft first. Then add its files, cover and sample.",
        (Some(_), true) => "Everything is here. Publish it when you like.",
        (Some(_), false) if checklist.empty_tiers.is_empty() => "A cover and a sample help people decide.",
        (Some(_), false) => "Files are needed to sell it. A cover and a sample help people decide.",
    };
    let files = product.map(|product| files_page(&product.slug));
    let rows = rows(&checklist, files.as_deref());
    Some(view! {
        <section class="panel checklist" aria-labelledby="checklist">
            <h2 id="checklist">"Before it sells"</h2>
            <p class="help">{hint}</p>
            <ul class="todo">
                {rows.into_iter().map(|row| view! {
                    <li class:done=row.is_done>
                        <Icon name=if row.is_done { IconName::Check } else { IconName::Circle }/>
                        <div>
                            <p>{row.name}{row.detail.map(|detail| view! { <span class="quiet">" · "{detail}</span> })}</p>
                            {match row.add.filter(|_| !row.is_done) {
                                Some((url, label)) => view! { <a href=url>{label}</a> }.into_any(),
                                None => view! { <span class="quiet">{if row.is_done { "Done" } else { "Missing" }}</span> }.into_any(),
                            }}
                        </div>
                    </li>
                }).collect_view()}
            </ul>
        </section>
    })
}

struct Row {
    name: &'static str,
    is_done: bool,
    detail: Option<String>,
    /// Where it is added, and what the link says.
    add: Option<(String, &'static str)>,
}

fn rows(list: &Checklist, files: Option<&str>) -> [Row; 4] {
    let at = |place: &str, label| files.map(|page| (format!("{page}#{place}"), label));
    let empty = (files.is_some() && !list.empty_tiers.is_empty()).then(|| format!("none for {}", list.empty_tiers.join(", ")));
    let has_files = files.is_some() && list.empty_tiers.is_empty();
    let priced = files.map(|_| ("#currency".to_owned(), "Set the currency"));
    [
        Row { name: "Price", is_done: list.has_price, detail: None, add: priced },
        Row { name: "Files", is_done: has_files, detail: empty, add: at("goods", "Add files") },
        Row { name: "Cover", is_done: list.has_cover, detail: None, add: at("cover", "Add a cover") },
        Row { name: "Sample", is_done: list.has_sample, detail: None, add: at("samples", "Add a sample") },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_the_way_to_it() {
        let list = Checklist { has_price: true, empty_tiers: vec!["Rich".to_owned()], ..Checklist::default() };
        let [price, files, cover, _] = rows(&list, Some("/f"));
        assert!(price.is_done && !files.is_done && !cover.is_done);
        assert_eq!(files.detail.as_deref(), Some("none for Rich"));
        assert_eq!(files.add, Some(("/f#goods".to_owned(), "Add files")));
        assert!(rows(&Checklist::default(), None).iter().all(|row| row.add.is_none() && !row.is_done));
    }
}
