//! Where tower-sessions keeps its sessions: the rows of `shop::accounts::sessions`. A session holds who signed in and nothing
//! else, so that no row is made for anybody else.

use async_trait::async_trait;
use serde::Deserialize;
use shop::Shop;
use shop::accounts::sessions::{self, SignIn};
use std::collections::HashMap;
use std::fmt;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

#[derive(Clone)]
pub struct ShopSessions(Shop);

impl ShopSessions {
    pub fn new(shop: Shop) -> Self {
        Self(shop)
    }
}

impl fmt::Debug for ShopSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShopSessions")
    }
}

#[async_trait]
impl SessionStore for ShopSessions {
    /// The id is always a new one, whatever the browser brought along.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let sign_in = record.data.get(SignIn::KEY).ok_or_else(|| Error::Encode("a session is a member's".to_owned()))?;
        let sign_in = SignIn::deserialize(sign_in).map_err(|error| Error::Encode(error.to_string()))?;
        record.id = Id(sessions::begin(&self.0, &sign_in).await.map_err(told)?.into());
        Ok(())
    }

    /// Nothing that a session holds changes while it lasts: whoever signs in again gets another one. So there is nothing to write.
    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(sign_in) = sessions::find(&self.0, id.0.into()).await.map_err(told)? else { return Ok(None) };
        let expiry_date = OffsetDateTime::from_unix_timestamp(sign_in.ends_at / 1000).map_err(|error| Error::Decode(error.to_string()))?;
        let held = serde_json::to_value(sign_in).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data: HashMap::from([(SignIn::KEY.to_owned(), held)]), expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::end(&self.0, id.0.into()).await.map_err(told)
    }
}

/// Logs why, as the error of a store is a text that nobody shows.
fn told(error: shop::Error) -> Error {
    tracing::error!(?error, "a session could not be read or written");
    Error::Backend(error.to_string())
}
