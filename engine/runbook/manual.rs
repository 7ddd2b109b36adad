//! Work by hand: what a person is told to do, and what they are asked for afterwards.
//!
//! An answer is a typed value that later steps can use. Evidence shows that it was done, and is only
//! kept.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json};

use crate::document::shape::{Form, may};
use crate::document::{Fields, Node, Shape, Value as NodeValue};
use crate::source::Spanned;

use super::expression::Expression;
use super::input::{self, Input};
use super::output::Output;
use super::reader::Reader;
use super::template::Template;

/// Something that a person does by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Manual {
    /// What is to be done.
    pub text: Template,
    /// What is asked for afterwards; each becomes an output.
    pub answers: Vec<Input>,
    /// What must show that it was done.
    pub evidence: Vec<Evidence>,
}

/// Something that shows that a thing was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What it is called.
    pub name: Spanned<String>,
    /// What it must be.
    pub kind: EvidenceKind,
    /// Whether it may be left out.
    pub is_optional: bool,
}

/// What evidence can be.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Text, such as the number of a ticket.
    #[default]
    Text,
    /// A file that is there.
    File,
    /// A number.
    Number,
}

const KINDS: &[(&str, EvidenceKind)] =
    &[("text", EvidenceKind::Text), ("file", EvidenceKind::File), ("number", EvidenceKind::Number)];

/// What evidence can be written as.
pub(super) const EVIDENCE_FORM: Form =
    Form::Either(&[Form::OneOrMany(&Form::Text), Form::Map(&Form::Shape(&EVIDENCE))]);

static EVIDENCE: Shape = Shape {
    noun: "evidence",
    name: "evidence",
    about: "Something that shows that a thing was done. It is kept in the journal.",
    keys: &[&[
        may("type", Form::Words(&KINDS)).about("What it must be; `text` when left out."),
        may("optional", Form::Boolean).about("Whether it may be left out."),
    ]],
    rules: &[],
};

/// The keys that stand beside `manual`.
pub(super) const BESIDE: &[&str] = &["answers", "evidence"];

impl Manual {
    /// Reads the text, and what stands beside it.
    pub(super) fn read(
        node: &Node,
        fields: &mut Fields<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Manual> {
        let answers = fields.take("answers").map(|node| input::read_answers(node, reader));
        let evidence = fields.take("evidence").map(|node| Evidence::read_all(node, reader));
        if node.as_str().is_some_and(|text| text.trim().is_empty()) {
            reader.error(node.span, "this says nothing of what is to be done");
        }
        Some(Manual {
            text: reader.template(node)?,
            answers: answers.unwrap_or_default(),
            evidence: evidence.unwrap_or_default(),
        })
    }

    /// What its answers hand to later steps.
    pub fn outputs(&self) -> Vec<Output> {
        let output = |answer: &Input| Output {
            is_secret: answer.is_secret,
            ..Output::of_person(answer.name.clone(), answer.kind, answer.default.clone())
        };
        self.answers.iter().map(output).collect()
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.text.expressions()
    }
}

impl Evidence {
    /// Reads a name, a list of names, or a mapping of names to `{type, optional}`.
    pub fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Evidence> {
        if !matches!(node.value, NodeValue::Mapping(_) | NodeValue::Null) {
            let names = reader.texts(node);
            let mut seen = HashSet::new();
            for name in names.iter().filter(|name| !seen.insert(name.value.clone())) {
                reader.error(name.span, format!("`{name}` stands here twice"));
            }
            let plain = |name| Evidence { name, kind: EvidenceKind::Text, is_optional: false };
            return names.into_iter().map(plain).collect();
        }
        let entries = reader.entries(node, "`evidence`");
        entries.into_iter().filter_map(|(name, node)| Evidence::read(name, &node, reader)).collect()
    }

    fn read(name: Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Evidence> {
        let mut fields = reader.open(node, &EVIDENCE)?;
        let kind = fields.take("type").and_then(|node| reader.one_of(node, KINDS));
        let is_optional = reader.flag(&mut fields, "optional");
        reader.finish(fields);
        Some(Evidence { name, kind: kind.unwrap_or_default(), is_optional })
    }
}

impl EvidenceKind {
    /// What a message calls it.
    pub fn noun(self) -> &'static str {
        match self {
            EvidenceKind::Text => "text",
            EvidenceKind::File => "the path of a file",
            EvidenceKind::Number => "a number",
        }
    }

    /// What JSON holds as the text that a person would type, or why it is none of this kind.
    pub fn text(self, json: &Json) -> Result<String, String> {
        let text = match json {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) if self != EvidenceKind::File => json.to_string(),
            _ => return Err(format!("{json} is not {}", self.noun())),
        };
        self.admits(&text)?;
        Ok(text)
    }

    /// Whether a text may be given, or why not. Whether a file is there shows when it is taken.
    pub fn admits(self, text: &str) -> Result<(), String> {
        match self {
            EvidenceKind::Number => number(text).map(|_| ()),
            _ if text.trim().is_empty() => Err("it is empty".into()),
            EvidenceKind::Text | EvidenceKind::File => Ok(()),
        }
    }
}

/// A number as it was typed, whole where it can be.
pub fn number(text: &str) -> Result<Number, String> {
    let text = text.trim();
    let whole = text.parse::<i64>().ok().map(Number::from);
    let broken = || text.parse::<f64>().ok().and_then(Number::from_f64);
    whole.or_else(broken).ok_or_else(|| format!("`{text}` is not a number"))
}
