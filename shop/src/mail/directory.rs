//! Mail as `.eml` files in a folder: what the demo's mailbox shows.

use super::message::message;
use super::{Mail, MailError, Mailer};
use crate::world::Clock;
use async_trait::async_trait;
use lettre::message::Mailbox;
use std::path::{Path, PathBuf};
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt;

/// A folder of mails, each `<milliseconds since 1970>-<id>.eml`, so that names sort by age.
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

    /// Where this mail lies. One that is sent again replaces itself, as a mail program would show it once.
    async fn target(&self, id: &str) -> std::io::Result<PathBuf> {
        let ending = format!("-{id}.eml");
        let mut entries = fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            if name.to_str().and_then(|name| name.strip_suffix(&ending)).is_some_and(|millis| millis.bytes().all(|b| b.is_ascii_digit())) {
                return Ok(entry.path());
            }
        }
        Ok(self.folder.join(format!("{}{ending}", Clock::System.now_ms())))
    }
}

#[async_trait]
impl Mailer for DirectoryMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let bytes = message(mail, &self.from)?.formatted();
        // What stands before the @ is unique; with these letters alone it is no path either.
        let id: String = mail.message_id.chars().take_while(|c| *c != '@').filter(char::is_ascii_alphanumeric).collect();
        let temporary = self.folder.join(format!("{id}.part"));
        let written = async {
            write(&temporary, &bytes).await?;
            fs::rename(&temporary, self.target(&id).await?).await
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
