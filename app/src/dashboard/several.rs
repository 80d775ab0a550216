//! Rows of a list that are chosen for one act: their boxes, the bar that appears with the first of them, and what became of it.

use crate::components::{Icon, IconName};
use crate::layout::with_query;
use domain::member::MemberView;
use domain::pages::several::{Outcome, SeveralAct};
use domain::word::Word;
use leptos::prelude::*;
use shop::Shop;

/// The name of what was done among a member's drafts.
const FORM: &str = "several";

/// The list to go back to: the address that the form names, if it is one of this list.
pub fn list_page(list: &str, back: &str) -> String {
    let is_ours = back.strip_prefix(list).is_some_and(|rest| rest.is_empty() || rest.starts_with('?'));
    if is_ours { back.to_owned() } else { list.to_owned() }
}

/// Keeps what became of it, and leads back to the list that tells it.
pub async fn done(shop: &Shop, member: &MemberView, outcome: &Outcome, page: &str) -> shop::Result<String> {
    let name = shop::base::drafts::keep(shop, member.id, FORM, outcome, None).await?;
    Ok(with_query(page, &[("done", &name)]))
}

/// What the address of a list says that was done, if its member did it.
pub async fn outcome(shop: &Shop, member: &MemberView, done: &str) -> shop::Result<Option<Outcome>> {
    Ok(shop::base::drafts::find(shop, Some(member.id), FORM, done).await?.map(|kept| kept.form))
}

/// The box that chooses a row.
#[component]
pub fn ChooseOne(value: String, name: String) -> impl IntoView {
    view! {
        <td class="choose">
            <label><input type="checkbox" name="chosen[]" value=value aria-label=format!("Select {name}") autocomplete="off"/></label>
        </td>
    }
}

/// The head of these boxes, which chooses all rows. Only a script can.
#[component]
pub fn ChooseAll() -> impl IntoView {
    view! {
        <th scope="col" class="choose">
            <span class="sr-only">"Select"</span>
            <label data-choose-all="" hidden><input type="checkbox" aria-label="Select all on this page" autocomplete="off"/></label>
        </th>
    }
}

/// What can be done with the rows that are chosen. The form around it sends them.
#[component]
pub fn SeveralBar(children: Children) -> impl IntoView {
    view! {
        <div class="several-bar" role="group" aria-label="With what is selected">
            <p class="several-count" role="status" data-count-chosen=""></p>
            <label class="choose-all" data-choose-all="" hidden><input type="checkbox" autocomplete="off"/>"All on this page"</label>
            {children()}
        </div>
    }
}

/// What Enter in a box presses, as a browser takes the first button of its form: one that does nothing.
#[component]
pub fn NoDefault() -> impl IntoView {
    view! { <button type="submit" name="act" value="" hidden></button> }
}

/// An act that asks before it is done.
#[component]
pub fn AskFirst(act: SeveralAct, label: &'static str, question: &'static str, yes: &'static str) -> impl IntoView {
    view! {
        <details class="ask">
            <summary class="button plain">{label}</summary>
            <div>
                <p>{question}</p>
                <button class="button" type="submit" name="act" value=act.as_str()>{yes}</button>
            </div>
        </details>
    }
}

/// How many it was done to, and which were refused and why. `children` is what can be done about these.
#[component]
pub fn Done(outcome: Outcome, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let (class, role, icon) = match (outcome.n_done, outcome.refused.is_empty()) {
        (_, true) => ("notice notice-success several-done", "status", IconName::Done),
        (0, false) => ("notice notice-danger several-done", "alert", IconName::Alert),
        (_, false) => ("notice several-done", "alert", IconName::Info),
    };
    let done = done_text(&outcome);
    let n_refused = outcome.refused.len();
    let undone = match n_refused {
        0 => None,
        1 => Some("1 was left as it was:".to_owned()),
        n => Some(format!("{n} were left as they were:")),
    };
    view! {
        <div class=class role=role>
            <Icon name=icon/>
            <div>
                <p>{done}</p>
                {undone.map(|text| view! {
                    <p>{text}</p>
                    <ul>
                        {outcome.refused.into_iter().map(|refused| view! {
                            <li><b>{refused.name}</b>": "{refused.reason}</li>
                        }).collect_view()}
                    </ul>
                })}
                {children.map(|children| children())}
            </div>
        </div>
    }
}

fn done_text(outcome: &Outcome) -> String {
    let n = outcome.n_done;
    let products = match n {
        0 => "No product is".to_owned(),
        1 => "1 product is".to_owned(),
        n => format!("{n} products are"),
    };
    match outcome.act {
        SeveralAct::Publish => format!("{products} published."),
        SeveralAct::Unlist => format!("{products} unlisted: only people with the link find them."),
        SeveralAct::Archive => format!("{products} archived, and no longer sold."),
        SeveralAct::Categorize => match n {
            0 => "No product was moved.".to_owned(),
            1 => "1 product was moved.".to_owned(),
            n => format!("{n} products were moved."),
        },
        SeveralAct::Resend => match n {
            0 => "No email was sent.".to_owned(),
            1 => "The email of 1 order is on its way to the customer again.".to_owned(),
            n => format!("The emails of {n} orders are on their way to the customers again."),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_its_own_list_alone() {
        for ours in ["/dashboard/products", "/dashboard/products?sort=-price&cursor=a"] {
            assert_eq!(list_page("/dashboard/products", ours), ours);
        }
        for other in
            ["", "https://evil.example", "//evil.example", "/dashboard/products.evil", "/dashboard/orders", "/dashboard/products/a"]
        {
            assert_eq!(list_page("/dashboard/products", other), "/dashboard/products", "{other}");
        }
    }

    #[test]
    fn how_many_is_told_as_it_is() {
        let told = |act, n_done| done_text(&Outcome { act, n_done, refused: Vec::new() });
        assert_eq!(told(SeveralAct::Publish, 1), "1 product is published.");
        assert_eq!(told(SeveralAct::Archive, 12), "12 products are archived, and no longer sold.");
        assert_eq!(told(SeveralAct::Resend, 0), "No email was sent.");
    }
}
