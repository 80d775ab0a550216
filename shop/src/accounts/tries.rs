//! How often a way in is tried. Counted in the database, so that limits hold over replicas and restarts.
//!
//! No stranger locks a member out: who tries an address from elsewhere has a bucket of their own, and so has a browser in which
//! this member was signed in before (OWASP ASVS 6.1.1).

use super::sign_in;
use crate::database::{begin_write, statement};
use crate::entities::sign_in_try;
use crate::secret::{equal, token_text};
use crate::{Error, Result, Shop, refusals};
use domain::email::Email;
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    Password,
    /// A link by mail. How many mails go to one address is bounded where they are made.
    Link,
}

/// Who knocks.
#[derive(Clone, Debug)]
pub struct Knock {
    /// The client's address, or its network of IPv6.
    pub network: String,
    /// What the browser's cookie says: the mark of a member who was signed in here before.
    pub was_here: Option<String>,
    /// All limits times this.
    pub scale: f64,
}

const QUARTER_MS: i64 = 15 * 60 * 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// Tries of one address from one client, or from a browser that its member used before, within a quarter of an hour.
const MAX_TRIES: i64 = 10;
/// Tries of one address from all clients that are strangers to it, an hour.
const MAX_FROM_ALL: i64 = 100;

/// What a browser keeps after a member signed in with it: it opens nothing and tells who may have a bucket of their own.
pub fn was_here_mark(shop: &Shop, member_id: Id) -> String {
    let mac = shop.settings.secret_key.derive("was here", member_id.as_bytes());
    format!("{}.{}", member_id.simple(), token_text(&mac[..20]))
}

/// The member of a mark that this shop made.
fn member_of_mark(shop: &Shop, mark: &str) -> Option<Id> {
    let id = Uuid::try_parse(mark.split_once('.')?.0).ok()?;
    equal(was_here_mark(shop, id).as_bytes(), mark.as_bytes()).then_some(id)
}

struct Bucket {
    name: String,
    max: i64,
    period_ms: i64,
}

/// The buckets that a try counts in, the strictest first.
async fn buckets(shop: &Shop, what: Try, email: &Email, knock: &Knock) -> Result<Vec<Bucket>> {
    let kind = if what == Try::Password { "password" } else { "link" };
    if let Some(id) = knock.was_here.as_deref().and_then(|mark| member_of_mark(shop, mark))
        && sign_in::find(shop, email).await?.is_some_and(|member| member.id == id)
    {
        return Ok(vec![Bucket { name: format!("{kind} of member {id}"), max: MAX_TRIES, period_ms: QUARTER_MS }]);
    }
    let email = email.normalized();
    let mut buckets = vec![Bucket { name: format!("{kind} of {email} from {}", knock.network), max: MAX_TRIES, period_ms: QUARTER_MS }];
    if what == Try::Password {
        buckets.push(Bucket { name: format!("{kind} of {email}"), max: MAX_FROM_ALL, period_ms: HOUR_MS });
    }
    Ok(buckets)
}

fn name_hash(shop: &Shop, name: &str) -> Vec<u8> {
    shop.settings.secret_key.derive("sign-in tries", name.as_bytes())[..16].to_vec()
}

/// The count after this try; an entity's `on_conflict` can't say that a period that is over begins anew.
const COUNT: &str = "INSERT INTO sign_in_tries (store_id, bucket, n, ends_at) VALUES ($1, $2, 1, $3) ON CONFLICT (store_id, bucket) DO UPDATE SET \
                     n = CASE WHEN sign_in_tries.ends_at <= $4 THEN 1 ELSE sign_in_tries.n + 1 END, \
                     ends_at = CASE WHEN sign_in_tries.ends_at <= $4 THEN excluded.ends_at ELSE sign_in_tries.ends_at END RETURNING n";

async fn count(tx: &DatabaseTransaction, shop: &Shop, bucket: &Bucket) -> Result<i64> {
    let now = shop.clock.now_ms();
    let hash = name_hash(shop, &bucket.name);
    let values = [shop.settings.store_id.into(), hash.into(), (now + bucket.period_ms).into(), now.into()];
    Ok(tx.query_one_raw(statement(tx, COUNT, values)).await?.ok_or(Error::NotFound)?.try_get("", "n")?)
}

/// Counts a try, of an address that is nobody's like of any other.
///
/// # Errors
/// `rate_limited` (429) when there were too many. What is no address opens nothing and is not counted.
pub async fn count_try(shop: &Shop, what: Try, email: &str, knock: &Knock) -> Result<()> {
    let Ok(email) = Email::parse(email) else { return Ok(()) };
    let buckets = buckets(shop, what, &email, knock).await?;
    let tx = begin_write(&shop.db).await?;
    let mut is_over = false;
    for bucket in &buckets {
        let max = (bucket.max as f64 * knock.scale).max(1.0);
        if count(&tx, shop, bucket).await? as f64 > max {
            // What is refused here counts no further, so that one client can't use up the tries of all.
            is_over = true;
            break;
        }
    }
    tx.commit().await?;
    if is_over {
        return Err(refusals::TOO_OFTEN.into());
    }
    Ok(())
}

/// Forgets the tries of who got in; those of strangers stay counted.
pub async fn forget_tries(shop: &Shop, email: &str, knock: &Knock) -> Result<()> {
    let Ok(email) = Email::parse(email) else { return Ok(()) };
    let Some(own) = buckets(shop, Try::Password, &email, knock).await?.into_iter().next() else { return Ok(()) };
    sign_in_try::Entity::delete_many()
        .filter(sign_in_try::Column::StoreId.eq(shop.settings.store_id))
        .filter(sign_in_try::Column::Bucket.eq(name_hash(shop, &own.name)))
        .exec(&shop.db)
        .await?;
    Ok(())
}

/// Throws away what is over; part of the worker's rounds.
pub(super) async fn sweep(shop: &Shop) -> Result<()> {
    let over = sign_in_try::Column::EndsAt.lte(shop.clock.now_ms());
    sign_in_try::Entity::delete_many().filter(over).exec(&shop.db).await?;
    Ok(())
}
