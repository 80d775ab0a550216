//! `GET /metrics` in Prometheus's text format, on a listener of its own: what it tells is no business of shoppers.

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use axum_prometheus::{EndpointLabel, PrometheusMetricLayer, PrometheusMetricLayerBuilder};
use std::net::SocketAddr;

/// Starts to measure and to tell; once in a process. The layer counts requests by route, method and status.
///
/// # Errors
/// Says when the address can't be listened on.
pub async fn start(address: SocketAddr) -> anyhow::Result<PrometheusMetricLayer<'static>> {
    let listener = crate::application::bind(address).await?;
    tracing::info!(address = %listener.local_addr()?, "metrics at /metrics");
    // Paths without a route are one label: strangers must not be able to grow the table.
    let (layer, handle) = PrometheusMetricLayerBuilder::new()
        .with_endpoint_label_type(EndpointLabel::MatchedPathWithFallbackFn(|_| "unmatched".to_owned()))
        .with_default_metrics()
        .build_pair();
    let router = Router::new().route("/metrics", get(move || async move { handle.render() }));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await.context("the metrics' listener broke") {
            tracing::error!(?error, "metrics are no longer told");
        }
    });
    Ok(layer)
}
