//! Mail kept in memory, for tests.

use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use std::sync::{Mutex, PoisonError};

/// Mails that were sent, oldest first.
#[derive(Default)]
pub struct MemoryMailer {
    sent: Mutex<Vec<Mail>>,
    /// How many of the next mails fail.
    failures: Mutex<usize>,
}

impl MemoryMailer {
    /// What was sent so far.
    pub fn sent(&self) -> Vec<Mail> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was sent to an address so far.
    pub fn sent_to(&self, address: &str) -> Vec<Mail> {
        self.sent().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// Lets the next `n` mails fail for the time being.
    pub fn fail(&self, n: usize) {
        *self.failures.lock().unwrap_or_else(PoisonError::into_inner) = n;
    }
}

#[async_trait]
impl Mailer for MemoryMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if *failures > 0 {
            *failures -= 1;
            return Err(MailError::Transient("told to fail".to_owned()));
        }
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        Ok(())
    }
}
