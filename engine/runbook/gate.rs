//! A gate: a question that a person answers before something happens.

use crate::document::shape::{Form, may};
use crate::document::{Node, Shape, Value as NodeValue};
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

pub(super) static GATE: Shape = Shape {
    noun: "a gate",
    name: "gate",
    about: "A question that a person answers before something happens. No time, no end of \
        input and no empty answer passes it.",
    keys: &[&[
        may("ask", Form::Template)
            .about("The question. The title of the step asks when it is left out."),
        may("word", Form::Filled(&Form::Template)).about(
            "The word that must be typed, such as the name of what will be gone; without it \
             a plain yes does.",
        ),
        may("approvers", Form::OneOrMany(&Form::Text))
            .about("The roles or people who may answer; anybody when it is left out."),
    ]],
    rules: &[],
};

impl Gate {
    /// Reads `true` or a mapping; `false` is no gate.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Gate> {
        if !matches!(node.value, NodeValue::Mapping(_)) {
            return reader.boolean(node)?.then(Gate::default);
        }
        let mut fields = reader.open(node, &GATE)?;
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
