//! What the operator decided, read once from the environment: one struct a topic.
//!
//! A missing or unknown `SHOP_*` refuses to start, because a misspelled limit would otherwise be no limit.

pub mod rate_limit;
mod variables;

pub use variables::Variables;

use anyhow::{Context, bail, ensure};
use domain::email::Email;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use shop::Delivery;
use shop::fulfillment::licenses::key_ring::{SigningKey, parse_signing_key};
use std::net::SocketAddr;
use std::time::Duration;

/// What may be set.
const KNOWN: [&str; 17] = [
    "SHOP_LISTEN",
    "SHOP_BASE_URL",
    "SHOP_DATABASE_URL",
    "SHOP_FILES_URL",
    "SHOP_MAIL_URL",
    "SHOP_MAIL_FROM",
    "SHOP_ALERT_EMAIL",
    "SHOP_SECRET_KEY",
    "SHOP_LICENSE_SIGNING_KEY",
    "SHOP_TRUSTED_PROXIES",
    "SHOP_DOWNLOAD_DELIVERY",
    "SHOP_RATE_LIMIT_SCALE",
    "SHOP_DRAIN_SECS",
    "SHOP_METRICS_LISTEN",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
];

/// Everything.
pub struct Config {
    pub web: WebConfig,
    pub database_url: String,
    pub files_url: String,
    pub mail: MailConfig,
    pub stripe: StripeConfig,
    pub secret_key: SecretString,
    /// What signs license files; the shop makes one when absent.
    pub license_signing_key: Option<SigningKey>,
    pub delivery: Delivery,
    pub metrics_listen: Option<SocketAddr>,
}

/// How the shop is reached.
#[derive(Clone, Debug)]
pub struct WebConfig {
    pub listen: SocketAddr,
    /// Without a slash at the end.
    pub base_url: String,
    /// Whose X-Forwarded-For counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Multiplies every rate limit.
    pub rate_limit_scale: f64,
    /// From the moment when `/readyz` says no to the moment when nobody is let in any more.
    pub drain: Duration,
}

impl WebConfig {
    /// Whether the shop is seen over plain http from other machines than its own.
    pub fn is_plain(&self) -> bool {
        let host = self.base_url.strip_prefix("http://").map(|rest| rest.split('/').next().unwrap_or_default());
        let is_here = |host: &str| host.starts_with("127.") || host.starts_with("[::1]") || host.split(':').next() == Some("localhost");
        host.is_some_and(|host| !is_here(host))
    }
}

/// How mail leaves.
#[derive(Clone)]
pub struct MailConfig {
    pub url: String,
    pub from: String,
    pub alert_email: Option<String>,
}

/// Which Stripe account.
#[derive(Clone)]
pub struct StripeConfig {
    pub secret_key: SecretString,
    pub webhook_secret: SecretString,
    pub api_base: String,
}

/// Stripe's own address.
pub const STRIPE_API: &str = "https://api.stripe.com";

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// One sentence that names the variable and says what it should be.
    pub fn from_env() -> anyhow::Result<Self> {
        Self::read(&Variables::from_env())
    }

    pub fn read(variables: &Variables) -> anyhow::Result<Self> {
        refuse_unknown(variables)?;
        let base_url = variables.need("SHOP_BASE_URL")?.trim_end_matches('/').to_owned();
        ensure!(base_url.starts_with("http://") || base_url.starts_with("https://"), "SHOP_BASE_URL begins with http:// or https://");
        let is_plain = base_url.bytes().all(|b| b.is_ascii_graphic()) && !base_url.contains(['?', '#', '@']);
        ensure!(is_plain, "SHOP_BASE_URL is an address such as https://shop.example.com, without a query");
        let secret_key = variables.need("SHOP_SECRET_KEY")?.to_owned();
        ensure!(secret_key.len() >= 32, "SHOP_SECRET_KEY needs at least 32 bytes; `openssl rand -hex 32` makes one");
        let webhook_secret =
            variables.need("STRIPE_WEBHOOK_SECRET").context("without it anybody could say that an order was paid")?.to_owned();
        let stripe_key = variables.need("STRIPE_SECRET_KEY")?.to_owned();
        ensure!(!stripe_key.starts_with("pk_"), "STRIPE_SECRET_KEY begins with sk_ or rk_; this one is the publishable key");
        let alert_email = variables.get("SHOP_ALERT_EMAIL").map(str::to_owned);
        if let Some(address) = &alert_email {
            Email::parse(address).map_err(|error| anyhow::anyhow!("SHOP_ALERT_EMAIL: {error}"))?;
        }
        Ok(Self {
            web: WebConfig {
                listen: variables
                    .get("SHOP_LISTEN")
                    .unwrap_or("127.0.0.1:3000")
                    .parse()
                    .context("SHOP_LISTEN is an address such as 0.0.0.0:3000")?,
                base_url,
                trusted_proxies: proxies(variables.get("SHOP_TRUSTED_PROXIES").unwrap_or_default())?,
                rate_limit_scale: rate_limit::scale(variables.get("SHOP_RATE_LIMIT_SCALE"))?,
                drain: drain(variables.get("SHOP_DRAIN_SECS"))?,
            },
            database_url: variables.need("SHOP_DATABASE_URL")?.to_owned(),
            files_url: variables.need("SHOP_FILES_URL")?.to_owned(),
            mail: MailConfig {
                url: variables.need("SHOP_MAIL_URL")?.to_owned(),
                from: variables.need("SHOP_MAIL_FROM")?.to_owned(),
                alert_email,
            },
            stripe: StripeConfig {
                secret_key: stripe_key.into(),
                webhook_secret: webhook_secret.into(),
                api_base: variables.get("STRIPE_API_BASE").unwrap_or(STRIPE_API).trim_end_matches('/').to_owned(),
            },
            secret_key: secret_key.into(),
            license_signing_key: signing_key(variables.get("SHOP_LICENSE_SIGNING_KEY"))?,
            delivery: match variables.get("SHOP_DOWNLOAD_DELIVERY") {
                None | Some("stream") => Delivery::Stream,
                Some("redirect") => Delivery::Redirect,
                Some(other) => bail!("SHOP_DOWNLOAD_DELIVERY is stream or redirect, not {other}"),
            },
            metrics_listen: metrics_listen(variables)?,
        })
    }

    /// Whether the Stripe key moves real money.
    pub fn is_live(&self) -> bool {
        shop::payments::stripe::is_live(self.stripe.secret_key.expose_secret())
    }
}

/// # Errors
/// Names the first variable that this program does not know.
pub fn refuse_unknown(variables: &Variables) -> anyhow::Result<()> {
    match variables.names().find(|name| name.starts_with("SHOP_") && !KNOWN.contains(name)) {
        Some(unknown) => bail!("{unknown} is not a variable of this program; .env.sample lists them all"),
        None => Ok(()),
    }
}

pub fn metrics_listen(variables: &Variables) -> anyhow::Result<Option<SocketAddr>> {
    variables.get("SHOP_METRICS_LISTEN").map(str::parse).transpose().context("SHOP_METRICS_LISTEN is an address such as 127.0.0.1:9100")
}

/// The text itself is a secret, and told to nobody.
fn signing_key(text: Option<&str>) -> anyhow::Result<Option<SigningKey>> {
    let parsed = text.map(|text| {
        parse_signing_key(text).context(
            "SHOP_LICENSE_SIGNING_KEY is an Ed25519 private key: PKCS#8 as PEM, or 32 bytes as base64 or hexadecimal digits; \
             `openssl genpkey -algorithm ed25519` makes one",
        )
    });
    parsed.transpose()
}

/// The longest drain. Every load balancer probes more often than this.
const MAX_DRAIN_SECS: u64 = 300;

fn drain(text: Option<&str>) -> anyhow::Result<Duration> {
    let secs = text.map_or(Some(0), |text| text.parse().ok().filter(|secs| *secs <= MAX_DRAIN_SECS));
    secs.map(Duration::from_secs).with_context(|| format!("SHOP_DRAIN_SECS is a number of seconds from 0 to {MAX_DRAIN_SECS}"))
}

fn proxies(text: &str) -> anyhow::Result<Vec<IpNet>> {
    text.split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<IpNet>()
                .or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from))
                .map_err(|_| anyhow::anyhow!("SHOP_TRUSTED_PROXIES lists networks such as 10.0.0.0/8; {part} is not one"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Variables {
        Variables::of([
            ("SHOP_BASE_URL", "https://shop.example.com/"),
            ("SHOP_DATABASE_URL", "sqlite://shop.db"),
            ("SHOP_FILES_URL", "file:///tmp/files"),
            ("SHOP_MAIL_URL", "dir:///tmp/mail"),
            ("SHOP_MAIL_FROM", "shop@example.com"),
            ("SHOP_SECRET_KEY", "0123456789abcdef0123456789abcdef"),
            ("STRIPE_SECRET_KEY", "sk_test_1"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_1"),
        ])
    }

    fn refusal(variables: Variables) -> String {
        format!("{:#}", Config::read(&variables).err().expect("was accepted"))
    }

    #[test]
    fn a_complete_environment_is_read() {
        let config = Config::read(&complete()).unwrap();
        assert_eq!(config.web.base_url, "https://shop.example.com");
        assert_eq!(config.stripe.api_base, STRIPE_API);
        assert!(!config.is_live());
        let is_plain = |url: &str| Config::read(&complete().with("SHOP_BASE_URL", url)).unwrap().web.is_plain();
        assert!(is_plain("http://192.168.1.5:3000") && is_plain("http://shop.example.com"));
        assert!(!is_plain("https://shop.example.com") && !is_plain("http://127.0.0.1:3000") && !is_plain("http://localhost"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for name in [
            "SHOP_BASE_URL",
            "SHOP_DATABASE_URL",
            "SHOP_FILES_URL",
            "SHOP_MAIL_URL",
            "SHOP_MAIL_FROM",
            "SHOP_SECRET_KEY",
            "STRIPE_SECRET_KEY",
            "STRIPE_WEBHOOK_SECRET",
        ] {
            assert!(refusal(complete().without(name)).contains(name), "{name}");
            assert!(refusal(complete().with(name, "")).contains(name), "empty {name}");
        }
        assert!(refusal(complete().with("SHOP_LISTN", "x")).contains("SHOP_LISTN"));
        assert!(refusal(complete().with("SHOP_ALERT_EMAIL", "nobody")).contains("SHOP_ALERT_EMAIL"));
        assert!(refusal(complete().with("SHOP_BASE_URL", "https://shop.example.com/?a")).contains("SHOP_BASE_URL"));
        assert!(refusal(complete().with("STRIPE_SECRET_KEY", "pk_test_1")).contains("publishable"));
        assert!(refusal(complete().with("SHOP_SECRET_KEY", "short")).contains("32 bytes"));
        assert!(refusal(complete().with("SHOP_DOWNLOAD_DELIVERY", "fly")).contains("fly"));
        let refused = refusal(complete().with("SHOP_LICENSE_SIGNING_KEY", "c2VjcmV0"));
        assert!(refused.contains("SHOP_LICENSE_SIGNING_KEY") && !refused.contains("c2VjcmV0"), "{refused}");
        assert!(refusal(complete().with("SHOP_DRAIN_SECS", "-1")).contains("SHOP_DRAIN_SECS"));
        assert!(refusal(complete().with("SHOP_TRUSTED_PROXIES", "everyone")).contains("everyone"));
    }
}
