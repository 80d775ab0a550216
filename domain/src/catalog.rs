//! Kinds and states of the goods, and in which order lists have them.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What kind of thing a product is; decides the shape of its cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Book,
    Audio,
    Software,
    Image,
    Course,
    #[default]
    Other,
}

impl Kind {
    pub fn label(self) -> &'static str {
        match self {
            Kind::Book => "Book or text",
            Kind::Audio => "Music or sound",
            Kind::Software => "Software",
            Kind::Image => "Pictures or design",
            Kind::Course => "Course or video",
            Kind::Other => "Something else",
        }
    }

    /// The kind that this word names; anything unknown is [`Kind::Other`].
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }
}

/// Where a product stands between the drawing board and the shelf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProductStatus {
    #[default]
    Draft,
    Published,
    /// On sale for who has the link, and in no list.
    Unlisted,
    Archived,
}

impl ProductStatus {
    pub fn label(self) -> &'static str {
        match self {
            ProductStatus::Draft => "Draft",
            ProductStatus::Published => "Published",
            ProductStatus::Unlisted => "Unlisted",
            ProductStatus::Archived => "Archived",
        }
    }

    /// The status of two columns: what is published, and whether lists show it.
    pub fn listed(self, is_listed: bool) -> Self {
        if self == ProductStatus::Published && !is_listed { ProductStatus::Unlisted } else { self }
    }

    /// The two columns of a status.
    pub fn columns(self) -> (Self, bool) {
        if self == ProductStatus::Unlisted { (ProductStatus::Published, false) } else { (self, true) }
    }

    /// Whether somebody can buy it, once its time has come.
    pub fn is_on_sale(self) -> bool {
        matches!(self, ProductStatus::Published | ProductStatus::Unlisted)
    }
}

/// Whether a tier can be bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum VariantStatus {
    Active,
    /// Taken out of the product; orders still name it.
    Archived,
}

/// How a list of products is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Sort {
    /// What fits a search best, then the newest; without a search the newest.
    #[default]
    Relevance,
    Newest,
    Popular,
    Price,
    PriceDesc,
}

impl Sort {
    /// The order that this word names; an unknown word is the default, as a stale link deserves a page.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }

    /// What it is called where nothing is searched for.
    pub fn label_without_search(self) -> &'static str {
        if self == Sort::Relevance { Sort::Newest.label() } else { self.label() }
    }

    pub fn label(self) -> &'static str {
        match self {
            Sort::Relevance => "Best match",
            Sort::Newest => "Newest",
            Sort::Price => "Price, low to high",
            Sort::PriceDesc => "Price, high to low",
            Sort::Popular => "Popular",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_order_is_the_default() {
        assert_eq!(Sort::from_word("price_desc"), Sort::PriceDesc);
        assert_eq!(Sort::from_word("'; DROP TABLE"), Sort::Relevance);
    }
}
