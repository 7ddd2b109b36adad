//! A file of tests of a runbook: what its world does, what people answer, and what must come of it.
//!
//! Only the form is checked here; whether the steps exist is asked where the runbook is known.

use crate::document::shape::{Form, may, must};
use crate::document::{self, Shape};
use crate::source::{Problems, Source};

use super::answers;
use super::reader::Reader;

/// How a run can stand when a test ends.
const OUTCOMES: &[&str] =
    &["succeeded", "succeeded_with_exceptions", "failed", "aborted", "waiting"];

/// What the exit criteria can say.
const VERDICTS: &[&str] = &["recovered", "not_recovered", "unverified"];

/// Where a step can stand when a test ends.
const STATES: &[&str] = &[
    "pending",
    "ready",
    "at_gate",
    "held",
    "in_doubt",
    "succeeded",
    "satisfied",
    "skipped",
    "failed",
    "rejected",
    "cancelled",
    "not_reached",
    "undone",
];

/// A file of tests.
pub static SHAPE: Shape = Shape {
    noun: "a test file",
    name: "test",
    about: "Tests of a runbook: what its world does, what people answer, and what must come of it. \
        Nothing is run.",
    keys: &[&[
        must("runbook", Form::Text).about("The runbook, by its path from this file."),
        must("cases", Form::Filled(&Form::List(&Form::Shape(&CASE)))).about("The tests."),
    ]],
    rules: &[],
};

static CASE: Shape = Shape {
    noun: "a test",
    name: "case",
    about: "One way through the runbook.",
    keys: &[&[
        must("name", Form::Text).about("What it shows, as a sentence."),
        may("inputs", Form::Map(&Form::Any)).about("What the runbook is told, by name."),
        may("mocks", Form::Map(&Form::Shape(&MOCK)))
            .about("What the actions of steps do, by the id or path of the step."),
        may("answers", answers::FORM).about(answers::ABOUT),
        must("expect", Form::Shape(&EXPECT)).about("What must come of it."),
    ]],
    rules: &[],
};

static MOCK: Shape = Shape {
    noun: "a mock",
    name: "mock",
    about: "What the action of a step does instead of running.",
    keys: &[&[
        may("exit", Form::Integer).about("Its exit code; `0` when it is left out."),
        may("stdout", Form::Text).about("What it prints to standard output."),
        may("stderr", Form::Text).about("What it prints to standard error."),
        may("takes", Form::Duration).about("How long it takes by the clock of the test."),
    ]],
    rules: &[],
};

static EXPECT: Shape = Shape {
    noun: "`expect`",
    name: "expect",
    about: "What must come of a test.",
    keys: &[&[
        may("outcome", Form::Words(&OUTCOMES)).about("How the run must stand at the end."),
        may("verdict", Form::Words(&VERDICTS)).about("What the exit criteria must say."),
        may("path", Form::List(&Form::Text)).about(
            "The steps whose action must have started, in order: no groups, and no paired undos.",
        ),
        may("states", Form::Map(&Form::Words(&STATES)))
            .about("Where steps must stand at the end, by their ids or paths."),
    ]],
    rules: &[],
};

/// Reports what is wrong with the form of a file of tests.
pub fn check(source: &Source, problems: &mut Problems) {
    if let Some(node) = document::parse(source, problems) {
        check_document(source, &node, problems);
    }
}

/// The same for a text that was parsed already.
pub fn check_document(source: &Source, node: &document::Node, problems: &mut Problems) {
    Reader::new(source, problems).check(node, &Form::Shape(&SHAPE));
}
