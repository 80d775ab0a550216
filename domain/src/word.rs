//! Words: values that have one text each, which is stored, sent and read again.

use std::str::FromStr;
use strum::VariantArray;

/// A value with a text of its own. Enums derive all that it takes:
///
/// ```
/// use domain::word::Word;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
/// #[strum(serialize_all = "snake_case")]
/// enum Light {
///     Red,
///     DarkGreen,
/// }
/// assert_eq!(Light::DarkGreen.as_str(), "dark_green");
/// assert_eq!("dark_green".parse(), Ok(Light::DarkGreen));
/// assert!("blue".parse::<Light>().is_err());
/// assert_eq!(Light::words(), ["red", "dark_green"]);
/// ```
pub trait Word: Copy + Eq + FromStr + Into<&'static str> + 'static {
    fn as_str(self) -> &'static str {
        self.into()
    }

    /// All values, in the order of their enum.
    fn all() -> impl ExactSizeIterator<Item = Self>
    where
        Self: VariantArray,
    {
        Self::VARIANTS.iter().copied()
    }

    /// The texts of all values.
    fn words() -> Vec<&'static str>
    where
        Self: VariantArray,
    {
        Self::all().map(Self::as_str).collect()
    }
}

impl<T: Copy + Eq + FromStr + Into<&'static str> + 'static> Word for T {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog, entitlement, files, job, ledger, license, member, order,
        pages::{analytics, customer, dashboard, goods, settings, several},
        promotion, terms, timeline,
    };
    use serde::{Serialize, de::DeserializeOwned};
    use std::fmt::Debug;

    fn assert_texts<W: Word + VariantArray + Debug + Serialize + DeserializeOwned>(texts: &str) {
        assert_eq!(W::words().join(" "), texts);
        for word in W::all() {
            let json = serde_json::Value::from(word.as_str());
            assert_eq!(word.as_str().parse().ok(), Some(word));
            assert_eq!(serde_json::to_value(word).unwrap(), json);
            assert_eq!(serde_json::from_value::<W>(json).unwrap(), word);
        }
        assert!("delivered".parse::<W>().is_err());
    }

    /// What is stored today is read tomorrow: a text that changes needs a migration.
    #[test]
    fn texts_stay_as_they_are_stored() {
        assert_texts::<order::OrderStatus>("pending processing paid partially_refunded refunded disputed charged_back failed expired");
        assert_texts::<ledger::RefundState>("requested pending requires_action succeeded failed canceled");
        assert_texts::<ledger::DisputeStatus>(
            "warning_needs_response warning_under_review warning_closed needs_response under_review prevented lost won",
        );
        assert_texts::<entitlement::EntitlementState>("active suspended revoked");
        assert_texts::<entitlement::Cause>(" refund dispute review member");
        assert_texts::<ledger::SignalKind>("early_fraud_warning review");
        assert_texts::<catalog::VariantStatus>("active archived");
        assert_texts::<promotion::PromotionStatus>("active archived");
        assert_texts::<promotion::UseState>("reserved redeemed released");
        assert_texts::<terms::LicenseTerms>("personal commercial extended");
        assert_texts::<license::KeyFormat>("hex readable uuid");
        assert_texts::<license::LicenseEvent>(
            "issued activated deactivated lease_ended file_issued rotated suspended reinstated revoked extended limit_changed \
             seats_reset",
        );
        assert_texts::<license::LicenseStatus>("inactive active expired disabled");
        assert_texts::<license::LicenseCode>(
            "VALID NOT_FOUND SUSPENDED REVOKED EXPIRED MACHINE_LIMIT_EXCEEDED INSTANCE_NOT_FOUND FINGERPRINT_SCOPE_MISMATCH \
             HEARTBEAT_DEAD CHECKOUT_TTL_INVALID PARAM_INVALID RATE_LIMITED UNAVAILABLE",
        );
        assert_texts::<catalog::Kind>("book audio software image course other");
        assert_texts::<catalog::ProductStatus>("draft published unlisted archived");
        assert_texts::<job::JobKind>(
            "order_mail refund_mail payment_failed_mail order_links_mail refund alert entry_mail payment_method sale_mail \
             daily_sales_mail erasure",
        );
        assert_texts::<settings::SaleMails>("each_order daily never");
        assert_texts::<files::FileRole>("cover gallery sample good");
        assert_texts::<files::UploadState>("open finishing done refused swept");
        assert_texts::<timeline::Step>(
            "created pending processing paid paid_twice entitled mailed seen fetched failed expired refund_requested refund_made \
             refund_refused refund_failed refund_mailed failure_mailed partially_refunded refunded dispute disputed charged_back review \
             early_fraud_warning restored completed reinstated noted downloads_added downloads_reset extended email_corrected \
             link_renewed access_closed access_opened delivery_retried",
        );
        assert_texts::<member::Role>("owner admin support analyst");
        assert_texts::<member::Permission>(
            "see_sales see_products see_orders help_customers refund retry_work edit_products edit_promotions erase_customers \
             manage_members manage_keys edit_settings see_audit",
        );
    }

    #[test]
    fn texts_in_addresses_stay_as_they_are() {
        assert_texts::<catalog::Sort>("relevance newest popular price price_desc");
        assert_texts::<promotion::PromotionState>("active scheduled expired used_up archived");
        assert_texts::<settings::OldPrices>("same_numbers draft leave");
        assert_texts::<settings::Policy>("terms privacy refunds");
        assert_texts::<analytics::Interval>("day week month");
        assert_texts::<analytics::By>("product country promotion referrer");
        assert_texts::<dashboard::MailState>("waiting retried sent failed");
        assert_texts::<goods::GoodsColumn>("made title price sold updated");
        assert_texts::<dashboard::OrderColumn>("started total");
        assert_texts::<customer::CustomerColumn>("since last_order");
        assert_texts::<several::SeveralAct>("publish unlist archive categorize resend");
    }
}
