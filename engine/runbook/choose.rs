//! A choice: a question with options, of which a person picks one.

use serde_json::Value as Json;

use crate::document::shape::{Form, Rule, may, must};
use crate::document::{Fields, Node, Shape, Value as NodeValue};
use crate::source::{Span, Spanned};

use super::expression::Expression;
use super::kind::Kind;
use super::output::Output;
use super::reader::Reader;
use super::template::Template;

/// The output that holds what was chosen.
pub const CHOICE: &str = "choice";

/// A question with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Choose {
    /// The question.
    pub ask: Template,
    /// What there is to choose from.
    pub options: Options,
    /// Whether none of them may be chosen.
    pub has_none: bool,
}

/// What there is to choose from.
#[derive(Clone, Debug, PartialEq)]
pub enum Options {
    /// What the runbook says.
    Written(Vec<Choice>),
    /// What a list holds; `item` is the row at hand in the other two.
    Rows {
        /// The list.
        from: Expression,
        /// What is handed on; the row itself when nothing is said.
        value: Option<Expression>,
        /// What a person reads; the value when nothing is said.
        label: Option<Expression>,
    },
}

/// One option as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is handed on.
    pub value: Written,
    /// What a person reads; the value when nothing is said.
    pub label: Option<Template>,
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// Text.
    Text(Template),
    /// A number, true or false.
    Plain(Json),
}

pub(super) static CHOOSE: Shape = Shape {
    noun: "`choose`",
    name: "choose",
    about: "A question with options, of which a person picks one. It is the output `choice`.",
    keys: &[&[
        must("ask", Form::Template).about("The question."),
        may(
            "options",
            Form::Either(&[
                Form::Filled(&Form::List(&Form::Scalar)),
                Form::Filled(&Form::Map(&Form::Template)),
            ]),
        )
        .about("A list of values, or a mapping of values to what a person reads."),
        may("from", Form::Expression).about(
            "A list to choose from: an expression such as `steps.keys.outputs.all`. Its rows are \
             called `item` in `value` and `label`.",
        ),
        may("value", Form::Expression)
            .about("What of a row is handed on; the whole row when it is left out."),
        may("label", Form::Expression)
            .about("What a person reads of a row; the value when it is left out."),
        may("none", Form::Boolean).about("Whether none of them may be chosen."),
    ]],
    rules: &[&[
        Rule::One(&["options", "from"]),
        Rule::Needs("value", &["from"]),
        Rule::Needs("label", &["from"]),
    ]],
};

impl Choose {
    /// Reads `{ask, options}` or `{ask, from, value, label}`, each with `none`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Choose> {
        let mut fields = reader.open(node, &CHOOSE)?;
        let ask = fields.require("ask", reader.problems).and_then(|node| reader.template(node));
        let has_none = reader.flag(&mut fields, "none");
        let options = options(&mut fields, node, reader);
        reader.finish(fields);
        Some(Choose { ask: ask?, options: options?, has_none })
    }

    /// What it hands to later steps.
    pub fn output(&self) -> Output {
        let name = Spanned::new(CHOICE.to_owned(), Span::default());
        Output::of_person(name, Kind::String, None)
    }

    /// The values that are known before the run, when all are.
    pub fn known(&self) -> Option<Vec<Json>> {
        let Options::Written(choices) = &self.options else { return None };
        choices.iter().map(|choice| choice.value.known()).collect()
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found: Vec<&Expression> = self.ask.expressions().collect();
        match &self.options {
            Options::Written(choices) => {
                for choice in choices {
                    found.extend(choice.label.iter().flat_map(Template::expressions));
                    if let Written::Text(text) = &choice.value {
                        found.extend(text.expressions());
                    }
                }
            }
            Options::Rows { from, value, label } => {
                found.push(from);
                found.extend(value.iter().chain(label));
            }
        }
        found
    }
}

impl Written {
    /// The value, when no template stands in it.
    fn known(&self) -> Option<Json> {
        match self {
            Written::Plain(json) => Some(json.clone()),
            Written::Text(text) if text.slots().next().is_none() => {
                Some(Json::from(text.to_string()))
            }
            Written::Text(_) => None,
        }
    }
}

/// Reads `options`, or `from` with what stands beside it.
fn options(fields: &mut Fields<'_>, node: &Node, reader: &mut Reader<'_>) -> Option<Options> {
    let written = fields.take("options").map(|node| (written(node, reader), node));
    let from = fields.take("from").map(|node| reader.expression(node));
    let mut over_rows = |key| {
        let node = fields.take(key)?;
        if from.is_none() {
            reader.error(node.span, format!("`{key}` is about the rows of `from`"));
        }
        reader.expression(node).map(Expression::over_rows)
    };
    let (value, label) = (over_rows("value"), over_rows("label"));
    match (written, from) {
        (Some((_, node)), Some(_)) => {
            reader.error(node.span, "the options stand here or come `from` a list, not both");
            None
        }
        (Some((choices, node)), None) => {
            if choices.is_empty() {
                reader.error(node.span, "a choice needs at least one option");
            }
            Some(Options::Written(choices))
        }
        (None, Some(from)) => Some(Options::Rows { from: from?, value, label }),
        (None, None) => {
            let help = "say options: [a, b], or from: with a list";
            reader.error_with_help(node.span, "there is nothing to choose from", help);
            None
        }
    }
}

/// Reads a list of values, or a mapping of values to what a person reads.
fn written(node: &Node, reader: &mut Reader<'_>) -> Vec<Choice> {
    let mut choices = Vec::new();
    if let NodeValue::Mapping(entries) = &node.value {
        for entry in entries.iter() {
            let value = Written::Text(Template::literal(&entry.key.value));
            let label = reader.template(&entry.value);
            choices.push(Choice { value, label });
        }
        return choices;
    }
    let mut seen: Vec<Json> = Vec::new();
    for node in reader.list(node) {
        let value = match node.to_json() {
            json @ (Json::Number(_) | Json::Bool(_)) => Some(Written::Plain(json)),
            _ => reader.template(node).map(Written::Text),
        };
        let known = value.as_ref().and_then(Written::known);
        match known {
            Some(known) if seen.contains(&known) => {
                reader.error(node.span, format!("the option {known} stands here twice"));
            }
            known => seen.extend(known),
        }
        choices.extend(value.map(|value| Choice { value, label: None }));
    }
    choices
}

/// Whether a value that a person wrote is an option: text and a number that read alike are.
pub fn same(option: &Json, given: &Json) -> bool {
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let is_plain = |json: &Json| !json.is_array() && !json.is_object() && !json.is_null();
    option == given || is_plain(option) && is_plain(given) && text(option) == text(given)
}
