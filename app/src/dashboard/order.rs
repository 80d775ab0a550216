//! One order: what was bought, what became of it, and what can be done for its customer.

use super::frame::{Frame, refused};
use super::refund::RefundForm;
use super::status::{RefundStatus, Status};
use crate::components::Moment;
use crate::error::AppError;
use crate::layout::{load_store, page_title};
use domain::dashboard::{OrderFile, Step};
use domain::member::{MemberView, Permission};
use domain::order::OrderLine;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

/// An order, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenOrder {
    pub member: MemberView,
    pub file: OrderFile,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_order_file")]
pub async fn get_order_file(id: String) -> Result<SeenOrder, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member_who_may(&shop, Permission::SeeOrders).await?;
    Ok(SeenOrder { member, file: shop::dashboard::order(&shop, &id).await? })
}

/// Sends the customer the mail with the order's page again.
#[server(prefix = "/_fn", endpoint = "mail_order")]
pub async fn mail_order(order: String) -> Result<String, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = request::order_page(&order);
    let mailed = async {
        request::check(&member, Permission::HelpCustomers)?;
        shop::orders::resend_for_member(&shop, &order).await.map(|()| request::with_notice(&page, "mailed"))
    };
    request::finish(mailed.await, &page)
}

#[component]
pub fn OrderFilePage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_order_file(id).await {
                    Ok(SeenOrder { member, file }) => view! {
                        <Title text=page_title(&format!("Order {}", file.order.number), &store)/>
                        <Frame member=member.clone() here="/dashboard/orders"><File file member/></Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn File(file: OrderFile, member: MemberView) -> impl IntoView {
    let OrderFile { order, customer_url, refundable, refunds, disputes, signals, timeline } = file;
    let sums = [
        ("Subtotal", Some(order.amount_subtotal)),
        ("Discount", Some(-order.amount_discount).filter(|amount| *amount != 0)),
        ("Tax", Some(order.amount_tax).filter(|amount| *amount != 0)),
        ("Total", Some(order.amount_total)),
        ("Given back", Some(-order.amount_refunded).filter(|amount| *amount != 0)),
    ];
    let was_paid = order.status.was_paid();
    let may_help = member.role.may(Permission::HelpCustomers) && was_paid;
    let may_refund = member.role.may(Permission::Refund) && !refundable.is_zero();
    view! {
        <div class="page-head">
            <div>
                <p class="quiet text-sm"><a href="/dashboard/orders">"Orders"</a></p>
                <h1>"Order "<span class="mono">{order.number.clone()}</span></h1>
                <p class="mt-2"><Status status=order.status/><span class="quiet">" · "{order.email.clone()}</span></p>
            </div>
            <div class="actions">
                {may_help.then(|| view! {
                    <form method="post" action=MailOrder::PATH>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <button class="button plain" type="submit">"Send the mail again"</button>
                    </form>
                    <a class="button plain" href=customer_url>"See as the customer"</a>
                })}
            </div>
        </div>
        <div class="order-file">
            <div>
                <section aria-labelledby="goods">
                    <h2 id="goods">"Goods"</h2>
                    <ul class="order-lines">{order.items.iter().map(|line| view! { <Line line=line.clone()/> }).collect_view()}</ul>
                    <dl class="sums">
                        {sums.into_iter().filter_map(|(name, amount)| {
                            let amount = order.money(amount?).to_string();
                            Some(view! { <div class:total=name == "Total"><dt>{name}</dt><dd>{amount}</dd></div> })
                        }).collect_view()}
                    </dl>
                </section>
                {(!refunds.is_empty()).then(|| view! {
                    <section aria-labelledby="refunds">
                        <h2 id="refunds">"Refunds"</h2>
                        <ul class="notes">{refunds.into_iter().map(|refund| view! {
                            <li>
                                <p><strong>{refund.amount.to_string()}</strong>" · "<RefundStatus state=refund.state/></p>
                                <p class="quiet text-sm">
                                    {refund.item.map(|title| format!("{title} · "))}
                                    {refund.reason.map(|reason| format!("{} · ", words(&reason)))}
                                    {refund.failure.map(|why| format!("{why} · "))}
                                    <Moment at_ms=refund.created_at/>
                                </p>
                            </li>
                        }).collect_view()}</ul>
                    </section>
                })}
                {(!disputes.is_empty() || !signals.is_empty()).then(|| view! {
                    <section aria-labelledby="risk">
                        <h2 id="risk">"Disputes and signs of fraud"</h2>
                        <ul class="notes">
                            {disputes.into_iter().map(|dispute| view! {
                                <li>
                                    <p><strong>{dispute.amount.to_string()}</strong>" · Dispute: "{words(&dispute.status)}</p>
                                    <p class="quiet text-sm">{dispute.reason.map(|reason| format!("{} · ", words(&reason)))}<Moment at_ms=dispute.created_at/></p>
                                </li>
                            }).collect_view()}
                            {signals.into_iter().map(|signal| view! {
                                <li>
                                    <p>{sentence(&signal.kind)}{if signal.is_open { " · open" } else { " · closed" }}</p>
                                    <p class="quiet text-sm">{words(&signal.reason)}" · "<Moment at_ms=signal.created_at/></p>
                                </li>
                            }).collect_view()}
                        </ul>
                    </section>
                })}
                {may_refund.then(|| view! { <RefundForm order=order.clone() refundable/> })}
            </div>
            <section class="panel" aria-labelledby="timeline">
                <h2 id="timeline">"What happened"</h2>
                <ol class="timeline">{timeline.into_iter().map(|step| view! { <TimelineStep step/> }).collect_view()}</ol>
            </section>
        </div>
    }
}

#[component]
fn Line(line: OrderLine) -> impl IntoView {
    let pieces = (line.quantity > 1).then(|| format!("{} × ", line.quantity));
    view! {
        <li>
            <div class="order-line">
                <p>{pieces}<strong>{line.title}</strong><span class="quiet">" · "{line.variant_name}</span></p>
                <p>{line.line_total.to_string()}</p>
            </div>
            <ul class="quiet text-sm">
                {line.files.into_iter().map(|file| view! { <li>{file.name}" · "{file.downloads_left}" downloads left"</li> }).collect_view()}
                {line.licenses.into_iter().map(|license| view! { <li><code>{license.key}</code>" · "{license.status}</li> }).collect_view()}
            </ul>
        </li>
    }
}

#[component]
fn TimelineStep(step: Step) -> impl IntoView {
    view! {
        <li>
            <p>{step_text(&step.kind)}{(!step.detail.is_empty()).then(|| format!(": {}", words(&step.detail)))}</p>
            <p class="quiet text-sm"><Moment at_ms=step.at/></p>
        </li>
    }
}

/// A step as a person says it.
fn step_text(kind: &str) -> String {
    match kind {
        "created" => "Begun",
        "processing" => "The bank is at work",
        "paid" => "Paid",
        "entitled" => "Goods handed over",
        "mailed" => "Mail sent",
        "seen" => "Order page opened",
        "fetched" => "File fetched",
        "failed" => "Payment failed",
        "expired" => "Payment page closed unpaid",
        "refund_requested" => "Refund asked for",
        "refund_made" => "Refund made",
        "refund_refused" => "Stripe refused the refund",
        "refund_failed" => "Refund failed at the bank",
        "refund_mailed" => "Mail about the refund sent",
        "failure_mailed" => "Mail about the failed payment sent",
        "dispute" => "Dispute",
        "review" => "Stripe reviews the payment",
        "early_fraud_warning" => "Early fraud warning",
        "restored" => "Made again from what Stripe kept",
        "completed" => "Delivery finished later",
        "partially_refunded" => "Partly refunded",
        "reinstated" => "Goods open again",
        other => return sentence(other),
    }
    .to_owned()
}

/// A word of Stripe's or ours for people.
fn words(word: &str) -> String {
    word.replace('_', " ")
}

fn sentence(word: &str) -> String {
    let words = words(word);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_without_a_sentence_reads_as_one() {
        assert_eq!(step_text("charged_back"), "Charged back");
        assert_eq!(step_text("mailed"), "Mail sent");
        assert_eq!(sentence(""), "");
    }
}
