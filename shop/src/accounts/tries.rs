//! How often a way in is tried. Counted in the database, so that limits hold over replicas and restarts.
//!
//! No stranger locks a member out: who tries an address from elsewhere has a bucket of their own, and so has a browser in which
//! this member was signed in before (OWASP ASVS 6.1.1).

use super::sign_in;
use crate::base::database::begin_write;
use crate::base::entities::sign_in_try;
use crate::base::secret::{equal, token_text};
use crate::{Error, Result, Shop, base::refusals};
use domain::email::Email;
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

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

/// Counts a try in a bucket; a period that is over begins anew. Tells the count after it.
async fn count(tx: &DatabaseTransaction, shop: &Shop, bucket: &Bucket) -> Result<i64> {
    use sign_in_try::{ActiveModel, Column, Entity};
    let now = shop.clock.now_ms();
    let (store_id, hash, ends_at) = (shop.settings.store_id, name_hash(shop, &bucket.name), now + bucket.period_ms);
    let is_over = || Expr::col((Entity, Column::EndsAt)).lte(now);
    let again = OnConflict::columns([Column::StoreId, Column::Bucket])
        .value(Column::N, Expr::case(is_over(), 1i64).finally(Expr::col((Entity, Column::N)).add(1i64)))
        .value(Column::EndsAt, Expr::case(is_over(), ends_at).finally(Expr::col((Entity, Column::EndsAt))))
        .to_owned();
    let row = ActiveModel { store_id: Set(store_id), bucket: Set(hash.clone()), n: Set(1), ends_at: Set(ends_at) };
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(Entity::find_by_id((store_id, hash)).one(tx).await?.ok_or(Error::NotFound)?.n)
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
