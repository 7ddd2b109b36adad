//! A value: what an input is given, an output yields, and an expression works on.
//!
//! Durations, sizes and times keep the text they were written in and compare as seconds and
//! bytes. In JSON (the journal, `inputs.json`) a quantity is its text; the declared type brings
//! it back.

use serde_json::Value as Json;

use crate::document::{parse_duration, parse_size};

use super::kind::Kind;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(String),
    /// A duration, size or time: rendered as written, compared by its amount.
    Quantity(Quantity),
    /// Several values.
    List(Vec<Value>),
    /// Named values, in order.
    Map(Vec<(String, Value)>),
}

/// A duration in seconds, a size in bytes, or a time in seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// What it measures: a duration, a size or a timestamp.
    pub kind: Kind,
    /// As it was written.
    pub text: String,
    /// What it amounts to.
    pub amount: f64,
}

impl Value {
    /// What JSON holds, with numbers told apart.
    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Value::from_json).collect()),
            Json::Object(map) => Value::Map(
                map.iter().map(|(key, value)| (key.clone(), Value::from_json(value))).collect(),
            ),
        }
    }

    /// The value as JSON; a quantity is its text.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::Number(value) => Json::from(*value),
            Value::Text(text) => Json::from(text.as_str()),
            Value::Quantity(quantity) => Json::from(quantity.text.as_str()),
            Value::List(items) => items.iter().map(Value::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()
            }
        }
    }

    /// Text read as a value of a declared type, or why it is none.
    pub fn parse(text: &str, kind: Kind) -> Result<Value, String> {
        let plain = || Value::Text(text.to_owned());
        match kind {
            Kind::String | Kind::Path | Kind::Choice => Ok(plain()),
            Kind::Url if is_url(text) => Ok(plain()),
            Kind::Url => Err(format!("`{text}` is not a URL: it needs a scheme and a host")),
            Kind::Int => {
                text.parse().map(Value::Int).map_err(|_| format!("`{text}` is not a whole number"))
            }
            Kind::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Number(number)),
                _ => Err(format!("`{text}` is not a number")),
            },
            Kind::Bool => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(format!("`{text}` is neither true nor false")),
            },
            Kind::Duration => quantity(text, kind, parse_duration(text).map(|d| d.as_secs_f64())),
            Kind::Size => quantity(text, kind, parse_size(text).map(|bytes| bytes as f64)),
            Kind::Timestamp => quantity(text, kind, seconds_of(text)),
            Kind::List => Err(format!("`{text}` is not a list: write [a, b]")),
        }
    }

    /// JSON read as a value of a declared type, or why it is none.
    pub fn typed(json: &Json, kind: Kind) -> Result<Value, String> {
        match (kind, json) {
            (Kind::List, Json::Array(_)) => Ok(Value::from_json(json)),
            (Kind::List, _) => Err(format!("{json} is not a list: write [a, b]")),
            (_, Json::String(text)) => Value::parse(text, kind),
            (_, Json::Number(_) | Json::Bool(_)) => Value::parse(&json.to_string(), kind),
            _ => Err(format!("{json} is not {}", kind.noun())),
        }
    }

    /// How the value reads in running text; none for nothing, lists and maps.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Bool(value) => Some(value.to_string()),
            Value::Int(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::Quantity(quantity) => Some(quantity.text.clone()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The value as one would give it on the command line: a list as `[a, b]`.
    pub fn shown(&self) -> String {
        match self {
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Value::shown).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.text().unwrap_or_else(|| other.to_json().to_string()),
        }
    }

    /// What a message calls this kind of value.
    pub fn noun(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Int(_) | Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Quantity(quantity) => match quantity.kind {
                Kind::Duration => "a duration",
                Kind::Size => "a size",
                _ => "a time",
            },
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

fn quantity(text: &str, kind: Kind, amount: Result<f64, String>) -> Result<Value, String> {
    amount.map(|amount| Value::Quantity(Quantity { kind, text: text.to_owned(), amount }))
}

fn seconds_of(text: &str) -> Result<f64, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_micros() as f64 / 1e6)
        .map_err(|_| format!("`{text}` is not a time such as 2026-01-31T03:00:00Z"))
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
            && !rest.is_empty()
            && !rest.starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_text_survives_the_way_through_json() {
        for (text, kind) in [
            ("7", Kind::Int),
            ("1.5", Kind::Number),
            ("true", Kind::Bool),
            ("1h30m", Kind::Duration),
            ("10KiB", Kind::Size),
            ("2026-01-31T03:00:00Z", Kind::Timestamp),
            ("https://x/health", Kind::Url),
        ] {
            let value = Value::parse(text, kind).unwrap();
            assert_eq!(Value::typed(&value.to_json(), kind), Ok(value), "{text}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_in_words() {
        assert_eq!(Value::parse("x", Kind::Int), Err("`x` is not a whole number".into()));
        assert_eq!(Value::parse("yes", Kind::Bool), Err("`yes` is neither true nor false".into()));
        assert_eq!(
            Value::typed(&Json::from("a"), Kind::List),
            Err("\"a\" is not a list: write [a, b]".into())
        );
    }
}
