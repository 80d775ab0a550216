//! A sample, read or watched inside the shop.

use super::tiers::from_text;
use crate::components::{Icon, IconName};
use crate::error::AppError;
use crate::layout::{NotFound, Trouble, load_store, page_title};
use domain::media_type;
use domain::pages::storefront::{SamplePage, human_size};
use leptos::html;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;

#[server(prefix = "/_fn", endpoint = "get_sample")]
pub async fn get_sample(slug: String, file_id: String) -> Result<Option<SamplePage>, AppError> {
    Ok(shop::catalog::find_sample(&crate::layout::request::shop()?, &slug, &file_id).await?)
}

#[component]
pub fn SamplePageView() -> impl IntoView {
    let params = use_params_map();
    let param = |name: &str| params.with_untracked(|params| params.get(name).unwrap_or_default());
    let (slug, file_id) = (param("slug"), param("file_id"));
    view! {
        <Suspense>
            {
                let (slug, file_id) = (slug.clone(), file_id.clone());
                Suspend::new(async move {
                    let store = load_store().await;
                    match get_sample(slug, file_id).await {
                        Ok(Some(page)) => view! {
                            <Title text=page_title(&format!("{}: {}", page.product.texts.title, page.sample.title), &store)/>
                            // It is found by the product that it is of.
                            <Meta name="robots" content="noindex"/>
                            <Reading page/>
                        }.into_any(),
                        Ok(None) => view! { <NotFound/> }.into_any(),
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

#[component]
fn Reading(page: SamplePage) -> impl IntoView {
    let SamplePage { product, sample, text, is_cut } = page;
    let (back, title) = (format!("/products/{}", product.slug), product.texts.title);
    let size = human_size(sample.size_bytes);
    let is_pdf = sample.media_type == "application/pdf";
    let set = text.map(|text| paragraphs(&text));
    let is_cut = is_cut || set.as_ref().is_some_and(|set| set.len() > MAX_PARAGRAPHS);
    let buy = from_text(&product.variants).map(|price| view! { <a class="button" href=back.clone()>{format!("{title} — {price}")}</a> });
    let open = view! {
        <a class="button plain" href=sample.url.clone() target="_blank" rel="noopener">
            {if is_pdf { "Open the PDF" } else { "Open the file" }}
            <span class="quiet number">{size}</span><Icon name=IconName::ExternalLink/>
        </a>
    };
    // Where a sheet has no place in the page, who came to read it finds it first.
    let (first, second) = if is_pdf { (open.into_any(), buy.into_any()) } else { (buy.into_any(), open.into_any()) };
    view! {
        <article class="reading">
            <nav class="crumbs" aria-label="Breadcrumb"><ol><li><a href=back.clone()>{title.clone()}</a></li></ol></nav>
            <h1>{sample.title.clone()}</h1>
            {match (set, sample.media_type.as_str()) {
                (Some(set), _) => view! {
                    <div class="prose set-text">
                        {set.into_iter().take(MAX_PARAGRAPHS).map(|text| view! { <p>{text}</p> }).collect_view()}
                    </div>
                }.into_any(),
                (None, film) if media_type::is_film(film) => view! {
                    <video controls preload="metadata" src=sample.url.clone() aria-label=sample.title></video>
                }.into_any(),
                // Where it isn't shown it is not fetched.
                (None, "application/pdf") => {
                    // The pages themselves, without a list of them beside.
                    let pages = format!("{}#navpanes=0&view=FitH", sample.url);
                    html::iframe().class("sheet").src(pages).title(sample.title).attr("loading", "lazy").into_any()
                }
                (None, _) => ().into_any(),
            }}
            // Where no sheet is shown.
            {is_pdf.then(|| view! { <p class="apart quiet">"This sample is a PDF. Open it to read it."</p> })}
            {is_cut.then(|| view! { <p class="quiet">"This is the beginning. The file has the rest."</p> })}
            <p class="actions">{first}{second}</p>
        </article>
    }
}

/// A page sets at most this many; a text of blank lines would else be many times as large as its file.
const MAX_PARAGRAPHS: usize = 1_000;

/// A line that is at least this long goes on in the next one.
const FULL_LINE: usize = 55;

/// What blank lines part. Lines that were broken to fit a page of their own are joined, as they would be broken twice.
fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let of_lines = |lines: &[&str]| {
        let is_broken = lines.len() > 1 && lines[..lines.len() - 1].iter().all(|line| line.chars().count() >= FULL_LINE);
        lines.join(if is_broken { " " } else { "\n" })
    };
    lines.split(|line| line.trim().is_empty()).filter(|lines| !lines.is_empty()).map(of_lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_a_text() {
        assert_eq!(paragraphs("One\r\n\r\n\r\nTwo,\nand a half\n"), ["One", "Two,\nand a half"]);
        assert!(paragraphs(" \n\n").is_empty());
    }

    #[test]
    fn lines_that_were_broken_are_joined() {
        let long = "word ".repeat(13);
        assert_eq!(paragraphs(&format!("{long}\n{long}\nend")), [format!("{} {} end", long.trim_end(), long.trim_end())]);
    }
}
