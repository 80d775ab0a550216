//! Mail as `.eml` files in a folder: what the demo's mailbox shows.

use super::{Mail, MailError, Mailer, message};
use async_trait::async_trait;
use lettre::message::Mailbox;
use std::path::PathBuf;

/// A folder of mails.
pub struct DirectoryMailer {
    folder: PathBuf,
    from: Mailbox,
}

impl DirectoryMailer {
    /// Opens the folder, which is made when missing.
    pub fn open(folder: PathBuf, from: Mailbox) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&folder).map_err(|error| anyhow::anyhow!("the mail folder {} can't be made: {error}", folder.display()))?;
        Ok(Self { folder, from })
    }
}

#[async_trait]
impl Mailer for DirectoryMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let bytes = message(mail, &self.from)?.formatted();
        // The id is that of the job, so a mail that is sent again replaces itself.
        let name: String = mail.message_id.chars().take_while(|c| *c != '@').filter(char::is_ascii_alphanumeric).collect();
        let (temporary, target) = (self.folder.join(format!("{name}.part")), self.folder.join(format!("{name}.eml")));
        let write = async {
            tokio::fs::write(&temporary, bytes).await?;
            tokio::fs::rename(&temporary, &target).await
        };
        write.await.map_err(|error: std::io::Error| MailError::Transient(error.to_string()))
    }
}
