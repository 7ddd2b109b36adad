//! A gate: a question that a person answers before something happens.

use crate::document::{Node, Value as NodeValue};
use crate::source::Spanned;

use super::reader::Reader;
use super::template::Template;

/// A gate as it is written.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// The question; the step's title asks when nothing is said.
    pub ask: Option<Template>,
    /// The word that must be typed; a plain yes does when there is none.
    pub word: Option<Template>,
    /// The roles or people who may answer; anybody when the list is empty.
    pub approvers: Vec<Spanned<String>>,
}

impl Gate {
    /// Reads `true` or a mapping; `false` is no gate.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Gate> {
        if !matches!(node.value, NodeValue::Mapping(_)) {
            return reader.boolean(node)?.then(Gate::default);
        }
        let mut fields = reader.open(node, "a gate")?;
        let ask = fields.take("ask").and_then(|node| reader.template(node));
        let word = fields.take("word");
        if let Some(node) =
            word.filter(|node| node.as_str().is_some_and(|word| word.trim().is_empty()))
        {
            reader.error(node.span, "an empty word would be no question at all");
        }
        let word = word.and_then(|node| reader.template(node));
        let approvers = fields.take("approvers").map(|node| reader.texts(node)).unwrap_or_default();
        for key in ["quorum", "not_operator", "value", "expires", "on_expiry", "bypass"] {
            fields.later(key, reader.problems);
        }
        reader.finish(fields);
        Some(Gate { ask, word, approvers })
    }

    /// The templates in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.ask.iter().chain(&self.word)
    }
}
