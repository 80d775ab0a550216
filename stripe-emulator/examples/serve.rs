//! The emulator alone: `serve [--listen ADDR] [--webhook-url URL --webhook-secret S] [--state FILE]`.

use anyhow::{Context, bail};
use stripe_emulator::{Emulator, Options, WebhookTarget};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut listen = "127.0.0.1:12111".to_owned();
    let (mut url, mut secret, mut options) = (None, None, Options::default());
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--listen" => listen = value,
            "--webhook-url" => url = Some(value),
            "--webhook-secret" => secret = Some(value),
            "--state" => options.state_file = Some(value.into()),
            _ => bail!("unknown argument {name}"),
        }
    }
    options.webhook = match (url, secret) {
        (Some(url), Some(secret)) => Some(WebhookTarget { url, secret }),
        (None, None) => None,
        _ => bail!("--webhook-url and --webhook-secret go together"),
    };
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("http://{}", listener.local_addr()?);
    Emulator::new(options)?.serve(listener, std::future::pending()).await
}
