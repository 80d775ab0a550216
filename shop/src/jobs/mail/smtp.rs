//! Mail over SMTP. Source of the codes: RFC 5321 §4.2, RFC 3463 §3.2, RFC 7505 §4.2.

use super::message::message;
use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// For each command; a server that greylists by waiting takes some of it.
const TIMEOUT: Duration = Duration::from_secs(30);

/// For a whole mail. The worker gives a mail up after a minute, and whoever sends it again must not do so while the first is
/// still being sent.
const WHOLE_MAIL: Duration = Duration::from_secs(50);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// A mail server, with connections that are kept.
pub struct SmtpMailer {
    url: String,
    transport: Mutex<Transport>,
    from: Mailbox,
    whole_mail: Duration,
}

impl SmtpMailer {
    /// `smtp://user:password@host:port` over STARTTLS, `smtps://…` over TLS from the first byte; no connection is made yet.
    /// A server that asks for no password may do without, as one on the same machine does.
    ///
    /// # Errors
    /// A sentence for the operator, without the password.
    pub fn connect(url: &str, from: Mailbox) -> anyhow::Result<Self> {
        let url = encrypted(url);
        let transport = transport(&url).map_err(|_| {
            anyhow::anyhow!("the mail URL can't be read; it looks like smtps://user:password@host, with special characters as %40")
        })?;
        Ok(Self { url, transport: Mutex::new(transport), from, whole_mail: WHOLE_MAIL })
    }

    /// With another limit for a whole mail than fifty seconds.
    pub fn within(self, whole_mail: Duration) -> Self {
        Self { whole_mail, ..self }
    }

    fn transport(&self) -> std::sync::MutexGuard<'_, Transport> {
        self.transport.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves all kept connections to those who still use them. One that was given up in the middle of a mail would go on with the
    /// next, which would take the answers to this one for its own.
    fn start_over(&self) {
        match transport(&self.url) {
            Ok(fresh) => *self.transport() = fresh,
            Err(error) => tracing::error!(%error, "the mail URL can't be read any more"),
        }
    }
}

fn transport(url: &str) -> Result<Transport, lettre::transport::smtp::Error> {
    Ok(Transport::from_url(url)?.timeout(Some(TIMEOUT)).build())
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
        let (transport, whole_mail) = (self.transport().clone(), self.whole_mail);
        // A dialogue goes on when nobody listens any more, so that its connection is not left in the middle of a mail; but not for
        // longer than a mail may take.
        let dialogue = tokio::spawn(async move { tokio::time::timeout(whole_mail, transport.send(message)).await });
        let spoken = match dialogue.await {
            Ok(Ok(spoken)) => spoken,
            Ok(Err(_)) => {
                self.start_over();
                return Err(MailError::Transient(format!("it did not take the mail within {whole_mail:?}")));
            }
            Err(error) => return Err(MailError::Transient(error.to_string())),
        };
        let Err(error) = spoken else { return Ok(()) };
        Err(if is_about_recipient(&error) { MailError::Permanent(reason(&error)) } else { MailError::Transient(reason(&error)) })
    }
}

/// Why the server refused, by its codes alone: its words often repeat the recipient's address, which stays out of logs and alerts.
fn reason(error: &lettre::transport::smtp::Error) -> String {
    let Some(code) = error.status() else { return error.to_string() };
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    let is_enhanced =
        |word: &&str| word.len() <= 11 && word.split('.').count() == 3 && word.bytes().all(|b| b == b'.' || b.is_ascii_digit());
    match text.split_whitespace().next().filter(is_enhanced) {
        Some(enhanced) => format!("{code} {enhanced}"),
        None => code.to_string(),
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
