//! A paid order: downloads first and big, then keys, the receipt and help.

use super::awaited::Awaited;
use super::receipt::Receipt;
use crate::checkout::order_acts::{MintDownload, Pass, PassFields, ResendOrder};
use crate::components::{Icon, IconName};
use crate::islands::CopyButton;
use crate::storefront::inside::TermsBody;
use domain::order::{OrderLine, OrderStatus, OrderView, OwnedFile, OwnedLicense};
use domain::pages::storefront::human_size;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn Ready(order: OrderView, pass: Pass) -> impl IntoView {
    let licenses: Vec<(String, OwnedLicense)> =
        order.items.iter().flat_map(|item| item.licenses.iter().map(|license| (item.title.clone(), license.clone()))).collect();
    let with_files: Vec<&OrderLine> = order.items.iter().filter(|item| !item.files.is_empty()).collect();
    view! {
        <header>
            <h1>"Thank you. Here is your order."</h1>
            <p class="lead">"Everything is below, and in the e-mail to "{order.email.clone()}"."</p>
            {(order.status == OrderStatus::PartiallyRefunded).then(|| view! { <p class="quiet">"Part of this order was refunded."</p> })}
        </header>
        <Awaited items=order.items.clone()/>
        {with_files.iter().enumerate().map(|(i, item)| {
            // Terms that the next goods share stand below the last of them.
            let ends_terms = with_files.get(i + 1).is_none_or(|next| next.terms_words != item.terms_words);
            view! { <Downloads item=(*item).clone() ends_terms id=order.id.clone() pass=pass.clone()/> }
        }).collect_view()}
        {(!licenses.is_empty()).then(|| view! {
            <section>
                <h2>{if licenses.len() == 1 { "License key" } else { "License keys" }}</h2>
                {licenses.into_iter().map(|(title, license)| view! { <Key title license/> }).collect_view()}
            </section>
        })}
        <Receipt order=order.clone()/>
        <section>
            <h2>"Something missing?"</h2>
            <p class="mb-4">"Did the e-mail with the link to this page not arrive? We can send it again."</p>
            <form method="post" action=ResendOrder::PATH>
                <PassFields id=order.id pass=pass.clone()/>
                <button class="button plain" type="submit">"Resend the e-mail"</button>
            </form>
        </section>
        <p class="fineprint">{if pass.has_cookie {
            "You can open this page in this browser for a month. Elsewhere, use the link in our e-mail. Keep that link private: anyone \
             who has it can open the order."
        } else {
            "Keep the address of this page private: anyone who has it can open the order."
        }}</p>
    }
}

#[component]
fn Downloads(item: OrderLine, ends_terms: bool, id: String, pass: Pass) -> impl IntoView {
    let copies = copies(&item.files);
    view! {
        <section>
            <h2>{match item.product_now.clone() {
                Some(slug) => view! {
                    <a class="no-underline hover:underline" href=format!("/products/{slug}")>{item.title.clone()}</a>
                }.into_any(),
                None => item.title.clone().into_any(),
            }}</h2>
            <p class="quiet mb-4">
                {item.variant_name.clone()}" · "{item.terms_words.label.clone()}
                {item.part_of.clone().map(|bundle| format!(" · came with {bundle}"))}
            </p>
            <ul class="downloads">
                {item.files.iter().zip(copies).map(|(file, copy)| view! {
                    <li><Download file=file.clone() copy id=id.clone() pass=pass.clone()/></li>
                }).collect_view()}
            </ul>
            {ends_terms.then(|| view! {
                <div class="quiet text-sm mt-2"><p>{item.terms_words.summary.clone()}</p><TermsBody words=item.terms_words.clone()/></div>
            })}
        </section>
    }
}

#[component]
fn Download(file: OwnedFile, copy: Option<usize>, id: String, pass: Pass) -> impl IntoView {
    let copy = copy.map(|n| format!(" (copy {n})")).unwrap_or_default();
    view! {
        <form class="download" method="post" action=MintDownload::PATH>
            <PassFields id pass/>
            <input type="hidden" name="file_id" value=file.id/>
            <div>
                <p class="file-name">{file.name.clone()}{copy.clone()}</p>
                <p class="quiet text-sm number">{human_size(file.size_bytes)}" · "{left(file.downloads_left)}</p>
            </div>
            {(file.downloads_left > 0).then(|| view! {
                <button class="button" type="submit" aria-label=format!("Download {}{copy}", file.name)>
                    <Icon name=IconName::Download/>"Download"
                </button>
            })}
        </form>
    }
}

#[component]
fn Key(title: String, license: OwnedLicense) -> impl IntoView {
    let usage = license.activation_limit.map(|limit| format!("{} of {limit} devices in use", license.activation_usage));
    view! {
        <div class="key" data-key="">
            <div>
                <p class="text-sm">{title.clone()}{usage.map(|usage| view! { <span class="quiet">" · "{usage}</span> })}</p>
                <code>{license.key}</code>
            </div>
            <CopyButton><span class="sr-only">{format!(" the license key of {title}")}</span></CopyButton>
        </div>
    }
}

/// Which copy each file is, where the same one was bought more than once; each copy has its own downloads.
fn copies(files: &[OwnedFile]) -> Vec<Option<usize>> {
    let same = |a: &OwnedFile, b: &OwnedFile| a.name == b.name && a.sha256 == b.sha256;
    files
        .iter()
        .enumerate()
        .map(|(i, file)| {
            let is_alone = files.iter().filter(|other| same(file, other)).count() == 1;
            (!is_alone).then(|| files[..i].iter().filter(|other| same(file, other)).count() + 1)
        })
        .collect()
}

fn left(n: i64) -> String {
    match n {
        0 => "no downloads left".to_owned(),
        1 => "1 download left".to_owned(),
        n => format!("{n} downloads left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_numbered_only_where_there_are_several() {
        let file = |name: &str| OwnedFile {
            id: String::new(),
            name: name.to_owned(),
            media_type: String::new(),
            size_bytes: 1,
            sha256: name.to_owned(),
            downloads_left: 5,
        };
        assert_eq!(copies(&[file("a"), file("b"), file("a")]), [Some(1), None, Some(2)]);
    }
}
