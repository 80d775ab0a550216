//! The emulator alone: `serve LISTEN [WEBHOOK_URL WEBHOOK_SECRET]`.

use stripe_emulator::{Emulator, Options, WebhookTarget};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let listen = args.first().map_or("127.0.0.1:12111", String::as_str);
    let webhook = match args.as_slice() {
        [_, url, secret] => Some(WebhookTarget { url: url.clone(), secret: secret.clone() }),
        _ => None,
    };
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    Emulator::new(Options { webhook, ..Options::default() })?.serve(listener, std::future::pending()).await
}
