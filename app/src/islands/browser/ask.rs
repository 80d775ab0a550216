//! What an island asks of the shop: fields go out as a form sends them, a word or a refusal comes back.
//!
//! The browser's own fetch and JSON do the work. With the generated clients, and properties that travel as JSON, the
//! shopper would download half as much again.

use crate::error::AppError;
use leptos::web_sys::js_sys::{JSON, JsString, Reflect};
use leptos::web_sys::{RequestInit, Response, UrlSearchParams, window};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_futures::wasm_bindgen::{JsCast, JsValue};

/// Posts to a server function that answers with a text.
///
/// # Errors
/// The refusal in the shop's words; one of our own when the shop can't be reached.
pub async fn ask(path: &str, fields: &UrlSearchParams) -> Result<String, AppError> {
    exchange(path, fields).await.unwrap_or_else(|_| Err(unreachable()))
}

async fn exchange(path: &str, fields: &UrlSearchParams) -> Result<Result<String, AppError>, JsValue> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(fields);
    let window = window().ok_or(JsValue::UNDEFINED)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(path, &init)).await?.unchecked_into();
    let text: JsString = JsFuture::from(response.text()?).await?.unchecked_into();
    let answer = JSON::parse(&String::from(text))?;
    let field = |name: &str| Reflect::get(&answer, &JsValue::from_str(name)).ok().and_then(|value| value.as_string());
    Ok(match (response.ok(), answer.as_string()) {
        (true, Some(text)) => Ok(text),
        _ => match (field("code"), field("message")) {
            (Some(code), Some(message)) => Err(AppError { code, field: field("field"), message }),
            _ => Err(unreachable()),
        },
    })
}

fn unreachable() -> AppError {
    AppError::new("unreachable", "The shop can't be reached at the moment. Nothing was charged; please try again shortly.")
}
