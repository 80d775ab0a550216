//! Words of rows are types: none is parsed by hand, and none becomes another true value.

use crate::support::{sources, without_tests};

/// A row's columns that hold a word of a closed set.
const COLUMNS: [&str; 6] = ["status", "state", "role", "cause", "terms", "currency"];

/// What is typed or sent may be anything, so that doors may fall back. They are named here.
const DOORS: [&str; 2] = ["catalog/editor.rs", "payments/stripe/"];

#[test]
fn no_word_of_a_row_becomes_another() {
    for (path, source) in sources("shop/src") {
        if DOORS.iter().any(|door| path.starts_with(door)) {
            continue;
        }
        let code: String = without_tests(&source).split_whitespace().collect::<Vec<_>>().join(" ");
        for column in COLUMNS {
            for parsed in [format!(".{column}.parse"), format!("::parse(&row.{column}"), format!(".{column}.as_str() {{")] {
                let Some(at) = code.find(&parsed) else { continue };
                let found: String = code[at..].chars().take(90).collect();
                panic!(
                    "shop/src/{path} reads a word by hand: {found}\nLet the row hold `Stored<TheWord, its_entity::Entity>` \
                     (shop/src/base/database/word.rs): what is unknown is an error there, and match on the value."
                );
            }
        }
    }
}

#[test]
fn an_entity_holds_words_as_types() {
    for (path, source) in sources("shop/src/base/entities") {
        for column in COLUMNS {
            for text in ["String", "Option<String>"] {
                let field = format!("pub {column}: {text},");
                assert!(
                    !source.contains(&field),
                    "shop/src/base/entities/{path} has `{field}`: give it an enum with strum's derives and hold it as `Stored<…, Entity>`."
                );
            }
        }
    }
}

#[test]
fn every_word_has_its_texts_from_one_derive() {
    for folder in ["domain/src", "shop/src"] {
        for (path, source) in sources(folder) {
            assert!(
                !without_tests(&source).contains("pub const ALL: ["),
                "{folder}/{path} lists the values of an enum by hand: derive EnumString, IntoStaticStr and VariantArray of strum; \
                 `domain::word::Word` has `all`, `words` and `as_str`."
            );
        }
    }
}
