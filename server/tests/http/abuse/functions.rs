//! The fields of the server functions, read from their source: the registry knows their paths alone.

use std::collections::BTreeMap;
use std::path::Path;

/// A form: the names of its fields, each with a value that fits.
pub struct Form {
    pub fields: Vec<(String, String)>,
}

/// All text of the crates that server functions take their fields from.
fn source() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = vec![root.join("app/src"), root.join("domain/src")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

pub fn forms(order: &str, order_key: &str) -> BTreeMap<String, Form> {
    let source = source();
    let mut forms = BTreeMap::new();
    for declared in source.split("endpoint = \"").skip(1) {
        let (name, rest) = declared.split_once('"').unwrap();
        let arguments = rest.split_once("pub async fn ").unwrap().1.split_once('(').unwrap().1;
        let mut fields = Vec::new();
        for (argument, kind) in pairs(&until_closed(arguments, '(', ')')) {
            add(&source, &argument, &kind, &mut fields, (order, order_key));
        }
        forms.insert(name.to_owned(), Form { fields });
    }
    forms
}

fn add(source: &str, name: &str, kind: &str, fields: &mut Vec<(String, String)>, order: (&str, &str)) {
    let plain = kind.trim_start_matches("Option<").trim_start_matches("Vec<").trim_end_matches('>');
    let plain = plain.rsplit("::").next().unwrap_or(plain);
    let list = if kind.contains("Vec<") { "[0]" } else { "" };
    match source.split_once(&format!("pub struct {plain} {{")) {
        Some((_, body)) => {
            for (field, kind) in pairs(&until_closed(body, '{', '}')) {
                add(source, &format!("{name}{list}[{field}]"), &kind, fields, order);
            }
        }
        None => fields.push((format!("{name}{list}"), usual(name, plain, order))),
    }
}

fn usual(name: &str, kind: &str, (order, order_key): (&str, &str)) -> String {
    let last = name.trim_end_matches(']').rsplit('[').next().unwrap_or(name);
    let text = match (last, kind) {
        (_, "bool") => "true",
        (_, "i64" | "u64" | "i32" | "u32" | "usize") => "1",
        ("product" | "slug", _) => "a-book",
        ("variant", _) => "plain",
        ("order", _) => order,
        ("key", _) => order_key,
        ("email", _) => "reader@example.com",
        ("currency", _) => "USD",
        ("time_zone", _) => "UTC",
        ("act", _) => "save",
        _ => "a",
    };
    text.to_owned()
}

/// What stands before the parenthesis or brace that closes the one before `text`.
fn until_closed(text: &str, open: char, close: char) -> String {
    let mut depth = 0;
    text.chars()
        .take_while(|sign| {
            depth += i32::from(*sign == open) - i32::from(*sign == close);
            depth >= 0
        })
        .collect()
}

/// Names and types of arguments or fields, without what is said about them.
fn pairs(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let mut plain: String = lines.collect::<Vec<_>>().join(" ");
    while let Some((before, rest)) = plain.split_once("#[") {
        let after = until_closed(rest, '[', ']').len() + 1;
        plain = format!("{before}{}", &rest[after..]);
    }
    let declared = plain.split(',').filter_map(|pair| pair.split_once(": "));
    declared.map(|(name, kind)| (name.trim().trim_start_matches("pub ").to_owned(), kind.trim().to_owned())).collect()
}
