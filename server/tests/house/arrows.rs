//! Who may know whom: the arrows of ARCHITECTURE.md between crates, and the rooms of the shop.

use crate::support::{read, root, sources, without_tests};
use std::collections::{BTreeMap, BTreeSet};

/// Our crates: which of ours each may use, and what it may not use of others (a trailing `*` stands for any ending).
const CRATES: &[(&str, &[&str], &[&str])] = &[
    (
        "domain",
        &[],
        &["tokio*", "futures", "axum*", "hyper*", "http", "sea-orm*", "leptos*", "async-stripe*", "aws-*", "time", "jiff", "rand"],
    ),
    ("migration", &[], &["axum*", "leptos*", "tokio"]),
    ("license-verifier", &[], &["tokio*", "axum*", "hyper*", "http", "sea-orm*", "leptos*", "rand", "getrandom"]),
    ("shop", &["domain", "license-verifier"], &["axum*", "leptos*", "tower*", "utoipa*", "clap"]),
    ("app", &["domain", "shop"], &["sea-orm*", "async-stripe*", "aws-*", "axum*", "tokio*", "hyper*", "lettre"]),
    ("frontend", &["app"], &["tokio*", "axum*"]),
    ("stripe-emulator", &[], &["sea-orm*", "leptos*", "async-stripe*"]),
    ("server", &["domain", "shop", "app", "migration", "stripe-emulator"], &["sea-orm*", "async-stripe*", "aws-*", "lettre"]),
];

/// What a crate names in its Cargo.toml to be built with, without what its tests need.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let (mut names, mut is_listed) = (BTreeSet::new(), false);
    for line in read(&format!("{folder}/Cargo.toml")).lines() {
        if line.starts_with('[') {
            is_listed = line == "[dependencies]" || line.starts_with("[target.") && line.ends_with(".dependencies]");
        } else if is_listed && line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            names.insert(line.split(['.', ' ', '=']).next().unwrap().to_owned());
        }
    }
    names
}

fn fits(name: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start))
}

#[test]
fn a_crate_uses_what_its_row_in_the_architecture_allows() {
    let ours: Vec<&str> = CRATES.iter().map(|(name, ..)| *name).collect();
    for (name, may_use, banned) in CRATES {
        let used = dependencies(name);
        assert!(used.len() > 1, "{name}: {used:?}");
        for of_ours in used.iter().filter(|used| ours.contains(&used.as_str())) {
            assert!(
                may_use.contains(&of_ours.as_str()),
                "{name} uses {of_ours}: arrows point down only. Move what both need to domain, or hand it in from above."
            );
        }
        for pattern in *banned {
            let found = used.iter().find(|used| fits(used, pattern));
            assert!(
                found.is_none(),
                "{name} depends on {found:?}: leave that to the crate whose business it is (see the rooms in ARCHITECTURE.md), and \
                 give {name} a value of domain instead."
            );
        }
    }
}

#[test]
fn handlers_know_no_rows() {
    for (path, source) in sources("server/src") {
        for row in ["sea_orm::", "base::entities", "entities::"] {
            assert!(
                !without_tests(&source).contains(row),
                "server/src/{path} uses {row}: let a use case of shop answer with a struct of its own or of domain."
            );
        }
    }
}

/// Each item at the top of a file with the attributes above it.
fn items(source: &str) -> Vec<String> {
    let (mut items, mut item, mut has_code) = (Vec::new(), String::new(), false);
    for line in source.lines() {
        let starts = line.starts_with(|c: char| c.is_alphabetic() || c == '#' || c == '/');
        if starts && has_code {
            items.push(std::mem::take(&mut item));
            has_code = false;
        }
        has_code |= line.starts_with(char::is_alphabetic);
        item.push_str(line);
        item.push('\n');
    }
    items.push(item);
    items
}

#[test]
fn pages_ask_the_shop_by_server_functions() {
    let mut n = 0;
    for (path, source) in sources("app/src") {
        let source = without_tests(&source);
        assert!(
            !path.starts_with("islands") || !source.contains("shop::"),
            "app/src/{path} uses shop: an island runs in a browser. Hand it values of domain, or let it call a server function."
        );
        for item in items(&source) {
            // A name for an attempt is made where its form is.
            let is_call = |line: &str| line.contains("shop::") && !line.contains("shop::base::world::new_id()");
            let asks = item.lines().any(|line| !line.trim_start().starts_with("//") && is_call(line));
            n += usize::from(asks && item.contains("#[server"));
            assert!(
                !asks || !item.contains("#[component]"),
                "app/src/{path} calls shop from a component: call it in a server function, which asks for the role, and hand the \
                 component what it answers.\n{item}"
            );
        }
    }
    assert!(n > 50, "{n}");
}

/// At most this many rooms at the top of `shop/src`.
pub const MAX_ROOMS: usize = 12;

/// The folders and files at the top of `shop/src`.
pub fn rooms() -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join("shop/src")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "lib.rs").map(|name| name.trim_end_matches(".rs").to_owned()).collect()
}

#[test]
fn the_shop_has_a_dozen_rooms_and_each_is_described() {
    let rooms = rooms();
    assert!(rooms.len() <= MAX_ROOMS, "{rooms:?}: put what is new into the room whose noun it is about");
    let architecture = read("ARCHITECTURE.md");
    let table = architecture.split("## The rooms of `shop/src`").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let described: BTreeSet<String> = rows.map(str::to_owned).collect();
    assert_eq!(described, rooms, "each room has a sentence in the table \"The rooms of `shop/src`\" of ARCHITECTURE.md");
}

/// At most this many circles of files that use each other in `app/src`.
pub const MAX_CIRCLES: usize = 2;

/// The paths that a `use` names: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((start, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let list = rest.rsplit_once('}').map_or(rest, |(list, _)| list);
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in list.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| expand(&format!("{start}{}", part.trim()))).collect()
}

/// Paths that stand in code: words joined by `::`.
fn paths(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|path| path.contains("::"))
}

/// The file that a path leads to from a module, where it is one of ours.
fn target(modules: &BTreeMap<String, String>, from: &str, path: &str) -> Option<String> {
    let mut place: Vec<&str> = from.split("::").filter(|name| !name.is_empty()).collect();
    let mut names = path.split("::").map(str::trim).peekable();
    match *names.peek()? {
        "crate" => {
            place.clear();
            names.next();
        }
        "super" => {
            while names.next_if_eq(&"super").is_some() {
                place.pop();
            }
        }
        "self" => _ = names.next(),
        child => {
            let path = [&place[..], &[child]].concat().join("::");
            modules.contains_key(&path).then_some(())?;
        }
    }
    place.extend(names);
    (0..=place.len()).rev().map(|n| place[..n].join("::")).find(|module| modules.contains_key(module) && module != from)
}

/// Groups of files that use each other, directly or by way of others.
pub fn circles(folder: &str) -> Vec<BTreeSet<String>> {
    let name = |path: &str| {
        let path = path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        if path == "lib" { String::new() } else { path }
    };
    let modules: BTreeMap<String, String> =
        sources(folder).iter().map(|(path, source)| (name(path), without_comments(&without_tests(source)))).collect();
    let mut reached: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (module, code) in &modules {
        let uses = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next()).flat_map(expand);
        let all = uses.chain(paths(code).map(str::to_owned));
        reached.insert(module, all.filter_map(|path| target(&modules, module, &path)).collect());
    }
    loop {
        let further = |seen: &BTreeSet<String>| seen.iter().flat_map(|at| reached[at.as_str()].clone()).collect::<BTreeSet<_>>();
        let next: BTreeMap<&str, BTreeSet<String>> = reached.iter().map(|(at, seen)| (*at, seen | &further(seen))).collect();
        if next == reached {
            break;
        }
        reached = next;
    }
    let circle = |at: &str| reached[at].iter().filter(|other| reached[other.as_str()].contains(at)).cloned().collect::<BTreeSet<_>>();
    let all: BTreeSet<BTreeSet<String>> = modules.keys().map(|module| circle(module)).filter(|circle| circle.len() > 1).collect();
    all.into_iter().collect()
}

fn without_comments(source: &str) -> String {
    source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

#[test]
fn files_of_the_app_point_one_way() {
    let circles = circles("app/src");
    assert!(
        circles.len() <= MAX_CIRCLES,
        "{} circles, {MAX_CIRCLES} before: move what two files need from each other to a third.\n{circles:#?}",
        circles.len()
    );
}
