//! Amounts as people type and paste them, in whatever way they are written where they live.

use crate::money::{Currency, Money};
use crate::text::{is_invisible, narrow};

/// An amount with all that may stand around it.
const MAX_TYPED_CHARS: usize = 64;

/// What stands for a currency beside its code and the sign that we print, as people write it. Source: CLDR's narrow symbols, and the
/// abbreviations in use.
const MARKS: [(&str, &[&str]); 36] = [
    ("USD", &["US$", "$"]),
    ("EUR", &["€"]),
    ("GBP", &["£"]),
    ("JPY", &["JP¥", "¥", "円"]),
    ("CNY", &["CN¥", "¥", "元", "RMB"]),
    ("CHF", &["SFr.", "Fr.", "Fr"]),
    ("AUD", &["AU$", "A$", "$"]),
    ("CAD", &["CA$", "C$", "$"]),
    ("NZD", &["NZ$", "$"]),
    ("HKD", &["HK$", "$"]),
    ("SGD", &["SG$", "S$", "$"]),
    ("TWD", &["NT$", "$"]),
    ("MXN", &["MX$", "$"]),
    ("BRL", &["R$"]),
    ("ARS", &["$"]),
    ("CLP", &["$"]),
    ("COP", &["$"]),
    ("INR", &["₹", "Rs.", "Rs"]),
    ("KRW", &["₩", "원"]),
    ("VND", &["₫", "đ"]),
    ("THB", &["฿"]),
    ("PHP", &["₱"]),
    ("IDR", &["Rp.", "Rp"]),
    ("TRY", &["₺", "TL"]),
    ("ILS", &["₪"]),
    ("UAH", &["₴"]),
    ("RUB", &["₽", "руб.", "руб"]),
    ("PLN", &["zł"]),
    ("CZK", &["Kč"]),
    ("HUF", &["Ft"]),
    ("RON", &["lei"]),
    ("SEK", &["kr.", "kr"]),
    ("NOK", &["kr.", "kr"]),
    ("DKK", &["kr.", "kr"]),
    ("ISK", &["kr.", "kr"]),
    ("ZAR", &["R"]),
];

/// The zeros of scripts whose ten digits follow one another: full-width, Arabic, Persian, Devanagari, Bengali, Thai.
const ZEROS: [char; 6] = ['\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}'];

impl Money {
    /// An amount in major units as a person types it: `12`, `12.5`, `12,50 €`, `CHF 5.00`, `1.200,50`, `1 200`, `1'200.–`, `￥１２`.
    ///
    /// `None` for anything else, for more decimals than the currency has, and where two amounts may be meant: `1,200` of Kuwaiti
    /// dinars, which have three decimals. What [`Money`] prints is read as what it is.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        if text.chars().count() > MAX_TYPED_CHARS {
            return None;
        }
        let plain = plain(text);
        let number = without_dash(without_marks(plain.trim(), currency)).trim();
        let (whole, fraction) = parts(number, currency.decimals() as usize)?;
        let decimals = currency.decimals() as usize;
        let amount = format!("{whole}{fraction:0<decimals$}").parse().ok()?;
        Some(Self { amount, currency })
    }

    /// An amount to show as an example; it is read as it is printed.
    pub fn example(currency: Currency) -> Self {
        Self::new(currency.least_charge().max(500) / currency.step() * currency.step(), currency)
    }
}

/// The text in ASCII digits and separators: blanks are one kind of blank, quotes one kind of quote, and what can't be seen is gone.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            c if c.is_whitespace() => ' ',
            '\u{2019}' | '\u{2bc}' | '\u{2032}' | '`' | '\u{b4}' => '\'',
            '\u{66b}' => '.',
            '\u{66c}' | '\u{3001}' => ',',
            '\u{ffe5}' => '¥',
            '\u{ffe1}' => '£',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => digit(c),
        })
        .collect()
}

fn digit(c: char) -> char {
    for zero in ZEROS {
        if let Some(n) = u32::from(c).checked_sub(u32::from(zero)).filter(|n| *n < 10) {
            return char::from_digit(n, 10).unwrap_or(c);
        }
    }
    narrow(c)
}

/// The text without the currency before and behind it.
fn without_marks(text: &str, currency: Currency) -> &str {
    let marks = MARKS.iter().find(|(code, _)| *code == currency.code()).map(|(_, marks)| *marks).unwrap_or_default();
    let marks: Vec<&str> = std::iter::once(currency.code()).chain(marks.iter().copied()).collect();
    let mut text = text;
    // As in `USD $5`, at most twice on either side.
    for _ in 0..2 {
        text = marks.iter().find_map(|mark| strip_start(text, mark)).unwrap_or(text).trim();
        text = marks.iter().find_map(|mark| strip_end(text, mark)).unwrap_or(text).trim();
    }
    text
}

fn strip_start<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(mark.len())?;
    is_same(start, mark).then_some(rest)
}

fn strip_end<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(mark.len())?)?;
    is_same(end, mark).then_some(rest)
}

fn is_same(text: &str, mark: &str) -> bool {
    text.eq_ignore_ascii_case(mark) || text.to_lowercase() == mark.to_lowercase()
}

/// Prices without cents as they are written on tags: `12.-`, `12,–`, `12:-`.
fn without_dash(text: &str) -> &str {
    let Some(rest) = text.strip_suffix('-') else { return text };
    let rest = rest.trim_end_matches('-').trim_end();
    rest.strip_suffix(['.', ',', ':']).filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit())).unwrap_or(text)
}

/// The digits before and behind the decimal point.
fn parts(number: &str, decimals: usize) -> Option<(String, String)> {
    let is_mark = |c: char| matches!(c, '.' | ',' | '\'' | ' ');
    if !number.chars().all(|c| c.is_ascii_digit() || is_mark(c)) {
        return None;
    }
    let marks: Vec<char> = number.chars().filter(|c| is_mark(*c)).collect();
    let groups: Vec<&str> = number.split(is_mark).collect();
    if groups.iter().any(|group| group.is_empty()) {
        return None;
    }
    let (last, before) = match marks.split_last() {
        None => return Some((number.to_owned(), String::new())),
        Some(split) => split,
    };
    // All marks but that of the decimals are of one kind.
    let grouping = *before.first().unwrap_or(last);
    if before.iter().any(|mark| *mark != grouping) {
        return None;
    }
    let tail = groups.last().copied().unwrap_or_default();
    let is_decimal =
        matches!(*last, '.' | ',') && if before.is_empty() { is_fraction(&groups, *last, decimals)? } else { *last != grouping };
    let whole = if is_decimal { &groups[..groups.len() - 1] } else { &groups[..] };
    if whole.len() > 1 && !are_thousands(whole) {
        return None;
    }
    let fraction = if is_decimal { fraction(tail, decimals)? } else { "" };
    Some((whole.concat(), fraction.to_owned()))
}

/// Whether the one mark of a number is that of the decimals; `None` where both may be meant.
fn is_fraction(groups: &[&str], mark: char, decimals: usize) -> Option<bool> {
    let [whole, tail] = groups else { return None };
    if tail.len() != 3 || !are_thousands(&[whole, tail]) {
        return Some(true);
    }
    match (decimals, mark) {
        // We print the point ourselves.
        (3.., '.') => Some(true),
        (3.., _) => None,
        // There is nothing behind the point that it could be.
        (0, _) => Some(false),
        // A point with three decimals is no price, and may be either; thousands are printed with a comma.
        (_, '.') => None,
        _ => Some(false),
    }
}

/// Groups of three digits behind one to three; in India those before the last have two.
fn are_thousands(groups: &[&str]) -> bool {
    let Some(((first, middle), last)) = groups.split_first().and_then(|(first, rest)| Some(((first, rest), rest.last()?))) else {
        return false;
    };
    let middle = &middle[..middle.len() - 1];
    let are_long = |n: usize| (1..=n).contains(&first.len()) && middle.iter().all(|group| group.len() == n);
    !first.starts_with('0') && last.len() == 3 && (are_long(3) || are_long(2))
}

/// The decimals; noughts beyond those of the currency say nothing.
fn fraction(digits: &str, decimals: usize) -> Option<&str> {
    let (kept, beyond) = digits.split_at(decimals.min(digits.len()));
    beyond.bytes().all(|b| b == b'0').then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::MAX_CHARGE;
    use proptest::prelude::*;

    fn read(text: &str, code: &str) -> Option<i64> {
        Money::parse(text, Currency::parse(code).unwrap()).map(|money| money.amount)
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for (text, code, amount) in [
            ("12.50", "USD", 1250),
            ("12,5", "USD", 1250),
            (" $12.50 ", "USD", 1250),
            ("0012.50", "USD", 1250),
            ("US$ 12.50", "USD", 1250),
            ("usd 12.50", "USD", 1250),
            ("$1,200.50", "USD", 120_050),
            ("$1,200", "USD", 120_000),
            ("12,50 €", "EUR", 1250),
            ("€ 12,50", "EUR", 1250),
            ("€12.50", "EUR", 1250),
            ("12,5 EUR", "EUR", 1250),
            ("12,50\u{a0}€", "EUR", 1250),
            ("1.200,50", "EUR", 120_050),
            ("1 200", "EUR", 120_000),
            ("1\u{202f}200,50 €", "EUR", 120_050),
            ("1\u{2009}234\u{2009}567.89", "EUR", 123_456_789),
            ("1.234.567", "EUR", 123_456_700),
            ("１２", "EUR", 1200),
            ("１２．５０", "EUR", 1250),
            ("12.-", "CHF", 1200),
            ("CHF 5.00", "CHF", 500),
            ("CHF\u{a0}5.00", "CHF", 500),
            ("Fr. 1'200.–", "CHF", 120_000),
            ("1’200.50", "CHF", 120_050),
            ("12,— €", "EUR", 1200),
            ("100:-", "SEK", 10_000),
            ("1 200 kr", "SEK", 120_000),
            ("300", "JPY", 300),
            ("1,200", "JPY", 1200),
            ("1.200", "JPY", 1200),
            ("￥1200", "JPY", 1200),
            ("¥1,200", "JPY", 1200),
            ("1200円", "JPY", 1200),
            ("1200.0", "JPY", 1200),
            ("1,00,000.50", "INR", 10_000_050),
            ("₹ 1,00,000", "INR", 10_000_000),
            ("1.250", "KWD", 1250),
            ("KWD 1,200.000", "KWD", 1_200_000),
            ("1 200,500", "KWD", 1_200_500),
            ("0,500", "KWD", 500),
            ("1234,567", "KWD", 1_234_567),
            ("12.500", "CLP", 12_500),
            ("1.200,50 zł", "PLN", 120_050),
            ("5,00 Kč", "CZK", 500),
            ("١٢٫٥٠", "AED", 1250),
            ("\u{200b}12.50\u{feff}", "USD", 1250),
        ] {
            assert_eq!(read(text, code), Some(amount), "{text} {code}");
        }
    }

    #[test]
    fn what_is_no_amount_or_may_be_two_is_not_read() {
        for text in
            ["", "$", ".5", "5.", "1.250", "-1", "1e3", "½", "12.5.0", "99999999999999999999", "1,2,3", "1 20", "12 50", "1.200.50", "0x10"]
        {
            assert_eq!(read(text, "USD"), None, "{text}");
        }
        for text in ["1,200,50", "1'2", "1,20,00", "12.345", "1.200,505", "€5", "5 EUR", "$$$5", "5 $ 5", "--5", "5-", "1,200.5.0"] {
            assert_eq!(read(text, "USD"), None, "{text}");
        }
        assert_eq!(read("1,200", "KWD"), None, "a thousand and two hundred, or one and two tenths");
        assert_eq!(read("1.5", "JPY"), None);
        assert_eq!(read("1.2345", "KWD"), None);
        assert_eq!(read(&"1".repeat(10_000), "USD"), None);
    }

    #[test]
    fn an_example_is_one_that_is_taken() {
        for code in Currency::codes() {
            let example = Money::example(Currency::parse(code).unwrap());
            assert_eq!(read(&example.to_string(), code), Some(example.amount), "{example}");
            assert_eq!(example.amount % example.currency.step(), 0);
        }
        assert_eq!(Money::example(Currency::parse("JPY").unwrap()).to_string(), "¥500");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(amount in 0i64..=100 * MAX_CHARGE, n in 0..Currency::codes().count()) {
            let code = Currency::codes().nth(n).unwrap_or("USD");
            let money = Money::new(amount, Currency::parse(code).unwrap());
            prop_assert_eq!(read(&money.to_string(), code), Some(amount), "{}", money);
            prop_assert_eq!(read(&money.decimal(), code), Some(amount), "{}", money.decimal());
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}", n in 0..Currency::codes().count()) {
            let code = Currency::codes().nth(n).unwrap_or("USD");
            prop_assert!(read(&text, code).is_none_or(|amount| amount >= 0));
        }
    }
}
