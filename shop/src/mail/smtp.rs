//! Mail over SMTP. Source of the codes: RFC 5321 §4.2, RFC 4954 §6.

use super::message::message;
use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;

/// For each command; a server that greylists by waiting takes some of it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Refusals of who sends instead of what is sent: authentication is missing, wrong, too weak or needs TLS.
const NOT_THE_MAIL: [u16; 4] = [530, 534, 535, 538];

/// A mail server, with connections that are kept.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// `smtp://user:password@host:port` in the clear, with `?tls=required` over STARTTLS, or `smtps://…`; no connection
    /// is made yet.
    ///
    /// # Errors
    /// A sentence for the operator, without the password.
    pub fn connect(url: &str, from: Mailbox) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| {
                anyhow::anyhow!("the mail URL can't be read; it looks like smtps://user:password@host, with special characters as %40")
            })?
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Self { transport, from })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(mail, &self.from)?;
        let Err(error) = self.transport.send(message).await else { return Ok(()) };
        // A password that was changed must not cost the mails of the hour until somebody notices.
        let is_the_mail = error.is_permanent() && !error.status().is_some_and(|code| NOT_THE_MAIL.contains(&code.into()));
        Err(if is_the_mail { MailError::Permanent(error.to_string()) } else { MailError::Transient(error.to_string()) })
    }
}
