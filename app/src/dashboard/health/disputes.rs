//! Disputes that wait for the seller's answer.

use crate::components::{Icon, IconName, Moment};
use domain::pages::health::OpenDispute;
use leptos::prelude::*;

/// What a dispute is, and what there is to do.
pub const WHAT: &str = "A buyer's bank asks for a payment back. Answer in Stripe, with the order's timeline as evidence; without an \
                        answer the money is lost.";

/// How many, and until when.
fn lead(disputes: &[OpenDispute]) -> impl IntoView + use<> {
    let text = match disputes.len() {
        1 => "1 dispute needs an answer".to_owned(),
        n => format!("{n} disputes need an answer"),
    };
    let first = disputes.iter().find_map(|dispute| dispute.due_at);
    view! { {text}{first.map(|at_ms| view! { " by "<Moment at_ms/> })} }
}

/// A line for a page about something else, with the way to the first.
#[component]
pub fn DisputeNotice(disputes: Vec<OpenDispute>) -> impl IntoView {
    let first = disputes.first().map(|dispute| dispute.order.clone());
    first.map(|(id, number)| {
        view! {
            <p class="notice notice-danger">
                <Icon name=IconName::Alert/>
                <span>{lead(&disputes)}". "<a href=format!("/dashboard/orders/{id}#risk")>"Open order "{number}</a></span>
            </p>
        }
    })
}

/// All of them, each with its order.
#[component]
pub fn Disputes(disputes: Vec<OpenDispute>) -> impl IntoView {
    (!disputes.is_empty()).then(|| {
        view! {
            <section>
                <h2>{lead(&disputes)}</h2>
                <p class="quiet mb-4">{WHAT}</p>
                <ul class="failures">
                    {disputes.into_iter().map(|dispute| view! {
                        <li>
                            <div>
                                <p>{dispute.amount.to_string()}" · "<span class="mono">{dispute.order.1.clone()}</span></p>
                                <p class="quiet text-sm">
                                    {if dispute.is_inquiry { "Inquiry: no money has moved" } else { "The bank took the money back" }}
                                    {dispute.due_at.map(|at_ms| view! { " · answer by "<Moment at_ms/> })}
                                </p>
                            </div>
                            <a class="button plain" href=format!("/dashboard/orders/{}#risk", dispute.order.0)>
                                "Open the order"<span class="sr-only">" "{dispute.order.1}</span>
                            </a>
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}
