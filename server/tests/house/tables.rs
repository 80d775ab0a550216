//! Who writes which table, and in which language: a table is written by its noun alone, others may read it.

use crate::support::{sources, without_tests};
use std::collections::{BTreeMap, BTreeSet};

/// The rooms of `shop/src` that write a table: a file or a folder. Give a table that is new its room here.
const WRITERS: &[(&str, &[&str])] = &[
    ("activations", &["fulfillment/licenses"]),
    ("api_keys", &["accounts"]),
    ("audit_entries", &["accounts/audit"]),
    ("bundle_items", &["catalog"]),
    ("cart_items", &["checkout/carts"]),
    ("carts", &["checkout/carts"]),
    ("categories", &["catalog"]),
    ("customers", &["customers"]),
    ("disputes", &["payments/disputes"]),
    ("download_counts", &["fulfillment/downloads"]),
    ("download_links", &["fulfillment/downloads"]),
    ("download_log", &["fulfillment/downloads"]),
    ("download_sessions", &["fulfillment/downloads"]),
    ("drafts", &["base/drafts"]),
    ("entitlements", &["fulfillment/entitlements"]),
    ("entry_links", &["accounts"]),
    ("erasures", &["customers"]),
    ("files", &["files"]),
    ("fraud_signals", &["payments/fraud"]),
    ("free_orders", &["checkout"]),
    ("inbox_events", &["jobs"]),
    ("jobs", &["jobs"]),
    ("license_events", &["fulfillment/licenses"]),
    ("license_terms", &["catalog"]),
    ("licenses", &["fulfillment/licenses"]),
    ("members", &["accounts"]),
    ("object_tombstones", &["files/tombstones"]),
    ("old_category_slugs", &["catalog"]),
    ("old_slugs", &["catalog"]),
    ("order_events", &["orders"]),
    ("order_items", &["orders"]),
    ("order_notes", &["orders"]),
    ("orders", &["orders"]),
    ("payments", &["payments/mod", "payments/method"]),
    ("previews", &["catalog"]),
    ("prices", &["catalog"]),
    ("product_search_words", &["catalog/search"]),
    ("product_tags", &["catalog"]),
    ("products", &["catalog"]),
    ("promotion_codes", &["checkout/promotions"]),
    ("promotion_goods", &["checkout/promotions"]),
    ("promotion_uses", &["checkout/promotions"]),
    ("promotions", &["checkout/promotions"]),
    ("refunds", &["payments/refunds"]),
    ("release_files", &["catalog/releases"]),
    ("releases", &["catalog/releases"]),
    ("request_keys", &["base/once"]),
    ("sales_days", &["analytics/sales"]),
    ("sales_parts", &["analytics/sales"]),
    ("sessions", &["accounts/sessions"]),
    ("sign_in_tries", &["accounts"]),
    ("signing_keys", &["fulfillment/licenses"]),
    ("stores", &["stores"]),
    ("tags", &["catalog"]),
    ("upload_parts", &["files/uploads"]),
    ("uploads", &["files/uploads"]),
    ("variants", &["catalog"]),
    ("visit_days", &["analytics/visits"]),
    ("visit_salts", &["analytics/visits"]),
    ("visitors", &["analytics/visits"]),
    ("wrong_clocks", &["jobs/clocks"]),
];

/// What is written elsewhere all the same. May only become shorter.
const KNOWN: &[(&str, &str)] = &[];

/// Statements as text outside of `sql.rs`.
pub const MAX_RAW: usize = 0;
/// Those in `sql.rs` as well. May only fall.
pub const MAX_RAW_IN_ALL: usize = 94;

/// Entities that nothing uses yet. May only become shorter.
const UNUSED: &[&str] = &[];

/// What writes a table, with its name behind it. A noun that names a free text lets an erasure write it (`base/texts.rs`).
const WRITES: [&str; 5] = ["UPDATE ", "INSERT INTO ", "INSERT OR REPLACE INTO ", "DELETE FROM ", "table: \""];

/// The one place whose statements take the name of a table: those that their nouns named as free texts.
const BY_NAME: &str = "customers/sql.rs";
const ENTITY_WRITES: [&str; 7] = ["insert(", "insert_many(", "update(", "update_many(", "delete(", "delete_many(", "delete_by_id("];

fn is_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// The names of entities and the tables that they are of.
fn tables() -> BTreeMap<String, String> {
    let mut tables = BTreeMap::new();
    for (path, source) in sources("shop/src/base/entities") {
        if let Some((_, rest)) = source.split_once("table_name = \"") {
            let entity = path.trim_end_matches(".rs").to_owned();
            tables.insert(entity, rest.chars().take_while(|c| is_name(*c)).collect());
        }
    }
    assert!(tables.len() > 40, "{tables:?}");
    tables
}

/// The code of the shop without its entities and its tests.
fn code() -> Vec<(String, String)> {
    let code = sources("shop/src").into_iter().filter(|(path, _)| !path.starts_with("base/entities/"));
    code.map(|(path, source)| (path, without_tests(&source))).collect()
}

/// The entities that a file names: `entities::order`, `entities::{order, refund}`.
fn entities_of(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in source.split("entities::").skip(1) {
        let list = match rest.strip_prefix('{') {
            Some(rest) => rest.split('}').next().unwrap_or_default(),
            None => rest.split(|c: char| !is_name(c)).next().unwrap_or_default(),
        };
        names.extend(list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    }
    names
}

/// What a file calls `Entity`, where it takes one by that name: `use crate::base::entities::order::{Column, Entity}`.
fn own_entity(source: &str) -> Option<String> {
    source.split("use crate::base::entities::").skip(1).find_map(|rest| {
        let (name, rest) = rest.split_once("::")?;
        let list = rest.split(';').next()?;
        (name.chars().all(is_name) && list.contains("Entity")).then(|| name.to_owned())
    })
}

/// Whether a path stands in a file, and not as the end of a longer one.
fn has_path(source: &str, path: &str) -> bool {
    source.match_indices(path).any(|(at, _)| !source[..at].trim_end_matches("entities::").ends_with(|c| is_name(c) || c == ':'))
}

/// The tables that a file writes, by statements and by entities.
fn written(source: &str, tables: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut written = BTreeSet::new();
    for verb in WRITES {
        let after = source.split(verb).skip(1);
        written.extend(after.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect::<String>()));
    }
    written.retain(|name| WRITERS.iter().any(|(table, _)| table == name));
    let entities = entities_of(source);
    for (entity, table) in tables {
        let by_verb = |entity: &str| ENTITY_WRITES.iter().any(|verb| has_path(source, &format!("{entity}::{verb}")));
        let is_own = own_entity(source).as_ref() == Some(entity) && by_verb("Entity");
        let is_named =
            entities.contains(entity) && (by_verb(&format!("{entity}::Entity")) || has_path(source, &format!("{entity}::ActiveModel")));
        if is_own || is_named {
            written.insert(table.clone());
        }
    }
    written
}

fn is_in(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

#[test]
fn a_table_is_written_by_its_noun_alone() {
    let tables = tables();
    for table in tables.values() {
        assert!(WRITERS.iter().any(|(known, _)| known == table), "{table} has no room: name the one that writes it in WRITERS");
    }
    let (mut strangers, mut known) = (Vec::new(), BTreeSet::new());
    for (path, source) in code() {
        for table in written(&source, &tables) {
            let rooms = WRITERS.iter().find(|(name, _)| *name == table).map_or(&[][..], |(_, rooms)| rooms);
            if rooms.iter().any(|room| is_in(&path, room)) {
                continue;
            }
            match KNOWN.iter().find(|(of, file)| *of == table && *file == path) {
                Some(exception) => _ = known.insert(exception),
                None => strangers.push(format!("{path} writes {table}: call a step of {rooms:?} instead, or add one there")),
            }
        }
    }
    assert!(strangers.is_empty(), "\n{}", strangers.join("\n"));
    let gone: Vec<_> = KNOWN.iter().filter(|exception| !known.contains(exception)).collect();
    assert!(gone.is_empty(), "these are fixed, so take them out of KNOWN: {gone:?}");
}

#[test]
fn a_statement_that_writes_names_its_table() {
    let is_nameless = |source: &str| WRITES.iter().any(|verb| source.contains(&format!("{verb}{{")));
    let nameless: Vec<String> = code().into_iter().filter(|(_, source)| is_nameless(source)).map(|(path, _)| path).collect();
    assert_eq!(nameless, [BY_NAME], "name the table in the statement, or let its noun name a FreeText");
}

/// Literals that begin with the verb of a statement.
fn n_raw(source: &str) -> usize {
    let begins = |text: &&str| ["SELECT ", "UPDATE ", "INSERT ", "DELETE ", "WITH "].iter().any(|verb| text.trim_start().starts_with(verb));
    source.split('"').filter(begins).count()
}

/// Statements as text outside of `sql.rs`, by file, and how many stand in it.
fn statements() -> (Vec<(usize, String)>, usize) {
    let mut outside: Vec<(usize, String)> = Vec::new();
    let mut n_inside = 0;
    for (path, source) in code() {
        match n_raw(&source) {
            0 => {}
            n if path.ends_with("sql.rs") => n_inside += n,
            n => outside.push((n, path)),
        }
    }
    outside.sort();
    (outside, n_inside)
}

/// Statements as text outside of `sql.rs` and inside.
pub fn n_statements() -> (usize, usize) {
    let (outside, n_inside) = statements();
    (outside.iter().map(|(n, _)| n).sum(), n_inside)
}

#[test]
fn statements_as_text_stand_in_sql_rs() {
    let (n_outside, n_inside) = n_statements();
    let (outside, _) = statements();
    let advice =
        "say work on one table by its entity (find, update_many, on_conflict), and move a plan that must be ours to sql.rs of its noun";
    assert_eq!(n_outside, MAX_RAW, "{n_outside} statements outside of sql.rs: {advice}\n{outside:?}");
    assert!(n_outside + n_inside <= MAX_RAW_IN_ALL, "{} statements in all, {MAX_RAW_IN_ALL} before: {advice}", n_outside + n_inside);
}

#[test]
fn every_entity_is_used() {
    let used: BTreeSet<String> = code().iter().flat_map(|(_, source)| entities_of(source)).collect();
    let unused: Vec<String> = tables().into_keys().filter(|entity| !used.contains(entity)).collect();
    let new: Vec<_> = unused.iter().filter(|entity| !UNUSED.contains(&entity.as_str())).collect();
    assert!(new.is_empty(), "nothing uses {new:?}: read and write these tables by them, or take them out of shop/src/base/entities");
    let gone: Vec<_> = UNUSED.iter().filter(|entity| !unused.iter().any(|name| name == *entity)).collect();
    assert!(gone.is_empty(), "these are used by now, so take them out of UNUSED: {gone:?}");
}
