//! A product as search engines read it: schema.org in JSON-LD.

use domain::money::Money;
use domain::pages::offer::VariantOffer;
use domain::pages::storefront::ProductDetail;
use leptos::serde_json::{Value, json};

/// The content of a `<script type="application/ld+json">`: nothing in it can end the element.
pub fn product_json(product: &ProductDetail, base_url: &str) -> String {
    let url = format!("{base_url}/products/{}", product.slug);
    let images: Vec<String> = product.cover.iter().chain(&product.gallery).map(|picture| format!("{base_url}{}", picture.url)).collect();
    let value = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.texts.title,
        "description": product.search_description(),
        "sku": product.texts.sku,
        "url": url,
        "image": images,
        "category": product.category_path.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" > "),
        "offers": product.variants.iter().map(|offer| offer_json(offer, &url)).collect::<Vec<_>>(),
    });
    escape(&value.to_string())
}

fn offer_json(offer: &VariantOffer, url: &str) -> Value {
    json!({
        "@type": "Offer",
        "name": offer.name,
        "url": url,
        "price": plain_amount(offer.price),
        "priceCurrency": offer.price.currency.code(),
        "availability": availability(offer),
    })
}

/// What delivers nothing can't be ordered before either, so that it is out of stock rather than on pre-order.
fn availability(offer: &VariantOffer) -> &'static str {
    if offer.delivers() { "https://schema.org/InStock" } else { "https://schema.org/OutOfStock" }
}

/// The amount as schema.org wants it: `2.99`, without a symbol or groups.
fn plain_amount(money: Money) -> String {
    let decimals = money.currency.decimals();
    let unit = 10i64.pow(decimals);
    match decimals {
        0 => money.amount.to_string(),
        _ => format!("{}.{:0width$}", money.amount / unit, money.amount % unit, width = decimals as usize),
    }
}

fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Currency;

    #[test]
    fn nothing_in_it_ends_the_script() {
        let text = escape(&json!({ "name": "</script><!-- & \u{2028}" }).to_string());
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        let back: Value = leptos::serde_json::from_str(&text).unwrap();
        assert_eq!(back["name"], "</script><!-- & \u{2028}");
    }

    #[test]
    fn amounts_are_plain() {
        assert_eq!(plain_amount(Money::new(123_405, Currency::USD)), "1234.05");
        assert_eq!(plain_amount(Money::new(300, Currency::parse("JPY").unwrap())), "300");
    }
}
