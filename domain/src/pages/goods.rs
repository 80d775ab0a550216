//! What creators see and write of their goods: the list, the editor's form, categories and tags.

use crate::catalog::ProductStatus;
use crate::draft::ProductTexts;
use crate::id::Id;
use crate::pages::dashboard::ProductRow;
use crate::pages::license::KeyForm;
use crate::sorting::{Column, Sorting, both_ways};
use crate::terms::TermsWords;
use crate::text::{key, tidy};
use crate::word::Word;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A page of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodsList {
    pub products: Vec<ProductRow>,
    /// Leads to what comes after.
    pub next_cursor: Option<String>,
}

/// Which products a creator asked for; the same words as in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GoodsQuery {
    /// Words of the title, or the beginning of a slug or an SKU.
    pub q: String,
    /// A status, `scheduled`, or nothing for all.
    pub status: String,
    /// A [`Sorting`] of [`GoodsColumn`]s.
    pub sort: String,
    pub cursor: String,
}

/// What products can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GoodsColumn {
    /// When it was created; of a search, how well it fits before that.
    #[default]
    Made,
    Title,
    /// The lowest price of its tiers.
    Price,
    /// Ever.
    Sold,
    Updated,
}

impl Column for GoodsColumn {
    fn begins_descending(self) -> bool {
        !matches!(self, GoodsColumn::Title | GoodsColumn::Price)
    }

    fn label(self, is_descending: bool) -> &'static str {
        match (self, is_descending) {
            (GoodsColumn::Made, true) => "Newest",
            (GoodsColumn::Made, false) => "Oldest",
            (GoodsColumn::Title, false) => "Title, A to Z",
            (GoodsColumn::Title, true) => "Title, Z to A",
            (GoodsColumn::Price, false) => "Lowest price",
            (GoodsColumn::Price, true) => "Highest price",
            (GoodsColumn::Sold, true) => "Most sold",
            (GoodsColumn::Sold, false) => "Least sold",
            (GoodsColumn::Updated, true) => "Last updated",
            (GoodsColumn::Updated, false) => "Longest not updated",
        }
    }

    fn choices() -> Vec<Sorting<Self>> {
        both_ways(Self::VARIANTS)
    }
}

/// A product in the editor: the form, and what is known beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedProduct {
    pub form: ProductForm,
    pub id: Id,
    pub slug: String,
    pub title: String,
    pub status: ProductStatus,
    pub revision: i64,
    /// When it appears, where that is still to come.
    pub appears_at: Option<i64>,
    pub updated_at: i64,
    /// Who saved it last; empty for what was never edited by a person.
    pub updated_by: String,
    pub n_sold: i64,
    pub n_files: i64,
    pub checklist: Checklist,
}

/// What a product has of what a sale needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    pub has_cover: bool,
    /// Whether it has prices in the currency that the shop sells in.
    pub has_price: bool,
    /// Something to read, hear or see before buying.
    pub has_sample: bool,
    /// Names of the tiers that deliver nothing.
    pub empty_tiers: Vec<String>,
}

impl Checklist {
    pub fn is_done(&self) -> bool {
        self.has_cover && self.has_price && self.has_sample && self.empty_tiers.is_empty()
    }
}

/// What the editor offers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditorChoices {
    /// Slug and name, indented by depth.
    pub categories: Vec<(String, String)>,
    pub terms: Vec<TermsWords>,
    /// The currency of a new product.
    pub currency: String,
    /// In which times are typed, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Names of tags that are there.
    pub tags: Vec<String>,
    /// Tiers that can come with others, the newest products first: `slug/key`, and how people call it.
    pub tiers: Vec<(String, String)>,
}

/// A product as somebody types it: every field a text, so that it comes back as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductForm {
    /// The slug of the product that is edited; empty for a new one.
    pub product: String,
    /// The revision that the form was made from.
    pub revision: String,
    /// Not empty where a newer revision is to be replaced.
    pub on_top: String,
    /// Not empty where it is to be published although a tier delivers nothing.
    pub publish_anyway: String,
    #[serde(flatten)]
    pub texts: ProductTexts,
    pub slug: String,
    pub kind: String,
    /// The slug of a category; empty for none.
    pub category: String,
    /// Names with commas between them.
    pub tags: String,
    /// Lines of `name = value`.
    pub metadata: String,
    pub status: String,
    /// `2027-01-31T18:00` in the store's time; empty for at once.
    pub publish_at: String,
    /// The instant that stood there, and in which time zone.
    pub publish_at_shown: String,
    pub currency: String,
    pub tiers: Vec<TierForm>,
    /// Whether the form comes back with its description as the page shows it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shows_preview: bool,
}

/// A tier as somebody types it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierForm {
    /// The key of a tier that is there; empty for a new one.
    pub known: String,
    pub key: String,
    pub name: String,
    pub summary: String,
    pub terms: String,
    pub price: String,
    pub compare_at: String,
    /// Lines of `name = value`.
    pub attributes: String,
    pub download_limit: String,
    /// Not empty where each copy has a license key.
    pub license: String,
    pub activation_limit: String,
    pub expires_after_days: String,
    pub keys: KeyForm,
    /// Not empty where the customer names the price.
    pub pay_what_you_want: String,
    pub suggested: String,
    /// What comes with it: `slug/key`, with commas between them.
    pub includes: String,
    /// One more of them, as it was typed or chosen.
    pub include: String,
}

impl TierForm {
    /// What comes with it already, each once.
    pub fn taken(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.includes.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// What comes with it, with what was typed last.
    pub fn included(&self) -> Vec<String> {
        let (mut names, typed) = (self.taken(), self.include.trim());
        if !typed.is_empty() && !names.iter().any(|known| known == typed) {
            names.push(typed.to_owned());
        }
        names
    }
}

/// What a button of the editor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorAct {
    Save,
    Preview,
    AddTier,
    RemoveTier(usize),
    RaiseTier(usize),
    /// Lets what was typed come with a tier.
    Include(usize),
    /// Takes one of what comes with a tier away.
    Exclude(usize, usize),
}

impl EditorAct {
    /// What this word asks for; anything unknown saves, as the Enter key does.
    pub fn from_word(word: &str) -> Self {
        let (verb, number) = word.split_once(':').unwrap_or((word, ""));
        if let ("exclude", Some((tier, place))) = (verb, number.split_once(':')) {
            return match (tier.parse(), place.parse()) {
                (Ok(tier), Ok(place)) => EditorAct::Exclude(tier, place),
                _ => EditorAct::Save,
            };
        }
        match (verb, number.parse()) {
            ("preview", _) => EditorAct::Preview,
            ("add", _) => EditorAct::AddTier,
            ("remove", Ok(n)) => EditorAct::RemoveTier(n),
            ("raise", Ok(n)) => EditorAct::RaiseTier(n),
            ("include", Ok(n)) => EditorAct::Include(n),
            _ => EditorAct::Save,
        }
    }
}

impl ProductForm {
    /// Takes over what a button decides beside saving. What was decided before stands until somebody just saves, so that two questions
    /// don't take turns.
    pub fn decide(&mut self, act: &str) {
        match act {
            "save_on_top" => self.on_top = "on".to_owned(),
            "publish_anyway" => self.publish_anyway = "on".to_owned(),
            "save_draft" => self.status = ProductStatus::Draft.as_str().to_owned(),
            _ => (self.on_top, self.publish_anyway) = (String::new(), String::new()),
        }
    }

    /// Whether it asks to be on sale.
    pub fn is_on_sale(&self) -> bool {
        self.status.parse::<ProductStatus>().is_ok_and(ProductStatus::is_on_sale)
    }

    /// Does what a button asks for that changes the form alone; tells where on the page that is.
    pub fn act(&mut self, act: EditorAct) -> String {
        match act {
            EditorAct::AddTier => {
                self.tiers.push(TierForm { terms: "personal".to_owned(), ..TierForm::default() });
                format!("tier-{}", self.tiers.len() - 1)
            }
            EditorAct::RemoveTier(n) if n < self.tiers.len() => {
                self.tiers.remove(n);
                "tiers".to_owned()
            }
            EditorAct::RaiseTier(n) if n > 0 && n < self.tiers.len() => {
                self.tiers.swap(n - 1, n);
                format!("tier-{}", n - 1)
            }
            EditorAct::Include(n) if n < self.tiers.len() => {
                let tier = &mut self.tiers[n];
                (tier.includes, tier.include) = (tier.included().join(", "), String::new());
                format!("tier-{n}-includes")
            }
            EditorAct::Exclude(n, place) if n < self.tiers.len() => {
                let tier = &mut self.tiers[n];
                let mut names: Vec<&str> = tier.includes.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
                if place < names.len() {
                    names.remove(place);
                }
                tier.includes = names.join(", ");
                format!("tier-{n}-includes")
            }
            EditorAct::Preview => "preview".to_owned(),
            _ => "tiers".to_owned(),
        }
    }
}

/// Names and values as people type them: a line each, `name = value`.
///
/// # Errors
/// The first invalid line.
pub fn parse_pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| match line.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(line.chars().take(60).collect()),
        })
        .collect()
}

/// The lines that [`parse_pairs`] reads.
pub fn pair_lines(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join("\n")
}

/// Tags as people type them: names with commas between them, each once.
pub fn parse_tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for name in text.split([',', '\n', '、', '，']).map(tidy).filter(|name| !name.is_empty()) {
        let is_known = |known: &String| *known == name || (!key(&name).is_empty() && key(known) == key(&name));
        if !tags.iter().any(is_known) {
            tags.push(name);
        }
    }
    tags
}

/// A category with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryRow {
    pub id: String,
    /// Counts the changes of name, slug and place in the tree.
    pub revision: i64,
    pub slug: String,
    pub name: String,
    /// The slug of the one above; nothing at the top.
    pub parent: Option<String>,
    pub depth: usize,
    pub is_active: bool,
    /// Products that name it, whatever their status.
    pub n_products: i64,
    /// Those and the ones of all categories below it.
    #[serde(default)]
    pub n_in_all: i64,
    pub has_children: bool,
}

/// A tag with what it is used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRow {
    pub slug: String,
    pub name: String,
    pub n_products: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pairs_are_read_line_by_line() {
        let pairs = parse_pairs("isbn = 978-1\r\n\n  format=PDF = A4 \n").unwrap();
        assert_eq!(pairs, [("isbn".to_owned(), "978-1".to_owned()), ("format".to_owned(), "PDF = A4".to_owned())]);
        assert_eq!(parse_pairs(&pair_lines(&pairs)), Ok(pairs));
        assert_eq!(parse_pairs("a = 1\nno pair"), Err("no pair".to_owned()));
        assert_eq!(parse_pairs(" = x"), Err("= x".to_owned()));
    }

    #[test]
    fn each_tag_counts_once() {
        assert_eq!(parse_tags("Sci-Fi, sci fi ,, Poetry\nsea"), ["Sci-Fi", "Poetry", "sea"]);
        assert_eq!(parse_tags(" , "), Vec::<String>::new());
    }

    #[test]
    fn buttons_change_the_tiers() {
        let tier = |name: &str| TierForm { name: name.to_owned(), ..TierForm::default() };
        let mut form = ProductForm { tiers: vec![tier("a"), tier("b")], ..ProductForm::default() };
        assert_eq!(form.act(EditorAct::from_word("add")), "tier-2");
        assert_eq!(form.act(EditorAct::from_word("raise:1")), "tier-0");
        assert_eq!(form.act(EditorAct::from_word("remove:2")), "tiers");
        assert_eq!(form.act(EditorAct::from_word("remove:99")), "tiers");
        assert_eq!(form.tiers.iter().map(|tier| tier.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(EditorAct::from_word("anything"), EditorAct::Save);
    }

    #[test]
    fn a_decision_stands_until_somebody_just_saves() {
        let mut form = ProductForm { status: "published".to_owned(), ..ProductForm::default() };
        form.decide("publish_anyway");
        form.decide("save_on_top");
        assert_eq!((form.on_top.as_str(), form.publish_anyway.as_str(), form.is_on_sale()), ("on", "on", true));
        form.decide("save");
        assert_eq!((form.on_top.as_str(), form.publish_anyway.as_str()), ("", ""));
        form.decide("save_draft");
        assert!(!form.is_on_sale());
    }

    #[test]
    fn what_comes_with_a_tier_is_listed_once() {
        let tier = TierForm { includes: "a/x, b/y".to_owned(), include: " a/x ".to_owned(), ..TierForm::default() };
        let mut form = ProductForm { tiers: vec![tier], ..ProductForm::default() };
        assert_eq!(form.act(EditorAct::from_word("include:0")), "tier-0-includes");
        assert_eq!((form.tiers[0].includes.as_str(), form.tiers[0].include.as_str()), ("a/x, b/y", ""));
        form.tiers[0].include = "c".to_owned();
        assert_eq!(form.tiers[0].included(), ["a/x", "b/y", "c"]);
        form.act(EditorAct::from_word("include:0"));
        form.act(EditorAct::from_word("exclude:0:1"));
        form.act(EditorAct::from_word("exclude:0:9"));
        assert_eq!(form.tiers[0].included(), ["a/x", "c"]);
        assert_eq!(form.act(EditorAct::from_word("include:7")), "tiers");
        assert_eq!(EditorAct::from_word("exclude:0"), EditorAct::Save);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_pairs_or_refused(text in ".{0,200}") {
            if let Ok(pairs) = parse_pairs(&text) {
                prop_assert_eq!(parse_pairs(&pair_lines(&pairs)).map(|read| read.len()), Ok(pairs.len()));
            }
        }
    }
}
