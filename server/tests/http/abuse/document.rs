//! Bodies and queries after the API's own description: each fits but for one place.

use super::values::json_values;
use serde_json::{Map, Value, json};

/// What `$ref` points to; of several shapes the first that is something.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolved(document, document.pointer(&reference[1..]).unwrap_or(&Value::Null));
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(shapes) = schema[several].as_array() {
            let something = shapes.iter().find(|shape| shape["type"] != "null").unwrap_or(&Value::Null);
            return resolved(document, something);
        }
    }
    schema
}

fn is(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|other| other == kind))
}

/// What stands in a field of this name in a shop that [`stock`](crate::support::TestServer::stock) filled.
fn usual(name: &str) -> Option<Value> {
    Some(match name {
        "product" => json!("a-book"),
        "variant" | "key" => json!("plain"),
        "email" => json!("reader@example.com"),
        "currency" => json!("USD"),
        "amount" => json!(100),
        "role" => json!("analyst"),
        "percent_off" => json!(10),
        "code" => json!("ABUSE"),
        "into" => json!("sea"),
        _ => return None,
    })
}

fn fitting(document: &Value, name: &str, schema: &Value) -> Value {
    if let Some(usual) = usual(name) {
        return usual;
    }
    let schema = resolved(document, schema);
    match schema {
        _ if schema["enum"].is_array() => schema["enum"][0].clone(),
        _ if is(schema, "object") => object(document, schema),
        _ if is(schema, "array") => json!([fitting(document, "", &schema["items"])]),
        _ if is(schema, "integer") || is(schema, "number") => json!(1),
        _ if is(schema, "boolean") => json!(true),
        _ => json!("abc"),
    }
}

/// The fields that must be there.
fn object(document: &Value, schema: &Value) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields = required.iter().filter_map(Value::as_str);
    Value::Object(fields.map(|name| (name.to_owned(), fitting(document, name, &schema["properties"][name]))).collect::<Map<_, _>>())
}

/// Bodies that fit this schema but for one place, each with the name of that place and what is wrong there.
pub fn spoiled(document: &Value, schema: &Value, base: &Value) -> Vec<(String, Value)> {
    let schema = resolved(document, schema);
    let mut whole = object(document, schema);
    if let (Some(whole), Some(base)) = (whole.as_object_mut(), base.as_object()) {
        whole.extend(base.clone());
    }
    let mut all = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        for (what, value) in spoiled_values(document, field, 3) {
            let mut body = whole.clone();
            body[name] = value;
            all.push((format!("{name}{what}"), body));
        }
    }
    all
}

fn spoiled_values(document: &Value, schema: &Value, depth: u32) -> Vec<(String, Value)> {
    let mut all: Vec<_> = json_values().into_iter().map(|(what, value)| (format!(" = {what}"), value)).collect();
    let schema = resolved(document, schema);
    if depth == 0 {
        return all;
    }
    if is(schema, "array") {
        let items = resolved(document, &schema["items"]);
        all.extend(spoiled_values(document, items, depth - 1).into_iter().map(|(what, value)| (format!("[]{what}"), json!([value]))));
    }
    if is(schema, "object") {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            for (what, value) in spoiled_values(document, field, depth - 1) {
                let mut inner = object(document, schema);
                inner[name] = value;
                all.push((format!(".{name}{what}"), inner));
            }
        }
        if schema["additionalProperties"].is_object() {
            all.extend(json_values().into_iter().map(|(what, value)| (format!(".* = {what}"), json!({ "a": value }))));
            all.push((".NUL".to_owned(), json!({ "a\0": "a" })));
        }
    }
    all
}

/// The names of an operation's parameters in the query.
pub fn query_names(operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.filter(|parameter| parameter["in"] == "query").filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned())).collect()
}

/// What the description rules out in this field, with the rule that does.
pub fn ruled_out(document: &Value, schema: &Value) -> Vec<(String, Value)> {
    let schema = resolved(document, schema);
    let mut all = Vec::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let whole = object(document, schema);
        let mut add = |rule: String, value: Value| {
            let mut body = whole.clone();
            body[name] = value;
            all.push((format!("{name}: {rule}"), body));
        };
        if field["enum"].is_array() {
            add("another word".to_owned(), json!("no-such-word"));
        }
        if let Some(least) = field["minimum"].as_i64() {
            add(format!("less than {least}"), json!(least - 1));
        }
        if let Some(most) = field["maximum"].as_i64() {
            add(format!("more than {most}"), json!(most + 1));
        }
        if field["minLength"].as_i64().is_some_and(|least| least > 0) {
            add("no character".to_owned(), json!(""));
        }
        if let Some(most) = field["maxLength"].as_u64() {
            add(format!("more than {most} characters"), json!("x".repeat(most as usize + 1)));
        }
        if field["minItems"].as_i64().is_some_and(|least| least > 0) {
            add("no item".to_owned(), json!([]));
        }
        if let Some(most) = field["maxItems"].as_u64() {
            add(format!("more than {most} items"), Value::Array(vec![fitting(document, "", &field["items"]); most as usize + 1]));
        }
        if field["format"] == "email" {
            add("no address".to_owned(), json!("nobody"));
        }
        if field["pattern"].is_string() {
            add("another shape".to_owned(), json!("no"));
        }
    }
    all
}
