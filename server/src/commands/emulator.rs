//! `stripe-emulator`: a Stripe to test against.

use crate::application::asked_to_stop;
use crate::listener::bind;
use anyhow::ensure;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use stripe_emulator::{Emulator, Options, WebhookTarget};

#[derive(Args)]
pub struct EmulatorArgs {
    /// The address to listen on; loopback only
    #[arg(long, default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// Where signed events are sent
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// What they are signed with
    #[arg(long)]
    webhook_secret: Option<String>,
    /// A file in which its state survives a restart
    #[arg(long)]
    state: Option<PathBuf>,
}

pub async fn run(args: EmulatorArgs) -> anyhow::Result<()> {
    ensure!(args.listen.ip().is_loopback(), "the emulator serves this machine only; give it a loopback address such as 127.0.0.1:12111");
    ensure!(args.webhook_secret.as_deref() != Some(""), "--webhook-secret is empty; anybody could sign events then");
    let is_http = args.webhook_url.as_deref().is_none_or(|url| url.starts_with("http://"));
    ensure!(is_http, "--webhook-url is an address such as http://127.0.0.1:3000/webhooks/stripe");
    let webhook = args.webhook_url.zip(args.webhook_secret).map(|(url, secret)| WebhookTarget { url, secret });
    let emulator = Emulator::new(Options { webhook, state_file: args.state, ..Options::default() })?;
    let listener = bind(args.listen).await?;
    println!("The Stripe emulator listens on http://{}", listener.local_addr()?);
    emulator.serve(listener, asked_to_stop()).await
}
