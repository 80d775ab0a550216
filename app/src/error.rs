//! What may cross the wire when something could not be done.

use serde::{Deserialize, Serialize};

/// An answer to a person, with a stable code; nothing of our insides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub code: String,
    /// The field that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
}

impl AppError {
    /// One that is about no field.
    pub fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), field: None, message: message.to_owned() }
    }
}

#[cfg(feature = "ssr")]
mod on_server {
    use super::AppError;
    use crate::layout::request;
    use domain::form::FormRefusal;
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
            shop::refusals::accident().to_form().into()
        }
    }

    impl From<FormRefusal> for AppError {
        fn from(FormRefusal { code, field, message }: FormRefusal) -> Self {
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
            request::set_status(422);
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
}
