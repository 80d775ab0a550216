//! What a new shop lacks, by what is really set.

use crate::{Result, Shop, catalog, jobs, stores};
use domain::pages::dashboard::{OrderRow, SetupStep};

/// The steps, each with whether it is done; nothing once all are.
pub(super) async fn steps(shop: &Shop, latest: &[OrderRow]) -> Result<Vec<(SetupStep, bool)>> {
    let store = stores::load(shop).await?;
    // Whoever has sold has heard from Stripe, and sent the order by mail.
    let has_sold = latest.iter().any(|order| order.status.was_paid() && !order.total.is_zero());
    let (hears_stripe, sends_mail) = if has_sold {
        (true, true)
    } else {
        let signs = jobs::health::signs(shop).await?;
        (signs.webhook_at.is_some(), signs.mail_at.is_some())
    };
    let has_policies = ![&store.terms_text, &store.privacy_text, &store.refund_text].into_iter().any(String::is_empty);
    let steps = [
        (SetupStep::Product, catalog::has_published(shop).await?),
        (SetupStep::Stripe, hears_stripe),
        (SetupStep::Mail, sends_mail),
        (SetupStep::Support, store.support_email.is_some()),
        (SetupStep::Seller, !store.legal_name.is_empty()),
        (SetupStep::Policies, has_policies),
    ];
    Ok(if steps.iter().all(|(_, is_done)| *is_done) { Vec::new() } else { steps.into() })
}
