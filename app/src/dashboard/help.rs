//! What a member does for the customer of an order: one small form for each act, closed until it is wanted.

use super::fields::Attempt;
use crate::components::{FieldError, FormError, Moment};
use crate::error::AppError;
use domain::customer::is_erased_address;
use domain::dashboard::{AccessRow, MailRow, NoteRow};
use domain::form::{Filled, FormRefusal};
use domain::order::{OrderLine, OrderView};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

/// What was typed into one of the forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpForm {
    /// Which form it was.
    pub act: String,
    pub email: String,
    pub body: String,
    pub extra: String,
    pub file: String,
    pub days: String,
}

/// The name of the forms among those that were refused.
pub const FORM: &str = "order_help";

/// Does something for an order and ends the form: with a notice, or with the form as it was typed.
async fn help<F>(
    order: &str,
    typed: HelpForm,
    notice: &str,
    act: impl FnOnce(shop::Shop, shop::audit::Actor) -> F,
) -> Result<String, AppError>
where
    F: Future<Output = shop::Result<()>>,
{
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = request::order_page(order);
    let done = async {
        request::check(&member, Permission::HelpCustomers)?;
        act(shop.clone(), shop::audit::Actor::from(&member)).await.map(|()| request::with_notice(&page, notice))
    };
    let done = done.await;
    // What nobody typed is not worth a draft: the sentence is enough.
    if typed.act.is_empty() { request::finish(done, &page) } else { request::finish_form(&shop, &member, FORM, &typed, done, &page).await }
}

/// A number as it was typed; no number where it is none, which is refused by its range.
fn number(text: &str) -> i64 {
    text.trim().parse().unwrap_or(0)
}

fn key(attempt: &str) -> Option<String> {
    Some(format!("dashboard:{attempt}")).filter(|_| !attempt.is_empty())
}

/// Writes a note that the customer never sees.
#[server(prefix = "/_fn", endpoint = "add_note")]
pub async fn add_note(order: String, body: String, attempt: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "note".to_owned(), body: body.clone(), ..HelpForm::default() };
    help(&order, typed, "noted", async |shop, by| shop::orders::add_note(&shop, &by, &order, &body, key(&attempt).as_deref()).await).await
}

/// Adds downloads to a file, or to all of them.
#[server(prefix = "/_fn", endpoint = "add_downloads")]
pub async fn add_downloads(order: String, file: String, extra: String, attempt: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "downloads".to_owned(), file: file.clone(), extra: extra.clone(), ..HelpForm::default() };
    let act = async |shop, by| {
        let file = Some(file.as_str()).filter(|file| !file.is_empty());
        shop::orders::add_downloads(&shop, &by, &order, file, number(&extra), key(&attempt).as_deref()).await
    };
    help(&order, typed, "downloads_added", act).await
}

/// Lets downloads count from nothing.
#[server(prefix = "/_fn", endpoint = "reset_downloads")]
pub async fn reset_downloads(order: String, file: String) -> Result<String, AppError> {
    let act = async |shop, by| {
        let file = Some(file.as_str()).filter(|file| !file.is_empty());
        shop::orders::reset_downloads(&shop, &by, &order, file).await
    };
    help(&order, HelpForm::default(), "downloads_reset", act).await
}

/// Lets links and licenses last longer.
#[server(prefix = "/_fn", endpoint = "extend_access")]
pub async fn extend_access(order: String, days: String, attempt: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "extend".to_owned(), days: days.clone(), ..HelpForm::default() };
    let act = async |shop, by| shop::orders::extend(&shop, &by, &order, number(&days), key(&attempt).as_deref()).await;
    help(&order, typed, "extended", act).await
}

/// Moves the order to the right address, and mails it there.
#[server(prefix = "/_fn", endpoint = "correct_email")]
pub async fn correct_email(order: String, email: String) -> Result<String, AppError> {
    let typed = HelpForm { act: "email".to_owned(), email: email.clone(), ..HelpForm::default() };
    help(&order, typed, "email_corrected", async |shop, by| shop::orders::correct_email(&shop, &by, &order, &email).await).await
}

/// Gives the order another link, and mails it if that was chosen.
#[server(prefix = "/_fn", endpoint = "renew_link")]
pub async fn renew_link(order: String, attempt: String, #[server(default)] mail: bool) -> Result<String, AppError> {
    let act = async |shop, by| shop::orders::renew_link(&shop, &by, &order, mail, key(&attempt).as_deref()).await;
    help(&order, HelpForm::default(), if mail { "link_renewed_mailed" } else { "link_renewed" }, act).await
}

/// Closes the order, or a line of it, which is named by its id.
#[server(prefix = "/_fn", endpoint = "close_access")]
pub async fn close_access(order: String, item: String) -> Result<String, AppError> {
    let act = async |shop, by| shop::orders::close_access(&shop, &by, &order, line(&item)?.as_ref()).await;
    help(&order, HelpForm::default(), "access_closed_now", act).await
}

/// Opens again what a member closed.
#[server(prefix = "/_fn", endpoint = "open_access")]
pub async fn open_access(order: String, item: String) -> Result<String, AppError> {
    let act = async |shop, by| shop::orders::open_access(&shop, &by, &order, line(&item)?.as_ref()).await;
    help(&order, HelpForm::default(), "access_opened", act).await
}

/// The line that a form names; nothing for the whole order.
///
/// # Errors
/// `item_unknown`.
pub(super) fn line(item: &str) -> shop::Result<Option<shop::orders::LineName>> {
    Some(item).filter(|item| !item.is_empty()).map(shop::orders::LineName::read).transpose()
}

/// Tries again what failed for an order. For members who may.
#[server(prefix = "/_fn", endpoint = "retry_delivery")]
pub async fn retry_delivery(order: String, #[server(default)] back: String) -> Result<String, AppError> {
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let page = if back == super::health::PAGE { back } else { request::order_page(&order) };
    let retried = async {
        request::check(&member, Permission::RetryWork)?;
        let by = shop::audit::Actor::from(&member);
        shop::orders::retry_delivery(&shop, &by, &order).await.map(|()| request::with_notice(&page, "retried"))
    };
    request::finish(retried.await, &page)
}

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
    let ends = order.items.iter().any(|line| line.licenses.iter().any(|license| license.expires_at.is_some()));
    let is_all_closed = !access.is_empty() && access.iter().all(|line| line.closed_at.is_some());
    view! {
        <section aria-labelledby="help">
            <h2 id="help">"Help the customer"</h2>
            <div class="acts">
                {(!files.is_empty()).then(|| view! {
                    <details open=of("downloads").is_some()>
                        <summary>"Give more downloads"</summary>
                        <DownloadsForm order=order.id.clone() files form=form.clone() refusal=of("downloads")/>
                    </details>
                })}
                <details open=of("extend").is_some()>
                    <summary>"Extend links"{ends.then_some(" and licenses")}</summary>
                    <form class="stack" method="post" action=ExtendAccess::PATH>
                        <FormError refusal=of("extend")/>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <Attempt/>
                        <div class="field">
                            <label for="days">"Days"</label>
                            <input class="input narrow" id="days" name="days" inputmode="numeric" autocomplete="off" maxlength="4" value=or(&form.days, "7") aria-describedby="days-help days-error" aria-invalid=of("extend").is_some().then_some("true")/>
                            <FieldError id="days-error" refusal=of("extend") field="days"/>
                            <p class="help" id="days-help">"The links that the customer has work so many days from now. Licenses that end do so so many days later."</p>
                        </div>
                        <button class="button plain" type="submit">"Extend"</button>
                    </form>
                </details>
                <details open=of("email").is_some()>
                    <summary>"Correct the address"</summary>
                    <form class="stack" method="post" action=CorrectEmail::PATH>
                        <FormError refusal=of("email")/>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <div class="field">
                            <label for="right-email">"The right e-mail address"</label>
                            <input class="input" id="right-email" name="email" type="email" autocomplete="off" maxlength="254" required value=form.email.clone() aria-describedby="email-help email-error" aria-invalid=of("email").is_some().then_some("true")/>
                            <FieldError id="email-error" refusal=of("email") field="email"/>
                            <p class="help" id="email-help">"The order is mailed there at once. The old address is told nothing, and its link to the order stops working."</p>
                        </div>
                        <button class="button plain" type="submit">"Correct and mail"</button>
                    </form>
                </details>
                <details>
                    <summary>"Make a new link"</summary>
                    <form class="stack" method="post" action=RenewLink::PATH>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <Attempt/>
                        <p class="help">"For a link that came into the wrong hands. The old link to the order stops working at once, and so do links to its files. Licenses stay as they are."</p>
                        {(!is_erased_address(&order.email)).then(|| view! {
                            <label class="check"><input type="checkbox" name="mail" value="true" checked/>"Mail the new link to the customer"</label>
                        })}
                        <button class="button plain" type="submit">"Make a new link"</button>
                    </form>
                </details>
                <details>
                    <summary>{if is_all_closed { "Open the order again" } else { "Close the order" }}</summary>
                    <form class="stack" method="post" action=if is_all_closed { OpenAccess::PATH } else { CloseAccess::PATH }>
                        <input type="hidden" name="order" value=order.id.clone()/>
                        <input type="hidden" name="item" value=""/>
                        <p class="help">{if is_all_closed {
                            "Files and licenses open again. What was given back, or is with a bank, stays as the money has it."
                        } else {
                            "Files and licenses stop working at once. No money moves, and you can open it again at any time. The customer gets no mail about it."
                        }}</p>
                        <button class="button plain" type="submit">{if is_all_closed { "Open everything" } else { "Close everything" }}</button>
                    </form>
                </details>
            </div>
        </section>
    }
}

#[component]
fn DownloadsForm(order: String, files: Vec<(String, String)>, form: HelpForm, refusal: Option<FormRefusal>) -> impl IntoView {
    let is_refused = refusal.is_some();
    view! {
        <form class="stack" method="post" action=AddDownloads::PATH>
            <FormError refusal=refusal.clone()/>
            <input type="hidden" name="order" value=order/>
            <Attempt/>
            <div class="field">
                <label for="help-file">"File"</label>
                <select class="input" id="help-file" name="file">
                    <option value="" selected=form.file.is_empty()>"All files"</option>
                    {files.into_iter().map(|(id, text)| view! { <option selected=id == form.file value=id>{text}</option> }).collect_view()}
                </select>
            </div>
            <div class="field">
                <label for="extra">"More downloads of each"</label>
                <input class="input narrow" id="extra" name="extra" inputmode="numeric" autocomplete="off" maxlength="4" value=or(&form.extra, "3") aria-describedby="extra-error" aria-invalid=is_refused.then_some("true")/>
                <FieldError id="extra-error" refusal field="extra"/>
            </div>
            <div class="actions">
                <button class="button plain" type="submit">"Add downloads"</button>
                <button class="link-button" type="submit" formaction=ResetDownloads::PATH>"Count from nothing instead"</button>
            </div>
        </form>
    }
}

/// Turns one line; its button stands beside it.
#[component]
pub fn TurnLine(order: String, line: OrderLine, access: AccessRow) -> impl IntoView {
    let is_closed = access.closed_at.is_some();
    let path = if is_closed { OpenAccess::PATH } else { CloseAccess::PATH };
    let word = if is_closed { "Open again" } else { "Close" };
    view! {
        <form class="turn" method="post" action=path>
            <input type="hidden" name="order" value=order/>
            <input type="hidden" name="item" value=line.id.to_string()/>
            {access.closed_at.map(|at| view! { <span class="quiet text-sm">"Closed by the shop on "<Moment at_ms=at/></span> })}
            <button class="link-button text-sm" type="submit" aria-label=format!("{word}: {}, {}", line.title, line.variant_name)>{word}</button>
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
            <NoteList notes/>
            {may_write.then(|| view! {
                <form class="stack note-form" method="post" action=AddNote::PATH>
                    <input type="hidden" name="order" value=order/>
                    <Attempt/>
                    <div class="field">
                        <label for="note">"A note for the members of the shop"</label>
                        <textarea class="input" id="note" name="body" rows="3" maxlength="4000" aria-describedby="note-error note-help" aria-invalid=refusal.is_some().then_some("true")>{crate::components::area_text(&help.form.body)}</textarea>
                        <FieldError id="note-error" refusal field="body"/>
                        <p class="help" id="note-help">"The customer never sees it."</p>
                    </div>
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
                            {note.author}" · "<Moment at_ms=note.created_at/>
                            {note.order.map(|(id, number)| view! { " · "<a class="mono" href=format!("/dashboard/orders/{id}")>{number}</a> })}
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
    use super::status::MailStatus;
    (!mails.is_empty()).then(|| {
        view! {
            <section aria-labelledby="mails">
                <h2 id="mails">"Mails"</h2>
                <ul class="notes">
                    {mails.into_iter().map(|mail| view! {
                        <li>
                            <p>{mail.what}" · "<MailStatus state=mail.state/></p>
                            <p class="quiet text-sm">{mail.reason.map(|why| format!("{why} · "))}<Moment at_ms=mail.at/></p>
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
