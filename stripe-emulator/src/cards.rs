//! Test cards and test bank accounts, and what becomes of them: <https://docs.stripe.com/testing>

use crate::error::ApiError;

/// Why a bank says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline {
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
    pub message: &'static str,
}

/// What a payment method does when it is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    Pays,
    Declines(Decline),
    /// Asks for 3-D Secure, and then may still decline.
    Authenticates(Option<Decline>),
    /// Pays, and is then disputed.
    Disputes {
        reason: &'static str,
        is_inquiry: bool,
        times: u8,
    },
    /// Pays, and a warning of fraud follows.
    Warns,
    /// Pays, and a review by the account's rules is opened.
    Reviews,
    /// Pays; its refunds stay pending first.
    RefundsLater,
    /// Pays; its refunds fail afterwards.
    RefundsFail,
    /// Pays some time after checkout, as bank debits do.
    PaysLater,
    FailsLater,
}

const fn declined(decline_code: &'static str) -> Decline {
    Decline { code: "card_declined", decline_code: Some(decline_code), message: "Your card was declined." }
}

const NO_FUNDS: Decline =
    Decline { code: "card_declined", decline_code: Some("insufficient_funds"), message: "Your card has insufficient funds." };
const EXPIRED: Decline = Decline { code: "expired_card", decline_code: None, message: "Your card has expired." };
const WRONG_CVC: Decline = Decline { code: "incorrect_cvc", decline_code: None, message: "Your card's security code is incorrect." };
const TROUBLE: Decline = Decline {
    code: "processing_error",
    decline_code: None,
    message: "An error occurred while processing your card. Try again in a little bit.",
};

/// The customer said no to the bank's question.
pub const NOT_AUTHENTICATED: Decline = Decline {
    code: "payment_intent_authentication_failure",
    decline_code: None,
    message: "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

/// A bank debit came back.
pub const DEBIT_FAILED: Decline =
    Decline { code: "payment_intent_payment_attempt_failed", decline_code: None, message: "The payment failed." };

/// The behavior of a card number or IBAN without spaces.
///
/// # Errors
/// The card error for invalid numbers.
pub fn behavior(number: &str) -> Result<Behavior, ApiError> {
    Ok(match number {
        "4000000000000002" | "4000000000000341" => Behavior::Declines(declined("generic_decline")),
        "4000000000009995" => Behavior::Declines(NO_FUNDS),
        "4000000000009987" => Behavior::Declines(declined("lost_card")),
        "4000000000009979" => Behavior::Declines(declined("stolen_card")),
        "4000000000006975" => Behavior::Declines(declined("card_velocity_exceeded")),
        "4100000000000019" => Behavior::Declines(declined("fraudulent")),
        "4000000000000069" => Behavior::Declines(EXPIRED),
        "4000000000000127" => Behavior::Declines(WRONG_CVC),
        "4000000000000119" => Behavior::Declines(TROUBLE),
        "4000002500003155" | "4000000000003220" | "4000002760003184" => Behavior::Authenticates(None),
        "4000008400001629" => Behavior::Authenticates(Some(declined("generic_decline"))),
        "4000008260003178" => Behavior::Authenticates(Some(NO_FUNDS)),
        "4000000000000259" => Behavior::Disputes { reason: "fraudulent", is_inquiry: false, times: 1 },
        "4000000000002685" => Behavior::Disputes { reason: "product_not_received", is_inquiry: false, times: 1 },
        "4000000000001976" => Behavior::Disputes { reason: "fraudulent", is_inquiry: true, times: 1 },
        "4000000404000079" => Behavior::Disputes { reason: "fraudulent", is_inquiry: false, times: 2 },
        "4000000000005423" => Behavior::Warns,
        "4000000000009235" => Behavior::Reviews,
        "4000000000007726" => Behavior::RefundsLater,
        "4000000000005126" => Behavior::RefundsFail,
        "AT611904300234573201" | "AT321904300235473204" | "DE89370400440532013000" => Behavior::PaysLater,
        "IT60X0542811101000000123456" | "AT861904300235473202" | "DE62370400440532013001" => Behavior::FailsLater,
        number if is_luhn(number) => Behavior::Pays,
        number if is_iban(number) => Behavior::PaysLater,
        _ => {
            return Err(ApiError::card("Your card number is incorrect.", "incorrect_number", None).param("number"));
        }
    })
}

/// Whether this names a bank account and no card.
pub fn is_iban(number: &str) -> bool {
    (15..=34).contains(&number.len())
        && number.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && number.bytes().skip(2).all(|b| b.is_ascii_alphanumeric())
}

fn is_luhn(number: &str) -> bool {
    if !(13..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let digits = number.bytes().rev().map(|digit| u32::from(digit - b'0')).enumerate();
    let sum: u32 = digits.map(|(i, digit)| if i % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }).sum();
    sum.is_multiple_of(10)
}

/// The brand that a number belongs to.
pub fn brand(number: &str) -> &'static str {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| number.starts_with(prefix));
    if starts(&["34", "37"]) {
        "amex"
    } else if starts(&["51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27"]) {
        "mastercard"
    } else if starts(&["6011", "64", "65"]) {
        "discover"
    } else if starts(&["35"]) {
        "jcb"
    } else if starts(&["4"]) {
        "visa"
    } else {
        "unknown"
    }
}

/// The number behind a ready-made payment method or token.
pub fn number_of_alias(alias: &str) -> Option<&'static str> {
    Some(match alias.strip_prefix("pm_card_").or_else(|| alias.strip_prefix("tok_"))? {
        "visa" | "visa_debit" | "us" => "4242424242424242",
        "mastercard" => "5555555555554444",
        "amex" => "378282246310005",
        "discover" => "6011111111111117",
        "visa_chargeDeclined" | "chargeDeclined" => "4000000000000002",
        "visa_chargeDeclinedInsufficientFunds" | "chargeDeclinedInsufficientFunds" => "4000000000009995",
        "visa_chargeDeclinedLostCard" | "chargeDeclinedLostCard" => "4000000000009987",
        "visa_chargeDeclinedStolenCard" | "chargeDeclinedStolenCard" => "4000000000009979",
        "visa_chargeDeclinedVelocityLimitExceeded" | "chargeDeclinedVelocityLimitExceeded" => "4000000000006975",
        "chargeDeclinedExpiredCard" => "4000000000000069",
        "chargeDeclinedIncorrectCvc" => "4000000000000127",
        "chargeDeclinedProcessingError" => "4000000000000119",
        "chargeCustomerFail" => "4000000000000341",
        "threeDSecure2Required" => "4000000000003220",
        "authenticationRequired" => "4000002760003184",
        "authenticationRequiredChargeDeclinedInsufficientFunds" => "4000008260003178",
        "createDispute" => "4000000000000259",
        "createDisputeProductNotReceived" => "4000000000002685",
        "createDisputeInquiry" => "4000000000001976",
        "createMultipleDisputes" => "4000000404000079",
        "createIssuerFraudRecord" => "4000000000005423",
        "riskLevelElevated" => "4000000000009235",
        "pendingRefund" => "4000000000007726",
        "refundFail" => "4000000000005126",
        "radarBlock" => "4100000000000019",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_does_what_the_table_says() {
        assert_eq!(behavior("4242424242424242").unwrap(), Behavior::Pays);
        assert!(matches!(behavior("4000000000000002").unwrap(), Behavior::Declines(decline) if decline.code == "card_declined"));
        assert_eq!(behavior("4242424242424241").unwrap_err().body["code"], "incorrect_number");
        assert_eq!(brand("378282246310005"), "amex");
        assert!(behavior("").is_err());
    }
}
