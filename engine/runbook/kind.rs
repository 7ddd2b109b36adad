//! The types that inputs and outputs can have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The type of an input or an output.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A length of time.
    Duration,
    /// A number of bytes.
    Size,
    /// A moment.
    Timestamp,
    /// A file or folder.
    Path,
    /// A URL.
    Url,
    /// One of `choices`.
    Choice,
    /// Several values.
    List,
}

pub(super) const KINDS: &[(&str, Kind)] = &[
    ("string", Kind::String),
    ("int", Kind::Int),
    ("number", Kind::Number),
    ("bool", Kind::Bool),
    ("duration", Kind::Duration),
    ("size", Kind::Size),
    ("timestamp", Kind::Timestamp),
    ("path", Kind::Path),
    ("url", Kind::Url),
    ("choice", Kind::Choice),
    ("list", Kind::List),
];

impl Kind {
    /// What a message calls a value of this type.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::String => "text",
            Kind::Int => "a whole number",
            Kind::Number => "a number",
            Kind::Bool => "true or false",
            Kind::Duration => "a duration such as 15m",
            Kind::Size => "a size such as 10MiB",
            Kind::Timestamp => "a time such as 2026-01-31T03:00:00Z",
            Kind::Path => "a path",
            Kind::Url => "a URL",
            Kind::Choice => "one of its choices",
            Kind::List => "a list",
        }
    }
}
