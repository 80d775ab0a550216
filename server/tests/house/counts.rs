//! All counts of the house on one page: `make house`.

use crate::support::sources;
use crate::{arrows, lengths, tables};

/// Questions to the database that tests spell as SQL. May only fall.
const MAX_QUESTIONS: usize = 400;

fn n_questions() -> usize {
    let tests = ["shop/tests", "server/tests"].into_iter().flat_map(sources);
    tests.map(|(_, source)| source.matches(concat!("\"SELECT ", "COUNT(")).count()).sum()
}

/// Where the app asks what it is built for. May only fall.
pub const MAX_FEATURES: usize = 25;

pub fn n_features() -> usize {
    sources("app/src").iter().map(|(_, source)| source.matches("cfg(feature").count()).sum()
}

#[test]
fn the_house_in_numbers() {
    let (n_outside, n_inside) = tables::n_statements();
    let (n_lines, longest) = lengths::longest();
    let rows = [
        ("statements as text outside of sql.rs", n_outside, tables::MAX_RAW),
        ("statements as text in all", n_outside + n_inside, tables::MAX_RAW_IN_ALL),
        ("cfg(feature in app", n_features(), MAX_FEATURES),
        ("circles of files in app", arrows::circles("app/src").len(), arrows::MAX_CIRCLES),
        ("rooms of the shop", arrows::rooms().len(), arrows::MAX_ROOMS),
        ("lines of the longest file", n_lines, lengths::MAX_LINES),
        ("lines over 140 characters", lengths::n_long_lines(), lengths::MAX_LONG_LINES),
        ("counts that tests spell as SQL", n_questions(), MAX_QUESTIONS),
    ];
    println!("\n{:<40} {:>7} {:>8}", "the house", "now", "at most");
    for (what, n, max) in rows {
        println!("{what:<40} {n:>7} {max:>8}");
        assert!(n <= max, "{what}: {n} is more than {max}");
    }
    println!("the longest file is {longest}\n");
}
