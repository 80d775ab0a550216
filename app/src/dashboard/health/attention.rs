//! What needs a person: work that was given up, with the button that tries it again. Nothing is shown while all is well.

use crate::components::Day;
use crate::dashboard::health::acts::{PAGE, RetryFailure};
use crate::dashboard::health::words::task_words;
use domain::pages::dashboard::FailureRow;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn Attention(failures: Vec<FailureRow>, may_retry: bool) -> impl IntoView {
    (!failures.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Needs attention"</h2>
                <p class="quiet mb-4">
                    "This failed after many tries. Fix the cause, then try again: nothing is done twice. "
                    <a href=PAGE>"See Health"</a>
                </p>
                <ul class="failures">
                    {failures.into_iter().map(|failure| (task_words(&failure.task), failure)).map(|(what, failure)| view! {
                        <li>
                            <div>
                                <p>{what.clone()}{failure.order.map(|number| view! { " · "<span class="mono">{number}</span> })}</p>
                                <p class="quiet text-sm">{failure.reason}" · since "<Day at_ms=failure.created_at/></p>
                            </div>
                            {may_retry.then(|| view! {
                                <form method="post" action=RetryFailure::PATH>
                                    <input type="hidden" name="id" value=failure.id/>
                                    <button class="button plain" type="submit" aria-label=format!("Try again: {what}")>"Try again"</button>
                                </form>
                            })}
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}
