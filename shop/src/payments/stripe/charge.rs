//! Charges: how one was paid, and what Stripe kept of it: <https://docs.stripe.com/api/charges/object>
//!
//! Read loosely, and by a call of its own: no payment waits because Stripe knows a means of payment that the client doesn't.

use super::{Failure, StripeApi};
use domain::money::{Currency, Money};
use domain::payment::PaymentMethod;
use miniserde::Deserialize;
use miniserde::json::{Number, Value};
use serde::Serialize;
use stripe_client_core::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};

/// What Stripe says of a charge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargeFacts {
    pub method: Option<PaymentMethod>,
    /// Known a few seconds after the payment, in the currency of the account.
    pub fee: Option<Money>,
    /// Whether Stripe has come to its balance yet.
    pub is_booked: bool,
}

struct RetrieveCharge<'a> {
    id: &'a str,
    expand: &'static [&'static str],
}

#[derive(Serialize)]
struct Expand {
    expand: &'static [&'static str],
}

#[derive(Deserialize)]
struct Charge {
    payment_method_details: Option<Details>,
    /// An id, or the object where it was asked for.
    balance_transaction: Option<Value>,
}

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "type")]
    kind: String,
    card: Option<Card>,
    sepa_debit: Option<Account>,
    us_bank_account: Option<Account>,
    bacs_debit: Option<Account>,
    acss_debit: Option<Account>,
    au_becs_debit: Option<Account>,
}

#[derive(Deserialize)]
struct Card {
    brand: Option<String>,
    last4: Option<String>,
    wallet: Option<Wallet>,
}

#[derive(Deserialize)]
struct Wallet {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Account {
    last4: Option<String>,
}

impl StripeRequest for RetrieveCharge<'_> {
    type Output = Charge;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, format!("/charges/{}", self.id)).query(&Expand { expand: self.expand })
    }
}

impl StripeApi {
    /// Asks how a charge was paid and what it cost.
    pub async fn retrieve_charge(&self, id: &str) -> Result<ChargeFacts, Failure> {
        let with_fee = RetrieveCharge { id, expand: &["balance_transaction"] }.customize().send(&self.client).await;
        let charge = match with_fee {
            // A restricted key may read charges and not what they cost.
            Err(Failure::Refused { status: 401 | 403, .. }) => RetrieveCharge { id, expand: &[] }.customize().send(&self.client).await?,
            answer => answer?,
        };
        Ok(facts(charge))
    }
}

fn facts(charge: Charge) -> ChargeFacts {
    let balance = charge.balance_transaction.filter(|balance| !matches!(balance, Value::Null));
    let (fee, is_booked) = (balance.as_ref().and_then(fee), balance.is_some());
    ChargeFacts { method: charge.payment_method_details.map(method), fee, is_booked }
}

fn fee(balance: &Value) -> Option<Money> {
    let Value::Object(balance) = balance else { return None };
    let (Value::Number(fee), Value::String(currency)) = (balance.get("fee")?, balance.get("currency")?) else { return None };
    let fee = match fee {
        Number::U64(fee) => i64::try_from(*fee).ok()?,
        Number::I64(fee) => *fee,
        Number::F64(_) => return None,
    };
    Some(Money::new(fee, Currency::parse(&currency.to_ascii_uppercase()).ok()?))
}

fn method(details: Details) -> PaymentMethod {
    let accounts = [details.sepa_debit, details.us_bank_account, details.bacs_debit, details.acss_debit, details.au_becs_debit];
    let account = accounts.into_iter().flatten().next().and_then(|account| account.last4);
    let (brand, last4, wallet) = match details.card {
        Some(card) => (card.brand, card.last4, card.wallet.map(|wallet| wallet.kind)),
        None => (None, account, None),
    };
    PaymentMethod { kind: word(Some(details.kind)), brand: word(brand), last4: word(last4), wallet: word(wallet) }
}

/// Whatever is no short word is left out.
fn word(text: Option<String>) -> String {
    text.filter(|text| text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ChargeFacts {
        facts(miniserde::json::from_str(json).unwrap())
    }

    #[test]
    fn a_charge_tells_card_wallet_and_fee() {
        let known = read(
            r#"{"id":"ch_1","payment_method_details":{"type":"card","card":{"brand":"visa","last4":"4242","wallet":{"type":"apple_pay",
            "apple_pay":{"type":"apple_pay"},"dynamic_last4":null}}},"balance_transaction":{"fee":59,"currency":"usd"}}"#,
        );
        assert_eq!(known.method.unwrap().words(), "Apple Pay (Visa ending in 4242)");
        assert_eq!(known.fee, Some(Money::new(59, Currency::USD)));
    }

    #[test]
    fn what_is_new_or_missing_at_stripe_is_no_error() {
        let words = |json: &str| read(json).method.map(|method| method.words());
        assert_eq!(
            words(r#"{"payment_method_details":{"type":"sepa_debit","sepa_debit":{"last4":"3201"}}}"#).unwrap(),
            "SEPA debit ending in 3201"
        );
        assert_eq!(words(r#"{"payment_method_details":{"type":"pay_by_moon","pay_by_moon":{}}}"#).unwrap(), "Pay By Moon");
        assert_eq!(words(r#"{"payment_method_details":null,"balance_transaction":null}"#), None);
        assert_eq!(read(r#"{"payment_method_details":null,"balance_transaction":"txn_1"}"#).fee, None);
        let odd = r#"{"payment_method_details":{"type":"card","card":{"brand":"<b>","last4":null,"wallet":null}}}"#;
        assert_eq!(words(odd).unwrap(), "Card");
    }
}
