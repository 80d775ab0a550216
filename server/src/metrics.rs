//! `GET /metrics` in Prometheus's text format, on a listener of its own: what it tells is no business of shoppers.

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use axum_prometheus::metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use axum_prometheus::metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use axum_prometheus::utils::SECONDS_DURATION_BUCKETS;
use axum_prometheus::{AXUM_HTTP_REQUESTS_DURATION_SECONDS, EndpointLabel, PrometheusMetricLayer, PrometheusMetricLayerBuilder};
use domain::word::Word;
use shop::Shop;
use shop::jobs::Kind;
use std::net::SocketAddr;

/// From a second, which is usual, to half a day, when an event is given up.
const DELIVERY_BUCKETS: &[f64] = &[0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0];

/// A label and the values that it takes.
type Label = (&'static str, &'static [&'static str]);

/// What is counted, with the labels that are there from the start: a counter that appears with its first fault is missed by
/// whoever watches how it grows.
const COUNTERS: [(&str, &str, &[Label]); 13] = [
    ("orders_paid_total", "Orders that were paid and delivered", &[]),
    ("orders_restored_total", "Paid orders that were gone and made again from what Stripe kept", &[]),
    ("deliveries_completed_total", "Deliveries that were not finished and had to be", &[]),
    ("inbox_received_total", "Events that Stripe brought, copies included", &[]),
    (
        "webhooks_refused_total",
        "Signed webhooks that were refused: by another secret, at another time than the clock here shows, or no event",
        &[("why", &["signature", "time", "malformed"])],
    ),
    ("inbox_listed_total", "Events that never came and were found in Stripe's list", &[]),
    ("inbox_events_total", "Events by how handling them ended", &[("state", &["done", "ignored", "retried", "dead"])]),
    ("jobs_total", "Jobs by kind and how they ended", &[]),
    ("refunds_total", "Refunds by the state that they took", &[("state", &["pending", "succeeded", "failed", "refused"])]),
    ("disputes_total", "Disputes by the status that they took", &[]),
    (
        "mismatches_total",
        "Payments that did not fit their order, by what differed",
        &[("what", &["amount", "currency", "mode", "reference", "account"])],
    ),
    ("dead_letters_total", "Work that was given up", &[("queue", &["inbox", "outbox"])]),
    ("alerts_total", "Words to the owner", &[]),
];

/// Starts to measure and to tell; once in a process. The layer counts requests by route, method and status.
///
/// # Errors
/// Says when the address can't be listened on.
pub async fn start(address: SocketAddr, shop: Shop) -> anyhow::Result<PrometheusMetricLayer<'static>> {
    let listener = crate::listener::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "metrics at /metrics");
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(AXUM_HTTP_REQUESTS_DURATION_SECONDS.to_owned()), SECONDS_DURATION_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full("order_to_delivery_seconds".to_owned()), DELIVERY_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full("inbox_event_seconds".to_owned()), DELIVERY_BUCKETS)?
        .install_recorder()
        .context("metrics are told already")?;
    // Paths without a route are one label: strangers must not be able to grow the table.
    let (layer, handle) = PrometheusMetricLayerBuilder::new()
        .with_endpoint_label_type(EndpointLabel::MatchedPathWithFallbackFn(|_| "unmatched".to_owned()))
        .with_metrics_from_fn(move || recorder)
        .build_pair();
    describe();
    let router = Router::new().route("/metrics", get(move || tell(shop.clone(), handle.clone())));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await.context("the metrics' listener broke") {
            tracing::error!(?error, "metrics are no longer told");
        }
    });
    Ok(layer)
}

fn describe() {
    for (name, text, labels) in COUNTERS {
        describe_counter!(name, text);
        if labels.is_empty() && name != "jobs_total" && name != "disputes_total" {
            counter!(name).absolute(0);
        }
        for (label, values) in labels {
            values.iter().for_each(|value| counter!(name, *label => *value).absolute(0));
        }
    }
    for kind in Kind::all() {
        ["done", "retried", "dead"].iter().for_each(|state| counter!("jobs_total", "kind" => kind.as_str(), "state" => *state).absolute(0));
    }
    describe_histogram!("order_to_delivery_seconds", "From a payment at Stripe to its delivery");
    describe_histogram!("inbox_event_seconds", "From an event's arrival to the end of its handling");
    describe_gauge!("inbox_waiting", "Events that wait, being handled included");
    describe_gauge!("outbox_waiting", "Jobs that wait, being done included");
    describe_gauge!("clock_skew_seconds", "By how much the clock here is ahead of Stripe's and of the database's, at the least");
    describe_gauge!("dead_letters", "Work that was given up and not tried again since");
}

/// What grows is counted where it happens; what stands in the database is asked for when somebody looks.
async fn tell(shop: Shop, handle: PrometheusHandle) -> String {
    match shop::jobs::backlog(&shop).await {
        Ok(backlog) => {
            gauge!("inbox_waiting").set(backlog.n_events as f64);
            gauge!("outbox_waiting").set(backlog.n_jobs as f64);
            gauge!("dead_letters").set(backlog.n_dead as f64);
        }
        Err(error) => tracing::warn!(?error, "the backlog could not be counted"),
    }
    handle.render()
}
