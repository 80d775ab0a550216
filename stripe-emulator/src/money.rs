//! Amounts as people read them.

/// Currencies without a smaller unit: <https://docs.stripe.com/currencies#zero-decimal>
const ZERO_DECIMAL: [&str; 15] = ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// `1200` `usd` is `$12.00`.
pub fn format(minor: i64, currency: &str) -> String {
    let sign = match currency {
        "usd" => "$".to_owned(),
        "eur" => "€".to_owned(),
        "gbp" => "£".to_owned(),
        "jpy" => "¥".to_owned(),
        other => format!("{}\u{a0}", other.to_uppercase()),
    };
    if ZERO_DECIMAL.contains(&currency) {
        format!("{sign}{minor}")
    } else if THREE_DECIMAL.contains(&currency) {
        format!("{sign}{}.{:03}", minor / 1000, minor % 1000)
    } else {
        format!("{sign}{}.{:02}", minor / 100, minor % 100)
    }
}

/// The least that can be charged, where Stripe documents it.
pub fn minimum(currency: &str) -> i64 {
    match currency {
        "usd" | "eur" | "cad" | "aud" | "chf" | "nzd" | "sgd" | "brl" => 50,
        "gbp" => 30,
        "jpy" => 50,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(format(1200, "usd"), "$12.00");
        assert_eq!(format(1200, "jpy"), "¥1200");
        assert_eq!(format(1205, "kwd"), "KWD\u{a0}1.205");
    }
}
