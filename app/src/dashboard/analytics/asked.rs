//! What the address asks for.

use crate::layout::with_query;

pub(super) const HERE: &str = "/dashboard/analytics";

/// What the URL asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub range: String,
    pub from: String,
    pub to: String,
    pub interval: String,
    pub by: String,
}

impl Asked {
    /// The same page with another answer to one question.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut asked = self.clone();
        match name {
            "range" => asked = Asked { range: value.to_owned(), from: String::new(), to: String::new(), interval: String::new(), ..asked },
            "interval" => asked.interval = value.to_owned(),
            _ => asked.by = value.to_owned(),
        }
        let pairs = [("range", &asked.range), ("from", &asked.from), ("to", &asked.to), ("interval", &asked.interval), ("by", &asked.by)];
        with_query(HERE, &pairs.map(|(name, value)| (name, value.as_str())))
    }
}
