//! The tree: nodes with their spans, cheap to clone because collections and texts are shared.

use std::sync::Arc;

use serde_json::Value as Json;

use super::scalar::{Meaning, meaning};
use crate::source::{Span, Spanned};

/// A part of a document. An alias is a node with the alias's span and its anchor's value.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands: a block scalar from its `|` or `>`, a block collection from its first item.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing at all, `~` or `null`.
    Null,
    /// Text of any style, numbers and booleans included.
    Scalar(Scalar),
    /// A list.
    Sequence(Arc<[Node]>),
    /// Keys and values in the order of the file; no key comes twice.
    Mapping(Arc<[Entry]>),
}

/// A key of a mapping with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text.
    pub key: Spanned<String>,
    /// What it stands for.
    pub value: Node,
}

/// A text and how it was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scalar {
    /// The text, unescaped and without indentation.
    pub text: Arc<str>,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Style {
    /// Without quotes; only these can be numbers, booleans or null.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`.
    DoubleQuoted,
    /// A block after `|`.
    Literal,
    /// A block after `>`.
    Folded,
}

impl Scalar {
    fn meaning(&self) -> Meaning {
        match self.style {
            Style::Plain => meaning(&self.text),
            _ => Meaning::Text,
        }
    }
}

impl Node {
    /// What this is, in words for a message: `a list`, `true or false`, `nothing`.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => "nothing",
                Meaning::Boolean(_) => "true or false",
                Meaning::Integer(_) | Meaning::Float(_) => "a number",
                Meaning::Text => "a string",
            },
        }
    }

    /// Whether nothing stands here.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The text of any scalar, as it was written.
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| &*scalar.text)
    }

    /// The scalar, with its style.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a mapping.
    pub fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// Gives every text in it to a function, in the order of the file; keys are none.
    pub fn each_scalar<'n>(&'n self, see: &mut dyn FnMut(&'n Node)) {
        match &self.value {
            Value::Null => {}
            Value::Scalar(_) => see(self),
            Value::Sequence(items) => items.iter().for_each(|item| item.each_scalar(see)),
            Value::Mapping(entries) => entries.iter().for_each(|it| it.value.each_scalar(see)),
        }
    }

    /// What stands under a key, where it is a mapping that has it.
    pub fn under(&self, key: &str) -> Option<&Node> {
        let found = self.as_mapping()?.iter().find(|entry| entry.key.as_str() == key)?;
        Some(&found.value)
    }

    /// Whether it is a mapping with a key.
    pub fn has(&self, key: &str) -> bool {
        self.under(key).is_some()
    }

    /// A plain `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self.as_scalar()?.meaning() {
            Meaning::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// A plain whole number that fits into 64 bits with a sign.
    pub fn as_integer(&self) -> Option<i64> {
        match self.as_scalar()?.meaning() {
            Meaning::Integer(value) => value.as_i64(),
            _ => None,
        }
    }

    /// A plain number, whole or not; `.inf` and `.nan` too.
    pub fn as_number(&self) -> Option<f64> {
        match self.as_scalar()?.meaning() {
            Meaning::Integer(value) => value.as_f64(),
            Meaning::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The same as JSON, keys in the order of the file. What JSON has no number for stays text.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(entries) => {
                let pair = |entry: &Entry| (entry.key.value.clone(), entry.value.to_json());
                Json::Object(entries.iter().map(pair).collect())
            }
            Value::Scalar(scalar) => scalar.to_json(),
        }
    }
}

impl Scalar {
    fn to_json(&self) -> Json {
        let text = || Json::String(self.text.to_string());
        match self.meaning() {
            Meaning::Null => Json::Null,
            Meaning::Boolean(value) => Json::Bool(value),
            Meaning::Integer(value) => Json::Number(value),
            Meaning::Float(value) => {
                serde_json::Number::from_f64(value).map_or_else(text, Json::Number)
            }
            Meaning::Text => text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::document;
    use serde_json::json;

    #[test]
    fn json_follows_the_core_schema_and_keeps_the_order() {
        let (_, node) = document(
            "z: [1, 0o17, 0x1F, -2.5, 1e3]\na: {no: no, yes: 'true', t: True, n: ~, e: }\n\
             m: 012\nq: \"7\"\nl: |\n  8\nbig: .inf\n",
        );
        assert_eq!(
            node.to_json().to_string(),
            json!({
                "z": [1, 15, 31, -2.5, 1000.0],
                "a": {"no": "no", "yes": "true", "t": true, "n": null, "e": null},
                "m": "012", "q": "7", "l": "8\n", "big": ".inf",
            })
            .to_string()
        );
    }

    #[test]
    fn kinds_and_values_depend_on_the_style() {
        let (_, node) =
            document("- 5\n- '5'\n- true\n- \"true\"\n- 1.5\n- ~\n- []\n- {}\n- x\n- |\n  5\n");
        let items = node.as_sequence().unwrap_or_default();
        let kinds: Vec<_> = items.iter().map(super::Node::kind).collect();
        assert_eq!(
            kinds,
            [
                "a number",
                "a string",
                "true or false",
                "a string",
                "a number",
                "nothing",
                "a list",
                "a mapping",
                "a string",
                "a string"
            ]
        );
        let integers: Vec<_> = items.iter().map(super::Node::as_integer).collect();
        assert_eq!(integers[..3], [Some(5), None, None]);
        assert_eq!(items[2].as_bool(), Some(true));
        assert_eq!(items[3].as_bool(), None);
        assert_eq!(items[0].as_number(), Some(5.0));
        assert_eq!(items[4].as_number(), Some(1.5));
        assert_eq!(items[1].as_number(), None);
    }
}
