//! What is wrong with a form, above it and beside the field that it is about.

use super::NoticeText;
use crate::notices::Kind;
use domain::pages::form::FormRefusal;
use leptos::prelude::*;

/// A text as it may stand inside a `<textarea>`, where leptos writes it as it is. The first line break after the tag does not belong to it.
pub fn area_text(text: &str) -> String {
    format!("\n{}", text.replace('&', "&amp;").replace('<', "&lt;"))
}

/// Why the form was refused, said as soon as the page opens.
#[component]
pub fn FormError(refusal: Option<FormRefusal>) -> impl IntoView {
    refusal.map(|refusal| view! { <NoticeText text=refusal.message kind=Kind::Danger/> })
}

/// The refusal beside its field, where it is about that one. The field names it by `aria-describedby="{id}"`.
#[component]
pub fn FieldError(#[prop(into)] id: String, refusal: Option<FormRefusal>, field: &'static str) -> impl IntoView {
    view! { <p class="error" id=id>{refused_at(refusal.as_ref(), field)}</p> }
}

/// What is wrong with this field.
pub fn refused_at(refusal: Option<&FormRefusal>, field: &str) -> Option<String> {
    refusal?.at(field).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::area_text;

    #[test]
    fn a_text_ends_no_field() {
        assert_eq!(area_text("</textarea><script>1 & 2"), "\n&lt;/textarea>&lt;script>1 &amp; 2");
    }
}
