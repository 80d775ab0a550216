//! The shop and its products as search engines read them: schema.org in JSON-LD. Each text is the content of a
//! `<script type="application/ld+json">`: nothing in it can end the element.

use domain::money::Money;
use domain::pages::offer::VariantOffer;
use domain::pages::storefront::{ProductDetail, StoreFace};
use leptos::serde_json::{Value, json};

/// The shop with its search, and who sells there.
pub fn website_json(store: &StoreFace) -> String {
    let base_url = &store.base_url;
    let mut seller =
        json!({ "@type": "Organization", "@id": format!("{base_url}/#seller"), "name": store.name, "url": format!("{base_url}/") });
    if let Some(name) = store.seller.first() {
        seller["legalName"] = json!(name);
    }
    if let Some(email) = &store.support_email {
        seller["email"] = json!(email);
    }
    if let Some(logo) = &store.logo {
        seller["logo"] = json!(format!("{base_url}{}", logo.shared.as_ref().map_or(&logo.url, |shared| &shared.url)));
    }
    let search = json!({
        "@type": "SearchAction",
        "target": { "@type": "EntryPoint", "urlTemplate": format!("{base_url}/products?q={{search_term_string}}") },
        "query-input": "required name=search_term_string",
    });
    let website = json!({
        "@type": "WebSite",
        "@id": format!("{base_url}/#website"),
        "name": store.name,
        "description": store.tagline,
        "url": format!("{base_url}/"),
        "publisher": { "@id": format!("{base_url}/#seller") },
        "potentialAction": search,
    });
    escape(&json!({ "@context": "https://schema.org", "@graph": [website, seller] }).to_string())
}

/// A step of the way to a page.
pub struct Crumb {
    pub name: String,
    /// In the shop.
    pub path: String,
}

/// The way to a page, from the outside in.
pub fn breadcrumbs_json(base_url: &str, crumbs: impl Iterator<Item = Crumb>) -> String {
    let items: Vec<Value> = crumbs
        .zip(1..)
        .map(|(crumb, n)| json!({ "@type": "ListItem", "position": n, "name": crumb.name, "item": format!("{base_url}{}", crumb.path) }))
        .collect();
    escape(&json!({ "@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items }).to_string())
}

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
    fn the_way_to_a_page_is_numbered() {
        let crumbs = ["All", "</script>"].map(|name| Crumb { name: name.to_owned(), path: "/products".to_owned() });
        let text = breadcrumbs_json("https://shop.example", crumbs.into_iter());
        assert!(!text.contains('<'), "{text}");
        let read: Value = leptos::serde_json::from_str(&text).unwrap();
        let last = &read["itemListElement"][1];
        assert_eq!((&last["position"], &last["name"]), (&json!(2), &json!("</script>")));
        assert_eq!(last["item"], "https://shop.example/products");
    }

    #[test]
    fn amounts_are_plain() {
        assert_eq!(plain_amount(Money::new(123_405, Currency::USD)), "1234.05");
        assert_eq!(plain_amount(Money::new(300, Currency::parse("JPY").unwrap())), "300");
    }
}
