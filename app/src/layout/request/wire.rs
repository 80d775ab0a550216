//! Errors as server functions send them.

use super::answer::set_status;
use crate::error::AppError;
use domain::pages::form::FormRefusal;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;

impl AppError {
    pub fn is_not_found(&self) -> bool {
        self.code == "not_found"
    }

    /// Whether it is no fault of whoever asked.
    pub fn is_ours(&self) -> bool {
        matches!(self.code.as_str(), "internal" | "unavailable" | "storage_unavailable")
    }

    pub fn is_signed_out(&self) -> bool {
        self.code == "signed_out"
    }

    /// The answer to an accident that was logged where it happened.
    pub fn accident() -> Self {
        shop::base::refusals::accident().to_form().into()
    }
}

impl From<FormRefusal> for AppError {
    fn from(FormRefusal { code, field, message, .. }: FormRefusal) -> Self {
        Self { code, field, message }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let is_malformed =
            matches!(error, ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_));
        if !is_malformed {
            return Self::accident();
        }
        set_status(422);
        Self::new("malformed", "The form was incomplete. Please go back, reload the page and try again.")
    }
}

impl From<shop::Error> for AppError {
    fn from(error: shop::Error) -> Self {
        if let shop::Error::Unexpected(cause) = &error {
            tracing::error!(?cause, "a page could not be made");
        }
        error.to_form().into()
    }
}
