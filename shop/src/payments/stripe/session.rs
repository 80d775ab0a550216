//! Checkout Sessions: <https://docs.stripe.com/api/checkout/sessions>

use super::{Failure, StripeApi};
use domain::money::Currency;
use std::collections::HashMap;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAdaptivePricing, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ExpireCheckoutSession, ListCheckoutSession, ProductData, RetrieveCheckoutSession,
};
use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_shared::{CheckoutSession, CheckoutSessionMode, CheckoutSessionPaymentStatus, CheckoutSessionStatus, PaymentIntentStatus};

/// The metadata key that binds a session to an order. Only this shop's key can write it.
const ORDER_KEY: &str = "order";

/// What a session is made from.
pub struct NewSession<'a> {
    pub idempotency_key: String,
    pub public_id: &'a str,
    /// What Stripe keeps for us beside the order's name.
    pub metadata: HashMap<String, String>,
    pub email: &'a str,
    pub currency: Currency,
    /// Name, unit amount in minor units, quantity.
    pub lines: Vec<(String, i64, i64)>,
    pub success_url: String,
    pub cancel_url: String,
    /// Seconds since 1970.
    pub expires_at: i64,
}

/// How far the payment of a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    Open,
    Processing,
    Paid,
    Failed,
    Expired,
}

/// What Stripe says of a session: the facts that are held against the order.
#[derive(Clone, Debug)]
pub struct CheckoutFacts {
    pub id: String,
    pub order: Option<String>,
    /// Stripe's field for our name of the order, which a buyer may have a hand in.
    pub reference: Option<String>,
    /// What this shop gave Stripe to keep.
    pub metadata: HashMap<String, String>,
    pub email: Option<String>,
    /// The country of the billing address, which the payment page asks for: two letters of ISO 3166.
    pub country: Option<String>,
    pub state: PaymentState,
    pub amount_total: Option<i64>,
    pub currency: Option<Currency>,
    pub livemode: bool,
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    pub url: Option<String>,
    /// Seconds since 1970.
    pub expires_at: i64,
    /// Seconds since 1970.
    pub created: i64,
    /// When the money arrived, as far as that is known: milliseconds since 1970.
    pub happened_at: Option<i64>,
}

impl StripeApi {
    /// Makes a session. Sent twice with one key, it is one session.
    pub async fn create_session(&self, new: NewSession<'_>) -> Result<CheckoutFacts, Failure> {
        let order = (ORDER_KEY.to_owned(), new.public_id.to_owned());
        let mut metadata = new.metadata;
        metadata.extend([order.clone()]);
        let currency = new.currency.code().to_ascii_lowercase().parse().map_err(|_| Failure::Refused {
            status: 400,
            code: None,
            message: "unknown currency".to_owned(),
        })?;
        let lines: Vec<_> = new.lines.into_iter().map(|(name, amount, quantity)| line_item(&currency, name, amount, quantity)).collect();
        let mut adaptive_pricing = CreateCheckoutSessionAdaptivePricing::new();
        adaptive_pricing.enabled = Some(false);
        let mut intent = CreateCheckoutSessionPaymentIntentData::new();
        intent.metadata = Some([order].into());
        let key = IdempotencyKey::try_from(new.idempotency_key).map_err(|error| Failure::Refused {
            status: 400,
            code: None,
            message: format!("{error:?}"),
        })?;
        let session = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .client_reference_id(new.public_id)
            .customer_email(new.email)
            .line_items(lines)
            .metadata(metadata)
            .payment_intent_data(intent)
            .success_url(new.success_url)
            .cancel_url(new.cancel_url)
            .expires_at(new.expires_at)
            // The buyer pays in the order's own currency: another would not fit the order.
            .adaptive_pricing(adaptive_pricing)
            .customize()
            .request_strategy(RequestStrategy::Idempotent(key))
            .send(&self.client)
            .await?;
        Ok(facts(session))
    }

    /// Asks Stripe how a session stands.
    pub async fn retrieve_session(&self, id: &str) -> Result<CheckoutFacts, Failure> {
        let session = RetrieveCheckoutSession::new(id.to_owned()).expand(["payment_intent".to_owned()]).send(&self.client).await?;
        Ok(facts(session))
    }

    /// The session that a payment intent belongs to, if it has one.
    pub async fn find_session_of_intent(&self, payment_intent: &str) -> Result<Option<CheckoutFacts>, Failure> {
        let page = ListCheckoutSession::new().payment_intent(payment_intent).limit(1).send(&self.client).await?;
        match page.data.into_iter().next() {
            Some(session) => self.retrieve_session(session.id.as_str()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Ends an open session, so that it can't be paid any more.
    pub async fn expire_session(&self, id: &str) -> Result<(), Failure> {
        ExpireCheckoutSession::new(id.to_owned()).send(&self.client).await?;
        Ok(())
    }
}

fn line_item(currency: &stripe_types::Currency, name: String, amount: i64, quantity: i64) -> CreateCheckoutSessionLineItems {
    let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency.clone());
    price.unit_amount = Some(amount);
    price.product_data = Some(ProductData::new(name));
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = u64::try_from(quantity).ok();
    line
}

fn facts(session: CheckoutSession) -> CheckoutFacts {
    let intent = session.payment_intent.as_ref();
    let intent_has_failed = intent
        .and_then(|intent| intent.as_object())
        .is_some_and(|intent| matches!(intent.status, PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::Canceled));
    let state = match (&session.payment_status, &session.status) {
        (CheckoutSessionPaymentStatus::Paid | CheckoutSessionPaymentStatus::NoPaymentRequired, Some(CheckoutSessionStatus::Complete)) => {
            PaymentState::Paid
        }
        (_, Some(CheckoutSessionStatus::Complete)) if intent_has_failed => PaymentState::Failed,
        (_, Some(CheckoutSessionStatus::Complete)) => PaymentState::Processing,
        (_, Some(CheckoutSessionStatus::Expired)) => PaymentState::Expired,
        _ => PaymentState::Open,
    };
    let intent_object = intent.and_then(|intent| intent.as_object());
    let metadata = session.metadata.unwrap_or_default();
    CheckoutFacts {
        order: metadata.get(ORDER_KEY).cloned(),
        metadata,
        reference: session.client_reference_id,
        country: session
            .customer_details
            .as_ref()
            .and_then(|customer| customer.address.as_ref()?.country.clone())
            .filter(|country| country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase())),
        email: session.customer_email.or_else(|| session.customer_details.and_then(|customer| customer.email)),
        state,
        amount_total: session.amount_total,
        currency: session.currency.as_ref().and_then(|currency| currency.to_string().parse().ok()),
        livemode: session.livemode,
        payment_intent: intent.map(|intent| intent.id().to_string()),
        charge: intent_object.and_then(|intent| intent.latest_charge.as_ref()).map(|charge| charge.id().to_string()),
        happened_at: intent_object.map(|intent| intent.created * 1000),
        url: session.url,
        expires_at: session.expires_at,
        created: session.created,
        id: session.id.to_string(),
    }
}
