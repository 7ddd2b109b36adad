//! A gate: a question that a person answers before something happens.

use std::time::Duration;

use crate::document::shape::{Form, Rule, may, must};
use crate::document::{Node, Shape, Value as NodeValue};
use crate::source::Spanned;

use super::reader::Reader;
use super::template::Template;

/// A gate as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gate {
    /// The question; the step's title asks when nothing is said.
    pub ask: Option<Template>,
    /// The word that must be typed; a plain yes does when there is none.
    pub word: Option<Template>,
    /// The roles or people who may answer; anybody when the list is empty.
    pub approvers: Vec<Spanned<String>>,
    /// How many different people must approve; one when nothing is said.
    pub quorum: Option<Spanned<usize>>,
    /// Whether it keeps out who drives the run.
    pub is_not_operator: bool,
    /// The number that is asked for.
    pub value: Option<Reading>,
    /// How long it may be answered.
    pub expires: Option<Duration>,
    /// What follows when nobody answered in time.
    pub on_expiry: OnExpiry,
    /// Whether `--yes` passes it.
    pub may_bypass: bool,
}

/// A number that a person sees, and the range it must be in.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What is asked.
    pub prompt: Template,
    /// The least that it may be.
    pub at_least: Option<Template>,
    /// The most that it may be.
    pub at_most: Option<Template>,
}

/// What follows when a gate was not answered in time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnExpiry {
    /// A person decides.
    #[default]
    Hold,
    /// It counts as refused.
    Reject,
}

const ON_EXPIRY: &[(&str, OnExpiry)] = &[("hold", OnExpiry::Hold), ("reject", OnExpiry::Reject)];
const BYPASS: &[(&str, bool)] = &[("allowed", true)];

const NAME: Form = Form::Filled(&Form::Text);

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
        may("approvers", Form::Either(&[NAME, Form::Filled(&Form::List(&NAME))]))
            .about("The roles or people who may answer; anybody when it is left out."),
        may("quorum", Form::Range(1, 100))
            .about("How many different people must approve; 1 when it is left out."),
        may("not_operator", Form::Boolean).about("Whether it keeps out who drives the run."),
        may("value", Form::Shape(&READING))
            .about("A number that the person sees; it is checked and recorded."),
        may("expires", Form::Duration).about("How long it may be answered."),
        may("on_expiry", Form::Words(&ON_EXPIRY))
            .about("What follows when nobody answered in time; `hold` when it is left out."),
        may("bypass", Form::Words(&BYPASS))
            .about("Whether `--yes` passes it, which is recorded as a bypass."),
    ]],
    rules: &[&[Rule::Needs("on_expiry", &["expires"])]],
};

static READING: Shape = Shape {
    noun: "the value of a gate",
    name: "gate-value",
    about: "A number that the person sees, and the range it must be in.",
    keys: &[&[
        must("prompt", Form::Template).about("What is asked, such as `How many rows?`."),
        must("expect", Form::Shape(&RANGE)).about("The range that the number must be in."),
    ]],
    rules: &[],
};

static RANGE: Shape = Shape {
    noun: "the range of a gate's value",
    name: "gate-range",
    about: "The range that a number must be in. All that is said must hold.",
    keys: &[&[
        may("equals", Form::Template).about("It is this number."),
        may("at_least", Form::Template).about("It is at least this."),
        may("at_most", Form::Template).about("It is at most this."),
        may("between", Form::Items(2, &Form::Template))
            .about("It is from the first of these to the second."),
    ]],
    rules: &[],
};

impl Gate {
    /// Reads `true` or a mapping; `false` is no gate.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Gate> {
        if node.as_str().is_some_and(|text| text.contains(char::is_whitespace)) {
            let help = "write true, or {ask: …}";
            reader.error_with_help(node.span, "expected true or a mapping, found a string", help);
            return None;
        }
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
        let approvers = fields.take("approvers").map(|node| approvers(node, reader));
        let quorum = fields.take("quorum").and_then(|node| quorum(node, reader));
        let is_not_operator = reader.flag(&mut fields, "not_operator");
        let value = fields.take("value").and_then(|node| Reading::read(node, reader));
        let expires = fields.take("expires");
        let on_expiry = fields.take("on_expiry");
        if let Some(node) = on_expiry.filter(|_| expires.is_none()) {
            reader.error(node.span, "`on_expiry` needs `expires` beside it");
        }
        let bypass = fields.take("bypass");
        reader.finish(fields);
        Some(Gate {
            ask,
            word,
            approvers: approvers.unwrap_or_default(),
            quorum,
            is_not_operator,
            value,
            expires: expires.and_then(|node| reader.duration(node)),
            on_expiry: on_expiry
                .and_then(|node| reader.one_of(node, ON_EXPIRY))
                .unwrap_or_default(),
            may_bypass: bypass.and_then(|node| reader.one_of(node, BYPASS)).unwrap_or_default(),
        })
    }

    /// How many different people must approve.
    pub fn least(&self) -> usize {
        self.quorum.as_ref().map_or(1, |quorum| quorum.value)
    }

    /// The templates in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let value = self.value.iter();
        let value =
            value.flat_map(|it| [Some(&it.prompt), it.at_least.as_ref(), it.at_most.as_ref()]);
        self.ask.iter().chain(&self.word).chain(value.flatten())
    }
}

/// Who may answer. An empty list would let anybody, which is not what it looks like.
fn approvers(node: &Node, reader: &mut Reader<'_>) -> Vec<Spanned<String>> {
    let names = reader.texts(node);
    let help = "name a role or a person; without `approvers` anybody may answer";
    if node.as_sequence().is_some_and(<[Node]>::is_empty) {
        reader.error_with_help(node.span, "`approvers` needs at least one name", help);
    }
    for name in names.iter().filter(|name| name.value.trim().is_empty()) {
        reader.error_with_help(name.span, "nobody has an empty name", help);
    }
    names
}

fn quorum(node: &Node, reader: &mut Reader<'_>) -> Option<Spanned<usize>> {
    let number = reader.integer(node)?;
    let quorum = usize::try_from(number).ok().filter(|quorum| (1..=100).contains(quorum));
    if quorum.is_none() {
        reader.error(node.span, "`quorum` must be from 1 to 100");
    }
    quorum.map(|quorum| Spanned::new(quorum, node.span))
}

impl Reading {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Reading> {
        let mut fields = reader.open(node, &READING)?;
        let prompt = fields.require("prompt", reader.problems);
        let prompt = prompt.and_then(|node| reader.template(node));
        let range = fields.require("expect", reader.problems);
        reader.finish(fields);
        let range = range?;
        let mut fields = reader.open(range, &RANGE)?;
        let equals = fields.take("equals").and_then(|node| reader.template(node));
        let at_least = fields.take("at_least").and_then(|node| reader.template(node));
        let at_most = fields.take("at_most").and_then(|node| reader.template(node));
        let between = fields.take("between");
        reader.finish(fields);
        let (low, high) = match between.map(|node| (node, reader.list(node))) {
            Some((_, [low, high])) => (reader.template(low), reader.template(high)),
            Some((node, _)) => {
                reader.error(node.span, "`between` takes a list of two numbers");
                (None, None)
            }
            None => (None, None),
        };
        let at_least = at_least.or(low).or_else(|| equals.clone());
        let at_most = at_most.or(high).or(equals);
        if at_least.is_none() && at_most.is_none() {
            let help = "say at_least, at_most, between or equals";
            reader.error_with_help(range.span, "any number would do here", help);
        }
        Some(Reading { prompt: prompt?, at_least, at_most })
    }
}
