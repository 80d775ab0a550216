//! The keys that license files are signed with: one that signs, and those that did so before, whose files are good until they end.

mod parse;

pub use parse::parse_signing_key;

use crate::base::database::{begin_write, retried};
use crate::base::entities::signing_key::{ActiveModel, Column, Entity, Model};
use crate::base::seal::{self, Label};
use crate::{Error, Result, Shop, base::world};
pub use license_verifier::SigningKey;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, Select};

/// A key as programs are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKeyView {
    pub kid: String,
    /// Hexadecimal digits.
    pub public_key: String,
    /// Milliseconds since 1970.
    pub not_before: i64,
    /// Since when it signs no more.
    pub retired_at: Option<i64>,
}

/// All keys that the store's files were ever signed with, the latest first.
pub async fn public_keys(shop: &Shop) -> Result<Vec<PublicKeyView>> {
    active(shop).await?;
    let rows = of_store(shop).order_by_desc(Column::Id).all(&shop.db).await?;
    let view = |row: Model| PublicKeyView {
        public_key: data_encoding::HEXLOWER.encode(&row.public_key),
        kid: row.kid,
        not_before: row.not_before,
        retired_at: row.retired_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// The key that signs. It is made when it is first needed, unless the environment has one.
pub(super) async fn active(shop: &Shop) -> Result<SigningKey> {
    if let Some(row) = active_row(&shop.db, shop).await?
        && let Some(key) = usable(shop, &row)?
    {
        return Ok(key);
    }
    let key = retried(|| async {
        let tx = begin_write(&shop.db).await?;
        lock(&tx, shop).await?;
        // Another replica may have been first.
        let found = match active_row(&tx, shop).await? {
            Some(row) => usable(shop, &row)?,
            None => None,
        };
        let key = match found {
            Some(key) => key,
            None => match &shop.settings.license_signing_key {
                Some(key) => switch(&tx, shop, key, None).await?,
                // The environment had one, and has it no more: the shop's own signs again, which programs may know. Making another
                // would make one each time while replicas of both kinds run.
                None => match last_own(&tx, shop).await? {
                    Some(key) => switch(&tx, shop, &key, None).await?,
                    None => make(&tx, shop).await?,
                },
            },
        };
        tx.commit().await?;
        Ok(key)
    })
    .await?;
    tracing::info!(kid = %key.kid(), "license files are signed with this key from now on");
    Ok(key)
}

/// Lets a new key sign from now on; the old one stays listed.
///
/// # Errors
/// Refuses where the environment says which key signs.
pub async fn rotate(shop: &Shop) -> Result<String> {
    if shop.settings.license_signing_key.is_some() {
        let text = "SHOP_LICENSE_SIGNING_KEY says which key signs. Change it and restart; the old key stays listed.";
        return Err(Error::conflict("signing_key_fixed", text));
    }
    let key = retried(|| async {
        let tx = begin_write(&shop.db).await?;
        lock(&tx, shop).await?;
        let key = make(&tx, shop).await?;
        tx.commit().await?;
        Ok(key)
    })
    .await?;
    tracing::info!(kid = %key.kid(), "license files are signed with a new key");
    Ok(key.kid())
}

/// One at a time: the store's row stands for its key ring.
async fn lock(tx: &DatabaseTransaction, shop: &Shop) -> Result<()> {
    crate::stores::steps::lock(tx, shop.settings.store_id).await.map(drop)
}

fn of_store(shop: &Shop) -> Select<Entity> {
    Entity::find().filter(Column::StoreId.eq(shop.settings.store_id))
}

async fn active_row(db: &impl ConnectionTrait, shop: &Shop) -> Result<Option<Model>> {
    Ok(of_store(shop).filter(Column::RetiredAt.is_null()).one(db).await?)
}

fn label(kid: &str) -> Label<'_> {
    Label { purpose: "license signing key", row: kid.as_bytes() }
}

/// The private key of the row that signs, where it is the one that should.
fn usable(shop: &Shop, row: &Model) -> Result<Option<SigningKey>> {
    match (&shop.settings.license_signing_key, &row.sealed) {
        (Some(key), _) => Ok((key.kid() == row.kid).then(|| key.clone())),
        (None, Some(sealed)) => opened(shop, &row.kid, sealed).map(Some),
        // The environment had it, and has it no more.
        (None, None) => Ok(None),
    }
}

fn opened(shop: &Shop, kid: &str, sealed: &[u8]) -> Result<SigningKey> {
    let seed = seal::open(&shop.settings.secret_key, label(kid), sealed)?;
    let seed = <[u8; 32]>::try_from(seed).map_err(|_| anyhow::anyhow!("a signing key has not 32 bytes"))?;
    Ok(SigningKey::from_seed(&seed))
}

/// The latest key that the shop has made: those before it were rotated away.
async fn last_own(tx: &DatabaseTransaction, shop: &Shop) -> Result<Option<SigningKey>> {
    let own = of_store(shop).filter(Column::Sealed.is_not_null()).order_by_desc(Column::Id).one(tx).await?;
    own.and_then(|row| Some((row.kid, row.sealed?))).map(|(kid, sealed)| opened(shop, &kid, &sealed)).transpose()
}

/// Lets a new key sign.
async fn make(tx: &DatabaseTransaction, shop: &Shop) -> Result<SigningKey> {
    let seed = world::chance::<32>();
    let key = SigningKey::from_seed(&seed);
    let sealed = seal::seal(&shop.settings.secret_key, label(&key.kid()), &seed)?;
    switch(tx, shop, &key, Some(sealed)).await
}

/// Retires the key that signs, and lets this one sign.
async fn switch(tx: &DatabaseTransaction, shop: &Shop, key: &SigningKey, sealed: Option<Vec<u8>>) -> Result<SigningKey> {
    let now = shop.clock.now_ms();
    let retire = Entity::update_many().col_expr(Column::RetiredAt, Expr::value(now)).filter(Column::StoreId.eq(shop.settings.store_id));
    retire.filter(Column::RetiredAt.is_null()).exec(tx).await?;
    // One that signed before and comes back.
    let known = Entity::update_many().col_expr(Column::RetiredAt, Expr::value(Option::<i64>::None));
    let known = known.filter(Column::StoreId.eq(shop.settings.store_id)).filter(Column::Kid.eq(key.kid()));
    if known.exec(tx).await?.rows_affected == 0 {
        let row = ActiveModel {
            id: Set(world::new_id()),
            store_id: Set(shop.settings.store_id),
            kid: Set(key.kid()),
            public_key: Set(key.public_key().to_bytes().to_vec()),
            sealed: Set(sealed),
            not_before: Set(now),
            retired_at: Set(None),
        };
        Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(key.clone())
}
