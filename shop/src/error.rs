//! What a use case answers when it can't do as it was told.

use domain::cart::NotAQuantity;
use domain::email::NotAnEmail;
use std::any::Any;

pub type Result<T> = std::result::Result<T, Error>;

/// Expected refusals apart from accidents.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 404
    #[error("not found")]
    NotFound,
    /// The status of the refusal, 400 as a rule.
    #[error("{0}")]
    Refused(Refusal),
    /// 409
    #[error("{0}")]
    Conflict(Refusal),
    /// 403
    #[error("forbidden")]
    Forbidden,
    /// 503: nothing was decided; the same request may be sent again.
    #[error("{0}")]
    Unavailable(Refusal),
    /// 500: logged once with its cause where the request ends; its text is never shown.
    #[error("unexpected")]
    Unexpected(#[source] anyhow::Error),
}

/// What a caught panic said.
pub fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}

/// An answer to a person: what happened, and what to do next.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Stable, for software.
    pub code: &'static str,
    /// For people.
    pub message: String,
    pub status: u16,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400 }
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl Error {
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Error::Refused(Refusal::new(code, message))
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Error::Conflict(Refusal::new(code, message).with_status(409))
    }

    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Error::Unavailable(Refusal::new(code, message).with_status(503))
    }

    /// The HTTP status, the code and the text that may be shown.
    pub fn answer(&self) -> (u16, &'static str, &str) {
        match self {
            Error::NotFound => (404, "not_found", "There is nothing here."),
            Error::Refused(r) | Error::Conflict(r) | Error::Unavailable(r) => (r.status, r.code, &r.message),
            Error::Forbidden => (403, "forbidden", "You may not do this."),
            Error::Unexpected(_) => (500, "internal", "Something went wrong on our side. Nothing was lost; please try again."),
        }
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        match cause.downcast::<sea_orm::DbErr>() {
            Ok(cause) => cause.into(),
            Err(cause) => Error::Unexpected(cause),
        }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(cause: sea_orm::DbErr) -> Self {
        use sea_orm::DbErr;
        match cause {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => {
                tracing::error!(?cause, "the database can't be reached");
                Error::unavailable(
                    "unavailable",
                    "The shop can't look things up at the moment. Nothing was decided; please try again shortly.",
                )
            }
            cause if crate::database::is_unkeepable(&cause) => {
                Error::refused("text_invalid", "This has a character that can't be kept (NUL). Take it out and try again.")
            }
            cause => Error::Unexpected(cause.into()),
        }
    }
}

impl From<crate::files::FileError> for Error {
    fn from(cause: crate::files::FileError) -> Self {
        use crate::files::FileError;
        match cause {
            FileError::Full => {
                tracing::error!("the place for files is full");
                let text = "There is no space left for files. Nothing was kept; make room on the shop's disk, then try again.";
                Error::Refused(Refusal::new("storage_full", text).with_status(507))
            }
            FileError::Unavailable(cause) => {
                tracing::error!(?cause, "the place for files can't be used");
                Error::unavailable("storage_unavailable", "The shop's files can't be reached at the moment. Please try again shortly.")
            }
            FileError::Missing | FileError::InvalidKey => Error::Unexpected(cause.into()),
        }
    }
}

impl From<NotAnEmail> for Error {
    fn from(refusal: NotAnEmail) -> Self {
        Error::refused("email_invalid", refusal.to_string())
    }
}

impl From<NotAQuantity> for Error {
    fn from(refusal: NotAQuantity) -> Self {
        Error::refused("quantity_invalid", refusal.to_string())
    }
}
