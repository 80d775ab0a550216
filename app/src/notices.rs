//! Sentences that a redirect carries by their code. Text from an address is never shown.

use domain::pages::form::FormRefusal;

/// What was done, and what became of a form that was sent elsewhere.
const DONE: &[(&str, &str)] = &[
    ("canceled", "You left the payment page. Nothing was charged, and your cart is as it was."),
    ("ordered_before", "You have this already. We have mailed it to you again: please look into your mailbox."),
    ("already_paid", "This cart was paid a moment ago. Your order is in the mail to you."),
    ("resent", "We have sent the mail again. It should arrive within a minute."),
    ("mailed", "The mail is on its way to the customer again."),
    ("refunded", "The money is on its way back, and the customer has a mail about it."),
    ("refund_begun", "The refund is written down. Stripe has it, or gets it as soon as it answers."),
    ("promotion_made", "The promotion is made. It applies from its beginning on."),
    ("promotion_archived", "The promotion is archived. Nobody gets it any more; orders keep what they were promised."),
    ("promotion_unarchived", "The promotion is back as it was."),
    ("product_made", "The product is made. Add its files, look at it as a buyer, then publish it."),
    ("product_saved", "Saved."),
    ("product_copied", "This is the copy: a draft with the same words, tiers and files."),
    ("product_restored", "It is back as it was."),
    ("terms_saved", "Saved. Product pages show these words now, and orders keep them from now on."),
    ("category_saved", "Saved."),
    ("category_deleted", "The category is gone."),
    ("tag_saved", "Saved."),
    ("tag_deleted", "No product has the tag any more."),
    ("file_added", "The file is there."),
    ("file_removed", "The file is taken away."),
    ("upload_canceled", "The upload is given up, and what arrived of it is gone."),
    ("upload_broken", "The upload broke off. Please send the file again."),
    ("upload_refused", "The file was not taken. Please check it and send it again."),
    ("release_prepared", "The release is in preparation. Replace its files, then publish it."),
    ("release_published", "The release is published. Everybody who bought the product has it now."),
    ("release_deleted", "The release is gone."),
    ("retried", "It is tried again now. If it fails once more, it comes back here."),
    ("saved", "Saved."),
    ("claimed", "The shop is yours. Put your first product on the shelf."),
    ("link_mailed", "If this address belongs to a member, a link is on its way. It works for ten minutes."),
    ("invited", "The invitation is on its way."),
    ("member_removed", "Taken away. Sessions have ended, and keys stopped working."),
    ("key_revoked", "Revoked. What used it can't get in any more."),
    ("session_ended", "Signed out there."),
    ("password_changed", "The password is changed, and all other sessions have ended."),
    ("test_mailed", "The mail server took the mail. Look into your inbox."),
    ("noted", "The note is on the order."),
    ("downloads_added", "The customer can download more often now."),
    ("downloads_reset", "Downloads count from nothing again."),
    ("link_renewed", "The order has a new link. The old one opens nothing any more. Nobody was mailed."),
    ("link_renewed_mailed", "The order has a new link, which is on its way to the customer. The old one opens nothing any more."),
    ("extended", "Links and licenses last longer now."),
    ("email_corrected", "The order belongs to the right address now, and the mail is on its way there."),
    ("access_closed_now", "Closed. Files and licenses stopped working, and no money moved."),
    ("access_opened", "Open again, as far as the money has it."),
    ("all_retried", "All of it is tried again now. What fails once more comes back here."),
    ("dismissed", "Put away."),
    ("hurried", "The mails are tried now."),
    ("customer_erased_now", "Erased. Nobody can tell any more who this was."),
    (
        "customer_erasing",
        "Erased. Old notes and records are still looked through for the address; that goes on by itself and takes some minutes.",
    ),
    ("confirmed", "Thank you. Now please do it once more."),
    ("signed_out", "You are signed out."),
];

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
}
