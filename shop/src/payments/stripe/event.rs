//! Stripe's own list of what happened, of the last thirty days: <https://docs.stripe.com/api/events/list>
//!
//! An event is written in the version of the API in which it happened, so that only what every version has is read.

use super::{Failure, StripeApi};
use miniserde::Deserialize;
use serde::Serialize;
use stripe_client_core::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};

/// What happened, and to what.
#[derive(Clone, Debug)]
pub struct ListedEvent {
    pub id: String,
    pub kind: String,
    pub livemode: bool,
    pub account: Option<String>,
    pub api_version: Option<String>,
    pub object_id: String,
    /// Seconds since 1970.
    pub created: i64,
}

/// A page of the list, newest first.
pub struct EventPage {
    pub events: Vec<ListedEvent>,
    pub has_more: bool,
}

#[derive(Serialize)]
struct ListEvents<'a> {
    limit: u32,
    types: &'a [&'a str],
    created: Since,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

#[derive(Serialize)]
struct Since {
    gte: i64,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Row>,
    has_more: bool,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    account: Option<String>,
    api_version: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
}

impl StripeRequest for ListEvents<'_> {
    type Output = Page;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, "/events").query(self)
    }
}

struct RetrieveAccount;

impl StripeRequest for RetrieveAccount {
    type Output = Account;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, "/account")
    }
}

impl StripeApi {
    /// A page of the events of these names since then (seconds since 1970), after the event `after` of the page before. Stripe takes up
    /// to twenty names at once.
    pub async fn events_since(&self, names: &[&str], since: i64, after: Option<&str>) -> Result<EventPage, Failure> {
        let call = ListEvents { limit: 100, types: names, created: Since { gte: since }, starting_after: after };
        let page = call.customize().send(&self.client).await?;
        let events = page.data.into_iter().map(|row| ListedEvent {
            id: row.id,
            kind: row.kind,
            created: row.created,
            livemode: row.livemode,
            account: row.account,
            api_version: row.api_version,
            object_id: row.data.object.id.unwrap_or_default(),
        });
        Ok(EventPage { events: events.collect(), has_more: page.has_more })
    }

    /// The account that the key belongs to: <https://docs.stripe.com/api/accounts/retrieve>
    pub async fn account_id(&self) -> Result<String, Failure> {
        Ok(RetrieveAccount.customize().send(&self.client).await?.id)
    }
}
