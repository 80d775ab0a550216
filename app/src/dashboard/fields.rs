//! Fields of long forms: each has its label, its help, and what is wrong with it.

use crate::components::area_text;
use domain::form::FormRefusal;
use leptos::prelude::*;

/// A name for this showing of a form, so that a second click, a reload or another try after a lost answer is the same request.
#[component]
pub fn Attempt() -> impl IntoView {
    #[cfg(feature = "ssr")]
    let name = shop::world::new_id().simple().to_string();
    #[cfg(not(feature = "ssr"))]
    let name = String::new();
    view! { <input type="hidden" name="attempt" value=name/> }
}

/// What is wrong with the field of this name.
pub fn refused_at(refusal: Option<&FormRefusal>, at: &str) -> Option<String> {
    refusal.filter(|refusal| refusal.code == at).map(|refusal| refusal.message.clone())
}

/// A field to type into: one line, or as many as `rows`. `at` is its id and the code of refusals about it.
#[component]
pub fn TextField(
    #[prop(into)] at: String,
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    refusal: Option<FormRefusal>,
    #[prop(optional, into)] help: String,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional)] input_type: &'static str,
    #[prop(optional)] input_mode: &'static str,
    #[prop(optional)] list: &'static str,
    #[prop(optional)] rows: u32,
    #[prop(optional)] is_required: bool,
    #[prop(default = 500)] max_length: u32,
) -> impl IntoView {
    let error = refused_at(refusal.as_ref(), &at);
    let is_invalid = error.is_some().then_some("true");
    let (error_id, help_id) = (format!("{at}-error"), format!("{at}-help"));
    let described_by = format!("{error_id} {help_id}");
    let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let field = if rows == 0 {
        let input_type = some(input_type).unwrap_or("text");
        view! {
            <input class="input" id=at.clone() name=name type=input_type value=value placeholder=some(placeholder) inputmode=some(input_mode) list=some(list) required=is_required maxlength=max_length autocomplete="off" aria-describedby=described_by aria-invalid=is_invalid/>
        }
        .into_any()
    } else {
        view! {
            <textarea class="input" id=at.clone() name=name rows=rows placeholder=some(placeholder) maxlength=max_length aria-describedby=described_by aria-invalid=is_invalid>{area_text(&value)}</textarea>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for=at>{label}</label>
            {field}
            <p class="error" id=error_id>{error}</p>
            <p class="help" id=help_id>{Some(help).filter(|help| !help.is_empty())}</p>
        </div>
    }
}

/// A field to choose from: words with their labels.
#[component]
pub fn ChoiceField(
    #[prop(into)] at: String,
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    value: String,
    options: Vec<(String, String)>,
    refusal: Option<FormRefusal>,
    #[prop(optional, into)] help: String,
) -> impl IntoView {
    let error = refused_at(refusal.as_ref(), &at);
    let is_invalid = error.is_some().then_some("true");
    let (error_id, help_id) = (format!("{at}-error"), format!("{at}-help"));
    view! {
        <div class="field">
            <label for=at.clone()>{label}</label>
            <select class="input" id=at name=name aria-describedby=format!("{error_id} {help_id}") aria-invalid=is_invalid>
                {options.into_iter().map(|(word, text)| {
                    let is_chosen = word == value;
                    view! { <option value=word selected=is_chosen>{text}</option> }
                }).collect_view()}
            </select>
            <p class="error" id=error_id>{error}</p>
            <p class="help" id=help_id>{Some(help).filter(|help| !help.is_empty())}</p>
        </div>
    }
}
