//! Words that are one letter off those that were typed (SQLite). PostgreSQL has an index of trigrams for it.

use super::words::{Chunk, Term};
use super::{Fields, Part, Search, sql};
use crate::base::database::statement;
use crate::catalog::list::Filter;
use crate::catalog::sql::{by_text, found_by_text};
use crate::{Result, Shop};
use sea_orm::ConnectionTrait;

/// In shorter words one letter makes another word.
const MIN_LETTERS: usize = 4;
/// So many of the words that are like one which was typed are looked for.
const MAX_ALIKE: usize = 16;
/// At most this many words with the same beginning are compared with one that was typed.
const MAX_COMPARED: i64 = 10_000;

/// The same search with the words that products have in place of those that none has; `None` where no word is like them.
pub async fn alike(shop: &Shop, search: &Search) -> Result<Option<Search>> {
    let (mut chunks, mut has_changed) = (Vec::new(), false);
    for chunk in &search.chunks {
        let terms: Vec<Term> = chunk.begun().into_iter().flatten().collect();
        let mut words = Vec::new();
        if let [typed] = &terms[..]
            && !is_found(shop, chunk).await?
        {
            words = words_like(shop, &typed.text).await?;
        }
        has_changed |= !words.is_empty();
        chunks.push(chunk.clone().or(words));
    }
    Ok(has_changed.then_some(Search { chunks }))
}

/// Whether a product on the shelf has a word that was typed: then it is the right one.
async fn is_found(shop: &Shop, chunk: &Chunk) -> Result<bool> {
    let alone = Search { chunks: vec![chunk.clone()] };
    let mut shelf = Filter::published(shop);
    let place = shelf.bind(alone.fts5(Fields::Public, Part::Every));
    let any = found_by_text(&by_text(&place), &shelf.sql, 1);
    Ok(shop.db.query_one_raw(statement(&shop.db, any, shelf.values)).await?.is_some())
}

/// The words of products that differ from this one by a letter: another, one more or less, or two that changed places. Hardly anybody
/// mistypes the first letter, by which they are found; and most slips are in the second half, with few words to compare.
async fn words_like(shop: &Shop, typed: &str) -> Result<Vec<String>> {
    let letters: Vec<char> = typed.chars().collect();
    let mut words = Vec::new();
    if letters.len() < MIN_LETTERS {
        return Ok(words);
    }
    for n_same in [letters.len() / 2, 1] {
        for word in words_that_begin(shop, &letters[..n_same], letters.len() as i64).await? {
            if word != typed && strsim::osa_distance(&word, typed) == 1 {
                words.push(word);
            }
        }
        if !words.is_empty() {
            break;
        }
    }
    words.truncate(MAX_ALIKE);
    Ok(words)
}

/// Words of products with this beginning, about as long as this.
async fn words_that_begin(shop: &Shop, beginning: &[char], n_letters: i64) -> Result<Vec<String>> {
    let after = beginning.split_last().and_then(|(last, before)| Some((before, char::from_u32(u32::from(*last) + 1)?)));
    let Some((before, next)) = after else { return Ok(Vec::new()) };
    let (from, to) = (beginning.iter().collect::<String>(), before.iter().chain([&next]).collect::<String>());
    let values = [from.into(), to.into(), (n_letters - 1).into(), (n_letters + 1).into(), MAX_COMPARED.into()];
    let rows = shop.db.query_all_raw(statement(&shop.db, sql::WORDS_BETWEEN, values)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "term")).collect::<std::result::Result<_, _>>()?)
}

impl Chunk {
    /// As it was typed, or as any of these words.
    fn or(mut self, words: Vec<String>) -> Self {
        self.others = words;
        self
    }
}
