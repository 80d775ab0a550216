//! What a use case answers when it can't do as it was told.

use crate::base::refusals;
use domain::cart::NotAQuantity;
use domain::email::NotAnEmail;
use domain::pages::form::FormRefusal;
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
    /// The field that it is about, as the API names it, such as `variants.0.amount`.
    pub field: Option<String>,
    /// For people.
    pub message: String,
    pub status: u16,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, field: None, message: message.into(), status: 400 }
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Says which field it is about.
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl From<Refusal> for FormRefusal {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code.to_owned(), field: refusal.field, message: refusal.message, also: Vec::new() }
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

    /// Says which field a refusal is about. Other errors are about none.
    pub fn at(self, field: impl Into<String>) -> Self {
        self.about(|_| Some(field.into()))
    }

    /// Says in which part of a request the field is: `amount` within `variants.0` is `variants.0.amount`.
    pub fn within(self, part: &str) -> Self {
        self.about(|field| Some(field.map_or_else(|| part.to_owned(), |field| format!("{part}.{field}"))))
    }

    /// Names fields as a form does that calls some of them otherwise: pairs of the API's name and the form's.
    pub fn renamed(self, names: &[(&str, &str)]) -> Self {
        let name_of = |name: &str| names.iter().find(|(known, _)| *known == name).map_or(name, |(_, own)| *own).to_owned();
        self.about(|field| field.map(|field| field.split('.').map(name_of).collect::<Vec<_>>().join(".")))
    }

    fn about(self, name: impl FnOnce(Option<String>) -> Option<String>) -> Self {
        let named = |refusal: Refusal| Refusal { field: name(refusal.field), ..refusal };
        match self {
            Error::Refused(refusal) => Error::Refused(named(refusal)),
            Error::Conflict(refusal) => Error::Conflict(named(refusal)),
            Error::Unavailable(refusal) => Error::Unavailable(named(refusal)),
            other => other,
        }
    }

    /// The field that it is about.
    pub fn field(&self) -> Option<&str> {
        match self {
            Error::Refused(r) | Error::Conflict(r) | Error::Unavailable(r) => r.field.as_deref(),
            Error::NotFound | Error::Forbidden | Error::Unexpected(_) => None,
        }
    }

    /// As a form shows it.
    pub fn to_form(&self) -> FormRefusal {
        let (_, code, message) = self.answer();
        FormRefusal { code: code.to_owned(), field: self.field().map(str::to_owned), message: message.to_owned(), also: Vec::new() }
    }

    /// The HTTP status, the code and the text that may be shown.
    pub fn answer(&self) -> (u16, &'static str, &str) {
        match self {
            Error::NotFound => (404, "not_found", "Not found. It may have been deleted, or its address is wrong."),
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
                refusals::UNAVAILABLE.into()
            }
            cause if crate::base::database::is_unkeepable(&cause) => refusals::TEXT_INVALID.into(),
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
                refusals::STORAGE_FULL.into()
            }
            FileError::Unavailable(cause) => {
                tracing::error!(?cause, "the place for files can't be used");
                refusals::STORAGE_UNAVAILABLE.into()
            }
            FileError::Missing | FileError::InvalidKey => Error::Unexpected(cause.into()),
        }
    }
}

impl From<NotAnEmail> for Error {
    fn from(refusal: NotAnEmail) -> Self {
        Error::refused("email_invalid", refusal.to_string()).at("email")
    }
}

impl From<NotAQuantity> for Error {
    fn from(refusal: NotAQuantity) -> Self {
        Error::refused("quantity_invalid", refusal.to_string()).at("quantity")
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn a_refusal_names_its_field_in_its_request() {
        let refused = || Error::refused("amount_invalid", "Too much.").at("amount");
        assert_eq!(refused().within("variants.0").field(), Some("variants.0.amount"));
        let form = refused().within("variants.0").renamed(&[("variants", "tiers"), ("amount", "price")]);
        assert_eq!(form.field(), Some("tiers.0.price"));
        assert_eq!(Error::refused("limit_invalid", "Too many.").within("variants").field(), Some("variants"));
        assert_eq!(Error::NotFound.at("slug").field(), None);
    }
}
