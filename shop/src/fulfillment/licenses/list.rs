//! Licenses as members see them: the list, those of a key, and those of a customer.

use super::{KeptRow, key, sql};
use crate::base::database::statement;
use crate::{Error, Result, Shop, orders};
use domain::id::{Id, order_number};
use domain::license::{LicenseStatus, is_mistyped};
use domain::pages::license::{LicenseList, LicenseRow};
use sea_orm::{FromQueryResult, Value};

/// Which licenses.
#[derive(Clone, Debug, Default)]
pub struct LicenseQuery {
    /// A whole key, in any spelling.
    pub key: Option<String>,
    /// The address of who bought them.
    pub email: Option<String>,
    /// A key, the number of an order, or the beginning of an address.
    pub q: Option<String>,
    pub status: Option<LicenseStatus>,
    /// The slug of a product, as it was when it was sold or as it is now.
    pub product: Option<String>,
    /// From [`LicenseList::next_cursor`].
    pub cursor: Option<String>,
}

#[derive(FromQueryResult)]
struct SoldRow {
    #[sea_orm(nested)]
    kept: KeptRow,
    number: i64,
    created_at: i64,
    public_id: String,
    email: String,
    product_title: String,
    variant_name: String,
}

const PAGE: usize = 50;
/// Nobody has more of them than can be shown.
const N_SOLD: usize = 200;

/// What is asked for, as conditions over the rows of `sql::sold`.
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of_store(shop: &Shop) -> Self {
        Self { texts: vec!["l.store_id = $1".to_owned()], values: vec![shop.settings.store_id.into()] }
    }

    /// Adds a condition whose own values are `#1`, `#2` and so on.
    fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        let numbered = (1..=self.values.len() - before).rev();
        let text = numbered.fold(condition.to_owned(), |text, n| text.replace(&format!("#{n}"), &format!("${}", before + n)));
        self.texts.push(text);
    }

    fn add_status(&mut self, shop: &Shop, status: LicenseStatus) {
        const IS_OPEN: &str = "l.state = 'active' AND e.state = 'active'";
        let now = Value::from(shop.clock.now_ms());
        match status {
            LicenseStatus::Disabled => self.add(&format!("NOT ({IS_OPEN})"), []),
            LicenseStatus::Expired => self.add(&format!("{IS_OPEN} AND l.expires_at <= #1"), [now]),
            LicenseStatus::Active | LicenseStatus::Inactive => {
                let usage = if status == LicenseStatus::Active { "> 0" } else { "= 0" };
                let condition = format!("{IS_OPEN} AND (l.expires_at IS NULL OR l.expires_at > #1) AND l.activation_usage {usage}");
                self.add(&condition, [now]);
            }
        }
    }

    async fn read(self, shop: &Shop, limit: usize) -> Result<Vec<SoldRow>> {
        let sql = sql::sold(&self.texts.join(" AND "), limit);
        Ok(SoldRow::find_by_statement(statement(&shop.db, sql, self.values)).all(&shop.db).await?)
    }
}

/// The licenses that were sold, the latest first.
///
/// # Errors
/// Refuses an invalid cursor, and an address that is none.
pub async fn list(shop: &Shop, query: &LicenseQuery) -> Result<LicenseList> {
    let mut wanted = Conditions::of_store(shop);
    if let Some(key) = &query.key {
        let Some(hmac) = key::lookup_hash(shop, key) else { return Ok(LicenseList::default()) };
        wanted.add("l.key_hmac = #1", [hmac.into()]);
    }
    if let Some(email) = &query.email {
        wanted.add("e.email_normalized = #1", [domain::email::Email::parse(email)?.normalized().into()]);
    }
    let typed = query.q.as_deref().map(domain::text::typed).filter(|q| !q.is_empty());
    if let Some(q) = &typed {
        match by_key(shop, q).await? {
            Some(hmac) => wanted.add("l.key_hmac = #1", [hmac.into()]),
            None => {
                let meant = orders::meant(shop, q).await?;
                wanted.add(&meant.condition, meant.values);
            }
        }
    }
    if let Some(status) = query.status {
        wanted.add_status(shop, status);
    }
    if let Some(slug) = &query.product {
        // The one that is called so now counts, whatever it was called when it was sold.
        wanted.add(
            "e.product_id IN (SELECT p.id FROM products p WHERE p.store_id = #1 AND p.slug = #2)",
            [shop.settings.store_id.into(), slug.as_str().into()],
        );
    }
    if let Some(cursor) = &query.cursor {
        let id = uuid::Uuid::try_parse(cursor);
        let invalid = |_| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page.").at("cursor");
        wanted.add("l.id < #1", [id.map_err(invalid)?.into()]);
    }
    let mut rows = wanted.read(shop, PAGE + 1).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    Ok(LicenseList {
        next_cursor: rows.last().filter(|_| has_more).map(|row| row.kept.id.simple().to_string()),
        is_mistyped: rows.is_empty() && typed.is_some_and(|q| is_mistyped(&q)),
        items: shown(shop, rows)?,
    })
}

/// What a text is found by, where it is the key of a license.
async fn by_key(shop: &Shop, q: &str) -> Result<Option<Vec<u8>>> {
    let Some(hmac) = key::lookup_hash(shop, q) else { return Ok(None) };
    Ok(super::lookup::find(&shop.db, shop, &hmac).await?.map(|_| hmac))
}

/// The licenses that a customer bought, latest first.
pub(crate) async fn of_customer(shop: &Shop, customer_id: Id) -> Result<Vec<LicenseRow>> {
    let mut wanted = Conditions::of_store(shop);
    wanted.add("o.customer_id = #1", [customer_id.into()]);
    let rows = wanted.read(shop, N_SOLD).await?;
    shown(shop, rows)
}

fn shown(shop: &Shop, rows: Vec<SoldRow>) -> Result<Vec<LicenseRow>> {
    let shown = |row: SoldRow| {
        Ok(LicenseRow {
            id: row.number.to_string(),
            key: row.kept.key(shop)?,
            status: row.kept.status(shop),
            title: row.product_title,
            variant_name: row.variant_name,
            email: row.email,
            order: (row.public_id.clone(), order_number(&row.public_id)),
            activation_limit: row.kept.activation_limit,
            activation_usage: row.kept.activation_usage,
            expires_at: row.kept.expires_at,
            created_at: row.created_at,
        })
    };
    rows.into_iter().map(shown).collect()
}
