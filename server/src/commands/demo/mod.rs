//! `demo`: serve, with everything else that a shop needs on this machine.

mod mailbox;
mod sales;

use super::admin::told;
use crate::application::{self, asked_to_stop};
use crate::config::{Config, MailConfig, StripeConfig, Variables, WebConfig, metrics_listen, rate_limit, refuse_unknown};
use crate::listener::bind;
use anyhow::{Context, ensure};
use clap::Args;
use shop::Delivery;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stripe_emulator::{Emulator, Options, WebhookTarget};

#[derive(Args)]
pub struct DemoArgs {
    /// Where the demo keeps its database, files and mails
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// The shop's address; loopback only
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The Stripe emulator's address; loopback only
    #[arg(long, default_value = "127.0.0.1:12111")]
    stripe_listen: SocketAddr,
    /// Throw the demo's data away first
    #[arg(long)]
    fresh: bool,
    /// Start with the sample products, and without made-up visitors and sales
    #[arg(long)]
    empty: bool,
    /// Add this many generated products, for tests of scale
    #[arg(long, default_value_t = 0)]
    products: u64,
}

const OWNER: &str = "creator@example.com";

pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let is_here = args.listen.ip().is_loopback() && args.stripe_listen.ip().is_loopback();
    ensure!(is_here, "the demo serves this machine only; give it loopback addresses such as 127.0.0.1:3000");
    let variables = Variables::from_env();
    refuse_unknown(&variables)?;
    let data = prepare(&args)?;
    let secrets = Secrets::load(&data.join("secrets.json"))?;
    let (listener, stripe_listener) = (bind(args.listen).await?, bind(args.stripe_listen).await?);
    let (shop_url, stripe_url) = (format!("http://{}", listener.local_addr()?), format!("http://{}", stripe_listener.local_addr()?));
    let mut config = config(&data, &secrets, listener.local_addr()?, &shop_url, &stripe_url);
    // Everything else of a demo is its own; these two are about how it is watched and loaded.
    config.web.rate_limit_scale = rate_limit::scale(variables.get("SHOP_RATE_LIMIT_SCALE"))?;
    config.metrics_listen = metrics_listen(&variables)?;
    let shop = application::open(&config).await?;
    let state_file = data.join("stripe.json");
    // First of all, so that a start that is broken off leaves somebody who can sign in.
    if !shop::accounts::is_claimed(&shop).await.map_err(told)? {
        shop::accounts::create_owner(&shop, OWNER, &secrets.owner_password).await.map_err(told)?;
    }
    match args.empty {
        true => shop::catalog::sample::load(&shop).await.map(drop).map_err(told)?,
        false => sales::make_up(&shop, &state_file).await?,
    }
    if args.products > 0 {
        shop::catalog::sample::generate(&shop, args.products).await.map_err(told)?;
    }
    let webhook = WebhookTarget { url: format!("{shop_url}/webhooks/stripe"), secret: secrets.webhook_secret.clone() };
    let emulator = Emulator::new(Options {
        webhook: Some(webhook),
        state_file: Some(state_file),
        retry_base: Duration::from_millis(500),
        ..Options::default()
    })?;
    let emulator = tokio::spawn(emulator.serve(stripe_listener, asked_to_stop()));
    println!("\n  The shop      {shop_url}/");
    println!("  The mailbox   {shop_url}/mailbox");
    println!("  The dashboard {shop_url}/dashboard");
    println!("  Sign in as    {OWNER} with the password {}", secrets.owner_password);
    println!("\n  Pay with 4242 4242 4242 4242, any date to come, any three digits. No money moves. Ctrl-C ends the demo.\n");
    let mailbox = mailbox::router(data.join("mail"));
    application::serve(shop, &config, listener, mailbox, asked_to_stop()).await?;
    emulator.await?
}

fn prepare(args: &DemoArgs) -> anyhow::Result<PathBuf> {
    if args.fresh && args.data.join("secrets.json").exists() {
        std::fs::remove_dir_all(&args.data).with_context(|| format!("{} can't be removed", args.data.display()))?;
    }
    std::fs::create_dir_all(&args.data).with_context(|| format!("{} can't be made", args.data.display()))?;
    Ok(args.data.canonicalize()?)
}

fn config(data: &Path, secrets: &Secrets, listen: SocketAddr, shop_url: &str, stripe_url: &str) -> Config {
    Config {
        web: WebConfig { listen, base_url: shop_url.to_owned(), trusted_proxies: Vec::new(), rate_limit_scale: 1.0, drain: Duration::ZERO },
        database_url: format!("sqlite://{}", data.join("shop.db").display()),
        files_url: format!("file://{}", data.join("files").display()),
        mail: MailConfig {
            url: format!("dir://{}", data.join("mail").display()),
            from: "Quiet Press Works <shop@example.com>".to_owned(),
            alert_email: Some(OWNER.to_owned()),
        },
        stripe: StripeConfig {
            secret_key: "sk_test_demo".to_owned().into(),
            webhook_secret: secrets.webhook_secret.clone().into(),
            api_base: stripe_url.to_owned(),
        },
        secret_key: secrets.secret_key.clone().into(),
        license_signing_key: None,
        delivery: Delivery::Stream,
        metrics_listen: None,
    }
}

/// Made once for a demo, and kept with its data.
#[derive(serde::Serialize, serde::Deserialize)]
struct Secrets {
    secret_key: String,
    webhook_secret: String,
    owner_password: String,
}

impl Secrets {
    fn load(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| format!("{} can't be read; --fresh starts anew", path.display())),
            Err(_) => {
                let text = |n: usize| shop::base::secret::token_text(&shop::chance::<40>()).chars().take(n).collect::<String>();
                let secrets = Self { secret_key: text(64), webhook_secret: format!("whsec_{}", text(32)), owner_password: text(12) };
                write_for_me(path, &serde_json::to_vec_pretty(&secrets)?)
                    .with_context(|| format!("{} can't be written", path.display()))?;
                Ok(secrets)
            }
        }
    }
}

/// Writes a file that other users of this machine can't read.
fn write_for_me(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content)
}
