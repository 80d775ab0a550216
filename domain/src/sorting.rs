//! How a list of the dashboard is sorted, as its address says it: the word of a column, with `-` before it where the largest comes first.

use crate::word::Word;

/// What a list can be sorted by. The default is how it is sorted where nobody asks.
pub trait Column: Word + Default {
    /// Whether the largest comes first at the first click: so with dates and numbers.
    fn begins_descending(self) -> bool;

    /// What a list in this order is called.
    fn label(self, is_descending: bool) -> &'static str;

    /// The orders to choose from.
    fn choices() -> Vec<Sorting<Self>>;
}

/// A column, and in which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting<C> {
    pub by: C,
    pub is_descending: bool,
}

impl<C: Column> Default for Sorting<C> {
    fn default() -> Self {
        Self::first_of(C::default())
    }
}

impl<C: Column> Sorting<C> {
    /// Anything else is the default, as an old link deserves a page.
    pub fn parse(text: &str) -> Self {
        let (word, is_descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        word.parse().map_or_else(|_| Self::default(), |by| Self { by, is_descending })
    }

    /// As it stands in an address: nothing for the default.
    pub fn text(self) -> String {
        let sign = if self.is_descending { "-" } else { "" };
        if self == Self::default() { String::new() } else { format!("{sign}{}", self.by.as_str()) }
    }

    fn first_of(by: C) -> Self {
        Self { by, is_descending: by.begins_descending() }
    }

    fn reversed(self) -> Self {
        Self { is_descending: !self.is_descending, ..self }
    }

    /// What the head of a column leads to: its order, then the other way round, then the default.
    pub fn after_click(self, by: C) -> Self {
        match Self::first_of(by) {
            first if self == first => first.reversed(),
            first if self == first.reversed() => Self::default(),
            first => first,
        }
    }

    pub fn label(self) -> &'static str {
        self.by.label(self.is_descending)
    }

    /// The direction as SQL has it.
    pub fn direction(self) -> &'static str {
        if self.is_descending { "DESC" } else { "ASC" }
    }
}

/// Both directions of each of these, the one that a click begins with first.
pub(crate) fn both_ways<C: Column>(columns: &[C]) -> Vec<Sorting<C>> {
    columns.iter().flat_map(|by| [Sorting::first_of(*by), Sorting::first_of(*by).reversed()]).collect()
}

#[cfg(test)]
mod tests {
    use super::Sorting;
    use crate::pages::goods::GoodsColumn;

    #[test]
    fn an_order_is_read_as_it_is_written_and_nonsense_is_the_default() {
        for text in ["", "title", "-title", "price", "-price", "made"] {
            assert_eq!(Sorting::<GoodsColumn>::parse(text).text(), text);
        }
        for text in ["-made", "--title", "TITLE", "title;--", "\0", "-"] {
            assert_eq!(Sorting::<GoodsColumn>::parse(text), Sorting::default(), "{text}");
        }
    }

    #[test]
    fn a_head_turns_its_order_round_and_then_gives_it_up() {
        let mut sorting = Sorting::default();
        let mut texts = Vec::new();
        for by in [GoodsColumn::Sold, GoodsColumn::Sold, GoodsColumn::Sold, GoodsColumn::Title, GoodsColumn::Sold] {
            sorting = sorting.after_click(by);
            texts.push(sorting.text());
        }
        assert_eq!(texts, ["-sold", "sold", "", "title", "-sold"]);
    }
}
