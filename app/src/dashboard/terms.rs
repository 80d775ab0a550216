//! License terms in the store's own words: three templates that tiers name.

use super::fields::TextField;
use super::frame::{Frame, refused};
use crate::components::FormError;
use crate::error::AppError;
use crate::layout::{load_store, page_title};
use domain::form::Filled;
use domain::member::MemberView;
#[cfg(feature = "ssr")]
use domain::member::Permission;
use domain::terms::{LicenseTerms, TermsWords};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// The words of each kind as they stand or were typed, and who looks at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsSheet {
    pub member: MemberView,
    pub terms: Vec<Filled<TermsWords>>,
}

#[cfg(feature = "ssr")]
fn form_name(terms: LicenseTerms) -> String {
    format!("terms:{}", terms.as_str())
}

#[cfg(feature = "ssr")]
const PAGE: &str = "/dashboard/products/terms";

/// For members who may edit products.
#[server(prefix = "/_fn", endpoint = "get_terms")]
pub async fn get_terms(draft: String) -> Result<TermsSheet, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member_who_may(&shop, Permission::EditProducts).await?;
    let mut terms = Vec::new();
    for words in shop::catalog::terms(&shop).await? {
        terms.push(request::filled(&shop, &member, &form_name(words.terms), &draft, words).await?);
    }
    Ok(TermsSheet { member, terms })
}

/// Writes the words of one kind.
#[server(prefix = "/_fn", endpoint = "write_terms")]
pub async fn write_terms(kind: String, label: String, summary: String, body: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let typed = TermsWords { terms: LicenseTerms::from_word(&kind), label, summary, body };
    let written = async {
        request::check(&member, Permission::EditProducts)?;
        shop::catalog::write_terms(&shop, &(&member).into(), typed.clone()).await?;
        Ok(request::with_notice(PAGE, "terms_saved"))
    };
    request::finish_form(&shop, &member, &form_name(typed.terms), &typed, written.await, PAGE).await
}

#[component]
pub fn TermsPage() -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_terms(draft).await {
                    Ok(sheet) => view! {
                        <Title text=page_title("License terms", &store)/>
                        <Frame member=sheet.member here="/dashboard/products">
                            <p class="quiet text-sm"><a href="/dashboard/products">"Products"</a></p>
                            <h1>"License terms"</h1>
                            <p class="lead">"What buyers may do with their copy. A tier names one of these three. An order keeps the words that it was made under."</p>
                            {sheet.terms.into_iter().map(|filled| view! { <TermsForm filled/> }).collect_view()}
                        </Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn TermsForm(filled: Filled<TermsWords>) -> impl IntoView {
    let Filled { form, refusal } = filled;
    let kind = form.terms.as_str();
    // The codes of refusals name the field; ids are told apart by the kind.
    let at = |field: &str| format!("{kind}-{field}");
    let placed = refusal.clone().map(|mut refusal| {
        refusal.code = at(refusal.code.trim_end_matches("_invalid"));
        refusal
    });
    let heading = match form.terms {
        LicenseTerms::Personal => "Personal",
        LicenseTerms::Commercial => "Commercial",
        LicenseTerms::Extended => "Extended",
    };
    view! {
        <section class="narrow" aria-labelledby=at("heading")>
            <h2 id=at("heading")>{heading}</h2>
            <FormError refusal/>
            <form class="stack" method="post" action=WriteTerms::PATH>
                <input type="hidden" name="kind" value=kind/>
                <TextField at=at("label") name="label" label="Name" value=form.label refusal=placed.clone() max_length=60/>
                <TextField at=at("summary") name="summary" label="In short" value=form.summary refusal=placed.clone() rows=2/>
                <TextField at=at("body") name="body" label="Full text" value=form.body refusal=placed rows=6 max_length=20_000 help="Plain text, folded away on the product's page and the order. Empty where the short form is all."/>
                <p><button class="button" type="submit">"Save"<span class="sr-only">" the terms: "{heading}</span></button></p>
            </form>
        </section>
    }
}
