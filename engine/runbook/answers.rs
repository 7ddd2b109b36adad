//! Answers prepared beforehand: a file that says, step by step, what a person would.
//!
//! The same form stands in test files. A prepared answer never weakens a gate: where a word is
//! wanted it must be the right one, and who gives it must be among the approvers.

use crate::document::shape::{Form, Rule, may};
use crate::document::{self, Node, Shape, Value as NodeValue};
use crate::source::{Problems, Source, Spanned};

use super::reader::Reader;

/// What somebody says to the gate of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prepared {
    /// The step, by id or path, and where it is named.
    pub step: Spanned<String>,
    /// Yes or no.
    pub is_approval: bool,
    /// Who says so; the operator when nobody is named.
    pub by: Option<Spanned<String>>,
    /// A remark, or the reason for a no.
    pub note: Option<String>,
    /// The word that the gate asks for.
    pub word: Option<String>,
    /// The digest of the question that it answers, where that is bound.
    pub digest: Option<String>,
    /// The number that the gate asks for.
    pub value: Option<String>,
}

const NOT_YET: &[&str] = &["choice", "answers", "items", "needed", "evidence"];

static ANSWER: Shape = Shape {
    noun: "an answer",
    name: "answer",
    about: "What somebody says to the gate of a step.",
    keys: &[&[
        may("approve", Form::Boolean).about("`true` is a yes."),
        may("reject", Form::Boolean).about("`true` is a no."),
        may("note", Form::Text).about("A remark that is recorded with the answer."),
        may("reason", Form::Text).about("Why; recorded like `note`."),
        may("word", Form::Text)
            .about("The word that the gate asks for; it is a yes by itself, when it is right."),
        may("by", Form::Text)
            .about("Who answers: a person or a role. The operator when nobody is named."),
        may("value", Form::Text).about("The number that the gate asks for."),
        may("digest", Form::Text)
            .about("The digest of the question that is answered; the answer holds for no other."),
    ]],
    rules: &[&[Rule::OneOr(&["approve", "reject"], "word")]],
};

/// The short forms of an answer.
const SHORT: &[&str] = &["approve", "reject", "yes", "no"];

/// The form of a file of answers.
pub const FORM: Form = Form::Map(&Form::Either(&[Form::Words(&SHORT), Form::Shape(&ANSWER)]));

/// What a file of answers is for.
pub const ABOUT: &str = "What people answer, by the id or path of the step that asks.";

/// Reads a file of answers.
pub fn read(source: &Source, problems: &mut Problems) -> Vec<Prepared> {
    let Some(node) = document::parse(source, problems) else { return Vec::new() };
    let mut reader = Reader::new(source, problems);
    let entries = reader.entries(&node, "a file of answers");
    entries.into_iter().filter_map(|(step, node)| answer(&step, &node, &mut reader)).collect()
}

fn answer(step: &Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Prepared> {
    let short = |is_approval| Prepared {
        step: step.clone(),
        is_approval,
        by: None,
        note: None,
        word: None,
        digest: None,
        value: None,
    };
    if !matches!(node.value, NodeValue::Mapping(_)) {
        return match node.as_str() {
            Some("approve" | "yes") => Some(short(true)),
            Some("reject" | "no") => Some(short(false)),
            _ => {
                let help = "write approve, reject, or a mapping such as {word: …, by: …}";
                reader.error_with_help(node.span, "this is no answer", help);
                None
            }
        };
    }
    let mut fields = reader.open(node, &ANSWER)?;
    let approve = fields.take("approve").and_then(|node| reader.boolean(node));
    let reject = fields.take("reject").and_then(|node| reader.boolean(node));
    let note = fields.take("note").and_then(|node| reader.string(node));
    let reason = fields.take("reason").and_then(|node| reader.string(node));
    let word = fields.take("word").and_then(|node| reader.string(node));
    let by = fields.take("by").and_then(|node| reader.text(node));
    let digest = fields.take("digest").and_then(|node| reader.string(node));
    let value = fields.take("value").and_then(|node| reader.string(node));
    for key in NOT_YET {
        fields.later(key, reader.problems);
    }
    reader.finish(fields);
    let is_approval = match (approve, reject) {
        (Some(yes), None) => yes,
        (None, Some(no)) => !no,
        (None, None) if word.is_some() => true,
        _ => {
            let help = "say approve: true, reject: true, or give the word";
            reader.error_with_help(node.span, "this answer says neither yes nor no", help);
            return None;
        }
    };
    Some(Prepared { by, note: note.or(reason), word, digest, value, ..short(is_approval) })
}
