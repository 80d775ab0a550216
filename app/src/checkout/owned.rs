//! A file that somebody bought.

use super::ready::OrderPage;
use crate::checkout::order_acts::{MintDownload, PassFields};
use crate::components::{Icon, IconName};
use crate::layout::with_query;
use domain::order::OwnedFile;
use domain::pages::storefront::human_size;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// From here on it is said how many downloads are left.
const FEW: i64 = 2;

/// A row for a file. A script asks for the page again after a download, and puts what has changed in place of the row.
#[component]
pub fn Download(file: OwnedFile, copy: Option<usize>, page: OrderPage) -> impl IntoView {
    let copy = copy.map(|n| format!(" (copy {n})")).unwrap_or_default();
    let left = (1..=FEW).contains(&file.downloads_left).then(|| left(file.downloads_left));
    let is_used_up = file.downloads_left <= 0;
    // One thing to do is one button that stands out.
    let class = if page.n_files == 1 { "button" } else { "button plain" };
    view! {
        <form class="download" method="post" action=MintDownload::PATH data-file=file.id.clone()>
            <PassFields id=page.id.clone() pass=page.pass.clone()/>
            <input type="hidden" name="file_id" value=file.id.clone()/>
            <div>
                <p class="file-name">{file.name.clone()}{copy.clone()}</p>
                <p class="quiet text-sm number">
                    {human_size(file.size_bytes)}{left.map(|left| format!(" · {left}"))}{is_used_up.then_some(" · all downloads used")}
                </p>
            </div>
            {if is_used_up {
                view! { <MoreDownloads name=file.name page/> }.into_any()
            } else {
                view! {
                    <button class=class type="submit" aria-label=format!("Download {}{copy}", file.name)>
                        <Icon name=IconName::Download/>"Download"
                    </button>
                }.into_any()
            }}
        </form>
    }
}

/// The next step of who has used all downloads of a file.
#[component]
fn MoreDownloads(name: String, page: OrderPage) -> impl IntoView {
    match page.support {
        Some(email) => {
            let subject = format!("Order {}: more downloads of {name}", page.number);
            let href = with_query(&format!("mailto:{email}"), &[("subject", &subject)]);
            view! { <a class="button plain" href=href>"Ask for more"<span class="sr-only">{format!(" downloads of {name}")}</span></a> }
                .into_any()
        }
        None => view! { <p class="quiet text-sm">"Reply to your order email to ask for more."</p> }.into_any(),
    }
}

/// Which copy each file is, where the same one was bought more than once; each copy has its own downloads.
pub fn copies(files: &[OwnedFile]) -> Vec<Option<usize>> {
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
    if n == 1 { "1 download left".to_owned() } else { format!("{n} downloads left") }
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
