//! How the shop is: what needs a person, each with the button that fixes it, and the signs that the rest is well.

use crate::components::{Ago, Moment};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::health::acts::{DismissFailure, HurryMails, PAGE, RetryAll, RetryFailure};
use crate::dashboard::health::disputes::Disputes;
use crate::dashboard::health::words::{mail_words, task_words};
use crate::dashboard::orders::acts::RetryDelivery;
use crate::error::AppError;
use crate::layout::{load_store, page_title, request, with_query};
use domain::clock::WrongClock;
use domain::member::{MemberView, Permission};
use domain::pages::dashboard::{FailureRow, MailRow};
use domain::pages::health::{EmptyTier, FailedRefund, HealthReport, MissingRow, Signs, StrandedRow, UndeliveredRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

pub mod acts;
pub mod attention;
pub mod disputes;
pub mod words;

/// The report, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenHealth {
    pub member: MemberView,
    pub report: HealthReport,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_health")]
pub async fn get_health(#[server(default)] files: String) -> Result<SeenHealth, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    Ok(SeenHealth { member, report: shop::jobs::health::report_from(&shop, Some(files.as_str()).filter(|files| !files.is_empty())).await? })
}

#[component]
pub fn HealthPage() -> impl IntoView {
    let files = use_query_map().with_untracked(|query| query.get("files").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_health(files).await {
                    Ok(SeenHealth { member, report }) => view! {
                        <Title text=page_title("Health", &store)/>
                        <Frame member=member.clone() here=PAGE><Report report member/></Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Report(report: HealthReport, member: MemberView) -> impl IntoView {
    let may_mend = member.role.may(Permission::RetryWork);
    let lead = match report.n_troubles() {
        0 if !report.empty_tiers.is_empty() => {
            "Every order is delivered, and every email is on its way. Some published products have nothing to deliver yet.".to_owned()
        }
        0 => "All is well. Every order is delivered, every email is on its way, and nothing needs your attention.".to_owned(),
        1 => "1 thing needs your attention.".to_owned(),
        n => format!("{n} things need your attention."),
    };
    let HealthReport {
        failures,
        mails,
        refunds,
        undelivered,
        disputes,
        storage,
        missing,
        more_files,
        stranded,
        clocks,
        empty_tiers,
        signs,
    } = report;
    let (mismatches, failures): (Vec<_>, Vec<_>) = failures.into_iter().partition(|failure| failure.is_mismatch);
    let (bounced, failures): (Vec<_>, Vec<_>) = failures.into_iter().partition(|failure| failure.is_mail());
    let has_failures = !(mismatches.is_empty() && failures.is_empty() && bounced.is_empty());
    view! {
        <div class="page-head">
            <div><h1>"Health"</h1><p class="lead mt-2">{lead}</p></div>
            <div class="actions">
                {(has_failures && may_mend).then(|| view! {
                    <form method="post" action=RetryAll::PATH>
                        <button class="button plain" type="submit">"Try everything again"</button>
                    </form>
                })}
            </div>
        </div>
        {storage.map(|why| view! {
            <section>
                <h2>"The files can't be reached"</h2>
                <p class="quiet">
                    "Nobody can download or upload: "
                    {why}
                    ". Check that the disk or the bucket is there and has space, then "
                    <a href=PAGE>"look again"</a>
                    "."
                </p>
            </section>
        })}
        <Missing files=missing more=more_files/>
        {signs.is_late.then(|| view! {
            <section>
                <h2>"Jobs are late"</h2>
                <p class="quiet">
                    "Jobs have been due for minutes. Check that a worker runs: weightless serve includes one, and weightless work is one."
                </p>
            </section>
        })}
        <Clocks clocks/>
        <Stranded rows=stranded/>
        <Failures
            title="Payments that match no order"
            text="A payment does not match its order, or has no order. Nothing was delivered. Look at it in Stripe: refund it there, then \
                dismiss it here; or fix the cause and try again."
            rows=mismatches may_mend
        />
        <Disputes disputes/>
        <Undelivered orders=undelivered may_mend/>
        <Refunds refunds/>
        <Failures
            title="Emails that could not be delivered"
            text="The mail server refused them for good, or for two days. Change the email on the order's page, or try again once the \
                mail server accepts email."
            rows=bounced may_mend
        />
        <Failures
            title="Failed jobs"
            text="It failed after many tries. Fix the cause, then try again: nothing is done twice." rows=failures may_mend
        />
        <Mails mails may_mend/>
        <Empty tiers=empty_tiers/>
        <Life signs/>
    }
}

#[component]
fn Failures(title: &'static str, text: &'static str, rows: Vec<FailureRow>, may_mend: bool) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        view! {
            <section>
                <h2>{title}</h2>
                <p class="quiet mb-4">{text}</p>
                <ul class="failures">
                    {rows.into_iter().map(|row| (task_words(&row.task), row)).map(|(what, row)| view! {
                        <li>
                            <div>
                                <p>
                                    {what.clone()}
                                    {row.order_id.zip(row.order).map(|(id, number)| view! {
                                        " · "<a class="mono" href=format!("/dashboard/orders/{id}")>{number}</a>
                                    })}
                                </p>
                                <p class="quiet text-sm">{row.reason}" · since "<Moment at_ms=row.created_at/></p>
                            </div>
                            {may_mend.then(|| view! {
                                <div class="actions">
                                    <form method="post" action=DismissFailure::PATH>
                                        <input type="hidden" name="id" value=row.id.clone()/>
                                        <button class="link-button" type="submit" aria-label=format!("Dismiss: {what}")>"Dismiss"</button>
                                    </form>
                                    <form method="post" action=RetryFailure::PATH>
                                        <input type="hidden" name="id" value=row.id/>
                                        <input type="hidden" name="back" value=PAGE/>
                                        <button class="button plain" type="submit" aria-label=format!("Try again: {what}")>
                                            "Try again"
                                        </button>
                                    </form>
                                </div>
                            })}
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Clocks(clocks: Vec<WrongClock>) -> impl IntoView {
    (!clocks.is_empty()).then(|| {
        view! {
            <section>
                <h2>"A clock is wrong"</h2>
                <p class="quiet mb-4">
                    "Webhooks from Stripe are refused when their time differs from ours by more than five minutes. Orders still arrive, \
                     but later."
                </p>
                <ul class="failures">
                    {clocks.into_iter().map(|clock| view! {
                        <li><div><p>{clock.what()}</p><p class="quiet text-sm">{clock.to_do()}</p></div></li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

/// Work that waits for a newer version of the shop.
#[component]
fn Stranded(rows: Vec<StrandedRow>) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Jobs for a newer version"</h2>
                <p class="quiet mb-4">
                    "A newer version of the shop left jobs that no running version knows. They are kept. Start the newer version on at \
                     least one machine."
                </p>
                <ul class="failures">
                    {rows.into_iter().map(|row| view! {
                        <li>
                            <div>
                                <p class="mono">{row.kind}</p>
                                <p class="quiet text-sm">
                                    {if row.n == 1 { "1 job".to_owned() } else { format!("{} jobs", row.n) }}
                                    " · since "
                                    <Moment at_ms=row.since/>
                                </p>
                            </div>
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Missing(files: Vec<MissingRow>, more: Option<String>) -> impl IntoView {
    let more = more.map(|cursor| {
        view! {
            <p class="quiet text-sm mt-4">
                "Only the first files were checked. "<a href=with_query(PAGE, &[("files", &cursor)])>"Check the next ones"</a>
            </p>
        }
    });
    if files.is_empty() {
        return more.into_any();
    }
    view! {
        <section>
            <h2>"Missing files"</h2>
            <p class="quiet mb-4">
                "They are not in the file store, so nobody can download them. Restore the folder or the bucket, or upload them again."
            </p>
            <ul class="failures">
                {files.into_iter().map(|file| view! {
                    <li>
                        <div>
                            <p>{file.name}</p>
                            <p class="quiet text-sm">{if file.is_cut { "Incomplete" } else { "Gone" }}</p>
                        </div>
                        {file.product.map(|(slug, title)| view! {
                            <a class="button plain" href=format!("/dashboard/products/{slug}/files")>"Open "{title}</a>
                        })}
                    </li>
                }).collect_view()}
            </ul>
            {more}
        </section>
    }
    .into_any()
}

#[component]
fn Undelivered(orders: Vec<UndeliveredRow>, may_mend: bool) -> impl IntoView {
    (!orders.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Paid but not delivered"</h2>
                <p class="quiet mb-4">
                    "The shop usually delivers these within a minute. If one stays here, deliver it yourself."
                </p>
                <ul class="failures">
                    {orders.into_iter().map(|order| view! {
                        <li>
                            <p>
                                <a class="mono" href=format!("/dashboard/orders/{}", order.id)>{order.number.clone()}</a>
                                <span class="quiet text-sm">" · paid "<Ago at_ms=order.paid_at to_the_minute=true/></span>
                            </p>
                            {may_mend.then(|| view! {
                                <form method="post" action=RetryDelivery::PATH>
                                    <input type="hidden" name="order" value=order.id/>
                                    <input type="hidden" name="back" value=PAGE/>
                                    <button class="button plain" type="submit" aria-label=format!("Deliver {}", order.number)>
                                        "Deliver"
                                    </button>
                                </form>
                            })}
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Refunds(refunds: Vec<FailedRefund>) -> impl IntoView {
    (!refunds.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Failed refunds"</h2>
                <p class="quiet mb-4">
                    "The money came back to you, so the customer has not received it. Refund the order again, or pay the customer in \
                     another way."
                </p>
                <ul class="failures">
                    {refunds.into_iter().map(|failed| view! {
                        <li>
                            <div>
                                <p>{failed.refund.amount.to_string()}" · "<span class="mono">{failed.order.1}</span></p>
                                <p class="quiet text-sm">
                                    {failed.refund.failure.map(|why| format!("{} · ", why.replace('_', " ")))}
                                    <Ago at_ms=failed.refund.created_at to_the_minute=true/>
                                </p>
                            </div>
                            <a class="button plain" href=format!("/dashboard/orders/{}", failed.order.0)>"Open the order"</a>
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Mails(mails: Vec<MailRow>, may_mend: bool) -> impl IntoView {
    (!mails.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Emails that are retried"</h2>
                <p class="quiet mb-4">"The mail server refused them for now. They are retried for two days."</p>
                {may_mend.then(|| view! {
                    <form class="mb-4" method="post" action=HurryMails::PATH>
                        <button class="button plain" type="submit">"Retry all now"</button>
                    </form>
                })}
                <ul class="failures">
                    {mails.into_iter().map(|mail| view! {
                        <li>
                            <div>
                                <p>
                                    {mail_words(mail.kind)}
                                    {mail.order.map(|(id, number)| view! {
                                        " · "<a class="mono" href=format!("/dashboard/orders/{id}")>{number}</a>
                                    })}
                                </p>
                                <p class="quiet text-sm">
                                    {mail.reason}{format!(" · {} tries · next ", mail.attempts)}<Moment at_ms=mail.at/>
                                </p>
                            </div>
                            {may_mend.then(|| view! {
                                <form method="post" action=HurryMails::PATH>
                                    <input type="hidden" name="id" value=mail.id/>
                                    <button class="link-button" type="submit" aria-label=format!("Try now: {}", mail_words(mail.kind))>
                                        "Try now"
                                    </button>
                                </form>
                            })}
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

/// What is published and can't be bought.
#[component]
fn Empty(tiers: Vec<EmptyTier>) -> impl IntoView {
    (!tiers.is_empty()).then(|| {
        view! {
            <section>
                <h2>"Published with nothing to deliver"</h2>
                <p class="quiet mb-4">
                    "These tiers have no files, license key or bundle. The shop shows them as coming soon, and nobody can buy them."
                </p>
                <ul class="failures">
                    {tiers.into_iter().map(|tier| view! {
                        <li>
                            <p>{tier.title.clone()}<span class="quiet">" · "{tier.variant_name}</span></p>
                            <a class="button plain" href=format!("/dashboard/products/{}/files", tier.product)>
                                "Add files"<span class="sr-only">" to "{tier.title}</span>
                            </a>
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

#[component]
fn Life(signs: Signs) -> impl IntoView {
    let seen = |at: Option<i64>, never: &'static str| match at {
        Some(at) => view! { <Ago at_ms=at to_the_minute=true/> }.into_any(),
        None => never.into_any(),
    };
    view! {
        <section aria-labelledby="signs">
            <h2 id="signs">"Activity"</h2>
            <dl class="signs">
                <div><dt>"Last event from Stripe"</dt><dd>{seen(signs.webhook_at, "None yet")}</dd></div>
                <div><dt>"Stripe's event list read until"</dt><dd>{seen(signs.list_read_until, "Not yet")}</dd></div>
                <div><dt>"Last email sent"</dt><dd>{seen(signs.mail_at, "None in the last month")}</dd></div>
                <div><dt>"Jobs waiting"</dt><dd>{signs.n_waiting}</dd></div>
            </dl>
        </section>
    }
}
