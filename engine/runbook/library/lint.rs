//! What a library says to the linter: how strict it is, what each rule weighs, and what somebody
//! has answered for.
//!
//! Whether the rules that it names exist is not asked here: no run depends on it, and a library may
//! be older or newer than the rules. The linter asks.

use std::time::Duration;

use crate::document::shape::{Form, may, must};
use crate::document::{Node, Shape};
use crate::runbook::reader::Reader;
use crate::source::{Severity, Spanned};

/// What is said to the linter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lint {
    /// How strict it is: `draft`, `standard` or `strict`.
    pub profile: Option<&'static str>,
    /// The weight from which a finding makes the review fail.
    pub fail_on: Option<Severity>,
    /// What rules weigh, by code or name.
    pub rules: Vec<(Spanned<String>, Level)>,
    /// What somebody has answered for.
    pub ignore: Vec<Ignored>,
    /// Files of what is known about tools, from the folder of the library.
    pub knowledge: Vec<Spanned<String>>,
    /// How old a review may be that says nothing of when the next one is due.
    pub max_review_age: Option<Duration>,
}

/// What a rule weighs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// It does not count.
    Off,
    /// Each of its findings weighs so much.
    At(Severity),
}

/// Findings that somebody has answered for.
#[derive(Clone, Debug, PartialEq)]
pub struct Ignored {
    /// The rule, by code or name.
    pub rule: Spanned<String>,
    /// The files, from the folder of the library; `*` stands for a part of a name, `**` for folders.
    pub path: Option<String>,
    /// The step, by id or path.
    pub step: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

const PROFILES: &[(&str, &str)] =
    &[("draft", "draft"), ("standard", "standard"), ("strict", "strict")];

const SEVERITIES: &[(&str, Severity)] =
    &[("note", Severity::Note), ("warning", Severity::Warning), ("error", Severity::Error)];

const LEVELS: &[(&str, Level)] = &[
    ("off", Level::Off),
    ("note", Level::At(Severity::Note)),
    ("warning", Level::At(Severity::Warning)),
    ("error", Level::At(Severity::Error)),
];

pub(super) static LINT: Shape = Shape {
    noun: "`lint`",
    name: "lint",
    about: "What is said to the linter.",
    keys: &[&[
        may("profile", Form::Words(&PROFILES))
            .about("How strict it is; `standard` when it is left out."),
        may("fail_on", Form::Words(&SEVERITIES))
            .about("The weight from which a finding makes the review fail: `error` if left out."),
        may("rules", Form::Map(&Form::Words(&LEVELS)))
            .about("What rules weigh, by code or name: `{HP215: off, no-timeout: error}`."),
        may("ignore", Form::List(&Form::Shape(&IGNORED))).about("What somebody has answered for."),
        may("knowledge", Form::OneOrMany(&Form::Text))
            .about("Files of what is known about tools, from the folder of the library."),
        may("max_review_age", Form::Duration).about(
            "How old a review may be that says nothing of when the next one is due: `180d`.",
        ),
    ]],
    rules: &[],
};

static IGNORED: Shape = Shape {
    noun: "an item of `ignore`",
    name: "ignored",
    about: "Findings that somebody has answered for.",
    keys: &[&[
        must("rule", Form::Text).about("The rule, by code or name."),
        may("path", Form::Text).about(
            "The files, from the folder of the library; `*` stands for a part of a name, `**` for \
             folders.",
        ),
        may("step", Form::Text).about("The step, by id or path."),
        may("reason", Form::Text).about("Why; an error needs one."),
    ]],
    rules: &[],
};

/// Reads what is said to the linter.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Lint> {
    if node.is_null() {
        return None;
    }
    let mut fields = reader.open(node, &LINT)?;
    let rules = fields.take("rules").map(|node| reader.entries(node, "`rules`"));
    let level = |(name, node): (Spanned<String>, Node)| Some((name, reader.one_of(&node, LEVELS)?));
    let rules = rules.unwrap_or_default().into_iter().filter_map(level).collect();
    let ignore = fields.take("ignore").map(|node| reader.list(node)).unwrap_or_default();
    let lint = Lint {
        profile: fields.take("profile").and_then(|node| reader.one_of(node, PROFILES)),
        fail_on: fields.take("fail_on").and_then(|node| reader.one_of(node, SEVERITIES)),
        rules,
        ignore: ignore.iter().filter_map(|item| ignored(item, reader)).collect(),
        knowledge: fields.take("knowledge").map(|node| reader.texts(node)).unwrap_or_default(),
        max_review_age: fields.take("max_review_age").and_then(|node| reader.duration(node)),
    };
    reader.finish(fields);
    Some(lint)
}

fn ignored(node: &Node, reader: &mut Reader<'_>) -> Option<Ignored> {
    let mut fields = reader.open(node, &IGNORED)?;
    let rule = fields.require("rule", reader.problems).and_then(|node| reader.text(node));
    let mut text = |key| fields.take(key).and_then(|node| reader.string(node));
    let (path, step, reason) = (text("path"), text("step"), text("reason"));
    reader.finish(fields);
    Some(Ignored { rule: rule?, path, step, reason })
}
