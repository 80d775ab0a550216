//! Reading parameters, and refusing the unknown ones.

use super::Call;
use crate::error::ApiError;
use serde_json::{Map, Value};

const MAX_METADATA: usize = 50;
const MAX_METADATA_NAME: usize = 40;
const MAX_METADATA_VALUE: usize = 500;

impl Call<'_> {
    /// A text; `None` when absent or emptied.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub fn need(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name).ok_or_else(|| ApiError::missing(name))
    }

    pub fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.text(name).map(|text| integer(text, name)).transpose()
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// The metadata that was sent.
    pub fn metadata(&self) -> Result<Value, ApiError> {
        metadata(self.params.get("metadata"), "metadata")
    }

    /// An email address that could be one.
    pub fn email(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let email = self.text(name);
        let is_wrong = |email: &str| {
            !email
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !email.contains(char::is_whitespace))
        };
        match email.filter(|email| is_wrong(email)) {
            Some(email) => Err(ApiError::invalid(format!("Invalid email address: {email}")).code("email_invalid").param(name)),
            None => Ok(email),
        }
    }

    /// Refuses what no version of this route takes.
    pub fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        only(&self.params, known, "")
    }

    /// A page of a list (newest first), by `created`, `limit`, `starting_after` and `ending_before`.
    pub fn page<'v>(&self, url: &str, all: impl Iterator<Item = &'v Value>) -> Result<Value, ApiError> {
        let is_in_time = self.time_filter()?;
        let all: Vec<&Value> = all.filter(|object| object.get("created").and_then(Value::as_i64).is_none_or(&is_in_time)).collect();
        let (places, has_more) = self.slice(all.len(), |id| all.iter().position(|object| object["id"] == *id))?;
        Ok(crate::objects::list(url, all[places].iter().map(|object| (*object).clone()).collect(), has_more))
    }

    /// Which of `count` things make up the page, and whether more follow.
    pub fn slice(&self, count: usize, place: impl Fn(&str) -> Option<usize>) -> Result<(std::ops::Range<usize>, bool), ApiError> {
        let limit = self.number("limit")?.unwrap_or(10);
        let limit = usize::try_from(limit).ok().filter(|limit| (1..=100).contains(limit));
        let limit = limit
            .ok_or_else(|| ApiError::invalid("This value must be between 1 and 100.").code("parameter_invalid_integer").param("limit"))?;
        let find = |name: &str| self.text(name).map(|id| place(id).ok_or_else(|| ApiError::no_such("object", id, name))).transpose();
        if let Some(end) = find("ending_before")? {
            let start = end.saturating_sub(limit);
            return Ok((start..end, start > 0));
        }
        let start = find("starting_after")?.map_or(0, |at| at + 1);
        let end = (start + limit).min(count);
        Ok((start..end, end < count))
    }

    /// Whether a time is within `created`, which is a moment or has bounds.
    pub fn time_filter(&self) -> Result<impl Fn(i64) -> bool + use<>, ApiError> {
        let created = self.params.get("created");
        let bound = |name: &str| {
            created
                .and_then(|created| created.get(name))
                .and_then(Value::as_str)
                .map(|text| integer(text, &format!("created[{name}]")))
                .transpose()
        };
        let (gte, gt, lte, lt) = (bound("gte")?, bound("gt")?, bound("lte")?, bound("lt")?);
        let exactly = self.number("created")?;
        Ok(move |at: i64| {
            gte.is_none_or(|bound| at >= bound)
                && gt.is_none_or(|bound| at > bound)
                && lte.is_none_or(|bound| at <= bound)
                && lt.is_none_or(|bound| at < bound)
                && exactly.is_none_or(|bound| at == bound)
        })
    }
}

/// Refuses unknown names in an object that stands under `prefix`.
pub fn only(params: &Value, known: &[&str], prefix: &str) -> Result<(), ApiError> {
    let Some(params) = params.as_object() else {
        return Ok(());
    };
    match params.keys().find(|name| !(known.contains(&name.as_str()) || prefix.is_empty() && *name == "expand")) {
        Some(name) if prefix.is_empty() => Err(ApiError::unknown_param(name)),
        Some(name) => Err(ApiError::unknown_param(&format!("{prefix}[{name}]"))),
        None => Ok(()),
    }
}

pub fn integer(text: &str, name: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| {
        ApiError::invalid(format!("Invalid integer: {}", text.chars().take(50).collect::<String>()))
            .code("parameter_invalid_integer")
            .param(name)
    })
}

/// An absolute address that a browser can be sent to.
pub fn url<'a>(text: &'a str, name: &str) -> Result<&'a str, ApiError> {
    let is_url = ["http://", "https://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')));
    if is_url && text.len() <= 5_000 && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(text);
    }
    Err(ApiError::invalid("Not a valid URL").code("url_invalid").param(name))
}

/// Texts by name, within Stripe's limits; empty when absent.
pub fn metadata(value: Option<&Value>, param: &str) -> Result<Value, ApiError> {
    let map = match value {
        Some(Value::Object(map)) => map.clone(),
        Some(Value::String(text)) if !text.is_empty() => {
            return Err(ApiError::invalid("Invalid object").param(param));
        }
        _ => Map::new(),
    };
    if map.len() > MAX_METADATA {
        return Err(ApiError::invalid(format!("You may only specify up to {MAX_METADATA} metadata keys.")).param(param));
    }
    let mut kept = Map::new();
    for (name, value) in map {
        let Some(text) = value.as_str() else {
            return Err(ApiError::invalid("Metadata values must be strings.").param(&format!("{param}[{name}]")));
        };
        if name.chars().count() > MAX_METADATA_NAME {
            return Err(ApiError::invalid(format!("Metadata keys can have up to {MAX_METADATA_NAME} characters.")).param(param));
        }
        let length = text.chars().count();
        if length > MAX_METADATA_VALUE {
            return Err(ApiError::invalid(format!(
                "Metadata values can have up to {MAX_METADATA_VALUE} characters, but you passed in a value that is {length} characters."
            ))
            .param(&format!("{param}[{name}]")));
        }
        if !text.is_empty() {
            kept.insert(name, value);
        }
    }
    Ok(Value::Object(kept))
}
