//! Mail over SMTP. Source of the codes: RFC 5321 §4.2, RFC 3463 §3.2, RFC 7505 §4.2.

use super::message::message;
use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::error::Error;
use std::time::Duration;

/// For each command; a server that greylists by waiting takes some of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A mail server, with connections that are kept.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// `smtp://user:password@host:port` over STARTTLS, `smtps://…` over TLS from the first byte; no connection is made yet.
    /// A server that asks for no password may do without, as one on the same machine does.
    ///
    /// # Errors
    /// A sentence for the operator, without the password.
    pub fn connect(url: &str, from: Mailbox) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&encrypted(url))
            .map_err(|_| {
                anyhow::anyhow!("the mail URL can't be read; it looks like smtps://user:password@host, with special characters as %40")
            })?
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Self { transport, from })
    }
}

/// A password never travels in the clear, unless the URL says how it wants it.
fn encrypted(url: &str) -> String {
    let has_password = url.strip_prefix("smtp://").and_then(|rest| rest.split('/').next()).is_some_and(|authority| authority.contains('@'));
    match (has_password, url.contains("tls=")) {
        (true, false) if url.contains('?') => format!("{url}&tls=required"),
        (true, false) => format!("{url}?tls=required"),
        _ => url.to_owned(),
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(mail, &self.from)?;
        let transport = self.transport.clone();
        // A dialogue is spoken to its end, whoever stops listening: left in the middle, its connection would go on with the next
        // mail, which would take the answers to this one for its own.
        let dialogue = tokio::spawn(async move { transport.send(message).await });
        let spoken = dialogue.await.map_err(|error| MailError::Transient(error.to_string()))?;
        let Err(error) = spoken else { return Ok(()) };
        Err(if is_about_recipient(&error) { MailError::Permanent(error.to_string()) } else { MailError::Transient(error.to_string()) })
    }
}

/// Whether nobody can be reached under the address, so that the same mail will be refused again.
///
/// Other refusals that call themselves permanent are about the sender, and end when somebody sees to them: a password that
/// was changed, a daily limit, a black list. They must not cost the mails of the hour.
fn is_about_recipient(error: &lettre::transport::smtp::Error) -> bool {
    let Some(code) = error.status().filter(|_| error.is_permanent()).map(u16::from) else { return false };
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let detail = text.split_whitespace().next().and_then(|word| word.strip_prefix("5.1."));
    match code {
        // 5.1.7 and 5.1.8 speak of the sender's address.
        550 | 551 | 553 => detail.is_some_and(|detail| !matches!(detail, "7" | "8")),
        // An address that can't be read, in the server's eyes.
        501 => detail == Some("3"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::encrypted;

    #[test]
    fn a_password_never_travels_in_the_clear() {
        assert_eq!(encrypted("smtp://user:password@mail.example.com:587"), "smtp://user:password@mail.example.com:587?tls=required");
        for kept in ["smtps://user:password@mail.example.com", "smtp://127.0.0.1:25", "smtp://u:p@localhost:25?tls=opportunistic"] {
            assert_eq!(encrypted(kept), kept);
        }
    }
}
