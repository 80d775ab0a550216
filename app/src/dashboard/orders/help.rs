//! What a member does for the customer of an order: one small form for each act, closed until it is wanted.

use crate::components::{Ago, Attempt, ChoiceField, FormError, Moment, Notice, TextField};
use crate::dashboard::health::words::mail_words;
use crate::dashboard::orders::acts::{
    AddDownloads, AddNote, CloseAccess, CorrectEmail, ExtendAccess, HelpForm, OpenAccess, RenewLink, ResetDownloads,
};
use domain::entitlement::EntitlementState;
use domain::order::{OrderLine, OrderView};
use domain::pages::customer::is_erased_address;
use domain::pages::dashboard::{AccessRow, MailRow, NoteRow};
use domain::pages::form::{Filled, FormRefusal};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The forms of an order that was paid.
#[component]
pub fn Help(order: OrderView, access: Vec<AccessRow>, help: Filled<HelpForm>) -> impl IntoView {
    let Filled { form, refusal, .. } = help;
    let of = |act: &str| refusal.clone().filter(|_| form.act == act);
    let files: Vec<(String, String)> = order
        .items
        .iter()
        .flat_map(|line| {
            line.files.iter().map(|file| (file.id.clone(), format!("{}: {}, {} left", line.title, file.name, file.downloads_left)))
        })
        .collect();
    let is_all_closed = !access.is_empty() && access.iter().all(|line| line.closed_at.is_some());
    let is_over = !is_all_closed && access.iter().all(|line| line.state == EntitlementState::Revoked);
    view! {
        <section aria-labelledby="help">
            <h2 id="help">"Help the customer"</h2>
            <Notice at="help"/>
            <div class="acts">
                {(!files.is_empty()).then(|| view! {
                    <details open=of("downloads").is_some()>
                        <summary>"Give more downloads"</summary>
                        <DownloadsForm order=order.id.clone() files form=form.clone() refusal=of("downloads")/>
                    </details>
                })}
                <details open=of("extend").is_some()>
                    <summary>"Extend access"</summary>
                    <form class="stack" method="post" action=ExtendAccess::PATH>
                        <FormError refusal=of("extend")/>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <Attempt/>
                        <TextField
                            at="days" label="Days" value=or(&form.days, "7") refusal=of("extend") is_narrow=true input_mode="numeric"
                            max_length=4
                            help="The customer's links work for this many days from now. Licenses that expire do so this many days later."
                        />
                        <button class="button plain" type="submit">"Extend"</button>
                    </form>
                </details>
                <details open=of("email").is_some()>
                    <summary>"Change email"</summary>
                    <form class="stack" method="post" action=CorrectEmail::PATH>
                        <FormError refusal=of("email")/>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <TextField
                            at="right-email" name="email" label="Correct email address" value=form.email.clone() refusal=of("email")
                            input_type="email" is_required=true max_length=254
                            help="The order is emailed there at once. The old address gets no message, and its link to the order stops \
                                working."
                        />
                        <button class="button plain" type="submit">"Correct and resend"</button>
                    </form>
                </details>
                <details>
                    <summary>"Make a new link"</summary>
                    <form class="stack" method="post" action=RenewLink::PATH>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <Attempt/>
                        <p class="help">
                            "For a link that fell into the wrong hands. The old link to the order stops working at once, and so do links \
                             to its files. Licenses stay as they are."
                        </p>
                        {(!is_erased_address(&order.email)).then(|| view! {
                            <label class="check">
                                <input type="checkbox" name="mail" value="true" checked/>"Email the new link to the customer"
                            </label>
                        })}
                        <button class="button plain" type="submit">"Make a new link"</button>
                    </form>
                </details>
                {(!is_over).then(|| view! { <details>
                    <summary>{if is_all_closed { "Restore access" } else { "Revoke access" }}</summary>
                    <form class="stack" method="post" action=if is_all_closed { OpenAccess::PATH } else { CloseAccess::PATH }>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <input type="hidden" name="item" value=""/>
                        <p class="help">{if is_all_closed {
                            "Files and license keys work again, except for what was refunded or is in dispute."
                        } else {
                            "Files and license keys stop working at once. No money moves, and you can restore access at any time. The \
                             customer is not notified."
                        }}</p>
                        <button class="button plain" type="submit">
                            {if is_all_closed { "Restore all access" } else { "Revoke all access" }}
                        </button>
                    </form>
                </details> })}
            </div>
        </section>
    }
}

#[component]
fn DownloadsForm(order: String, files: Vec<(String, String)>, form: HelpForm, refusal: Option<FormRefusal>) -> impl IntoView {
    let all: Vec<_> = std::iter::once((String::new(), "All files".to_owned())).chain(files).collect();
    view! {
        <form class="stack" method="post" action=AddDownloads::PATH>
            <FormError refusal=refusal.clone()/>
            <input type="hidden" name="order" value=order/>
            <Attempt/>
            <ChoiceField at="help-file" name="file" label="File" value=form.file options=all refusal=refusal.clone()/>
            <TextField
                at="extra" label="More downloads of each" value=or(&form.extra, "3") refusal is_narrow=true input_mode="numeric"
                max_length=4
            />
            <div class="actions">
                <button class="button plain" type="submit">"Add downloads"</button>
                <button class="link-button" type="submit" formaction=ResetDownloads::PATH>"Reset the count instead"</button>
            </div>
        </form>
    }
}

/// Turns one line; its button stands beside it.
#[component]
pub fn TurnLine(order: String, line: OrderLine, access: AccessRow) -> impl IntoView {
    let is_closed = access.closed_at.is_some();
    let path = if is_closed { OpenAccess::PATH } else { CloseAccess::PATH };
    let word = if is_closed { "Restore access" } else { "Revoke access" };
    view! {
        <form class="turn" method="post" action=path>
            <input type="hidden" name="order" value=order/>
            <input type="hidden" name="item" value=line.id.to_string()/>
            {access.closed_at.map(|at| view! { <span class="quiet text-sm">"Access revoked on "<Moment at_ms=at/></span> })}
            <button class="link-button text-sm" type="submit" aria-label=format!("{word}: {}, {}", line.title, line.variant_name)>
                {word}
            </button>
        </form>
    }
}

/// What members told each other, and the way to say more.
#[component]
pub fn Notes(order: String, notes: Vec<NoteRow>, may_write: bool, help: Filled<HelpForm>) -> impl IntoView {
    let refusal = help.refusal.filter(|_| help.form.act == "note");
    view! {
        <section aria-labelledby="notes">
            <h2 id="notes">"Notes"</h2>
            <Notice at="notes"/>
            <NoteList notes/>
            {may_write.then(|| view! {
                <form class="stack note-form" method="post" action=AddNote::PATH>
                    <FormError refusal=refusal.clone().filter(|refusal| refusal.field.is_none())/>
                    <input type="hidden" name="order" value=order/>
                    <Attempt/>
                    <TextField
                        at="note" name="body" label="A note for the shop's team" value=help.form.body refusal rows=3
                        max_length=4_000 help="The customer never sees it."
                    />
                    <div><button class="button plain" type="submit">"Add the note"</button></div>
                </form>
            })}
        </section>
    }
}

#[component]
pub fn NoteList(notes: Vec<NoteRow>) -> impl IntoView {
    (!notes.is_empty()).then(|| {
        view! {
            <ul class="notes">
                {notes.into_iter().map(|note| view! {
                    <li>
                        <p class="note-body">{note.body}</p>
                        <p class="quiet text-sm">
                            {note.author}" · "<Ago at_ms=note.created_at to_the_minute=true/>
                            {note.order.map(|(id, number)| view! {
                                " · "<a class="mono" href=format!("/dashboard/orders/{id}")>{number}</a>
                            })}
                        </p>
                    </li>
                }).collect_view()}
            </ul>
        }
    })
}

/// The mails to the customer and how they stand.
#[component]
pub fn Mails(mails: Vec<MailRow>) -> impl IntoView {
    use crate::dashboard::status::MailStatus;
    (!mails.is_empty()).then(|| {
        view! {
            <section aria-labelledby="mails">
                <h2 id="mails">"Emails"</h2>
                <ul class="notes">
                    {mails.into_iter().map(|mail| view! {
                        <li>
                            <p>{mail_words(mail.kind)}" · "<MailStatus state=mail.state/></p>
                            <p class="quiet text-sm">{mail.reason.map(|why| format!("{why} · "))}<Ago at_ms=mail.at to_the_minute=true/></p>
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

fn or(typed: &str, usual: &str) -> String {
    if typed.is_empty() { usual } else { typed }.to_owned()
}
