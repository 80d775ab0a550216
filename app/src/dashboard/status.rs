//! How things stand, in a word and a dot, so that it is never the color alone.

use domain::entitlement::EntitlementState;
use domain::ledger::RefundState;
use domain::license::LicenseStatus;
use domain::order::OrderStatus;
use domain::pages::dashboard::MailState;
use leptos::prelude::*;

/// Where an order stands, as a person says it.
pub fn order_word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Paid => "Paid",
        OrderStatus::PartiallyRefunded => "Partly refunded",
        OrderStatus::Pending => "Not paid yet",
        OrderStatus::Processing => "Processing",
        OrderStatus::Disputed => "Disputed",
        OrderStatus::Failed => "Failed",
        OrderStatus::ChargedBack => "Charged back",
        OrderStatus::Refunded => "Refunded",
        OrderStatus::Expired => "Expired",
    }
}

#[component]
pub fn Status(status: OrderStatus) -> impl IntoView {
    let class = match status {
        OrderStatus::Paid | OrderStatus::PartiallyRefunded => "status-good",
        OrderStatus::Pending | OrderStatus::Processing | OrderStatus::Disputed => "status-waiting",
        OrderStatus::Failed | OrderStatus::ChargedBack => "status-bad",
        OrderStatus::Refunded | OrderStatus::Expired => "",
    };
    view! { <span class=format!("status {class}")>{order_word(status)}</span> }
}

#[component]
pub fn RefundStatus(state: RefundState) -> impl IntoView {
    let (class, word) = match state {
        RefundState::Requested => ("status-waiting", "Being sent to Stripe"),
        RefundState::Pending => ("status-waiting", "On its way"),
        RefundState::RequiresAction => ("status-waiting", "Waits for the customer"),
        RefundState::Succeeded => ("status-good", "Refunded"),
        RefundState::Failed => ("status-bad", "Failed"),
        RefundState::Canceled => ("", "Canceled"),
    };
    view! { <span class=format!("status {class}")>{word}</span> }
}

#[component]
pub fn AccessStatus(state: EntitlementState) -> impl IntoView {
    let (class, word) = match state {
        EntitlementState::Active => ("status-good", "Active"),
        EntitlementState::Suspended => ("status-waiting", "On hold"),
        EntitlementState::Revoked => ("status-bad", "Revoked"),
    };
    view! { <span class=format!("status {class}")>{word}</span> }
}

/// Where a license stands, as a person says it.
pub fn license_word(status: LicenseStatus) -> &'static str {
    match status {
        LicenseStatus::Inactive => "Not activated yet",
        LicenseStatus::Active => "Active",
        LicenseStatus::Expired => "Expired",
        LicenseStatus::Disabled => "Disabled",
    }
}

#[component]
pub fn LicenseStanding(status: LicenseStatus) -> impl IntoView {
    let class = match status {
        LicenseStatus::Active => "status-good",
        LicenseStatus::Inactive => "status-waiting",
        LicenseStatus::Disabled => "status-bad",
        LicenseStatus::Expired => "",
    };
    view! { <span class=format!("status {class}")>{license_word(status)}</span> }
}

#[component]
pub fn MailStatus(state: MailState) -> impl IntoView {
    let (class, word) = match state {
        MailState::Waiting => ("status-waiting", "On its way"),
        MailState::Retried => ("status-waiting", "Refused for now, tried again"),
        MailState::Sent => ("status-good", "Sent"),
        MailState::Failed => ("status-bad", "Came back"),
    };
    view! { <span class=format!("status {class}")>{word}</span> }
}
