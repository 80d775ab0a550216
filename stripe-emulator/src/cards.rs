//! Test cards and what becomes of them: <https://docs.stripe.com/testing>

use crate::error::ApiError;

/// What a card does when it is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behavior {
    Pays,
    Declines {
        code: &'static str,
        decline_code: Option<&'static str>,
        message: &'static str,
    },
    /// Asks for 3-D Secure, and then does as this says.
    Authenticates {
        pays: bool,
    },
    /// Pays, and is then disputed: `true` for an inquiry only.
    Disputes {
        is_inquiry: bool,
    },
    /// Pays; its refunds stay pending first.
    RefundsLater,
    /// Pays; its refunds fail.
    RefundsFail,
    /// Pays some time after checkout, as bank debits do.
    PaysLater,
    FailsLater,
}

const DECLINED: &str = "Your card was declined.";

/// The behaviour of a card number, spaces removed.
///
/// # Errors
/// The card error for numbers that are none.
pub fn behavior(number: &str) -> Result<Behavior, ApiError> {
    let decline = |code, decline_code, message| Behavior::Declines { code, decline_code, message };
    Ok(match number {
        "4000000000000002" => decline("card_declined", Some("generic_decline"), DECLINED),
        "4000000000009995" => decline("card_declined", Some("insufficient_funds"), "Your card has insufficient funds."),
        "4000000000009987" => decline("card_declined", Some("lost_card"), DECLINED),
        "4000000000009979" => decline("card_declined", Some("stolen_card"), DECLINED),
        "4000000000006975" => decline("card_declined", Some("card_velocity_exceeded"), DECLINED),
        "4000000000000341" => decline("card_declined", Some("generic_decline"), DECLINED),
        "4000000000000069" => decline("expired_card", None, "Your card has expired."),
        "4000000000000127" => decline("incorrect_cvc", None, "Your card's security code is incorrect."),
        "4000000000000119" => decline("processing_error", None, "An error occurred while processing your card. Try again in a little bit."),
        "4100000000000019" => decline("card_declined", Some("fraudulent"), DECLINED),
        "4000002500003155" | "4000000000003220" | "4000002760003184" => Behavior::Authenticates { pays: true },
        "4000008400001629" | "4000008260003178" => Behavior::Authenticates { pays: false },
        "4000000000000259" | "4000000000002685" => Behavior::Disputes { is_inquiry: false },
        "4000000000001976" => Behavior::Disputes { is_inquiry: true },
        "4000000000007726" => Behavior::RefundsLater,
        "4000000000005126" => Behavior::RefundsFail,
        "AT611904300234573201" => Behavior::PaysLater,
        "IT60X0542811101000000123456" => Behavior::FailsLater,
        number if is_luhn(number) => Behavior::Pays,
        _ => return Err(ApiError::card("Your card number is incorrect.", "incorrect_number", None).param("number")),
    })
}

fn is_luhn(number: &str) -> bool {
    if !(13..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let digit = u32::from(digit - b'0');
            if i % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The card number behind a ready-made payment method or token.
pub fn number_of_alias(alias: &str) -> Option<&'static str> {
    Some(match alias {
        "pm_card_visa" | "tok_visa" | "pm_card_mastercard" | "tok_mastercard" => "4242424242424242",
        "pm_card_visa_chargeDeclined" | "pm_card_chargeDeclined" | "tok_chargeDeclined" => "4000000000000002",
        "pm_card_visa_chargeDeclinedInsufficientFunds" | "pm_card_chargeDeclinedInsufficientFunds" => "4000000000009995",
        "pm_card_visa_chargeDeclinedLostCard" => "4000000000009987",
        "pm_card_visa_chargeDeclinedStolenCard" => "4000000000009979",
        "pm_card_chargeDeclinedExpiredCard" => "4000000000000069",
        "pm_card_chargeDeclinedIncorrectCvc" => "4000000000000127",
        "pm_card_chargeDeclinedProcessingError" => "4000000000000119",
        "pm_card_chargeCustomerFail" => "4000000000000341",
        "pm_card_threeDSecure2Required" => "4000000000003220",
        "pm_card_authenticationRequired" => "4000002760003184",
        "pm_card_createDispute" => "4000000000000259",
        "pm_card_createDisputeProductNotReceived" => "4000000000002685",
        "pm_card_createDisputeInquiry" => "4000000000001976",
        "pm_card_pendingRefund" => "4000000000007726",
        "pm_card_refundFail" => "4000000000005126",
        "pm_card_radarBlock" => "4100000000000019",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_does_what_the_table_says() {
        assert_eq!(behavior("4242424242424242").unwrap(), Behavior::Pays);
        assert!(matches!(behavior("4000000000000002").unwrap(), Behavior::Declines { code: "card_declined", .. }));
        assert_eq!(behavior("4242424242424241").unwrap_err().body["code"], "incorrect_number");
        assert!(behavior("").is_err());
    }
}
