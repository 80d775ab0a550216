//! Mail: written in the outbox, sent by the worker, to SMTP or into a folder.

mod directory;
mod memory;
mod message;
mod smtp;
pub mod templates;

pub use directory::DirectoryMailer;
pub use memory::MemoryMailer;
pub use smtp::SmtpMailer;

use async_trait::async_trait;
use lettre::message::Mailbox;
use std::sync::Arc;

/// One mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// With its angle brackets, such as `<id@shop.example>`; the same for every try.
    pub message_id: String,
    /// A bare address.
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Where an answer goes, when not to the sender.
    pub reply_to: Option<String>,
    /// The sender's name, when not the one that the operator chose.
    pub from_name: Option<String>,
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Worth another try.
    #[error("the mail server can't take it now: {0}")]
    Transient(String),
    /// The same mail will be refused again.
    #[error("the mail was refused: {0}")]
    Permanent(String),
}

/// A way to send mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands the mail over; done means that somebody else is now responsible for it.
    ///
    /// # Errors
    /// [`MailError::Transient`] when a later try may succeed, [`MailError::Permanent`] when none will.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// Opens `smtp://user:password@host:port`, `smtps://…` or `dir:///path`; `from` is an address, or a name with one in
/// angle brackets.
///
/// # Errors
/// A sentence for the operator, without the password.
pub fn open(url: &str, from: &str) -> anyhow::Result<Arc<dyn Mailer>> {
    let from: Mailbox =
        from.parse().map_err(|_| anyhow::anyhow!("the sender of mails must be an address such as Shop <shop@example.com>"))?;
    if let Some(path) = url.strip_prefix("dir://") {
        anyhow::ensure!(path.starts_with('/'), "dir:// takes an absolute folder, such as dir:///var/lib/weightless/mail");
        return Ok(Arc::new(DirectoryMailer::open(path.into(), from)?));
    }
    anyhow::ensure!(url.starts_with("smtp://") || url.starts_with("smtps://"), "the mail URL begins with smtp://, smtps:// or dir:///");
    Ok(Arc::new(SmtpMailer::connect(url, from)?))
}
