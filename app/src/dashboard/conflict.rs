//! A form whose object somebody else saved meanwhile: what is saved beside what was typed, and the ways on.

use crate::components::FormError;
use domain::pages::form::FormRefusal;
use leptos::prelude::*;

/// How many characters of a long text are shown.
const MAX_SHOWN_CHARS: usize = 160;

/// Why a form was refused; where somebody else was faster, what they saved and the ways on. Stands in the form itself.
#[component]
pub fn RefusedForm(
    refusal: Option<FormRefusal>,
    /// As in "Somebody else saved …".
    what: &'static str,
    /// Labels and what is saved, from [`differences`].
    theirs: Vec<(String, String)>,
    /// Name and value of the button that saves on top of theirs.
    on_top: (&'static str, String),
    /// Where the saved one stands.
    #[prop(into)]
    page: String,
) -> impl IntoView {
    let refusal = refusal?;
    if !refusal.is_outdated() {
        return Some(view! { <FormError refusal=Some(refusal)/> }.into_any());
    }
    let (name, value) = on_top;
    Some(
        view! {
            // The Enter key presses the first button of a form: it saves as always, and never on top.
            <button class="sr-only" type="submit" tabindex="-1" aria-hidden="true">"Save"</button>
            <section class="panel conflict" role="alert" aria-labelledby="conflict">
                <h2 id="conflict">"Somebody else saved "{what}</h2>
                <p>{refusal.message}</p>
                {(!theirs.is_empty()).then(|| view! {
                    <p class="mt-4">"Where the saved version differs from what you typed, it now says:"</p>
                    <dl class="differences">
                        {theirs.into_iter().map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> }).collect_view()}
                    </dl>
                })}
                <p class="actions mt-4">
                    <button class="button" type="submit" name=name value=value>"Overwrite with mine"</button>
                    <a href=page>"Discard mine and open the saved one"</a>
                </p>
            </section>
        }
        .into_any(),
    )
}

/// Where what is saved differs from what was typed: the label of the field, and what is saved. Both name the same fields in one order.
pub fn differences<'a>(
    typed: impl IntoIterator<Item = (&'static str, &'a str)>,
    saved: impl IntoIterator<Item = (&'static str, &'a str)>,
) -> Vec<(String, String)> {
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let pairs = typed.into_iter().zip(saved).filter(|((_, typed), (_, saved))| plain(typed) != plain(saved));
    pairs.map(|(_, (label, saved))| (label.to_owned(), shown(saved))).collect()
}

/// The beginning of a long text, and a word for an empty one.
pub fn shown(text: &str) -> String {
    if text.trim().is_empty() {
        return "Nothing".to_owned();
    }
    let mut short: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_that_differ_are_shown_and_long_texts_by_their_beginning() {
        let long = "ä".repeat(200);
        let typed = [("Name", "Mine"), ("Text", "a\r\nb "), ("Notes", ""), ("Tax ID", "1")];
        let saved = [("Name", "Theirs"), ("Text", "a\nb"), ("Notes", long.as_str()), ("Tax ID", " ")];
        let expected = [("Name", "Theirs".to_owned()), ("Notes", format!("{}…", "ä".repeat(160))), ("Tax ID", "Nothing".to_owned())];
        assert_eq!(differences(typed, saved), expected.map(|(label, text)| (label.to_owned(), text)));
    }
}
