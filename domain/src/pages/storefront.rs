//! What the storefront shows of the goods.

use super::offer::VariantOffer;
use super::settings::Policy;
use crate::catalog::{Kind, ProductStatus, Sort};
use crate::draft::ProductTexts;
use crate::money::Money;
use crate::terms::TermsWords;
use serde::{Deserialize, Serialize};

/// What a shopper asked the catalog for; the same words as in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductQuery {
    pub q: String,
    pub category: String,
    pub tag: String,
    pub sort: Sort,
    /// The cursor of a page, as the page before it gave it; empty for the first.
    pub page: String,
}

/// A category in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryNode {
    pub slug: String,
    pub name: String,
    /// What the seller says of it; may be empty.
    #[serde(default)]
    pub description: String,
    pub children: Vec<CategoryNode>,
}

/// A picture with the words for who cannot see it. `url` is a path of this shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub url: String,
    pub alt: String,
    /// Pixels, where they are known.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// The same picture in smaller widths, narrow to wide.
    pub sizes: Vec<SizedPicture>,
    /// As programs show it that show a link to the shop.
    #[serde(default)]
    pub shared: Option<SharedPicture>,
    /// What most of it has, as `#rrggbb`: a plane of it keeps its place until it is there.
    #[serde(default)]
    pub color: Option<String>,
}

/// A picture as chats and mails show it beside a link: a JPEG.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedPicture {
    pub url: String,
    /// Pixels.
    pub width: u32,
    pub height: u32,
}

/// A picture in one of its widths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizedPicture {
    pub url: String,
    /// Pixels.
    pub width: u32,
}

impl Picture {
    /// What `srcset` says of it; nothing where there is one size alone.
    pub fn srcset(&self) -> Option<String> {
        let whole = self.width.filter(|_| !self.sizes.is_empty())?;
        let smaller = self.sizes.iter().map(|size| format!("{} {}w, ", size.url, size.width)).collect::<String>();
        Some(format!("{smaller}{} {whole}w", self.url))
    }

    /// The narrowest that is at least so wide.
    pub fn at_least(&self, width: u32) -> &str {
        self.sizes.iter().find(|size| size.width >= width).map_or(&self.url, |size| &size.url)
    }
}

/// What stands in place of a price or a button where nothing is delivered yet.
pub const COMING_SOON: &str = "Coming soon";

/// A product on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductCard {
    pub slug: String,
    pub title: String,
    pub promise: String,
    pub kind: Kind,
    pub category: Option<String>,
    pub cover: Option<Picture>,
    /// The cheapest tier's price.
    pub price_from: Money,
    /// Whether other tiers cost more.
    pub has_price_range: bool,
    /// What the cheapest tier costs that is not free, where another one is.
    #[serde(default)]
    pub price_above: Option<Money>,
    /// Whether the customer names the cheapest tier's price.
    pub pay_what_you_want: bool,
    /// How many tiers of other products come with it.
    #[serde(default)]
    pub n_included: i64,
    /// Whether it is priced in the currency that the shop sells in.
    #[serde(default = "is_so")]
    pub is_for_sale: bool,
    /// Whether a tier of it delivers something.
    #[serde(default = "is_so")]
    pub delivers: bool,
}

fn is_so() -> bool {
    true
}

impl ProductCard {
    /// Where it belongs, and whether it is several things in one.
    pub fn kind_line(&self) -> Option<String> {
        let bundle = (self.n_included > 0).then(|| format!("Bundle of {}", self.n_included));
        match (&self.category, bundle) {
            (Some(category), Some(bundle)) => Some(format!("{category} · {bundle}")),
            (category, bundle) => category.clone().or(bundle),
        }
    }

    /// The price as a card says it: "from $2.99", "Free", "Pay what you want".
    pub fn price_line(&self) -> String {
        if !self.is_for_sale {
            return "Not for sale at the moment".to_owned();
        }
        if !self.delivers {
            return COMING_SOON.to_owned();
        }
        match (self.price_from.is_zero(), self.has_price_range, self.pay_what_you_want) {
            (true, _, true) => "Pay what you want".to_owned(),
            (false, _, true) => format!("{} or more", self.price_from),
            (true, ..) => self.price_above.map_or_else(|| "Free".to_owned(), |above| format!("Free or from {above}")),
            (false, true, _) => format!("from {}", self.price_from),
            (false, false, _) => self.price_from.to_string(),
        }
    }
}

/// A page of cards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductPage {
    pub items: Vec<ProductCard>,
    pub next_cursor: Option<String>,
}

/// A sample on a page of its own, with the product that it is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamplePage {
    pub product: ProductDetail,
    pub sample: Sample,
    /// What is written in it, where it is a text.
    pub text: Option<String>,
    /// Whether that is its beginning alone.
    pub is_cut: bool,
}

/// Something to read, hear or see before buying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Names it in addresses.
    pub file_id: String,
    pub title: String,
    pub url: String,
    pub media_type: String,
    pub size_bytes: i64,
}

/// A product on its own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDetail {
    #[serde(flatten)]
    pub texts: ProductTexts,
    pub slug: String,
    pub kind: Kind,
    pub status: ProductStatus,
    /// From when it is or was on sale; milliseconds since 1970.
    pub published_at: Option<i64>,
    /// Counts the changes of its words and tiers.
    pub revision: i64,
    /// The seller's own notes: names and values.
    pub metadata: Vec<(String, String)>,
    /// The description as sanitized HTML.
    pub description_html: String,
    /// From the root of the tree down: slug and name.
    pub category_path: Vec<(String, String)>,
    pub tags: Vec<(String, String)>,
    pub cover: Option<Picture>,
    pub gallery: Vec<Picture>,
    pub samples: Vec<Sample>,
    /// In the seller's order; empty when nothing of it can be bought.
    pub variants: Vec<VariantOffer>,
    /// The words of the license terms that its tiers name.
    pub terms: Vec<TermsWords>,
    pub version: Option<String>,
    pub release_notes: Option<String>,
    /// Milliseconds since 1970.
    pub updated_at: i64,
    pub more: Vec<ProductCard>,
}

impl ProductDetail {
    /// The name that search engines show.
    pub fn search_title(&self) -> &str {
        let ProductTexts { title, seo_title, .. } = &self.texts;
        if seo_title.is_empty() { title } else { seo_title }
    }

    /// The sentence that search engines show.
    pub fn search_description(&self) -> &str {
        let ProductTexts { promise, seo_description, .. } = &self.texts;
        if seo_description.is_empty() { promise } else { seo_description }
    }
}

/// The front page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeShelves {
    pub featured: Option<ProductCard>,
    /// A heading, the link that shows all of it, and some cards.
    pub shelves: Vec<(String, String, Vec<ProductCard>)>,
}

/// A store as its pages name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreFace {
    pub name: String,
    pub tagline: String,
    pub support_email: Option<String>,
    /// Who sells and where, one line each; empty where the owner said nothing.
    pub seller: Vec<String>,
    /// The texts that have a page.
    pub policies: Vec<Policy>,
    /// For how many days it gives refunds, where it says so.
    #[serde(default)]
    pub refund_days: Option<i64>,
    /// Whom mails come from.
    pub sender_name: String,
    /// Stands in place of the name.
    pub logo: Option<Picture>,
    /// Where the shop is seen from outside.
    #[serde(default)]
    pub base_url: String,
    /// Whose days its pages show, by a name of the IANA time zone database.
    #[serde(default)]
    pub time_zone: String,
}

/// A size as people read it, with one decimal: `14.2 kB`.
pub fn human_size(bytes: i64) -> String {
    // In whole numbers: a browser that shows sizes need not learn to write fractions.
    let (mut unit, mut rest) = (1i64, ["kB", "MB", "GB"].into_iter());
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut name = "";
    while let Some(next) = rest.next().filter(|_| bytes / unit >= 1000) {
        (unit, name) = (unit * 1000, next);
    }
    let tenths = (i128::from(bytes) * 10 + i128::from(unit) / 2) / i128::from(unit);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_what_it_costs() {
        let card = |amount, has_price_range: bool, pay_what_you_want| ProductCard {
            slug: String::new(),
            title: String::new(),
            promise: String::new(),
            kind: Kind::Other,
            category: None,
            cover: None,
            is_for_sale: true,
            delivers: true,
            price_from: Money::new(amount, crate::money::Currency::USD),
            price_above: has_price_range.then(|| Money::new(699, crate::money::Currency::USD)),
            n_included: 0,
            has_price_range,
            pay_what_you_want,
        };
        let line = |amount, has_price_range, pay_what_you_want| card(amount, has_price_range, pay_what_you_want).price_line();
        assert_eq!(line(299, true, false), "from $2.99");
        assert_eq!(line(299, false, false), "$2.99");
        assert_eq!(line(0, false, false), "Free");
        assert_eq!(line(0, true, false), "Free or from $6.99");
        assert_eq!(line(0, false, true), "Pay what you want");
        assert_eq!(line(500, true, true), "$5.00 or more");
        assert_eq!(ProductCard { delivers: false, ..card(299, false, false) }.price_line(), "Coming soon");
    }

    #[test]
    fn sizes_read_with_one_decimal() {
        assert_eq!(human_size(0), "0 B");
        assert_eq!(human_size(999), "999 B");
        assert_eq!(human_size(14_200), "14.2 kB");
        assert_eq!(human_size(1_250_000), "1.3 MB");
        assert_eq!(human_size(10_000_000_000), "10.0 GB");
        assert_eq!(human_size(12_345_600_000_000), "12345.6 GB");
    }

    #[test]
    fn a_picture_says_in_which_widths_it_comes() {
        let picture = Picture {
            url: "/media/a".to_owned(),
            alt: String::new(),
            width: Some(2000),
            height: Some(1000),
            sizes: vec![SizedPicture { url: "/media/b".to_owned(), width: 320 }, SizedPicture { url: "/media/c".to_owned(), width: 640 }],
            shared: None,
            color: None,
        };
        assert_eq!(picture.srcset().as_deref(), Some("/media/b 320w, /media/c 640w, /media/a 2000w"));
        assert_eq!((picture.at_least(320), picture.at_least(400), picture.at_least(700)), ("/media/b", "/media/c", "/media/a"));
        assert_eq!(Picture { sizes: Vec::new(), ..picture }.srcset(), None);
    }
}
