//! Mail as `.eml` files in a folder: what the demo's mailbox shows.

use super::message::message;
use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use lettre::message::Mailbox;
use std::path::{Path, PathBuf};
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt;

/// A folder of mails, each `<id>.eml` with the letters and digits of its message id, so that nothing in it is a path.
pub struct DirectoryMailer {
    folder: PathBuf,
    from: Mailbox,
}

impl DirectoryMailer {
    /// Opens the folder, which is made when missing.
    ///
    /// # Errors
    /// A sentence for the operator.
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
        let id: String = mail.message_id.chars().take_while(|c| *c != '@').filter(char::is_ascii_alphanumeric).collect();
        let (temporary, target) = (self.folder.join(format!("{id}.part")), self.folder.join(format!("{id}.eml")));
        let written = async {
            write(&temporary, &bytes).await?;
            fs::rename(&temporary, &target).await
        };
        if let Err(error) = written.await {
            // The cause is told; whether the remains can be removed changes nothing.
            fs::remove_file(&temporary).await.ok();
            return Err(MailError::Transient(error.to_string()));
        }
        Ok(())
    }
}

/// For this user alone: an order's link opens the order.
async fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}
