//! Words that are one letter off those that were typed (SQLite). PostgreSQL has an index of trigrams for it.

use super::words::{Chunk, Term};
use super::{Search, sql};
use crate::base::database::statement;
use crate::{Result, Shop};
use sea_orm::ConnectionTrait;

/// In shorter words one letter makes another word.
const MIN_LETTERS: usize = 4;
/// So many of the words that are like one which was typed are looked for.
const MAX_ALIKE: usize = 16;

/// The same search with the words that products have in place of those that none has; `None` where no word is like them.
pub async fn alike(shop: &Shop, search: &Search) -> Result<Option<Search>> {
    let (mut chunks, mut has_changed) = (Vec::new(), false);
    for chunk in &search.chunks {
        let terms: Vec<Term> = chunk.begun().into_iter().flatten().collect();
        let mut words = Vec::new();
        if let [typed] = &terms[..] {
            words = words_like(shop, &typed.text).await?;
        }
        has_changed |= !words.is_empty();
        chunks.push(chunk.clone().or(words));
    }
    Ok(has_changed.then_some(Search { chunks }))
}

/// The words of products that differ from this one by a letter: another, one more or less, or two that changed places. Hardly anybody
/// mistypes the first letter, by which they are found.
async fn words_like(shop: &Shop, typed: &str) -> Result<Vec<String>> {
    let n_letters = typed.chars().count();
    let Some((first, next)) = typed.chars().next().and_then(|first| Some((first, char::from_u32(u32::from(first) + 1)?))) else {
        return Ok(Vec::new());
    };
    if n_letters < MIN_LETTERS {
        return Ok(Vec::new());
    }
    let values = [first.to_string().into(), next.to_string().into(), (n_letters as i64 - 1).into(), (n_letters as i64 + 1).into()];
    let rows = shop.db.query_all_raw(statement(&shop.db, sql::WORDS_BETWEEN, values)).await?;
    let mut words = Vec::new();
    for row in rows {
        let word: String = row.try_get("", "term")?;
        if word != typed && strsim::osa_distance(&word, typed) == 1 {
            words.push(word);
        }
    }
    words.truncate(MAX_ALIKE);
    Ok(words)
}

impl Chunk {
    /// As it was typed, or as any of these words.
    fn or(mut self, words: Vec<String>) -> Self {
        self.others = words;
        self
    }
}
