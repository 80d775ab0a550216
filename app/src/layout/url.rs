//! URLs of ours: the state of a page stands in them.

/// A page with its query; what is empty is left out.
pub fn with_query(page: &str, pairs: &[(&str, &str)]) -> String {
    let query: Vec<String> =
        pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={}", encode(value))).collect();
    let separator = if page.contains('?') { '&' } else { '?' };
    if query.is_empty() { page.to_owned() } else { format!("{page}{separator}{}", query.join("&")) }
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.~/".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::with_query;

    #[test]
    fn a_page_is_found_again_by_its_url() {
        assert_eq!(with_query("/orders", &[]), "/orders");
        assert_eq!(with_query("/orders?q=a", &[("status", "paid")]), "/orders?q=a&status=paid");
        assert_eq!(
            with_query("/orders", &[("q", "a+b@example.com"), ("status", ""), ("sort", "ä")]),
            "/orders?q=a%2Bb%40example.com&sort=%C3%A4"
        );
    }
}
