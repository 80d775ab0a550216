//! Mail: written in the outbox, sent by the worker, to SMTP or into a folder.

mod directory;
mod memory;
mod smtp;
pub mod templates;

pub use directory::DirectoryMailer;
pub use memory::MemoryMailer;
pub use smtp::SmtpMailer;

use async_trait::async_trait;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use std::sync::Arc;

/// One mail to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// With its angle brackets; the same for every try.
    pub message_id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub reply_to: Option<String>,
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
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// Opens `smtp://`, `smtps://` or `dir:///path`; `from` is an address, or a name with one in angle brackets.
pub fn open(url: &str, from: &str) -> anyhow::Result<Arc<dyn Mailer>> {
    let from: Mailbox = from.parse().map_err(|_| anyhow::anyhow!("the sender of mails must be an address such as Shop <shop@example.com>"))?;
    if let Some(path) = url.strip_prefix("dir://") {
        return Ok(Arc::new(DirectoryMailer::open(path.into(), from)?));
    }
    anyhow::ensure!(url.starts_with("smtp://") || url.starts_with("smtps://"), "the mail URL begins with smtp://, smtps:// or dir:///");
    Ok(Arc::new(SmtpMailer::connect(url, from)?))
}

/// The mail in its Internet form. Addresses are typed and headers encoded, so nothing typed by a customer becomes a header.
fn message(mail: &Mail, from: &Mailbox) -> Result<Message, MailError> {
    let permanent = |error: &dyn std::fmt::Display| MailError::Permanent(error.to_string());
    let to: Address = mail.to.parse().map_err(|error| permanent(&error))?;
    let subject: String = mail.subject.chars().filter(|c| !c.is_control()).collect();
    let mut builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .message_id(Some(mail.message_id.clone()))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(reply_to.parse().map_err(|error| permanent(&error))?);
    }
    builder.multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone())).map_err(|error| permanent(&error))
}
