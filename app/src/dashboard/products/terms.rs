//! License terms in the store's own words: three templates that tiers name.

use crate::components::TextField;
use crate::dashboard::conflict::{RefusedForm, differences};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::products::shelves::{TermsForm, WriteTerms, terms_form};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::form::Filled;
use domain::terms::LicenseTerms;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// The words of each kind as they stand or were typed, and who looks at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsSheet {
    pub member: MemberView,
    pub terms: Vec<Filled<TermsForm>>,
}

/// For members who may edit products.
#[server(prefix = "/_fn", endpoint = "get_terms")]
pub async fn get_terms(draft: String) -> Result<TermsSheet, AppError> {
    let (shop, member) = request::viewer(Permission::EditProducts).await?;
    let mut terms = Vec::new();
    for (words, revision) in shop::catalog::terms_revisions(&shop).await? {
        let (name, stands) = (terms_form(words.terms), TermsForm { words, revision: revision.to_string() });
        terms.push(request::filled(&shop, &member, &name, &draft, stands).await?);
    }
    Ok(TermsSheet { member, terms })
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
                            <p class="lead">
                                "What buyers may do with their copy. A tier names one of these three. An order keeps the words that it \
                                 was made under."
                            </p>
                            {sheet.terms.into_iter().map(|filled| view! { <Terms filled/> }).collect_view()}
                        </Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Terms(filled: Filled<TermsForm>) -> impl IntoView {
    let Filled { form, refusal, saved } = filled;
    let theirs = saved.as_ref().map(|saved| differences(form.fields(), saved.fields())).unwrap_or_default();
    let on_top = ("on_top", saved.map(|saved| saved.revision).unwrap_or_default());
    let TermsForm { words: form, revision } = form;
    let kind = form.terms.as_str();
    let at = |field: &str| format!("{kind}-{field}");
    let heading = match form.terms {
        LicenseTerms::Personal => "Personal",
        LicenseTerms::Commercial => "Commercial",
        LicenseTerms::Extended => "Extended",
    };
    view! {
        <section class="narrow" aria-labelledby=at("heading")>
            <h2 id=at("heading")>{heading}</h2>
            <form class="stack" method="post" action=WriteTerms::PATH>
                <RefusedForm refusal=refusal.clone() what="these terms" theirs on_top page="/dashboard/products/terms"/>
                <input type="hidden" name="revision" value=revision/>
                <input type="hidden" name="kind" value=kind/>
                <TextField at=at("label") name="label" label="Name" value=form.label refusal=refusal.clone() max_length=60/>
                <TextField at=at("summary") name="summary" label="In short" value=form.summary refusal=refusal.clone() rows=2/>
                <TextField
                    at=at("body") name="body" label="Full text" value=form.body refusal rows=6 max_length=20_000
                    help="Plain text, folded away on the product's page and the order. Empty where the short form is all."
                />
                <p><button class="button" type="submit">"Save"<span class="sr-only">" the terms: "{heading}</span></button></p>
            </form>
        </section>
    }
}
