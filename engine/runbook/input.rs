//! An input: what a runbook must be told before, or while, it runs.

use std::time::Duration;

use regex::Regex;
use serde_json::Value as Json;

use crate::document::shape::{Form, Key, may};
use crate::document::{Fields, Node, Shape};
use crate::source::{Span, Spanned};

use super::kind::{KINDS, Kind};
use super::pattern::Pattern;
use super::reader::Reader;
use super::script::Script;
use super::value::Value;

/// One declared input.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What templates call it.
    pub name: Spanned<String>,
    /// What its value must be.
    pub kind: Kind,
    /// The value when nobody gives one.
    pub default: Option<Value>,
    /// What it is, for a person.
    pub description: Option<String>,
    /// The question that asks for it.
    pub prompt: Option<String>,
    /// A value that would do, shown beside the question.
    pub example: Option<String>,
    /// What the whole text must match.
    pub pattern: Option<Pattern>,
    /// The least value; for text, the least number of characters.
    pub min: Option<Value>,
    /// The greatest value; for text, the greatest number of characters.
    pub max: Option<Value>,
    /// The only values it may have.
    pub choices: Vec<Value>,
    /// A read-only command whose lines are offered as choices.
    pub choices_from: Option<Script>,
    /// The environment variable it is taken from.
    pub env: Option<String>,
    /// Whether the value must never be shown or stored.
    pub is_secret: bool,
    /// Whether the run can do without it.
    pub is_optional: bool,
    /// Whether a newline may stand in it.
    pub is_multiline: bool,
    /// Whether it begins a word of a command somewhere, so that it could pass as an option.
    pub begins_word: bool,
    /// Whether it is asked for only when the first step that uses it is ready.
    pub is_late: bool,
}

/// How long a `choices_from` command may take.
pub const CHOICES_TIMEOUT: Duration = Duration::from_secs(10);

impl Input {
    /// A text of which nothing is said but its name.
    pub fn named(name: Spanned<String>) -> Input {
        Input {
            name,
            kind: Kind::String,
            default: None,
            description: None,
            prompt: None,
            example: None,
            pattern: None,
            min: None,
            max: None,
            choices: Vec::new(),
            choices_from: None,
            env: None,
            is_secret: false,
            is_optional: false,
            is_multiline: false,
            begins_word: false,
            is_late: false,
        }
    }

    /// The value that JSON holds, when it may be given, or why it may not.
    pub fn taken(&self, json: &Json) -> Result<Value, String> {
        let value = Value::typed(json, self.kind)?;
        self.admits(&value)?;
        Ok(value)
    }

    /// Whether a value may be given, or why not. The value has the input's type already.
    pub fn admits(&self, value: &Value) -> Result<(), String> {
        if let Value::List(items) = value {
            return items.iter().try_for_each(|item| self.admits_one(item));
        }
        self.admits_one(value)
    }

    fn admits_one(&self, value: &Value) -> Result<(), String> {
        let text = value.text().unwrap_or_default();
        if text.contains('\0') {
            return Err("it holds a NUL byte".into());
        }
        if self.begins_word && text.starts_with('-') {
            return Err("it begins with `-` and could pass as an option of a command".into());
        }
        if !self.is_multiline && text.contains(['\n', '\r']) {
            return Err("it holds a newline, and the input is not `multiline`".into());
        }
        if !self.choices.is_empty() && !self.choices.contains(value) {
            let choices: Vec<String> = self.choices.iter().filter_map(Value::text).collect();
            return Err(format!("it is none of {}", choices.join(", ")));
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(&text)) {
            let pattern = self.pattern.as_ref().map(|pattern| pattern.as_str()).unwrap_or_default();
            return Err(format!("it does not match {}", unanchored(pattern)));
        }
        match (measure(value), self.min.as_ref().and_then(measure)) {
            (Some(size), Some(min)) if size < min => return Err(self.range_text()),
            _ => {}
        }
        match (measure(value), self.max.as_ref().and_then(measure)) {
            (Some(size), Some(max)) if size > max => Err(self.range_text()),
            _ => Ok(()),
        }
    }

    fn range_text(&self) -> String {
        let bound = |value: &Option<Value>| value.as_ref().and_then(Value::text);
        match (bound(&self.min), bound(&self.max)) {
            (Some(min), Some(max)) => format!("it is not between {min} and {max}"),
            (Some(min), None) => format!("it is less than {min}"),
            (None, Some(max)) => format!("it is more than {max}"),
            (None, None) => String::new(),
        }
    }
}

/// What `min` and `max` compare: an amount, or the length of a text in characters.
fn measure(value: &Value) -> Option<f64> {
    match value {
        Value::Int(whole) => Some(*whole as f64),
        Value::Number(number) => Some(*number),
        Value::Quantity(quantity) => Some(quantity.amount),
        Value::Text(text) => Some(text.chars().count() as f64),
        _ => None,
    }
}

/// A regular expression that must match the whole of a text.
pub fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!(r"\A(?:{pattern})\z"))
}

fn unanchored(pattern: &str) -> &str {
    pattern.trim_start_matches(r"\A(?:").trim_end_matches(r")\z")
}

/// The form of an input's name.
pub(super) const NAME: &str = "[a-z][a-z0-9_]*";

/// The keys that say what a value must be, whoever gives it.
static VALUE: &[Key] = &[
    may("type", Form::Words(&KINDS)).about("What its value must be; `string` when left out."),
    may("default", Form::Either(&[Form::Scalar, Form::List(&Form::Any)]))
        .about("The value when nobody gives one. A secret may not have one."),
    may("description", Form::Text).about("What it is, for the person who is asked."),
    may("prompt", Form::Text).about("The question that asks for it."),
    may("example", Form::Text).about("A value that would do, shown beside the question."),
    may("pattern", Form::Regex).about("A regular expression that the whole text must match."),
    may("min", Form::Scalar).about("The least value; of a text, the least number of characters."),
    may("max", Form::Scalar)
        .about("The greatest value; of a text, the greatest number of characters."),
    may("choices", Form::List(&Form::Scalar)).about("The only values that it may have."),
    may("optional", Form::Boolean).about("Whether the run can do without it."),
    may("multiline", Form::Boolean).about("Whether a newline may stand in it."),
];

pub(super) static INPUT: Shape = Shape {
    noun: "an input",
    name: "input",
    about: "What a runbook must be told. It is answered once, and never asked for again.",
    keys: &[
        VALUE,
        &[
            may("choices_from", Form::Script).about(
                "A command that only reads; each line that it prints is offered as a choice. It \
             runs under `run` only, for at most ten seconds.",
            ),
            may("env", Form::Text).about("The environment variable that it is taken from."),
            may("secret", Form::Boolean).about(
                "Whether the value is never shown or stored. It may stand in `env`, in `stdin` and \
                 in what a request carries only.",
            ),
            may("late", Form::Boolean)
                .about("Whether it is asked for only when the first step that uses it is ready."),
        ],
    ],
    rules: &[],
};

/// An answer that a `manual` step asks for.
pub(super) static FIELD: Shape = Shape {
    noun: "an answer",
    name: "field",
    about: "What is asked for when a step is done by hand; later steps use it as an output.",
    keys: &[
        VALUE,
        &[may("secret", Form::Boolean).about(
            "Whether the answer is never shown or stored. It may stand in `env`, in `stdin` and in \
             what a request carries only.",
        )],
    ],
    rules: &[],
};

/// Reads the mapping under `inputs`.
pub fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Input> {
    let entries = reader.entries(node, "`inputs`");
    entries.iter().filter_map(|(name, node)| read(name, node, reader)).collect()
}

/// Reads the mapping under `answers`: inputs that a person gives when a step is done.
pub(super) fn read_answers(node: &Node, reader: &mut Reader<'_>) -> Vec<Input> {
    let entries = reader.entries(node, "`answers`");
    let read = |(name, node): &(Spanned<String>, Node)| read_answer(name, node, reader);
    entries.iter().filter_map(read).collect()
}

fn read_answer(name: &Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Input> {
    check_name(name, "an answer", reader);
    let mut fields = reader.open(node, &FIELD)?;
    let is_secret = reader.flag(&mut fields, "secret");
    let answer = Input { is_secret, ..Input::named(name.clone()) };
    let answer = read_value(answer, fields, reader);
    if answer.kind == Kind::Choice && answer.choices.is_empty() {
        reader.error(name.span, "an answer of type `choice` needs `choices`");
    }
    Some(answer)
}

fn read(name: &Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Input> {
    check_name(name, "an input", reader);
    let mut fields = reader.open(node, &INPUT)?;
    let input = Input {
        choices_from: fields.take("choices_from").and_then(|node| Script::read(node, reader)),
        env: fields.take("env").and_then(|node| reader.string(node)),
        is_secret: reader.flag(&mut fields, "secret"),
        is_late: reader.flag(&mut fields, "late"),
        ..Input::named(name.clone())
    };
    let input = read_value(input, fields, reader);
    if input.kind == Kind::Choice && input.choices.is_empty() && input.choices_from.is_none() {
        reader.error(name.span, "an input of type `choice` needs `choices` or `choices_from`");
    }
    Some(input)
}

/// Reads what is said of the value, whoever gives it.
fn read_value(input: Input, mut fields: Fields<'_>, reader: &mut Reader<'_>) -> Input {
    let kind = fields.take("type").and_then(|node| reader.one_of(node, KINDS)).unwrap_or_default();
    let default = fields.take("default").map(|node| (typed(node, kind, reader), node.span));
    let input = Input {
        kind,
        description: fields.take("description").and_then(|node| reader.string(node)),
        prompt: fields.take("prompt").and_then(|node| reader.string(node)),
        example: fields.take("example").and_then(|node| reader.string(node)),
        pattern: fields
            .take("pattern")
            .and_then(|node| reader.regex(node, whole))
            .map(Pattern::from),
        min: fields.take("min").and_then(|node| bound(node, kind, reader)),
        max: fields.take("max").and_then(|node| bound(node, kind, reader)),
        choices: fields.take("choices").map(|node| choices(node, kind, reader)).unwrap_or_default(),
        is_optional: reader.flag(&mut fields, "optional"),
        is_multiline: reader.flag(&mut fields, "multiline"),
        default: default.clone().and_then(|(value, _)| value),
        ..input
    };
    reader.finish(fields);
    check(&input, default.and_then(|(value, span)| Some((value?, span))), reader);
    input
}

fn check(input: &Input, default: Option<(Value, Span)>, reader: &mut Reader<'_>) {
    match default {
        Some((_, span)) if input.is_secret => {
            reader.error(span, "a secret may not have a default: it would stand in the file");
        }
        Some((value, span)) => {
            if let Err(reason) = input.admits(&value) {
                reader.error(span, format!("the default is refused: {reason}"));
            }
        }
        None => {}
    }
}

fn check_name(name: &Spanned<String>, what: &str, reader: &mut Reader<'_>) {
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        let message = format!("`{name}` cannot be the name of {what}");
        reader.error_with_help(name.span, message, "use lower-case letters, digits and `_`");
    }
}

fn typed(node: &Node, kind: Kind, reader: &mut Reader<'_>) -> Option<Value> {
    let value = Value::typed(&node.to_json(), kind);
    value.map_err(|message| reader.error(node.span, message)).ok()
}

fn bound(node: &Node, kind: Kind, reader: &mut Reader<'_>) -> Option<Value> {
    let kind = if kind == Kind::String { Kind::Int } else { kind };
    typed(node, kind, reader)
}

fn choices(node: &Node, kind: Kind, reader: &mut Reader<'_>) -> Vec<Value> {
    let kind = if kind == Kind::List { Kind::String } else { kind };
    reader.list(node).iter().filter_map(|node| typed(node, kind, reader)).collect()
}
