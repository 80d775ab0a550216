//! The mail that tells the owner what a day brought.

use super::letter::{deliver, message_id};
use super::{Done, GivenUp, Stop, Work};
use crate::analytics::{self, RangeQuery};
use crate::jobs::mail::{Mail, templates};
use crate::jobs::outbox::JobRow;
use crate::jobs::sale_mails;
use crate::stores::calendar::parse_day;
use crate::{Shop, stores};
use async_trait::async_trait;
use domain::pages::analytics::By;

pub(super) struct DailySalesMail;

/// At most this many products are named.
const N_PRODUCTS: usize = 5;

#[async_trait]
impl Work for DailySalesMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let Some(to) = sale_mails::recipient(shop).await? else { return Ok(Done::Needless) };
        let day = parse_day(&job.payload).ok_or_else(|| Stop::GiveUp("the payload is no day".to_owned()))?;
        let the_day = RangeQuery { from: Some(job.payload.clone()), to: Some(job.payload.clone()), ..RangeQuery::default() };
        let figures = analytics::summary(shop, &the_day, false).await?.now;
        if figures.n_orders == 0 {
            return Ok(Done::Needless);
        }
        let mut best = analytics::breakdown(shop, &the_day, By::Product).await?.rows;
        best.retain(|row| row.n_orders > 0);
        best.truncate(N_PRODUCTS);
        let store = stores::face(shop).await?;
        let (subject, text, html) =
            templates::daily_sales(templates::DailySalesMail { store: &store, day, figures: &figures, best: &best });
        deliver(shop, &Mail { message_id: message_id(shop, job), to, subject, text, html, reply_to: None, from_name: None }).await?;
        Ok(Done::AsAsked)
    }

    /// An alert would go the same way.
    fn given_up(&self, _: &str) -> Option<GivenUp> {
        None
    }
}
