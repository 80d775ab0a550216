//! Sentences that a redirect carries by their code. Text from an address is never shown.

use domain::pages::form::FormRefusal;

/// What was done, and what became of a form that was sent elsewhere.
const DONE: &[(&str, &str)] = &[
    ("canceled", "You left the payment page. Nothing was charged, and your cart is as it was."),
    ("ordered_before", "You already have this. We have sent it to you again: please check your inbox."),
    ("already_paid", "This cart was paid a moment ago. Your order is in the email that we sent you."),
    ("license_suspended", "Suspended. Software is told that the key is disabled."),
    ("license_revoked", "Revoked. Software is told that the key is revoked."),
    ("license_reinstated", "Reinstated. The key works again, and devices have their seats."),
    ("license_changed", "Changed."),
    ("seats_reset", "All seats are free. Every device has to activate the key again."),
    ("license_key_mailed", "The key is replaced, and an email with the new one is on its way to the customer."),
    ("seat_free", "Deactivated. The seat is free for another device."),
    ("license_key_new", "The key is replaced. The old one stopped working, and an email with the new one is on its way."),
    ("resent", "We have sent the email again. It should arrive within a minute."),
    ("orders_mailed", "If there are orders with this address, an email with links to them is on its way. It can take a minute."),
    ("mailed", "The email is on its way to the customer again."),
    ("refunded", "The refund is on its way, and the customer was sent an email about it."),
    ("refund_begun", "The refund is saved. Stripe has it, or gets it as soon as it answers."),
    ("promotion_made", "The promotion is created. It applies from its start."),
    ("promotion_archived", "The promotion is archived. Nobody gets it any more; orders keep what they were promised."),
    ("promotion_unarchived", "The promotion is back as it was."),
    ("product_made", "The product is created as a draft. Add its files, preview it as a buyer, then publish it."),
    ("product_published", "The product is created and published."),
    ("product_coming", "The product is published as coming soon. Add its files, and people can buy it at once."),
    ("product_saved", "Saved."),
    ("product_copied", "This is the copy: a draft with the same words, tiers and files."),
    ("product_restored", "It is back as it was."),
    ("terms_saved", "Saved. Product pages show these words now, and orders keep them from now on."),
    ("category_saved", "Saved."),
    ("category_deleted", "The category is deleted."),
    ("tag_saved", "Saved."),
    ("tag_deleted", "No product has the tag any more."),
    ("file_added", "The file is uploaded."),
    ("files_added", "The files are uploaded."),
    ("file_removed", "The file is removed."),
    ("upload_canceled", "The upload is canceled, and its parts are deleted."),
    ("upload_broken", "The upload was interrupted. Please send the file again."),
    ("upload_refused", "The file was not accepted. Please check it and send it again."),
    ("release_prepared", "The release is in preparation. Replace its files, then publish it."),
    ("release_published", "The release is published. Everybody who bought the product has it now."),
    ("release_deleted", "The release is deleted."),
    ("retried", "It is being tried again. If it fails, it appears here again."),
    ("saved", "Saved."),
    ("claimed", "The shop is yours. Add your first product."),
    ("link_mailed", "If this address belongs to a member, a link is on its way. It works for ten minutes."),
    ("invited", "The invitation is on its way."),
    ("member_removed", "Removed. Sessions have ended, and keys stopped working."),
    ("key_revoked", "Revoked. What used it no longer has access."),
    ("session_ended", "Signed out there."),
    ("password_changed", "The password is changed, and all other sessions have ended."),
    ("test_mailed", "The mail server accepted the email. Check your inbox."),
    ("noted", "The note is on the order."),
    ("downloads_added", "The customer can download more often now."),
    ("downloads_reset", "The download count is reset."),
    ("link_renewed", "The order has a new link. The old one opens nothing any more. Nobody was notified."),
    ("link_renewed_mailed", "The order has a new link, which is on its way to the customer. The old one opens nothing any more."),
    ("extended", "Access extended."),
    ("email_corrected", "Email changed. The order is on its way to the new address."),
    ("access_closed_now", "Access revoked. Files and license keys stopped working, and no money moved."),
    ("access_opened", "Access restored, except for what is refunded or disputed."),
    ("all_retried", "Everything is being tried again. What fails appears here again."),
    ("dismissed", "Dismissed."),
    ("hurried", "The emails are being retried."),
    ("customer_erased_now", "Erased. Nothing identifies this customer any more."),
    ("customer_erasing", "Erased. Old notes and records are still being searched for the address, which takes some minutes."),
    ("confirmed", "Confirmed. Please do it once more."),
    ("signed_out", "You are signed out."),
];

/// What kind of sentence it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// It is done.
    Success,
    /// Something to know, or still to do.
    #[default]
    Information,
    /// It was refused, or went wrong.
    Danger,
}

/// Of what was done, what is not over yet, or is no news of success.
const UNDER_WAY: &[&str] = &[
    "canceled",
    "ordered_before",
    "already_paid",
    "refund_begun",
    "retried",
    "all_retried",
    "hurried",
    "link_mailed",
    "orders_mailed",
    "customer_erasing",
    "confirmed",
    "signed_out",
];

/// Of what was done, what was not.
const UNDONE: &[&str] = &["upload_broken", "upload_refused"];

/// On long pages, the section that says it: where somebody acted, not at the top.
const PLACES: &[(&str, &str)] = &[
    ("refunded", "refunds"),
    ("refund_begun", "refunds"),
    ("noted", "notes"),
    ("downloads_added", "help"),
    ("downloads_reset", "help"),
    ("extended", "help"),
    ("link_renewed", "help"),
    ("link_renewed_mailed", "help"),
];

/// What kind of sentence a code stands for. Whatever is not known as done was refused.
pub fn kind(code: &str) -> Kind {
    match code {
        code if UNDER_WAY.contains(&code) => Kind::Information,
        code if UNDONE.contains(&code) || !DONE.iter().any(|(known, _)| *known == code) => Kind::Danger,
        _ => Kind::Success,
    }
}

/// The id of the section that says it; nothing where the page itself does.
pub fn place(code: &str) -> Option<&'static str> {
    PLACES.iter().find(|(known, _)| *known == code).map(|(_, place)| *place)
}

/// The sentence for a code in an address; nothing for one that is not ours.
pub fn text(code: &str) -> Option<String> {
    let done = DONE.iter().find(|(known, _)| *known == code).map(|(_, text)| (*text).to_owned());
    done.or_else(|| refusal(code).map(|refusal| refusal.message))
}

/// Why something was refused, as far as the code in an address tells.
pub fn refusal(code: &str) -> Option<FormRefusal> {
    shop::base::refusals::find(code)
}

/// Whether the code in an address is a refusal about this field.
pub fn is_about(code: &str, field: &str) -> bool {
    refusal(code).is_some_and(|refusal| refusal.at(field).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_sentence() {
        for (i, (code, _)) in DONE.iter().enumerate() {
            assert!(DONE[i + 1..].iter().all(|(other, _)| other != code) && refusal(code).is_none(), "{code}");
        }
    }

    #[test]
    fn what_is_done_looks_different_from_what_is_refused() {
        assert_eq!([kind("saved"), kind("refund_begun"), kind("upload_broken")], [Kind::Success, Kind::Information, Kind::Danger]);
        assert_eq!(kind("sign_in_failed"), Kind::Danger);
        let named = UNDER_WAY.iter().chain(UNDONE).chain(PLACES.iter().map(|(code, _)| code));
        for code in named {
            assert!(DONE.iter().any(|(known, _)| known == code), "{code}");
        }
    }
}
