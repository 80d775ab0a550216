//! How an order was paid: by which card, wallet or account.

use serde::{Deserialize, Serialize};

/// A means of payment, in Stripe's words: <https://docs.stripe.com/api/charges/object#charge_object-payment_method_details>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// `card`, `link`, `paypal`, `sepa_debit`.
    pub kind: String,
    /// The brand of a card. Empty if unknown, like `last4` and `wallet`.
    pub brand: String,
    /// The last digits of a card or an account.
    pub last4: String,
    /// What holds the card: `apple_pay`, `google_pay`.
    pub wallet: String,
}

impl PaymentMethod {
    /// As a person reads it: "Visa ending in 4242", "Apple Pay (Visa ending in 4242)", "PayPal".
    pub fn words(&self) -> String {
        let name = if self.kind == "card" { brand_name(&self.brand) } else { kind_name(&self.kind) };
        let whole = if self.last4.is_empty() { name } else { format!("{name} ending in {}", self.last4) };
        if self.wallet.is_empty() { whole } else { format!("{} ({whole})", kind_name(&self.wallet)) }
    }
}

fn brand_name(brand: &str) -> String {
    match brand {
        "" | "unknown" => "Card".to_owned(),
        "amex" => "American Express".to_owned(),
        "diners" => "Diners Club".to_owned(),
        "eftpos_au" => "eftpos".to_owned(),
        "jcb" => "JCB".to_owned(),
        "unionpay" => "UnionPay".to_owned(),
        brand => capitals(brand),
    }
}

fn kind_name(kind: &str) -> String {
    match kind {
        "acss_debit" | "au_becs_debit" | "bacs_debit" | "us_bank_account" => "Bank account".to_owned(),
        "blik" | "eps" => kind.to_uppercase(),
        "cashapp" => "Cash App Pay".to_owned(),
        "ideal" => "iDEAL".to_owned(),
        "p24" => "Przelewy24".to_owned(),
        "paypal" => "PayPal".to_owned(),
        "sepa_debit" => "SEPA debit".to_owned(),
        "wechat_pay" => "WeChat Pay".to_owned(),
        kind => capitals(kind),
    }
}

/// A word of Stripe's for which there is no better name.
fn capitals(word: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    word.split('_').map(capital).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_means_of_payment_has_the_name_that_people_know() {
        let words = |kind: &str, brand: &str, last4: &str, wallet: &str| {
            let [kind, brand, last4, wallet] = [kind, brand, last4, wallet].map(str::to_owned);
            PaymentMethod { kind, brand, last4, wallet }.words()
        };
        assert_eq!(words("card", "visa", "4242", ""), "Visa ending in 4242");
        assert_eq!(words("card", "amex", "0005", "apple_pay"), "Apple Pay (American Express ending in 0005)");
        assert_eq!(words("card", "cartes_bancaires", "", ""), "Cartes Bancaires");
        assert_eq!(words("card", "unknown", "1111", ""), "Card ending in 1111");
        assert_eq!(words("sepa_debit", "", "3201", ""), "SEPA debit ending in 3201");
        assert_eq!((words("link", "", "", ""), words("paypal", "", "", "")), ("Link".to_owned(), "PayPal".to_owned()));
        assert_eq!((words("amazon_pay", "", "", ""), words("ideal", "", "", "")), ("Amazon Pay".to_owned(), "iDEAL".to_owned()));
    }
}
