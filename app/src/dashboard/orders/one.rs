//! One order: what was bought, what became of it, and what can be done for its customer.

use crate::components::{Ago, Icon, IconName, Moment, Notice};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::health::attention::Attention;
use crate::dashboard::health::disputes::WHAT;
use crate::dashboard::orders::acts::{FORM, HelpForm, MailOrder, RetryDelivery};
use crate::dashboard::orders::help::{Help, Mails, Notes, TurnLine};
use crate::dashboard::orders::refund::RefundForm;
use crate::dashboard::products::acts::product_page;
use crate::dashboard::status::{AccessStatus, RefundStatus, Status, license_word};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::entitlement::{Cause, EntitlementState};
use domain::ledger::SignalKind;
use domain::member::{MemberView, Permission};
use domain::order::OrderLine;
use domain::pages::customer::shown_address;
use domain::pages::dashboard::{AccessRow, OrderFile, PaymentFacts, RefundRow, TimelineRow};
use domain::pages::form::Filled;
use domain::payment::PaymentMethod;
use domain::timeline::Step;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// An order, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenOrder {
    pub member: MemberView,
    pub file: OrderFile,
    /// What was typed into one of the forms that help its customer.
    pub help: Filled<HelpForm>,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_order_file")]
pub async fn get_order_file(id: String, #[server(default)] draft: String) -> Result<SeenOrder, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    let help = request::filled(&shop, &member, FORM, &draft, HelpForm::default()).await?;
    Ok(SeenOrder { file: shop::orders::file(&shop, &id).await?, member, help })
}

#[component]
pub fn OrderFilePage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_order_file(id, draft).await {
                    Ok(SeenOrder { member, file, help }) => view! {
                        <Title text=page_title(&format!("Order {}", file.order.number), &store)/>
                        <Frame member=member.clone() here="/dashboard/orders"><File file member help/></Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn File(file: OrderFile, member: MemberView, help: Filled<HelpForm>) -> impl IntoView {
    let OrderFile {
        order,
        customer_url,
        refundable,
        refundable_lines,
        refunds,
        disputes,
        signals,
        timeline,
        customer,
        access,
        notes,
        mails,
        failures,
        is_undelivered,
        payment,
    } = file;
    let sums = [
        ("Subtotal", Some(order.amount_subtotal)),
        ("Discount", Some(-order.amount_discount).filter(|amount| *amount != 0)),
        ("Tax", Some(order.amount_tax).filter(|amount| *amount != 0)),
        ("Total", Some(order.amount_total)),
        ("Refunded", Some(-order.amount_refunded).filter(|amount| *amount != 0)),
        ("Lost dispute", Some(-order.amount_lost).filter(|amount| *amount != 0)),
    ];
    let was_paid = order.status.was_paid();
    let may_help = member.role.may(Permission::HelpCustomers) && was_paid;
    let may_note = member.role.may(Permission::HelpCustomers);
    let may_retry = member.role.may(Permission::RetryWork);
    let has_failed = is_undelivered || !failures.is_empty();
    let email = shown_address(&order.email).to_owned();
    let owner = match customer {
        Some(id) => view! { <a href=format!("/dashboard/customers/{id}")>{email}</a> }.into_any(),
        None => email.into_any(),
    };
    let access_of = {
        let access = access.clone();
        move |line: &OrderLine| access.iter().find(|row| row.item == line.id).cloned()
    };
    let may_refund = member.role.may(Permission::Refund) && !refundable.is_zero();
    let stripe_url = payment.as_ref().and_then(|payment| payment.url.clone());
    view! {
        <div class="page-head">
            <div>
                <p class="quiet text-sm"><a href="/dashboard/orders">"Orders"</a></p>
                <h1>"Order "<span class="mono">{order.number.clone()}</span></h1>
                <p class="mt-2"><Status status=order.status/><span class="quiet">" · "{owner}</span></p>
            </div>
            <div class="actions">
                {may_help.then(|| view! {
                    <form method="post" action=MailOrder::PATH>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <button class="button plain" type="submit">"Resend the email"</button>
                    </form>
                    <a class="button plain" href=customer_url>"View as customer"</a>
                })}
            </div>
        </div>
        {(has_failed && may_retry).then(|| view! {
            <form class="notice notice-danger" method="post" action=RetryDelivery::PATH>
                <input type="hidden" name="order" value=order.id.clone()/>
                <Icon name=IconName::Alert/>
                <span>
                    {if is_undelivered {
                        "Part of this order was not delivered."
                    } else {
                        "A job for this order failed after many tries."
                    }}
                </span>
                <button class="link-button" type="submit">"Try again"</button>
            </form>
        })}
        <Attention failures may_retry=false/>
        <div class="order-file">
            <div>
                <section aria-labelledby="goods">
                    <h2 id="goods">"Products"</h2>
                    <ul class="order-lines">
                        {order.items.iter().map(|line| view! {
                            <Line access=access_of(line) order=order.id.clone() line=line.clone() may_help/>
                        }).collect_view()}
                    </ul>
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
                        <Notice at="refunds"/>
                        <ul class="notes">{refunds.into_iter().map(|refund| view! { <Refunded refund/> }).collect_view()}</ul>
                    </section>
                })}
                {(!disputes.is_empty() || !signals.is_empty()).then(|| view! {
                    <section aria-labelledby="risk">
                        <h2 id="risk">"Disputes and signs of fraud"</h2>
                        {disputes.iter().any(|dispute| dispute.status.needs_answer()).then(|| view! {
                            <p class="notice notice-danger">
                                <span>
                                    {WHAT}
                                    {stripe_url.map(|url| view! { " "<a href=url rel="noreferrer">"Answer in Stripe"</a> })}
                                </span>
                            </p>
                        })}
                        <ul class="notes">
                            {disputes.into_iter().map(|dispute| view! {
                                <li>
                                    <p><strong>{dispute.amount.to_string()}</strong>" · Dispute: "{words(dispute.status.as_str())}</p>
                                    <p class="quiet text-sm">
                                        {dispute.reason.map(|reason| format!("{} · ", words(&reason)))}
                                        <Ago at_ms=dispute.created_at to_the_minute=true/>
                                        {dispute.due_at.filter(|_| dispute.status.needs_answer()).map(|at_ms| view! {
                                            " · answer by "<Moment at_ms/>
                                        })}
                                    </p>
                                </li>
                            }).collect_view()}
                            {signals.into_iter().map(|signal| view! {
                                <li>
                                    <p>{signal_text(signal.kind)}{if signal.is_open { " · open" } else { " · closed" }}</p>
                                    <p class="quiet text-sm">
                                        {words(&signal.reason)}" · "<Ago at_ms=signal.created_at to_the_minute=true/>
                                    </p>
                                </li>
                            }).collect_view()}
                        </ul>
                    </section>
                })}
                {may_help.then(|| view! { <Help order=order.clone() access help=help.clone()/> })}
                {may_refund.then(|| view! { <RefundForm order=order.clone() refundable refundable_lines=refundable_lines.clone()/> })}
                <Notes order=order.id.clone() notes may_write=may_note help/>
                <Mails mails/>
            </div>
            <div>
                {payment.map(|payment| view! {
                    <Payment
                        payment total=order.money(order.amount_total).to_string() paid_at=order.paid_at paid_with=order.paid_with.clone()
                    />
                })}
                <section class="panel" aria-labelledby="timeline">
                    <h2 id="timeline">"Timeline"</h2>
                    <ol class="timeline">{timeline.into_iter().map(|row| view! { <TimelineStep row/> }).collect_view()}</ol>
                </section>
            </div>
        </div>
    }
}

/// How the order was paid, and where Stripe shows it.
#[component]
fn Payment(payment: PaymentFacts, total: String, paid_at: Option<i64>, paid_with: Option<PaymentMethod>) -> impl IntoView {
    let reference = view! { <span class="mono">{payment.reference}</span> };
    view! {
        <section class="panel" aria-labelledby="payment">
            <h2 id="payment">"Payment"</h2>
            <dl class="facts-list">
                <div><dt>"Paid"</dt><dd>{total}{paid_at.map(|at_ms| view! { " · "<Moment at_ms/> })}</dd></div>
                {paid_with.map(|method| view! { <div><dt>"Method"</dt><dd>{method.words()}</dd></div> })}
                {payment.fee.map(|fee| view! { <div><dt>"Stripe's fee"</dt><dd>{fee.to_string()}</dd></div> })}
                <div><dt>"Mode"</dt><dd>{if payment.is_live { "Live" } else { "Test: no money moved" }}</dd></div>
                <div>
                    <dt>"Reference"</dt>
                    <dd>{match payment.url {
                        Some(url) => view! { <a href=url rel="noreferrer">"Open in Stripe"</a><br/>{reference} }.into_any(),
                        None => reference.into_any(),
                    }}</dd>
                </div>
            </dl>
        </section>
    }
}

#[component]
fn Refunded(refund: RefundRow) -> impl IntoView {
    view! {
        <li>
            <p><strong>{refund.amount.to_string()}</strong>" · "<RefundStatus state=refund.state/></p>
            <p class="quiet text-sm">
                {refund.item.map(|title| format!("{title} · "))}
                {refund.reason.map(|reason| format!("{} · ", words(&reason)))}
                {refund.failure.map(|why| format!("{why} · "))}
                {refund.by.map(|by| format!("by {by} · "))}
                <Ago at_ms=refund.created_at to_the_minute=true/>
            </p>
        </li>
    }
}

#[component]
fn Line(line: OrderLine, access: Option<AccessRow>, order: String, may_help: bool) -> impl IntoView {
    let pieces = (line.quantity > 1).then(|| format!("{} × ", line.quantity));
    let state = access.as_ref().map(|access| access.state).filter(|state| *state != EntitlementState::Active);
    // What money or a bank has closed can't be closed once more.
    let may_turn =
        may_help && access.as_ref().is_some_and(|access| access.closed_at.is_some() || access.state != EntitlementState::Revoked);
    let shown = line.clone();
    let title = match shown.product_now {
        Some(slug) => view! { <a href=product_page(&slug)>{shown.title}</a> }.into_any(),
        None => shown.title.into_any(),
    };
    view! {
        <li>
            <div class="order-line">
                <p>{pieces}<strong>{title}</strong><span class="quiet">" · "{shown.variant_name}</span></p>
                {match shown.part_of {
                    Some(bundle) => view! { <p class="quiet text-sm">"came with "{bundle}</p> }.into_any(),
                    None => view! { <p>{shown.line_total.to_string()}</p> }.into_any(),
                }}
            </div>
            <ul class="quiet text-sm">
                {shown.files.into_iter().map(|file| view! { <li>{file.name}" · "{left(file.downloads_left)}</li> }).collect_view()}
                {shown.licenses.into_iter().map(|license| view! {
                    <li>
                        <a href=format!("/dashboard/licenses/{}", license.id)><code>{license.key}</code></a>
                        " · "{license_word(license.status)}
                    </li>
                }).collect_view()}
            </ul>
            {access.map(|access| view! {
                <div class="line-access">
                    {state.map(|state| view! { <span class="text-sm"><AccessStatus state/>{cause_text(access.cause)}</span> })}
                    {may_turn.then(|| view! { <TurnLine order line access=access.clone()/> })}
                </div>
            })}
        </li>
    }
}

fn left(n: i64) -> String {
    if n == 1 { "1 download left".to_owned() } else { format!("{n} downloads left") }
}

/// Why a line is not open.
fn cause_text(cause: Cause) -> &'static str {
    match cause {
        Cause::Refund => " · refunded",
        Cause::Dispute => " · with the bank",
        Cause::Review => " · Stripe reviews the payment",
        Cause::None | Cause::Member => "",
    }
}

fn signal_text(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::EarlyFraudWarning => "Early fraud warning",
        SignalKind::Review => "Review",
    }
}

#[component]
fn TimelineStep(row: TimelineRow) -> impl IntoView {
    // Names of files and members stay as they are.
    let detail = if row.step == Step::Dispute { words(&row.detail) } else { row.detail };
    view! {
        <li>
            <p>{step_text(row.step)}{(!detail.is_empty()).then(|| format!(": {detail}"))}</p>
            <p class="quiet text-sm"><Ago at_ms=row.at to_the_minute=true/></p>
        </li>
    }
}

/// A step as a person says it.
fn step_text(step: Step) -> &'static str {
    match step {
        Step::Created => "Checkout started",
        Step::Processing => "The bank is processing it",
        Step::Paid => "Paid",
        Step::PaidTwice => "Refunded by the shop: the same cart was paid before, by order",
        Step::Entitled => "Delivered",
        Step::Mailed => "Email sent",
        Step::Seen => "Order page opened",
        Step::Fetched => "File downloaded",
        Step::Failed => "Payment failed",
        Step::Expired => "Payment page closed unpaid",
        Step::RefundRequested => "Refund requested",
        Step::RefundMade => "Refund made",
        Step::RefundRefused => "Stripe refused the refund",
        Step::RefundFailed => "Refund failed at the bank",
        Step::RefundMailed => "Refund email sent",
        Step::FailureMailed => "Email about the failed payment sent",
        Step::Dispute => "Dispute",
        Step::Review => "Stripe reviews the payment",
        Step::EarlyFraudWarning => "Early fraud warning",
        Step::Restored => "Restored from Stripe's records",
        Step::Completed => "Delivery finished later",
        Step::PartiallyRefunded => "Partly refunded",
        Step::Reinstated => "Access restored",
        Step::Noted => "Note written",
        Step::DownloadsAdded => "Downloads added",
        Step::DownloadsReset => "Download count reset",
        Step::Extended => "Access extended",
        Step::EmailCorrected => "Email changed",
        Step::LinkRenewed => "New link made",
        Step::AccessClosed => "Access revoked",
        Step::AccessOpened => "Access restored by the shop",
        Step::DeliveryRetried => "Delivery tried again",
        Step::Pending => "Pending",
        Step::Refunded => "Refunded",
        Step::Disputed => "Disputed",
        Step::ChargedBack => "Charged back",
    }
}

/// A word of Stripe's or ours for people.
fn words(word: &str) -> String {
    word.replace('_', " ")
}
