//! The shop with its world wired up, served on a listener. Shared by the commands and the tests.

use crate::config::Config;
use crate::http::health::Readiness;
use crate::{listener, metrics, router};
use anyhow::Context;
use secrecy::ExposeSecret;
use shop::{Clock, SecretKey, Settings, Shop};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What is in flight at a shutdown may take this long.
const GRACE: Duration = Duration::from_secs(30);

/// Connects to everything that the configuration names, with the schema up to date.
pub async fn open(config: &Config) -> anyhow::Result<Shop> {
    let db = shop::base::database::connect(&config.database_url).await.context("SHOP_DATABASE_URL")?;
    migration::migrate(db.writer()).await.context("the database's schema could not be brought up to date")?;
    let clock = Clock::System;
    let store_id = shop::stores::ensure(&db, &clock).await.map_err(|error| anyhow::anyhow!("the store could not be read: {error:?}"))?;
    let settings = Settings {
        store_id,
        base_url: config.web.base_url.clone(),
        alert_email: config.mail.alert_email.clone(),
        secret_key: SecretKey::new(config.secret_key.expose_secret())?,
        delivery: config.delivery,
        stripe_webhook_secret: config.stripe.webhook_secret.clone(),
        livemode: config.is_live(),
        license_signing_key: config.license_signing_key.clone(),
    };
    Ok(Shop {
        db,
        stripe: shop::payments::stripe::connect(config.stripe.secret_key.expose_secret(), &config.stripe.api_base)?,
        files: shop::files::open(&config.files_url).await.context("SHOP_FILES_URL")?,
        mail: shop::jobs::mail::open(&config.mail.url, &config.mail.from).context("SHOP_MAIL_URL or SHOP_MAIL_FROM")?,
        clock,
        settings: Arc::new(settings),
        wake: Arc::default(),
        catalog_changes: Arc::new(AtomicU64::new(0)),
        memos: Arc::default(),
        visits: Arc::default(),
        transfers: Arc::default(),
        clocks: Arc::default(),
    })
}

/// Serves pages and works until `shutdown` resolves; what is in flight then is finished.
pub async fn serve(
    shop: Shop,
    config: &Config,
    listener: TcpListener,
    extra: axum::Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let readiness = Readiness::default();
    let mut service = router::build(shop.clone(), config, extra, readiness.clone()).await?;
    if let Some(address) = config.metrics_listen {
        service = service.layer(metrics::start(address, shop.clone()).await?);
    }
    let worker = tokio::spawn(shop::jobs::run_until(shop.clone(), until(stopped.clone())));
    let watcher = tokio::spawn(crate::render_cache::follow_replicas(shop.clone()));
    let counter = tokio::spawn(crate::http::visits::keep_counting(shop.clone(), until(stopped.clone())));
    let writer = tokio::spawn(crate::http::downloads::keep_writing(shop.clone(), until(stopped.clone())));
    let limits = listener::Limits::new(config.web.trusted_proxies.clone(), listener::raise_descriptors());
    let server = tokio::spawn(listener::serve(listener, service, limits, until(stopped)));
    shutdown.await;
    // Balancers learn first, while everybody is still served.
    readiness.drain();
    if !config.web.drain.is_zero() {
        tracing::info!(secs = config.web.drain.as_secs(), "stopping; balancers are told first");
        tokio::select! {
            () = tokio::time::sleep(config.web.drain) => {}
            // Asked again, it does not wait.
            () = asked_to_stop() => {}
        }
    }
    tracing::info!("stopping; what is in flight is finished");
    // Nobody listens any more when both have ended by themselves.
    let _nobody_left = stop.send(true);
    watcher.abort();
    match tokio::time::timeout(GRACE, server).await {
        Ok(ended) => ended.context("the web server broke")?,
        Err(_) => tracing::warn!("some requests did not end in time"),
    }
    // What was sent while the last requests ended.
    let downloads = async {
        if let Err(error) = writer.await {
            tracing::error!(%error, "the loop that writes downloads broke off");
        }
        crate::http::downloads::write_down(&shop).await;
    };
    if tokio::time::timeout(GRACE, downloads).await.is_err() {
        tracing::warn!("the last downloads are not written down");
    }
    if tokio::time::timeout(GRACE, counter).await.is_err() {
        tracing::warn!("the last visits are not counted");
    }
    if tokio::time::timeout(GRACE, worker).await.is_err() {
        tracing::warn!("the worker did not end in time; its leases run out by themselves");
    }
    Ok(())
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop as well.
    let _gone = stopped.wait_for(|stopped| *stopped).await;
}

/// Resolves when the operator or the system asks the program to end.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
