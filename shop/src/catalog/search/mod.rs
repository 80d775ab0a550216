//! Words that find products: those of a product as each database keeps them, and what a shopper typed as each asks for it.
//!
//! Both are cut and folded here, so that SQLite and PostgreSQL find the same. Nothing reaches either that could be an operator.

mod alike;
mod index;
mod sql;
mod words;

pub(super) use alike::alike;
pub(super) use index::index;
pub(crate) use index::index_all;
pub use index::index_missing;

use domain::fold::fold;
use words::{Chunk, Term, chunks};

/// At most this many words of a search count.
const MAX_WORDS: usize = 8;
/// More characters than these search for nothing.
const MAX_CHARS: usize = 200;

/// A search with something to search for.
#[derive(Clone, Debug)]
pub struct Search {
    chunks: Vec<Chunk>,
}

/// Which goods of those that a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those whose title has each word as it was typed.
    Whole,
    /// The others: every word begins one of theirs.
    Begun,
    Every,
}

/// Which words of a product are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Title, promise and description, with tags and categories.
    Public,
    /// The title, and the slug and the SKU beside it.
    Names,
}

impl Search {
    /// `None` when nothing was typed but signs.
    pub fn parse(q: &str) -> Option<Self> {
        let typed: String = q.chars().take(MAX_CHARS).collect();
        let chunks: Vec<Chunk> = chunks(&typed).take(MAX_WORDS).collect();
        (!chunks.is_empty()).then_some(Self { chunks })
    }

    /// An FTS5 expression.
    /// Source: <https://sqlite.org/fts5.html#full_text_query_syntax>
    pub fn fts5(&self, fields: Fields, part: Part) -> String {
        let columns = match fields {
            Fields::Public => "{title promise description}",
            Fields::Names => "{title names}",
        };
        let begun = format!("({columns} : ({}))", self.joined(" AND ", " OR ", &Chunk::begun, &|term| fts5_term(term)));
        let whole = format!("(title : ({}))", self.joined(" AND ", " OR ", &Chunk::whole, &|term| fts5_term(term)));
        match part {
            Part::Whole => whole,
            Part::Begun => format!("{begun} NOT {whole}"),
            Part::Every => begun,
        }
    }

    /// A `tsquery` with the same meaning.
    pub fn tsquery(&self, fields: Fields, part: Part) -> String {
        let weights = match fields {
            Fields::Public => "ABC",
            Fields::Names => "AD",
        };
        let begun = self.joined(" & ", " | ", &Chunk::begun, &|term| tsquery_term(term, weights));
        let whole = self.joined(" & ", " | ", &Chunk::whole, &|term| tsquery_term(term, "A"));
        match part {
            Part::Whole => whole,
            Part::Begun => format!("({begun}) & !({whole})"),
            Part::Every => begun,
        }
    }

    /// All chunks, each as any of its alternatives, of which all terms have to fit.
    fn joined(&self, and: &str, or: &str, alternatives: &dyn Fn(&Chunk) -> Vec<Vec<Term>>, write: &dyn Fn(&Term) -> String) -> String {
        let all_of = |terms: Vec<Term>| format!("({})", terms.iter().map(write).collect::<Vec<_>>().join(and));
        let any_of = |chunk: &Chunk| format!("({})", alternatives(chunk).into_iter().map(all_of).collect::<Vec<_>>().join(or));
        self.chunks.iter().map(any_of).collect::<Vec<_>>().join(and)
    }
}

fn fts5_term(term: &Term) -> String {
    format!("\"{}\"{}", term.text, if term.is_beginning { "*" } else { "" })
}

fn tsquery_term(term: &Term, weights: &str) -> String {
    format!("'{}':{}{weights}", term.text, if term.is_beginning { "*" } else { "" })
}

/// What was typed without what no title holds, for the comparison with titles.
pub fn plain(q: &str) -> String {
    let typed: String = q.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
    fold(&typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fts5(q: &str) -> Option<String> {
        Search::parse(q).map(|search| search.fts5(Fields::Public, Part::Every))
    }

    #[test]
    fn operators_are_only_letters() {
        assert_eq!(
            fts5("quiet* OR \"x").as_deref(),
            Some("({title promise description} : (((\"quiet\"*)) AND ((\"or\"*)) AND ((\"x\"*))))")
        );
        let search = Search::parse("a & !b | (c)").unwrap();
        assert_eq!(search.tsquery(Fields::Names, Part::Every), "(('a':*AD)) & (('b':*AD)) & (('c':*AD))");
        for signs in [" '--%_ ", "\"", "*", "-", "++", "#", "", "🎨"] {
            assert_eq!(fts5(signs), None, "{signs}");
        }
    }
}
