//! One license: its key, its devices, what happened to it, and what a member can do about it.

use super::acts::{
    ExtendLicense, FORM, FreeLicenseSeat, LicenseForm, ReplaceKeyForCustomer, ResetLicenseSeats, SetLicenseLimit, SetLicenseState,
};
use crate::components::{Ago, Day, FormError, Moment, TextField};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::status::LicenseStanding;
use crate::error::AppError;
use crate::islands::CopyButton;
use crate::layout::{load_store, page_title, request};
use domain::entitlement::EntitlementState;
use domain::license::LicenseEvent;
use domain::member::{MemberView, Permission};
use domain::pages::customer::shown_address;
use domain::pages::form::{Filled, FormRefusal};
use domain::pages::license::{LicenseFile, LicenseStep, SeatRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// A license, and who is looking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeenLicense {
    pub member: MemberView,
    pub file: LicenseFile,
    /// What was typed into a form that was refused.
    pub typed: Filled<LicenseForm>,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_license")]
pub async fn get_license(id: String, #[server(default)] draft: String) -> Result<SeenLicense, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    let typed = request::filled(&shop, &member, FORM, &draft, LicenseForm::default()).await?;
    Ok(SeenLicense { file: shop::fulfillment::licenses::one(&shop, &id).await?, member, typed })
}

#[component]
pub fn LicensePage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_license(id, draft).await {
                    Ok(SeenLicense { member, file, typed }) => view! {
                        <Title text=page_title("License", &store)/>
                        <Frame member=member.clone() here=super::LIST><File file member typed/></Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn File(file: LicenseFile, member: MemberView, typed: Filled<LicenseForm>) -> impl IntoView {
    let may_help = member.role.may(Permission::HelpCustomers);
    let (row, id) = (file.row.clone(), file.row.id.clone());
    let (order, number) = row.order.clone();
    let customer = match file.customer.clone() {
        Some(customer) => {
            view! { <a href=format!("/dashboard/customers/{customer}")>{shown_address(&row.email).to_owned()}</a> }.into_any()
        }
        None => shown_address(&row.email).to_owned().into_any(),
    };
    let devices = row.activation_limit.map_or_else(|| "any number".to_owned(), |limit| limit.to_string());
    view! {
        <div class="page-head">
            <div>
                <p class="quiet text-sm"><a href=super::LIST>"Licenses"</a></p>
                <h1>{row.title.clone()}</h1>
                <p class="quiet mt-2">{row.variant_name.clone()}</p>
            </div>
        </div>
        <div class="key" data-key="">
            <div class="key-main">
                <div><p class="text-sm">"License key"</p><code>{row.key.clone()}</code></div>
                <CopyButton><span class="sr-only">" the license key"</span></CopyButton>
            </div>
        </div>
        <Why file=file.clone()/>
        <dl class="figures mt-6">
            <div><dt>"Status"</dt><dd class="figure-day"><LicenseStanding status=row.status/></dd></div>
            <div><dt>"Devices"</dt><dd>{row.activation_usage}<span class="quiet text-sm">" of "{devices}</span></dd></div>
            <div><dt>"Works until"</dt><dd class="figure-day">{match row.expires_at {
                Some(at_ms) => view! { <Day at_ms/> }.into_any(),
                None => "for ever".into_any(),
            }}</dd></div>
            <div><dt>"Last asked for"</dt><dd class="figure-day">{match file.last_validated_at {
                Some(at_ms) => view! { <Ago at_ms/> }.into_any(),
                None => "never".into_any(),
            }}</dd></div>
        </dl>
        <p class="quiet mt-4">
            "Bought by "{customer}" with order "<a class="mono" href=format!("/dashboard/orders/{order}")>{number}</a>
        </p>
        <p class="quiet text-sm mt-2">
            "Numbers for software: license "<span class="mono">{row.id.clone()}</span>", product "
            <span class="mono">{file.product_number.clone()}</span>", variant "<span class="mono">{file.variant_number.clone()}</span>
        </p>
        <Policy file=file.clone()/>
        <Seats id=id.clone() seats=file.seats.clone() may_help/>
        {may_help.then(|| view! { <Acts file=file.clone() typed/> })}
        <History steps=file.steps/>
    }
}

/// Why a license is disabled.
#[component]
fn Why(file: LicenseFile) -> impl IntoView {
    let what = match (file.state, file.entitlement_state) {
        (EntitlementState::Suspended, _) => "Suspended by a member of the shop.",
        (EntitlementState::Revoked, _) => "Revoked by a member of the shop.",
        (_, EntitlementState::Suspended) => "On hold, as its payment is disputed or under review.",
        (_, EntitlementState::Revoked) => "Disabled, as its purchase was refunded or closed.",
        _ => return ().into_any(),
    };
    let reason = (!file.reason.is_empty()).then(|| format!(" Reason: {}", file.reason));
    view! { <p class="notice">{what}{reason}</p> }.into_any()
}

/// What else its keys are.
#[component]
fn Policy(file: LicenseFile) -> impl IntoView {
    let policy = file.policy;
    let features = (!policy.features.is_empty()).then(|| format!("Features: {}", policy.features.join(", ")));
    let facts = [
        policy.is_trial.then(|| "Trial".to_owned()),
        policy.is_floating.then(|| "Floating seats".to_owned()),
        policy.max_version.map(|version| format!("Up to version {version}")),
        features,
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    view! {
        {(!facts.is_empty()).then(|| view! { <p class="quiet mt-2">{facts.join(" · ")}</p> })}
        {file.updates_until.map(|at_ms| view! { <p class="quiet mt-2">"Updates until "<Day at_ms/></p> })}
    }
}

#[component]
fn Seats(id: String, seats: Vec<SeatRow>, may_help: bool) -> impl IntoView {
    let n = seats.len();
    view! {
        <section aria-labelledby="devices">
            <h2 id="devices">"Devices"</h2>
            {if n == 0 {
                view! { <p class="quiet">"No device uses this license."</p> }.into_any()
            } else {
                view! {
                    <ul class="rows">
                        {seats.into_iter().map(|seat| view! { <Seat id=id.clone() seat may_help/> }).collect_view()}
                    </ul>
                }.into_any()
            }}
            {(may_help && n > 1).then(|| view! {
                <div class="acts">
                    <details>
                        <summary>"Reset all seats"</summary>
                        <form class="stack" method="post" action=ResetLicenseSeats::PATH>
                            <input type="hidden" name="license" value=id.clone()/>
                            <p class="help">"Every device has to activate the key again."</p>
                            <div><button class="button danger" type="submit">"Reset all seats"</button></div>
                        </form>
                    </details>
                </div>
            })}
        </section>
    }
}

#[component]
fn Seat(id: String, seat: SeatRow, may_help: bool) -> impl IntoView {
    let name = if seat.name.is_empty() { "A device".to_owned() } else { seat.name };
    view! {
        <li>
            <p><strong>{name.clone()}</strong></p>
            <p class="quiet text-sm">
                "Since "<Day at_ms=seat.since/>" · seen "<Ago at_ms=seat.seen_at/>
                {(!seat.fingerprint.is_empty()).then(|| view! { " · "<code>{seat.fingerprint}</code> })}
            </p>
            {may_help.then(|| view! {
                <form method="post" action=FreeLicenseSeat::PATH>
                    <input type="hidden" name="license" value=id/>
                    <input type="hidden" name="instance" value=seat.id/>
                    <button class="link-button" type="submit">"Deactivate"<span class="sr-only">" "{name}</span></button>
                </form>
            })}
        </li>
    }
}

#[component]
fn Acts(file: LicenseFile, typed: Filled<LicenseForm>) -> impl IntoView {
    let Filled { form, refusal, .. } = typed;
    let refused = |act: &str| refusal.clone().filter(|_| form.act == act);
    let id = file.row.id.clone();
    let is_open = file.state == EntitlementState::Active;
    view! {
        <section aria-labelledby="acts">
            <h2 id="acts">"Change this license"</h2>
            <div class="acts">
                {if is_open {
                    view! {
                        <Reason
                            id=id.clone() state="suspended" title="Suspend it" button="Suspend" form=form.clone()
                            refusal=refused("suspended")
                            help="Software is told that the key is disabled, until you reinstate it. Devices keep their seats."
                        />
                    }.into_any()
                } else {
                    view! {
                        <form method="post" action=SetLicenseState::PATH>
                            <input type="hidden" name="license" value=id.clone()/>
                            <input type="hidden" name="state" value="active"/>
                            <button class="button plain" type="submit">"Reinstate"</button>
                        </form>
                    }.into_any()
                }}
                {(file.state != EntitlementState::Revoked).then(|| view! {
                    <Reason
                        id=id.clone() state="revoked" title="Revoke it" button="Revoke" form=form.clone() refusal=refused("revoked")
                        help="Software is told that the key is revoked. No money moves. A member can reinstate it."
                    />
                })}
                {file.row.expires_at.map(|_| view! { <Extend id=id.clone() days=form.days.clone() refusal=refused("extend")/> })}
                <Limit id=id.clone() file=file.clone() form=form.clone() refusal=refused("limit")/>
                {is_open.then(|| view! {
                    <details>
                        <summary>"Replace the key"</summary>
                        <form class="stack" method="post" action=ReplaceKeyForCustomer::PATH>
                            <input type="hidden" name="license" value=id/>
                            <p class="help">
                                "The old key stops working at once, devices keep their seats, and the customer is mailed the new key."
                            </p>
                            <div><button class="button plain" type="submit">"Replace the key"</button></div>
                        </form>
                    </details>
                })}
            </div>
        </section>
    }
}

/// A change of state that has a reason.
#[component]
fn Reason(
    id: String,
    state: &'static str,
    title: &'static str,
    button: &'static str,
    help: &'static str,
    form: LicenseForm,
    refusal: Option<FormRefusal>,
) -> impl IntoView {
    let reason = if form.act == state { form.reason } else { String::new() };
    // Two forms of the page have a reason, each with an id of its own.
    let (at, is_refused) = (format!("{state}-reason"), refusal.is_some());
    let refusal = refusal.map(|refusal| FormRefusal { field: refusal.field.map(|_| at.clone()), ..refusal });
    view! {
        <details open=is_refused>
            <summary>{title}</summary>
            <form class="stack" method="post" action=SetLicenseState::PATH>
                <FormError refusal=refusal.clone()/>
                <input type="hidden" name="license" value=id/>
                <input type="hidden" name="state" value=state/>
                <p class="help">{help}</p>
                <TextField
                    at name="reason" label="Reason" value=reason refusal max_length=500
                    help="For the members of the shop. The customer does not see it."
                />
                <div><button class="button danger" type="submit">{button}</button></div>
            </form>
        </details>
    }
}

#[component]
fn Extend(id: String, days: String, refusal: Option<FormRefusal>) -> impl IntoView {
    let is_refused = refusal.is_some();
    view! {
        <details open=is_refused>
            <summary>"Extend it"</summary>
            <form class="stack" method="post" action=ExtendLicense::PATH>
                <FormError refusal=refusal.clone()/>
                <input type="hidden" name="license" value=id/>
                <TextField
                    at="days" label="Days" value=days refusal input_mode="numeric" max_length=8 is_required=true
                    help="From its end on, or from today where that has passed."
                />
                <div><button class="button plain" type="submit">"Extend"</button></div>
            </form>
        </details>
    }
}

#[component]
fn Limit(id: String, file: LicenseFile, form: LicenseForm, refusal: Option<FormRefusal>) -> impl IntoView {
    let now = file.row.activation_limit.map(|limit| limit.to_string()).unwrap_or_default();
    let value = if form.act == "limit" { form.activation_limit } else { now };
    let is_refused = refusal.is_some();
    view! {
        <details open=is_refused>
            <summary>"Change the device limit"</summary>
            <form class="stack" method="post" action=SetLicenseLimit::PATH>
                <FormError refusal=refusal.clone()/>
                <input type="hidden" name="license" value=id/>
                <TextField
                    at="activation_limit" label="Devices" value=value refusal input_mode="numeric" max_length=8 help="Empty: any number."
                />
                <div><button class="button plain" type="submit">"Change"</button></div>
            </form>
        </details>
    }
}

#[component]
fn History(steps: Vec<LicenseStep>) -> impl IntoView {
    view! {
        <section aria-labelledby="history">
            <h2 id="history">"History"</h2>
            <ul class="rows">
                {steps.into_iter().map(|step| view! {
                    <li>
                        <p>
                            {event_word(step.event)}
                            {(!step.detail.is_empty()).then(|| view! { <span class="quiet">": "{step.detail}</span> })}
                        </p>
                        <p class="quiet text-sm"><Moment at_ms=step.at/></p>
                    </li>
                }).collect_view()}
            </ul>
        </section>
    }
}

/// What happened, as a person says it.
fn event_word(event: LicenseEvent) -> &'static str {
    match event {
        LicenseEvent::Issued => "Issued",
        LicenseEvent::Activated => "Activated",
        LicenseEvent::Deactivated => "Deactivated",
        LicenseEvent::LeaseEnded => "Seat freed after silence",
        LicenseEvent::FileIssued => "License file issued",
        LicenseEvent::Rotated => "Key replaced",
        LicenseEvent::Suspended => "Suspended",
        LicenseEvent::Reinstated => "Reinstated",
        LicenseEvent::Revoked => "Revoked",
        LicenseEvent::Extended => "End changed",
        LicenseEvent::LimitChanged => "Device limit changed",
        LicenseEvent::SeatsReset => "All seats reset",
    }
}
