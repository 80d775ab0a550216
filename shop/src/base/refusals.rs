//! Refusals in fixed words. A plain form that is refused goes back to its page with the code in the address, and text from an
//! address is never shown: so a page finds the sentence here, by the code, and whoever raises it takes it from here.
//!
//! Where the particulars are known, the sentence at the raise tells them, and the one here is for a page that has the code alone.

use crate::{Error, Refusal};
use domain::cart::NotAQuantity;
use domain::download::DownloadRefusal;
use domain::email::NotAnEmail;
use domain::pages::form::FormRefusal;

/// A refusal in fixed words.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    code: &'static str,
    /// Empty where it is about no single field.
    field: &'static str,
    status: u16,
    message: &'static str,
}

const fn refused(code: &'static str, message: &'static str) -> Known {
    Known { code, field: "", status: 400, message }
}

const fn conflict(code: &'static str, message: &'static str) -> Known {
    refused(code, message).with_status(409)
}

const fn unavailable(code: &'static str, message: &'static str) -> Known {
    refused(code, message).with_status(503)
}

impl Known {
    const fn at(self, field: &'static str) -> Self {
        Self { field, ..self }
    }

    const fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

impl From<Known> for Error {
    fn from(known: Known) -> Self {
        let refusal = Refusal::new(known.code, known.message).with_status(known.status);
        let refusal = if known.field.is_empty() { refusal } else { refusal.at(known.field) };
        match known.status {
            409 => Error::Conflict(refusal),
            503 => Error::Unavailable(refusal),
            _ => Error::Refused(refusal),
        }
    }
}

/// What was refused, as far as its code alone tells; nothing for a code that no page repeats.
pub fn find(code: &str) -> Option<FormRefusal> {
    let known = ALL.iter().find(|known| known.code == code).map(|known| Error::from(*known));
    let error = known.or_else(|| of_values().into_iter().find(|error| error.answer().1 == code))?;
    Some(error.to_form())
}

/// Refusals of values that are told by their types.
fn of_values() -> Vec<Error> {
    let of_download = |why: DownloadRefusal| Error::refused(why.code(), why.to_string());
    let downloads = [DownloadRefusal::UsedUp, DownloadRefusal::Revoked, DownloadRefusal::Suspended, DownloadRefusal::Closed];
    let values = [NotAnEmail.into(), NotAQuantity.into(), Error::NotFound, Error::Forbidden];
    downloads.map(of_download).into_iter().chain(values).chain([accident()]).collect()
}

/// An accident that was logged where it happened.
pub fn accident() -> Error {
    Error::Unexpected(anyhow::anyhow!("logged where it happened"))
}

pub const CART_FULL: Known = refused("cart_full", "Your cart is full. Check out first, then go on.");
pub const CART_EMPTY: Known = refused("cart_empty", "Your cart is empty. Put something into it first.");
pub const CART_CHANGED: Known =
    conflict("total_changed", "Your cart has changed since this page was shown. Nothing was charged. Please check it, then continue.");
pub const PRODUCT_NOT_FOUND: Known = refused("product_not_found", "This product is not on sale.").with_status(404).at("product");
pub const NOTHING_TO_DELIVER: Known =
    conflict("nothing_to_deliver", "This can't be bought yet: there is nothing to deliver. Nothing was charged.").at("product");
pub const CURRENCIES_MIXED: Known =
    refused("currency_mixed", "These products are sold in different currencies. Please buy them one by one.");
pub const CURRENCY_CHANGED: Known =
    conflict("currency_changed", "The shop's prices are in another currency now. Nothing was charged. Please look at your cart again.");
pub const CURRENCY_NOT_SOLD: Known =
    conflict("currency_not_sold", "This can't be bought at the moment: it is not priced in the currency that the shop sells in.");
pub const AMOUNT_TOO_LARGE: Known = refused("amount_too_large", "This costs more than can be charged at once.");
pub const AMOUNT_TOO_SMALL: Known = refused(
    "amount_too_small",
    "This order costs less than can be charged. Add another product, or remove the promotion code if there is one.",
);
pub const PRICE_FIXED: Known = refused("price_fixed", "The price of this product is fixed.").at("price");
pub const PRICE_TOO_LOW: Known = refused("price_too_low", "This is below the minimum price. Please enter a higher one.").at("price");
pub const PRICE_UNCHARGED: Known =
    refused("price_uncharged", "This is less than can be charged. Pay a little more, or nothing where that is allowed.").at("price");
pub const PRICE_TOO_HIGH: Known = refused("price_too_high", "This is more than can be charged at once.").at("price");
pub const PRICE_UNREADABLE: Known = refused("price_unreadable", "Write your price as the prices on this page are written.").at("price");
pub const CHECKOUT_SUPERSEDED: Known = conflict(
    "checkout_superseded",
    "You went on to payment in another tab. Please finish there, or start again from your cart. Nothing was charged here.",
);
pub const CHECKOUT_IN_PROGRESS: Known =
    conflict("checkout_in_progress", "This checkout is being made already. Please try again in a moment.");
pub const PROMOTION_INVALID: Known = refused("promotion_invalid", "This promotion code doesn't work for this order.").at("promotion_code");
pub const PROMOTION_OVER: Known =
    conflict("promotion_over", "The promotion code of this order can't be used any more. Please put the products into the cart again.");
pub const ORDER_TOO_OLD: Known =
    conflict("order_too_old", "This order is too old to be paid. Please put the products into the cart again.");
pub const PAYMENT_UNAVAILABLE: Known =
    unavailable("payment_unavailable", "The payment service did not answer. Nothing was charged. Please try again in a moment.");
pub const PAYMENT_REFUSED: Known =
    unavailable("payment_refused", "The payment service refused this order. Nothing was charged. Please write to the shop.");
pub const SENT_OTHERWISE: Known = conflict(
    "idempotency_key_reused",
    "This form was sent before with other values, and those were carried out. Check the result first; then send this again if you still \
     want it.",
);
pub const ORDER_NOT_PAID: Known = conflict("order_not_paid", "This order is not paid, so there is nothing to send or to refund.");
pub const ITEM_UNKNOWN: Known = refused(
    "item_unknown",
    "This product is not in the order. Where slugs were changed since, name it by the slug that it has now, or by the id of its line.",
)
.at("item");
pub const LICENSE_KEY_REPLACED: Known =
    conflict("license_key_replaced", "This license key was replaced a moment ago. This page shows the new one.");
pub const CHALLENGE_INVALID: Known = refused(
    "challenge_invalid",
    "This is not the code that your software shows. Copy all of it: it begins with \u{201c}challenge/\u{201d}.",
)
.at("challenge");
pub const SEATS_TAKEN: Known =
    conflict("seats_taken", "This key is in use on as many devices as it is for. Deactivate one of them first.").at("challenge");
pub const LICENSE_UNUSABLE: Known =
    conflict("license_unusable", "This license key can't be used any more. Write to the shop if you think this is wrong.");
pub const LICENSE_INACTIVE: Known = conflict(
    "license_inactive",
    "This license key can't be used any more, so it can't be replaced. Write to the shop if you think this is wrong.",
);
pub const FILE_UNKNOWN: Known = refused("file_unknown", "This file is not in the order.").at("file");
pub const NOTHING_FAILED: Known = conflict("nothing_failed", "Nothing of this order failed, so there is nothing to try again.");
pub const CUSTOMER_ERASED: Known =
    conflict("customer_erased", "The customer of this order was erased, so there is no address to send it to.");
pub const AMOUNT_UNREADABLE: Known = refused("amount_unreadable", "Write the amount as the amounts on this page are written.").at("amount");
pub const AMOUNT_INVALID: Known =
    refused("amount_invalid", "This amount is too small a part to be refunded. Leave it empty to refund all that is left.").at("amount");
pub const REFUND_TOO_LARGE: Known = conflict("refund_too_large", "Less than this is left to refund.").at("amount");
pub const ALREADY_REFUNDED: Known = conflict("already_refunded", "All of this order was refunded already.");
pub const CHARGE_DISPUTED: Known = conflict(
    "charge_disputed",
    "The customer's bank has taken this payment back already, so it can't be refunded. Answer the dispute in Stripe.",
);
pub const REFUND_REFUSED: Known =
    conflict("refund_refused", "Stripe refused this refund, and nothing was refunded. The order's timeline says why.");
pub const REFUND_IN_PROGRESS: Known = conflict("refund_in_progress", "This refund is being made already.");
pub const IN_BUNDLE: Known = conflict("in_bundle", "It comes with another product. Take it out of that one first.");
pub const CATEGORY_NOT_EMPTY: Known =
    conflict("category_not_empty", "Products or other categories are still in it. Move them first, or hide it.");
pub const VARIANT_UNKNOWN: Known = refused("variant_unknown", "This product has no such tier.");
pub const PICTURE_UNKNOWN: Known = refused("picture_unknown", "The gallery has no such picture any more. Please look again.");
pub const RELEASE_UNKNOWN: Known = refused("release_unknown", "This product has no such release.");
pub const RELEASE_EMPTY: Known = conflict("release_empty", "This release has no files. Add some before you publish it.");
pub const RELEASE_UPLOADING: Known =
    conflict("release_uploading", "Files of this release are still being uploaded. Finish or discard them first.");
pub const RELEASE_IS_NEWEST: Known = conflict("release_is_newest", "Customers have this release. Publish another before you delete it.");
pub const RELEASE_IS_PUBLISHED: Known =
    conflict("release_is_published", "This release is published by now. Prepare a new one for other files.");
pub const FILE_NOT_IN_RELEASE: Known =
    conflict("file_not_in_release", "The file that this one was to replace is not in the release any more.");
pub const FILE_NAME_INVALID: Known = refused("file_name_invalid", "Choose a file first.");
pub const FILE_EMPTY: Known = refused("file_empty", "The file is empty.");
pub const FILE_TOO_LARGE: Known =
    refused("too_large", "A file has at most 10 GB, and one that is sent without a script 2 GB.").with_status(413);
pub const UPLOAD_FINISHED: Known = conflict("upload_finished", "This upload is finished. Remove the file instead.");
pub const PICTURE_FORMAT: Known = refused("picture_format", "This is not a JPEG, PNG or WebP picture. Save it as one of these.");
pub const PICTURE_BROKEN: Known = refused("picture_broken", "This picture can't be read to its end. Save it again and send that.");
pub const PICTURE_TOO_LARGE: Known =
    refused("picture_too_large", "A picture has at most 25 MB. Save it smaller and try again.").with_status(413);
pub const PICTURE_TOO_MANY_PIXELS: Known =
    refused("picture_too_many_pixels", "This picture has too many pixels: at most 12,000 on a side and 50 million in all.");
pub const ARCHIVE_TOO_MANY: Known = refused("archive_too_many", "This archive has more than 100,000 entries. Pack fewer, larger files.");
pub const ARCHIVE_LEADS_ELSEWHERE: Known =
    refused("archive_leads_elsewhere", "The archive has an entry that would be unpacked outside of its folder. Pack it again without.");
pub const ARCHIVE_BOMB: Known =
    refused("archive_bomb", "This archive unpacks to more than a thousand times its size, so it is not accepted.");
pub const STORAGE_FULL: Known =
    refused("storage_full", "There is no space left for files. Nothing was kept; make room on the shop's disk, then try again.")
        .with_status(507);
pub const STORAGE_UNAVAILABLE: Known =
    unavailable("storage_unavailable", "The shop's files can't be reached at the moment. Please try again shortly.");
pub const SIGN_IN_FAILED: Known = refused("sign_in_failed", "The email address or the password is wrong.").with_status(401);
pub const LINK_OVER: Known = refused("link_over", "This link was used already, or it is too old. Ask for a new one.").with_status(410);
pub const PASSWORD_WRONG: Known = refused("password_wrong", "This is not your current password.").with_status(403).at("password");
pub const PASSWORD_INVALID: Known = refused(
    "password_invalid",
    "The password needs eight characters or more and must not be easy to \
    guess. Use three or four words that are unrelated to each other and to the shop.",
)
.at("password");
pub const PROOF_NEEDED: Known = refused("proof_needed", "Confirm that it's you, then send this again.").with_status(403);
pub const TOO_OFTEN: Known = refused("rate_limited", "That was a little too often. Please wait a minute, then try again.").with_status(429);
pub const LAST_OWNER: Known = conflict("last_owner", "The shop needs an owner. Make another member an owner first.");
pub const ALREADY_JOINED: Known = conflict("already_joined", "This member has already joined.");
pub const ROLE_UNKNOWN: Known = refused("role_unknown", "Choose a role from the list.").at("role");
pub const NEXT_INVALID: Known = refused("next_invalid", "The page to go on to has too long an address. Sign in, then open it.");
pub const SETUP_CODE_WRONG: Known =
    refused("setup_code_wrong", "This is not the code that the program printed when it started.").with_status(403).at("code");
pub const STORE_NAME_INVALID: Known =
    refused("store_name_invalid", "The store needs a name of 1 to 100 characters in one line.").at("name");
pub const ALREADY_CLAIMED: Known = conflict("already_claimed", "This shop has an owner already. Sign in, or ask the owner to invite you.");
pub const UNAVAILABLE: Known =
    unavailable("unavailable", "The shop can't look things up at the moment. Nothing was decided; please try again shortly.");
pub const NONE_CHOSEN: Known = refused("none_chosen", "Nothing is selected. Tick the boxes of the rows that you mean first.");
pub const TOO_MANY_CHOSEN: Known = refused("too_many_chosen", "That is too many at once. Select at most 100.");
pub const TEXT_INVALID: Known = refused("text_invalid", "This has a character that can't be stored (NUL). Remove it and try again.");

const ALL: &[Known] = &[
    CART_FULL,
    CART_EMPTY,
    CART_CHANGED,
    PRODUCT_NOT_FOUND,
    NOTHING_TO_DELIVER,
    CURRENCIES_MIXED,
    CURRENCY_CHANGED,
    CURRENCY_NOT_SOLD,
    AMOUNT_TOO_LARGE,
    AMOUNT_TOO_SMALL,
    PRICE_FIXED,
    PRICE_TOO_LOW,
    PRICE_UNCHARGED,
    PRICE_TOO_HIGH,
    PRICE_UNREADABLE,
    CHECKOUT_SUPERSEDED,
    CHECKOUT_IN_PROGRESS,
    PROMOTION_INVALID,
    PROMOTION_OVER,
    ORDER_TOO_OLD,
    PAYMENT_UNAVAILABLE,
    PAYMENT_REFUSED,
    SENT_OTHERWISE,
    ORDER_NOT_PAID,
    ITEM_UNKNOWN,
    LICENSE_KEY_REPLACED,
    LICENSE_INACTIVE,
    CHALLENGE_INVALID,
    SEATS_TAKEN,
    LICENSE_UNUSABLE,
    FILE_UNKNOWN,
    NOTHING_FAILED,
    CUSTOMER_ERASED,
    AMOUNT_UNREADABLE,
    AMOUNT_INVALID,
    REFUND_TOO_LARGE,
    ALREADY_REFUNDED,
    CHARGE_DISPUTED,
    REFUND_REFUSED,
    REFUND_IN_PROGRESS,
    IN_BUNDLE,
    CATEGORY_NOT_EMPTY,
    VARIANT_UNKNOWN,
    PICTURE_UNKNOWN,
    RELEASE_UNKNOWN,
    RELEASE_EMPTY,
    RELEASE_UPLOADING,
    RELEASE_IS_NEWEST,
    RELEASE_IS_PUBLISHED,
    FILE_NOT_IN_RELEASE,
    FILE_NAME_INVALID,
    FILE_EMPTY,
    FILE_TOO_LARGE,
    UPLOAD_FINISHED,
    PICTURE_FORMAT,
    PICTURE_BROKEN,
    PICTURE_TOO_LARGE,
    PICTURE_TOO_MANY_PIXELS,
    ARCHIVE_TOO_MANY,
    ARCHIVE_LEADS_ELSEWHERE,
    ARCHIVE_BOMB,
    STORAGE_FULL,
    STORAGE_UNAVAILABLE,
    SIGN_IN_FAILED,
    LINK_OVER,
    PASSWORD_WRONG,
    PASSWORD_INVALID,
    PROOF_NEEDED,
    TOO_OFTEN,
    LAST_OWNER,
    ALREADY_JOINED,
    ROLE_UNKNOWN,
    NEXT_INVALID,
    SETUP_CODE_WRONG,
    STORE_NAME_INVALID,
    ALREADY_CLAIMED,
    UNAVAILABLE,
    NONE_CHOSEN,
    TOO_MANY_CHOSEN,
    TEXT_INVALID,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_sentence() {
        for (i, known) in ALL.iter().enumerate() {
            assert!(ALL[i + 1..].iter().all(|other| other.code != known.code), "{}", known.code);
            assert_eq!(find(known.code).unwrap().message, known.message);
        }
        assert_eq!(find("email_invalid").unwrap().field.as_deref(), Some("email"));
        assert!(find("<script>").is_none());
    }
}
