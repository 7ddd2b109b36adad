//! What the knowledge of a runbook may hold: what a responder reads, and no step needs.
//!
//! It is kept as it is written. Its form is checked all the same, since a misspelt key there would
//! be missed by nobody until the night on which it is looked for.

use crate::document::Shape;
use crate::document::shape::{Form, Rule, may, must};

/// Words to find a runbook by.
pub(super) const TAGS: Form = Form::OneOrMany(&Form::Text);

/// Where it came from.
pub(super) const SOURCE: Form = Form::OneOrMany(&Form::Either(&[Form::Text, Form::Shape(&ORIGIN)]));

/// What sets it off.
pub(super) const TRIGGERS: Form =
    Form::OneOrMany(&Form::Either(&[Form::Text, Form::Shape(&TRIGGER)]));

/// Whom to call, and after how long.
pub(super) const ESCALATION: Form =
    Form::OneOrMany(&Form::Either(&[Form::Text, Form::Shape(&CALL)]));

/// What else to read.
pub(super) const REFERENCES: Form =
    Form::OneOrMany(&Form::Either(&[Form::Text, Form::Shape(&REFERENCE)]));

/// How it came to be what it is.
pub(super) const REVISIONS: Form =
    Form::OneOrMany(&Form::Either(&[Form::Text, Form::Shape(&REVISION)]));

/// What it is written for.
pub(super) const VERSIONS: Form = Form::Map(&Form::OneOrMany(&Form::Text));

static ORIGIN: Shape = Shape {
    noun: "a source",
    name: "source",
    about: "What a runbook was made from.",
    keys: &[&[
        may("document", Form::Text).about("The document, by its name or path."),
        may("section", Form::Text).about("The section of it."),
        may("url", Form::Text).about("Where it can be read."),
    ]],
    rules: &[],
};

static TRIGGER: Shape = Shape {
    noun: "a trigger",
    name: "trigger",
    about: "What sets a runbook off.",
    keys: &[&[
        may("alert", Form::Text).about("The name of the alert."),
        may("expr", Form::Text).about("The query behind the alert."),
        may("for", Form::Duration).about("How long it must have been so."),
        may("severity", Form::Text).about("How bad the alert says it is."),
        may("labels", Form::Map(&Form::Text)).about("The labels that the alert must have."),
        may("schedule", Form::Text).about("When it is due, where time sets it off."),
    ]],
    rules: &[],
};

static CALL: Shape = Shape {
    noun: "an escalation",
    name: "escalation",
    about: "Whom to call next.",
    keys: &[&[
        must("to", Form::OneOrMany(&Form::Text)).about("The roles or people to call."),
        may("after", Form::Duration).about("After how long without a recovery."),
        may("when", Form::Text).about("In which case, in words."),
    ]],
    rules: &[],
};

static REFERENCE: Shape = Shape {
    noun: "a reference",
    name: "reference",
    about: "Something else to read.",
    keys: &[&[
        may("title", Form::Text).about("What a person calls it."),
        may("url", Form::Text).about("Where it can be read."),
        may("path", Form::Text).about("The file, by its path from this one."),
    ]],
    rules: &[],
};

static REVISION: Shape = Shape {
    noun: "a revision",
    name: "revision",
    about: "One change of a runbook.",
    keys: &[&[
        may("version", Form::Text).about("The version that it became."),
        may("date", Form::Day).about("The day of the change."),
        may("by", Form::Text).about("Who made the change."),
        may("what", Form::Text).about("What was changed, and why."),
    ]],
    rules: &[],
};

/// When it was read through, and how often it must be.
pub(super) static REVIEW: Shape = Shape {
    noun: "`review`",
    name: "review",
    about: "When a runbook was last read through, and how often it must be.",
    keys: &[&[
        may("last", Form::Day).about("The day of the last review."),
        may("every", Form::Duration).about("How often it must be reviewed, such as `90d`."),
        may("next", Form::Day).about("The day of the next review, where that is fixed."),
        may("by", Form::Text).about("Who reviewed it, or must."),
    ]],
    rules: &[],
};

/// How often it is practised.
pub(super) static DRILL: Shape = Shape {
    noun: "`drill`",
    name: "drill",
    about: "How often a runbook is practised, with whom, and what passes.",
    keys: &[&[
        may("every", Form::Duration).about("How often it must be practised, such as `30d`."),
        may("last", Form::Day).about("The day of the last drill."),
        may("notice", Form::Duration).about("How long before it the participants are told."),
        may("takes", Form::Duration).about("How long a drill takes."),
        may("participants", Form::OneOrMany(&Form::Text)).about("The roles or people in it."),
        may("pass", Form::OneOrMany(&Form::Text)).about("What must be so for it to count."),
    ]],
    rules: &[],
};

/// An exercise at a table.
pub(super) static TABLETOP: Shape = Shape {
    noun: "`tabletop`",
    name: "tabletop",
    about: "An exercise: a facilitator tells what happens, and the team says what it does.",
    keys: &[&[
        may("scenario", Form::Text).about("What has happened when it begins."),
        may("injects", Form::List(&Form::Shape(&INJECT)))
            .about("What the facilitator tells on the way."),
        may("objectives", Form::OneOrMany(&Form::Text)).about("What the exercise is to show."),
        may("questions", Form::OneOrMany(&Form::Text)).about("What is talked about at the end."),
    ]],
    rules: &[],
};

static INJECT: Shape = Shape {
    noun: "an inject",
    name: "inject",
    about: "Something that happens during an exercise.",
    keys: &[&[
        may("at", Form::Duration).about("When it is told, after the beginning."),
        may("before", Form::Id).about("The step before which it is told."),
        must("text", Form::Text).about("What is told."),
        may("hidden", Form::Boolean).about("Whether only the facilitator sees it beforehand."),
    ]],
    rules: &[&[Rule::Any(&["at", "before"]), Rule::Excludes("at", &["before"])]],
};
