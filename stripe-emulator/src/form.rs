//! Form bodies with brackets, as Stripe takes them: `line_items[0][price_data][currency]=usd`, `expand[]=customer`.

use crate::error::ApiError;
use serde_json::{Map, Value};

/// No request of Stripe's nests deeper.
const MAX_DEPTH: usize = 10;
const MAX_FIELDS: usize = 5_000;

/// Decodes a query or a body into nested objects and lists. All leaves are texts.
pub fn decode(text: &str) -> Result<Value, ApiError> {
    let mut root = Value::Object(Map::new());
    for (n, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        if n >= MAX_FIELDS {
            return Err(ApiError::invalid("Too many parameters."));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (percent_decode(name)?, percent_decode(value)?);
        let path = path(&name)?;
        insert(&mut root, &path, value)?;
    }
    lists(&mut root);
    Ok(root)
}

fn percent_decode(text: &str) -> Result<String, ApiError> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'+' => out.push(b' '),
            b'%' => {
                let hex =
                    bytes.get(i + 1..i + 3).and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                out.push(hex.ok_or_else(|| ApiError::invalid("Invalid percent-encoding."))?);
                i += 2;
            }
            byte => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8(out).map_err(|_| ApiError::invalid("Invalid UTF-8."))
}

fn path(name: &str) -> Result<Vec<String>, ApiError> {
    let bad = || ApiError::invalid(format!("Invalid parameter name: {}", name.chars().take(100).collect::<String>()));
    let mut parts = name.split('[');
    let mut path = vec![parts.next().filter(|root| !root.is_empty()).ok_or_else(bad)?.to_owned()];
    for part in parts {
        path.push(part.strip_suffix(']').ok_or_else(bad)?.to_owned());
    }
    if path.len() > MAX_DEPTH {
        return Err(bad());
    }
    Ok(path)
}

fn insert(node: &mut Value, path: &[String], value: String) -> Result<(), ApiError> {
    let conflict = || ApiError::invalid(format!("Invalid object: {}", path.join(".")));
    let Some((first, rest)) = path.split_first() else {
        return Ok(());
    };
    let map = node.as_object_mut().ok_or_else(conflict)?;
    // `a[]` is the next free place of a list.
    let key = if first.is_empty() { map.len().to_string() } else { first.clone() };
    if rest.is_empty() {
        map.insert(key, Value::String(value));
        return Ok(());
    }
    insert(map.entry(key).or_insert_with(|| Value::Object(Map::new())), rest, value)
}

/// Turns objects whose keys are 0, 1, 2, … into lists.
fn lists(node: &mut Value) {
    let Some(map) = node.as_object_mut() else {
        return;
    };
    map.values_mut().for_each(lists);
    let n = map.len();
    if n > 0 && (0..n).all(|i| map.contains_key(&i.to_string())) {
        *node = Value::Array((0..n).filter_map(|i| map.remove(&i.to_string())).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::decode;
    use serde_json::json;

    #[test]
    fn brackets_become_objects_and_lists() {
        let form = "mode=payment&line_items[0][price_data][currency]=usd&line_items%5B0%5D%5Bquantity%5D=2\
                    &expand[]=a&expand[]=b.c&metadata[order]=x+y%21";
        assert_eq!(
            decode(form).unwrap(),
            json!({
                "mode": "payment", "line_items": [{"price_data": {"currency": "usd"}, "quantity": "2"}], "expand": ["a", "b.c"],
                "metadata": {"order": "x y!"},
            })
        );
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for bad in ["a[b=1", "a%zz=1", "[a]=1", "a=1&a[b]=2", "%ff=1", &format!("a{}=1", "[b]".repeat(50))] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }
}
