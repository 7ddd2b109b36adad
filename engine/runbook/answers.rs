//! Answers prepared beforehand: a file that says, step by step, what a person would.
//!
//! The same form stands in test files. A prepared answer never weakens a gate: where a word is
//! wanted it must be the right one, and who gives it must be among the approvers.

use serde_json::Value as Json;

use crate::document::shape::{Form, Key, Rule, may};
use crate::document::{self, Fields, Node, Shape, Value as NodeValue};
use crate::source::{Problems, Source, Spanned};

use super::reader::Reader;

/// What somebody says about a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prepared {
    /// The step, by id or path, and where it is named.
    pub step: Spanned<String>,
    /// Yes or no to its gate.
    pub is_approval: Option<bool>,
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
    /// Whether it is needed, where that is optional.
    pub is_needed: Option<bool>,
    /// What is said of its action, where a person does that.
    pub by_hand: Option<ByHand>,
}

impl Prepared {
    /// Everybody who is named in it.
    pub fn people(&self) -> Vec<&Spanned<String>> {
        let mut found: Vec<&Spanned<String>> = self.by.iter().collect();
        if let Some(ByHand::Ticks(ticks)) = &self.by_hand {
            found.extend(ticks.iter().filter_map(|(_, tick)| tick.by.as_ref()));
        }
        found
    }
}

/// What somebody says of an action that a person does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ByHand {
    /// It is done, and this is what was asked for.
    Done(HandedIn),
    /// Items of its checklist, by their texts.
    Ticks(Vec<(Spanned<String>, Tick)>),
    /// This is chosen; null where none of the options is.
    Choice(Spanned<Json>),
    /// It cannot be done.
    Failed(String),
}

/// What somebody says of an item of a checklist.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tick {
    /// Who says so, where it is somebody else than for the whole.
    pub by: Option<Spanned<String>>,
    /// What is said.
    pub said: TickSaid,
}

/// What can be said of an item of a checklist.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TickSaid {
    /// It is done, and this shows it.
    Done(Vec<(Spanned<String>, Spanned<Json>)>),
    /// It does not apply.
    Waived(String),
    /// It cannot be done.
    Failed(String),
}

/// Answers and evidence by their names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HandedIn {
    /// What later steps can use.
    pub answers: Vec<(Spanned<String>, Spanned<Json>)>,
    /// What shows that it was done.
    pub evidence: Vec<(Spanned<String>, Spanned<Json>)>,
}

static ANSWER: Shape = Shape {
    noun: "an answer",
    name: "answer",
    about: "What somebody says about a step: to its gate, and of an action that a person does.",
    keys: &[
        &[
            may("approve", Form::Boolean).about("`true` is a yes."),
            may("reject", Form::Boolean).about("`true` is a no."),
            may("note", Form::Text).about("A remark that is recorded with the answer."),
            may("reason", Form::Text).about("Why; recorded like `note`."),
            may("word", Form::Text)
                .about("The word that the gate asks for; it is a yes by itself, when it is right."),
            may("by", Form::Text)
                .about("Who answers: a person or a role. The operator when nobody is named."),
            may("needed", Form::Boolean).about("Whether an `optional` step is needed."),
            may("value", Form::Text).about("The number that the gate asks for."),
            may("digest", Form::Text).about(
                "The digest of the question that is answered; the answer holds for no other.",
            ),
        ],
        BY_HAND,
    ],
    rules: &[&[
        Rule::Any(&[
            "approve", "reject", "word", "answers", "evidence", "items", "choice", "failed",
            "needed",
        ]),
        Rule::Excludes("approve", &["reject"]),
        Rule::Excludes("failed", &["answers", "evidence", "items", "choice"]),
        Rule::Excludes("items", &["answers", "evidence", "choice"]),
        Rule::Excludes("choice", &["answers", "evidence"]),
    ]],
};

/// The keys about an action that a person does.
static BY_HAND: &[Key] = &[
    may("answers", Form::Map(&Form::Any))
        .about("What a `manual` step asks for, by name; the step is done."),
    may("evidence", Form::Map(&Form::Scalar)).about("What shows that it was done, by name."),
    may("items", Form::Map(&Form::Either(&[Form::Words(&TICKED), Form::Shape(&TICK)])))
        .about("What is said of the items of a `checklist`, by their texts."),
    may("choice", Form::Any).about("What a `choose` step is answered with; null for none."),
    may("failed", Form::Filled(&Form::Text)).about("Why it cannot be done."),
];

const TICKED: &[&str] = &["done"];

static TICK: Shape = Shape {
    noun: "what is said of an item",
    name: "tick",
    about: "What somebody says of one item of a checklist.",
    keys: &[&[
        may("done", Form::Boolean).about("Whether it is done."),
        may("evidence", Form::Map(&Form::Scalar)).about("What shows that it was done, by name."),
        may("waived", Form::Filled(&Form::Text)).about("Why it does not apply."),
        may("failed", Form::Filled(&Form::Text)).about("Why it cannot be done."),
        may("by", Form::Text).about("Who says so, where it is somebody else than for the whole."),
    ]],
    rules: &[&[
        Rule::Any(&["done", "evidence", "waived", "failed"]),
        Rule::Excludes("waived", &["done", "evidence", "failed"]),
        Rule::Excludes("failed", &["done", "evidence"]),
    ]],
};

/// The short forms of an answer.
const SHORT: &[&str] = &["approve", "reject", "yes", "no", "done"];

/// The form of one answer.
pub const ONE: Form = Form::Either(&[Form::Words(&SHORT), Form::Shape(&ANSWER)]);

/// The form of a file of answers.
pub const FORM: Form = Form::Map(&ONE);

/// What a file of answers is for.
pub const ABOUT: &str = "What people answer, by the id or path of the step that asks.";

/// Reads a file of answers.
pub fn read(source: &Source, problems: &mut Problems) -> Vec<Prepared> {
    let Some(node) = document::parse(source, problems) else { return Vec::new() };
    let mut reader = Reader::new(source, problems);
    let entries = reader.entries(&node, "a file of answers");
    entries.into_iter().filter_map(|(step, node)| one(&step, &node, &mut reader)).collect()
}

/// Reads what is said about one step.
pub(super) fn one(
    step: &Spanned<String>,
    node: &Node,
    reader: &mut Reader<'_>,
) -> Option<Prepared> {
    let plain = Prepared {
        step: step.clone(),
        is_approval: None,
        by: None,
        note: None,
        word: None,
        digest: None,
        value: None,
        by_hand: None,
        is_needed: None,
    };
    if !matches!(node.value, NodeValue::Mapping(_)) {
        return short(plain, node, reader);
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
    let is_needed = fields.take("needed").and_then(|node| reader.boolean(node));
    let by_hand = by_hand(&mut fields, reader);
    reader.finish(fields);
    if approve.is_some() && reject.is_some() {
        reader.error(node.span, "an answer approves or rejects, not both");
        return None;
    }
    let is_rejection = reject.map(|no| !no);
    let is_approval = approve.or(is_rejection).or(word.as_ref().map(|_| true));
    if is_approval.is_none() && by_hand.is_none() && is_needed.is_none() {
        let help = "say approve: true, reject: true, give the word, or say what was done";
        reader.error_with_help(node.span, "this answer says neither yes nor no", help);
        return None;
    }
    Some(Prepared {
        is_approval,
        by,
        note: note.or(reason),
        word,
        digest,
        value,
        by_hand,
        is_needed,
        ..plain
    })
}

/// An answer that is one word.
fn short(plain: Prepared, node: &Node, reader: &mut Reader<'_>) -> Option<Prepared> {
    match node.as_str() {
        Some("approve" | "yes") => Some(Prepared { is_approval: Some(true), ..plain }),
        Some("reject" | "no") => Some(Prepared { is_approval: Some(false), ..plain }),
        Some("done") => {
            Some(Prepared { by_hand: Some(ByHand::Done(HandedIn::default())), ..plain })
        }
        _ => {
            let help = "write approve, reject, done, or a mapping such as {word: …, by: …}";
            reader.error_with_help(node.span, "this is no answer", help);
            None
        }
    }
}

/// What is said of an action that a person does.
fn by_hand(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<ByHand> {
    let failed = fields.take("failed").and_then(|node| reader.text(node));
    let handed_in = handed_in(fields, reader);
    let items = fields.take("items");
    let at = items.map(|node| node.span);
    let ticks = items.map(|node| {
        let items = reader.entries(node, "`items`").into_iter();
        items.filter_map(|(item, node)| Some((item, tick(&node, reader)?))).collect()
    });
    let failed_at = failed.as_ref().map(|reason| reason.span);
    let failed = failed.map(|reason| said(reason, "say why it cannot be done", reader));
    let choice = fields.take("choice").map(|node| Spanned::new(node.to_json(), node.span));
    let at = at.or(choice.as_ref().map(|choice| choice.span));
    let said = [
        failed.map(ByHand::Failed),
        ticks.map(ByHand::Ticks),
        choice.map(ByHand::Choice),
        handed_in.map(ByHand::Done),
    ];
    let mut said = said.into_iter().flatten();
    let first = said.next();
    if let Some(at) = failed_at.or(at).filter(|_| said.next().is_some()) {
        reader.error(at, "an answer says one thing of what is done by hand, not several");
    }
    first
}

/// A text that must say something.
fn said(text: Spanned<String>, otherwise: &str, reader: &mut Reader<'_>) -> String {
    if text.trim().is_empty() {
        reader.error(text.span, otherwise);
    }
    text.value
}

/// What is said of one item.
fn tick(node: &Node, reader: &mut Reader<'_>) -> Option<Tick> {
    let no_tick = |reader: &mut Reader<'_>| {
        let help = "write done, {done: true, evidence: {…}}, {waived: reason} or {failed: reason}";
        reader.error_with_help(node.span, "this says nothing of the item", help);
    };
    if !matches!(node.value, NodeValue::Mapping(_)) {
        let is_done = node.as_str() == Some("done");
        if !is_done {
            no_tick(reader);
        }
        return is_done.then(|| Tick { by: None, said: TickSaid::Done(Vec::new()) });
    }
    let mut fields = reader.open(node, &TICK)?;
    let by = fields.take("by").and_then(|node| reader.text(node));
    let done = fields.take("done").and_then(|node| reader.boolean(node));
    let waived = fields.take("waived").and_then(|node| reader.text(node));
    let failed = fields.take("failed").and_then(|node| reader.text(node));
    let evidence =
        fields.take("evidence").map(|node| named(node, "`evidence`", &Form::Scalar, reader));
    reader.finish(fields);
    let is_done = done.unwrap_or(evidence.is_some());
    let said = match (done.is_some() || evidence.is_some(), waived, failed) {
        (true, None, None) if is_done => TickSaid::Done(evidence.unwrap_or_default()),
        (false, Some(why), None) => {
            TickSaid::Waived(said(why, "say why it does not apply", reader))
        }
        (false, None, Some(why)) => {
            TickSaid::Failed(said(why, "say why it cannot be done", reader))
        }
        _ => {
            no_tick(reader);
            return None;
        }
    };
    Some(Tick { by, said })
}

/// What stands under `answers` and `evidence`; none when neither is there.
fn handed_in(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<HandedIn> {
    let (answers, evidence) = (fields.take("answers"), fields.take("evidence"));
    if answers.is_none() && evidence.is_none() {
        return None;
    }
    let mut all = |node: Option<&Node>, what, form| {
        node.map(|node| named(node, what, form, reader)).unwrap_or_default()
    };
    Some(HandedIn {
        answers: all(answers, "`answers`", &Form::Any),
        evidence: all(evidence, "`evidence`", &Form::Scalar),
    })
}

/// Values of a form by their names.
fn named(
    node: &Node,
    what: &'static str,
    form: &Form,
    reader: &mut Reader<'_>,
) -> Vec<(Spanned<String>, Spanned<Json>)> {
    let mut found = Vec::new();
    for (name, node) in reader.entries(node, what) {
        reader.check(&node, form);
        found.push((name, Spanned::new(node.to_json(), node.span)));
    }
    found
}
