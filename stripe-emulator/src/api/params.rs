//! Reading parameters, and refusing the unknown ones.

use super::Call;
use crate::error::ApiError;
use serde_json::{Map, Value};

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

    pub fn metadata(&self) -> Value {
        object(self.params.get("metadata"))
    }

    /// Refuses what no version of this route takes.
    pub fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let Some(params) = self.params.as_object() else { return Ok(()) };
        match params.keys().find(|name| *name != "expand" && !known.contains(&name.as_str())) {
            Some(name) => Err(ApiError::unknown_param(name)),
            None => Ok(()),
        }
    }

    /// A page of a list, by `limit`, `starting_after` and `ending_before`.
    pub fn page(&self, url: &str, all: Vec<Value>) -> Result<Value, ApiError> {
        let limit = self.number("limit")?.unwrap_or(10);
        if !(1..=100).contains(&limit) {
            return Err(ApiError::invalid("This value must be between 1 and 100.").code("parameter_invalid_integer").param("limit"));
        }
        let limit = limit as usize;
        let place = |id: &str| all.iter().position(|object| object["id"] == *id);
        let start = match (self.text("starting_after"), self.text("ending_before")) {
            (Some(id), _) => place(id).map_or(0, |at| at + 1),
            (None, Some(id)) => place(id).unwrap_or(0).saturating_sub(limit),
            (None, None) => 0,
        };
        let end = match self.text("ending_before") {
            Some(id) => place(id).unwrap_or(0),
            None => all.len(),
        };
        let data: Vec<Value> = all[start.min(end)..end].iter().take(limit).cloned().collect();
        let has_more = start + data.len() < end;
        Ok(crate::objects::list(url, data, has_more))
    }
}

pub fn integer(text: &str, name: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| {
        ApiError::invalid(format!("Invalid integer: {}", text.chars().take(50).collect::<String>()))
            .code("parameter_invalid_integer")
            .param(name)
    })
}

/// An object of texts; empty when absent.
pub fn object(value: Option<&Value>) -> Value {
    value.filter(|value| value.is_object()).cloned().unwrap_or_else(|| Value::Object(Map::new()))
}
