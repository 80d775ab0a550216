//! What may cross the wire when something could not be done.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// An answer to a person, with a stable code; nothing of our insides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub code: String,
    pub message: String,
}

impl AppError {
    pub fn is_not_found(&self) -> bool {
        self.code == "not_found"
    }

    /// Whether it is no fault of whoever asked.
    pub fn is_ours(&self) -> bool {
        matches!(self.code.as_str(), "internal" | "unavailable" | "storage_unavailable")
    }

    pub fn is_signed_out(&self) -> bool {
        self.code == "signed_out"
    }

    /// The same refusal in the words of our pages, where they have some for it.
    #[cfg(feature = "ssr")]
    pub fn for_people(self) -> Self {
        match notice_text(&self.code) {
            Some(text) => Self { message: text.to_owned(), ..self },
            None => self,
        }
    }

    /// The sentence for an accident that was logged where it happened.
    pub fn accident() -> Self {
        Self { code: "internal".to_owned(), message: "Something went wrong on our side. Nothing was lost; please try again.".to_owned() }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let is_malformed =
            matches!(error, ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_));
        if !is_malformed {
            return Self::accident();
        }
        #[cfg(feature = "ssr")]
        crate::layout::request::set_status(422);
        Self { code: "malformed".to_owned(), message: "The form was incomplete. Please go back, reload the page and try again.".to_owned() }
    }
}

#[cfg(feature = "ssr")]
impl From<shop::Error> for AppError {
    fn from(error: shop::Error) -> Self {
        if let shop::Error::Unexpected(cause) = &error {
            tracing::error!(?cause, "a page could not be made");
        }
        let (_, code, message) = error.answer();
        Self { code: code.to_owned(), message: message.to_owned() }
    }
}

/// The sentences for codes that a redirect carries; text from a URL is never shown.
pub fn notice_text(code: &str) -> Option<&'static str> {
    Some(match code {
        "canceled" => "You left the payment page. Nothing was charged, and your cart is as it was.",
        "email_invalid" => "Please enter an e-mail address such as name@example.com.",
        "quantity_invalid" => "The quantity must be between 1 and 99.",
        "price_fixed" => "This product has a price of its own.",
        "price_too_low" => "This is less than the least that you can pay for it. Please name a higher price.",
        "price_uncharged" => "So little can't be charged. Pay a little more, or nothing where that is allowed.",
        "price_too_high" => "This is more than can be charged at once.",
        "price_unreadable" => "Write your price as the prices on this page are written.",
        "product_not_found" => "This product is not on sale any more.",
        "cart_full" => "Your cart is full. Check out first, then go on.",
        "cart_empty" => "Your cart is empty.",
        "currency_mixed" => "These products are sold in different currencies. Please buy them one by one.",
        "amount_too_large" => "This order costs more than can be charged at once.",
        "amount_too_small" => "This order costs less than can be charged. Add something else, or leave out the code.",
        "total_changed" => "Your cart has changed since this page was shown. Nothing was charged. Please look it over, then go on.",
        "checkout_superseded" => "You went on to payment in another tab. Please finish there, or start again here. Nothing was charged.",
        "ordered_before" => "You have this already. We have mailed it to you again: please look into your mailbox.",
        "promotion_over" => "The promotion code of this order can't be used any more. Please put the products into the cart again.",
        "order_too_old" => "This order is too old to be paid. Please put the products into the cart again.",
        "already_paid" => "This cart was paid a moment ago. Your order is in the mail to you.",
        "payment_unavailable" => "The payment service did not answer. Nothing was charged. Please try again in a moment.",
        "payment_refused" => "The payment service refused this order. Nothing was charged. Please write to the shop.",
        "checkout_in_progress" => "Your payment page is being made. Please try again in a moment.",
        "idempotency_key_reused" => "Your cart has changed since this page was opened. Please look it over and continue.",
        "promotion_invalid" => "This promotion code doesn't work for this order.",
        "download_limit_reached" => "All downloads of this file are used up. Write to the shop and it will add more.",
        "access_revoked" => "This purchase was refunded, so its files are no longer available.",
        "access_suspended" => "This purchase is on hold while its payment is being clarified.",
        "resent" => "We have sent the mail again. It should arrive within a minute.",
        "mailed" => "The mail is on its way to the customer again.",
        "refunded" => "The money is on its way back, and the customer has a mail about it.",
        "refund_begun" => "The refund is written down. Stripe has it, or gets it as soon as it answers.",
        "amount_unreadable" => "Write the amount as the amounts on this page are written.",
        "amount_invalid" => "So small a part can't be moved. Leave the amount empty to refund all that is left.",
        "refund_too_large" => "So much is not left to refund.",
        "already_refunded" => "All of this order was given back already.",
        "charge_disputed" => "The customer's bank has taken this payment back already. Answer the dispute in Stripe.",
        "refund_refused" => "Stripe refused this refund, and nothing was given back. The order's timeline tells why.",
        "refund_in_progress" => "This refund is being made already.",
        "currency_changed" => "The shop's prices are in another currency now. Nothing was charged. Please look at your cart again.",
        "currency_not_sold" => "This can't be bought at the moment: it is not priced in the currency that the shop sells in.",
        "item_unknown" => "This product is not in the order.",
        "promotion_made" => "The promotion is made. It applies from its beginning on.",
        "promotion_archived" => "The promotion is archived. Nobody gets it any more; orders keep what they were promised.",
        "promotion_unarchived" => "The promotion is back as it was.",
        "product_made" => "The product is made. Add its files, look at it as a buyer, then publish it.",
        "product_saved" => "Saved.",
        "in_bundle" => "It comes with another product. Take it out of that one first.",
        "product_copied" => "This is the copy: a draft with the same words, tiers and files.",
        "product_restored" => "It is back as it was.",
        "terms_saved" => "Saved. Product pages show these words now, and orders keep them from now on.",
        "category_saved" => "Saved.",
        "category_deleted" => "The category is gone.",
        "category_not_empty" => "Products or other categories are still in it. Move them first, or hide it.",
        "tag_saved" => "Saved.",
        "tag_deleted" => "No product has the tag any more.",
        "file_added" => "The file is there.",
        "file_removed" => "The file is taken away.",
        "upload_canceled" => "The upload is given up, and what arrived of it is gone.",
        "upload_finished" => "This upload is finished by now. Remove the file instead.",
        "upload_broken" => "The upload broke off. Please send the file again.",
        "upload_refused" => "The file was not taken. Please check it and send it again.",
        "file_name_invalid" => "Choose a file first.",
        "file_empty" => "The file is empty.",
        "file_not_in_release" => "The file that was to be replaced is not in the release any more.",
        "too_large" => "A file has at most 10 GB, and one that is sent without a script 2 GB.",
        "storage_full" => "There is no space left for files. Nothing was kept; make room on the shop's disk, then try again.",
        "storage_unavailable" => "The shop's files can't be reached at the moment. Please try again shortly.",
        "picture_format" => "This is no JPEG, PNG or WebP picture. Save it as one of these.",
        "picture_broken" => "This picture can't be read to its end. Save it again and send that.",
        "picture_too_large" => "A picture has at most 25 MB. Save it smaller and try again.",
        "picture_too_many_pixels" => "This picture has too many pixels: at most 12,000 on a side and 50 million in all.",
        "picture_unknown" => "The gallery has no such picture any more. Please look again.",
        "archive_too_many" => "This archive has more than 100,000 entries. Pack fewer, larger files.",
        "archive_leads_elsewhere" => "The archive has an entry that would be unpacked outside of its folder. Pack it again without.",
        "archive_bomb" => "This archive unpacks to more than a thousand times its size. It is not taken.",
        "variant_unknown" => "This product has no such tier.",
        "release_prepared" => "The release is in preparation. Replace its files, then publish it.",
        "release_published" => "The release is published. Everybody who bought the product has it now.",
        "release_deleted" => "The release is gone.",
        "release_empty" => "This release has no files. Add some before you publish it.",
        "release_uploading" => "Files of this release are still being uploaded. Finish or discard them first.",
        "release_is_newest" => "Customers have this release. Publish another before you delete it.",
        "release_is_published" => "This release is published by now. Prepare a new one for other files.",
        "release_unknown" => "This product has no such release.",
        "retried" => "It is tried again now. If it fails once more, it comes back here.",
        "saved" => "Saved.",
        "claimed" => "The shop is yours. Put your first product on the shelf.",
        "link_mailed" => "If this address belongs to a member, a link is on its way. It works for ten minutes.",
        "link_over" => "This link was used already, or it is too old. Ask for a new one.",
        "invited" => "The invitation is on its way.",
        "member_removed" => "Taken away. Sessions have ended, and keys stopped working.",
        "last_owner" => "The shop needs an owner. Make another member an owner first.",
        "already_joined" => "This member has come in already.",
        "role_unknown" => "Choose a role from the list.",
        "key_revoked" => "Revoked. What used it can't get in any more.",
        "session_ended" => "Signed out there.",
        "password_changed" => "The password is changed, and all other sessions have ended.",
        "password_invalid" => {
            "The password needs eight characters or more and must not be easy to guess. Take three or four words that have nothing to do with each other or with the shop."
        }
        "test_mailed" => "The mail server took the mail. Look into your inbox.",
        "noted" => "The note is on the order.",
        "downloads_added" => "The customer can download more often now.",
        "downloads_reset" => "Downloads count from nothing again.",
        "link_renewed" => "The order has a new link. The old one opens nothing any more. Nobody was mailed.",
        "link_renewed_mailed" => "The order has a new link, which is on its way to the customer. The old one opens nothing any more.",
        "extended" => "Links and licenses last longer now.",
        "email_corrected" => "The order belongs to the right address now, and the mail is on its way there.",
        "access_closed_now" => "Closed. Files and licenses stopped working, and no money moved.",
        "access_opened" => "Open again, as far as the money has it.",
        "nothing_failed" => "Nothing of this order failed, so there is nothing to try again.",
        "all_retried" => "All of it is tried again now. What fails once more comes back here.",
        "dismissed" => "Put away.",
        "hurried" => "The mails are tried now.",
        "customer_erased_now" => "Erased. Nobody can tell any more who this was.",
        "customer_erasing" => {
            "Erased. Old notes and records are still looked through for the address; that goes on by itself and takes some minutes."
        }
        "customer_erased" => "The customer of this order was erased. That can't be taken back, and there is no address to write to.",
        "file_unknown" => "This file is not in the order.",
        "forbidden" => "Your role may not do this.",
        "sign_in_failed" => "This e-mail address and password don't fit together.",
        "password_wrong" => "This is not your present password.",
        "proof_needed" => "First confirm that it's you.",
        "confirmed" => "Thank you. Now please do it once more.",
        "setup_code_wrong" => "This is not the code that the program printed when it started.",
        "store_name_invalid" => "The store needs a name of 1 to 100 characters in one line.",
        "already_claimed" => "This shop has an owner already. Sign in, or ask the owner to invite you.",
        "signed_out" => "You are signed out.",
        "next_invalid" => "The page to go on to has too long an address. Sign in, then open it.",
        "rate_limited" => "That was a little too often. Please wait a minute, then try again.",
        "order_paid" => "This order is paid already.",
        "not_found" => "That is no longer here.",
        "order_not_paid" => "This order is not paid, so there is nothing to send or to give back.",
        "internal" => "Something went wrong on our side. Nothing was lost; please try again.",
        _ => return None,
    })
}
