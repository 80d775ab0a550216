//! Fields of forms: each has its label, its help, and what is wrong with it.

use super::field::{area_text, refused_at};
use domain::pages::form::FormRefusal;
use leptos::prelude::*;

/// A name for this showing of a form, so that a second click, a reload or another try after a lost answer is the same request.
#[component]
pub fn Attempt() -> impl IntoView {
    let name = shop::base::world::new_id().simple().to_string();
    view! { <input type="hidden" name="attempt" value=name/> }
}

/// The field that an input is for: `form[tiers][0][price]` is `tiers.0.price`.
fn field_of(name: &str) -> String {
    let path = name.strip_prefix("form[").map_or_else(|| name.to_owned(), |path| path.replace("][", "."));
    path.trim_end_matches(']').to_owned()
}

/// A field to type into: one line, or as many as `rows`. The first one that was refused has the focus when its page opens, so that a long
/// form opens there. `at` is its id, and its name where that is no other; refusals about it
/// name what stands in its name.
#[component]
pub fn TextField(
    #[prop(into)] at: String,
    #[prop(optional, into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    refusal: Option<FormRefusal>,
    #[prop(optional, into)] help: String,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional)] input_type: &'static str,
    #[prop(optional)] input_mode: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] list: &'static str,
    /// More that describes it, by its id.
    #[prop(optional)]
    described_by: &'static str,
    #[prop(optional)] rows: u32,
    #[prop(optional)] is_required: bool,
    #[prop(optional)] is_narrow: bool,
    #[prop(optional)] is_readonly: bool,
    /// What customers copy letter by letter.
    #[prop(optional)]
    is_code: bool,
    #[prop(default = 500)] max_length: u32,
    #[prop(optional)] min_length: u32,
) -> impl IntoView {
    let name = if name.is_empty() { at.clone() } else { name };
    let beside = Beside::of(&at, &name, refusal.as_ref(), help);
    let described_by = format!("{} {described_by}", beside.ids).trim_end().to_owned();
    let is_invalid = beside.is_invalid();
    let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let field = if rows == 0 {
        let class = format!("input{}{}", if is_narrow { " narrow" } else { "" }, if is_code { " mono" } else { "" });
        let input_type = some(input_type).unwrap_or("text");
        let min_length = (min_length > 0).then_some(min_length);
        view! {
            <input
                class=class id=at.clone() name=name type=input_type value=value placeholder=some(placeholder) inputmode=some(input_mode)
                list=some(list) required=is_required readonly=is_readonly minlength=min_length maxlength=max_length
                autocomplete=autocomplete autocapitalize=is_code.then_some("characters") spellcheck=is_code.then_some("false")
                aria-describedby=described_by aria-invalid=is_invalid autofocus=is_invalid.is_some()
            />
        }
        .into_any()
    } else {
        view! {
            <textarea
                class="input" id=at.clone() name=name rows=rows placeholder=some(placeholder) maxlength=max_length
                aria-describedby=described_by aria-invalid=is_invalid autofocus=is_invalid.is_some()
            >
                {area_text(&value)}
            </textarea>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for=at>{label}</label>
            {field}
            {beside.shown()}
        </div>
    }
}

/// A password that somebody chooses.
#[component]
pub fn NewPassword(label: &'static str, refusal: Option<FormRefusal>) -> impl IntoView {
    let help = "Eight characters or more. Three or four unrelated words are hard to guess.";
    view! {
        <TextField
            at="password" label value="" refusal input_type="password" autocomplete="new-password" is_required=true min_length=8
            max_length=1024 help
        />
    }
}

/// A field to choose from: words with their labels.
#[component]
pub fn ChoiceField(
    #[prop(into)] at: String,
    #[prop(optional, into)] name: String,
    #[prop(into)] label: String,
    value: String,
    options: Vec<(String, String)>,
    refusal: Option<FormRefusal>,
    #[prop(optional, into)] help: String,
) -> impl IntoView {
    let name = if name.is_empty() { at.clone() } else { name };
    let beside = Beside::of(&at, &name, refusal.as_ref(), help);
    let (described_by, is_invalid) = (beside.ids.clone(), beside.is_invalid());
    view! {
        <div class="field">
            <label for=at.clone()>{label}</label>
            <select class="input" id=at name=name aria-describedby=described_by aria-invalid=is_invalid>
                {options.into_iter().map(|(word, text)| {
                    let is_chosen = word == value;
                    view! { <option value=word selected=is_chosen>{text}</option> }
                }).collect_view()}
            </select>
            {beside.shown()}
        </div>
    }
}

/// What stands below a field: what is wrong with it, and its help.
struct Beside {
    error: Option<String>,
    help: String,
    error_id: String,
    help_id: String,
    ids: String,
}

impl Beside {
    fn of(at: &str, name: &str, refusal: Option<&FormRefusal>, help: String) -> Self {
        let (error_id, help_id) = (format!("{at}-error"), format!("{at}-help"));
        let ids = format!("{error_id} {help_id}");
        Self { error: refused_at(refusal, &field_of(name)), help, error_id, help_id, ids }
    }

    fn is_invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    fn shown(self) -> impl IntoView {
        view! {
            <p class="error" id=self.error_id>{self.error}</p>
            <p class="help" id=self.help_id>{Some(self.help).filter(|help| !help.is_empty())}</p>
        }
    }
}

#[cfg(test)]
mod tests {
    use super::field_of;

    #[test]
    fn an_input_names_its_field() {
        assert_eq!(field_of("form[tiers][0][price]"), "tiers.0.price");
        assert_eq!((field_of("form[tagline]"), field_of("summary")), ("tagline".to_owned(), "summary".to_owned()));
    }
}
