//! The entities are the migrated schema: each column of each table, with its type and whether it may be empty.

use crate::base::database::{connect, is_sqlite, statement};
use sea_orm::{ColumnTrait, ColumnType, ConnectionTrait, EntityTrait, Iterable};
use shop_testing::{Engine, on_both_databases};
use std::collections::{BTreeMap, BTreeSet};

/// Kind of value and whether it may be empty, by column.
type Columns = BTreeMap<String, (&'static str, bool)>;

/// What no entity has: the words that products are found by, which the search keeps by statements of its own, here and as the
/// release before had them.
const UNREAD: &[&str] = &["products.is_indexed", "products.search", "products.words"];

fn columns_of<E: EntityTrait>(is_sqlite: bool) -> (String, Columns) {
    let kind = |column_type: &ColumnType| match column_type {
        ColumnType::Uuid if is_sqlite => "bytes",
        ColumnType::Uuid => "id",
        ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_) => "bytes",
        ColumnType::String(_) | ColumnType::Text => "text",
        ColumnType::BigInteger => "number",
        ColumnType::Boolean => "yes or no",
        other => panic!("{other:?}"),
    };
    let columns = E::Column::iter().map(|column| {
        let def = column.def();
        (sea_orm::IdenStatic::as_str(&column).to_owned(), (kind(def.get_column_type()), def.is_null()))
    });
    (E::default().table_name().to_owned(), columns.collect())
}

async fn schema(db: &impl ConnectionTrait) -> BTreeMap<String, Columns> {
    let sql = if is_sqlite(db) {
        "SELECT t.name AS table_name, c.name AS column_name, lower(c.type) AS type, \
         c.\"notnull\" = 0 AND c.pk = 0 AS is_null FROM pragma_table_list t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
    } else {
        "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name, CAST(data_type AS TEXT) AS type, \
         is_nullable = 'YES' AS is_null FROM information_schema.columns WHERE table_schema = current_schema()"
    };
    let mut schema: BTreeMap<String, Columns> = BTreeMap::new();
    for row in db.query_all_raw(statement(db, sql, [])).await.unwrap() {
        let text = |name: &str| row.try_get::<String>("", name).unwrap();
        let kind = match text("type").as_str() {
            "uuid" => "id",
            "blob" | "bytea" => "bytes",
            "text" => "text",
            "bigint" => "number",
            "boolean" => "yes or no",
            _ => "other",
        };
        let is_null: bool = row.try_get("", "is_null").unwrap();
        schema.entry(text("table_name")).or_default().insert(text("column_name"), (kind, is_null));
    }
    schema
}

/// The columns of one side that the other has otherwise, or not at all.
fn unlike<'a>(these: &'a Columns, those: &'a Columns) -> impl Iterator<Item = (&'a String, &'a (&'static str, bool))> {
    these.iter().filter(|(name, column)| those.get(*name) != Some(*column))
}

macro_rules! entities {
    ($visit:ident) => {
        $visit!(
            activation api_key audit_entry bundle_item cart cart_item category customer dispute download_count download_link
            download_record download_session draft entitlement entry_link erasure file fraud_signal free_order inbox_event job
            license license_event license_terms member object_tombstone old_category_slug old_slug order order_event order_item
            order_note payment preview price product product_tag promotion promotion_code promotion_good promotion_use refund
            release release_file request_key sales_part session sign_in_try signing_key store tag upload upload_part variant
            visit_day visit_salt visitor wrong_clock
        )
    };
}

#[on_both_databases]
async fn an_entity_has_the_columns_of_its_table(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let db = connect(&engine.shop_database(folder.path()).await).await.unwrap();
    migration::migrate(db.writer()).await.unwrap();
    let schema = schema(&db).await;
    let mut wrong: Vec<String> = Vec::new();
    macro_rules! check {
        ($($entity:ident)*) => {
            $(
                let (table, columns) = columns_of::<super::$entity::Entity>(is_sqlite(&db));
                let mut there = schema[&table].clone();
                there.retain(|name, _| !UNREAD.contains(&format!("{table}.{name}").as_str()));
                wrong.extend(unlike(&columns, &there).map(|column| format!("{table}: the entity has {column:?}")));
                wrong.extend(unlike(&there, &columns).map(|column| format!("{table}: the schema has {column:?}")));
                super::$entity::Entity::find().all(&db).await.unwrap_or_else(|error| panic!("{table}: {error}"));
            )*
        };
    }
    entities!(check);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_entity_is_held_against_the_schema() {
    macro_rules! names {
        ($($entity:ident)*) => { BTreeSet::from([$(stringify!($entity).to_owned()),*]) };
    }
    let here: BTreeSet<String> = entities!(names);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/base/entities");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files = files.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned));
    assert_eq!(here, files.filter(|name| name != "mod" && name != "tests").collect());
}
