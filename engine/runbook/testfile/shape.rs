//! The form of a file of tests.

use crate::document::Shape;
use crate::document::shape::{Form, Key, Rule, may, must};
use crate::runbook::answers;

use super::{BREAKS, DECISIONS, LEFT, SIGHTS};

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
    "running",
    "held",
    "in_doubt",
    "succeeded",
    "satisfied",
    "skipped",
    "failed",
    "rejected",
    "not_reached",
    "undone",
];

/// What can have become of a gate when a test ends.
const GATES: &[&str] = &["approved", "rejected", "bypassed", "expired", "unanswered"];

/// The form of a moment.
const MOMENT: &str =
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})";

/// A file of tests.
pub static SHAPE: Shape = Shape {
    noun: "a test file",
    name: "test",
    about: "Tests of a runbook: what its world does, what people answer, and what must come of it. \
        Nothing is run.",
    keys: &[&[
        must("runbook", Form::Filled(&Form::Text))
            .about("The runbook, by its path from this file."),
        must("cases", Form::Filled(&Form::List(&Form::Shape(&CASE)))).about("The tests."),
    ]],
    rules: &[],
};

static CASE: Shape = Shape {
    noun: "a test",
    name: "case",
    about: "One way through the runbook.",
    keys: &[
        &[must("name", Form::Filled(&Form::Text))
            .about("What it shows, as a sentence; it stands once in the file.")],
        BEGINNING,
        WORLD,
        PEOPLE,
        &[must("expect", Form::Shape(&EXPECT)).about("What must come of it.")],
    ],
    rules: &[],
};

/// How the run begins.
static BEGINNING: &[Key] = &[
    may("environment", Form::Text).about("Where it runs, of the environments of the library."),
    may("inputs", Form::Map(&Form::Any))
        .about("What the runbook is told, by name; a secret is never shown."),
    may("choices", Form::Map(&Form::List(&Form::Text)))
        .about("What `choices_from` of an input lists, by the name of the input."),
    may("attended", Form::Boolean)
        .about("Whether somebody is there to be asked; `true` by itself."),
    may("parallel", Form::Range(1, 1_000)).about("How many steps may run at a time; 4 by itself."),
    may("starts", Form::Matching(MOMENT))
        .about("When it begins by the clock of the test: `2026-01-31T03:00:00Z`."),
    may("yes", Form::Boolean)
        .about("Whether the gates that say `bypass: allowed` are opened unasked."),
    may("waive", Form::Map(&Form::Filled(&Form::Text)))
        .about("The checks that are let pass, by their ids, each with the reason."),
];

/// What the world does.
static WORLD: &[Key] = &[
    may("mocks", Form::Map(&MOCKS)).about(
        "What the actions of steps do, by the id or path of the step. A list has one entry for \
         each attempt, and the last holds for all further ones.",
    ),
    may("checks", Form::Map(&LOOKS)).about(
        "What looks show: by the id of a check, by its list and number from 1 (`confirm/1`), or \
         by its step (`load/verify`, `load/verify/2`, `load/require`, `load/done_when`). A list \
         has one entry for each look, and the last holds for all further ones.",
    ),
    may("crashes", Form::List(&Form::Shape(&CRASH)))
        .about("Where the process that drives the run dies; another one goes on from there."),
];

/// What people say.
static PEOPLE: &[Key] = &[
    may("answers", Form::Map(&ANSWERS)).about(
        "What people answer, by the id or path of the step that asks. A list has one entry for \
         each answer.",
    ),
    may("decisions", Form::Map(&DECIDED)).about(
        "What the operator decides: about a step that is held or in doubt, `verdict`, \
         `invariant/ID`, or a check that does not hold. A list has one entry for each decision.",
    ),
];

/// What a command does, or what an answer is.
static SEEN: &[Key] = &[
    may("exit", Form::Range(0, 255)).about("The exit code of the command; `0` by itself."),
    may("stdout", Form::Text).about("What the command prints to standard output."),
    may("stderr", Form::Text).about("What the command prints to standard error."),
    may("status", Form::Range(100, 599)).about("The status of the answer; `200` by itself."),
    may("body", Form::Text).about("The body of the answer."),
    may("headers", Form::Map(&Form::Text)).about("The headers of the answer."),
    may("takes", Form::Duration).about("How long it takes by the clock of the test."),
];

/// What keys about a command and an answer demand of each other.
const APART: &[Rule] = &[
    Rule::Excludes("exit", &["status", "body", "headers"]),
    Rule::Excludes("stdout", &["status", "body", "headers"]),
    Rule::Excludes("stderr", &["status", "body", "headers"]),
];

static MOCK: Shape = Shape {
    noun: "a mock",
    name: "mock",
    about: "What the action of a step does instead of running.",
    keys: &[
        SEEN,
        &[
            may("looks", Form::Words(&SIGHTS))
                .about("What a `probe`, `wait` or `watch` amounts to in the end."),
            may("fails", Form::Words(&BREAKS)).about(
                "How it fails without an end that says so: out of time, by a signal, not started, \
                 or not seen, which leaves the step in doubt.",
            ),
            may("outputs", Form::Map(&Form::Any)).about(
                "What it hands on, by name, in place of what would be read from its output.",
            ),
        ],
    ],
    rules: &[
        APART,
        &[
            Rule::Excludes(
                "looks",
                &["exit", "stdout", "stderr", "status", "body", "headers", "fails"],
            ),
            Rule::Excludes(
                "fails",
                &["exit", "stdout", "stderr", "status", "body", "headers", "outputs"],
            ),
        ],
    ],
};

/// One for all attempts, looks or questions, or one for each.
const MOCKS: Form =
    Form::Either(&[Form::Shape(&MOCK), Form::Filled(&Form::List(&Form::Shape(&MOCK)))]);
const SHOWN: Form = Form::Either(&[Form::Words(&SIGHTS), Form::Shape(&LOOK)]);
const LOOKS: Form = Form::Either(&[SHOWN, Form::Filled(&Form::List(&SHOWN))]);
const ANSWERS: Form = Form::Either(&[answers::ONE, Form::Filled(&Form::List(&answers::ONE))]);
const DECISION: Form = Form::Words(&DECISIONS);
const DECIDED: Form = Form::Either(&[DECISION, Form::Filled(&Form::List(&DECISION))]);

static LOOK: Shape = Shape {
    noun: "a look",
    name: "look",
    about: "What is seen, which is held against what the check expects.",
    keys: &[SEEN],
    rules: &[APART],
};

static CRASH: Shape = Shape {
    noun: "a crash",
    name: "crash",
    about: "Where the process that drives the run dies.",
    keys: &[&[
        may("during", Form::Text).about("While the action of this step runs."),
        may("after", Form::Text).about("Right after the end of this step is on record."),
        may("asking", Form::Text)
            .about("While this step, `verdict` or `invariant/ID` waits for an answer."),
        may("process", Form::Words(&LEFT)).about(
            "What became of the command: it is gone and nobody saw its end (`gone`, by itself), \
             it has ended and that is known, it was never begun, or nobody can tell.",
        ),
    ]],
    rules: &[&[
        Rule::One(&["during", "after", "asking"]),
        Rule::Excludes("process", &["after", "asking"]),
    ]],
};

static EXPECT: Shape = Shape {
    noun: "`expect`",
    name: "expect",
    about: "What must come of a test.",
    keys: &[&[
        may("outcome", Form::Words(&OUTCOMES)).about("How the run must stand at the end."),
        may("verdict", Form::Words(&VERDICTS)).about("What the exit criteria must say."),
        may("path", Form::List(&Form::Text)).about(
            "The steps whose action must have started, in order: no groups, and no undos. A step \
             that is begun twice stands twice.",
        ),
        may("states", Form::Map(&Form::Words(&STATES)))
            .about("Where steps must stand at the end, by their ids or paths."),
        may("gates", Form::Map(&Form::Words(&GATES)))
            .about("What must have become of gates, by the ids or paths of their steps."),
        may("outputs", Form::Map(&Form::Map(&Form::Any)))
            .about("What steps must have handed on, by the id or path of the step, then by name."),
        may("undone", Form::List(&Form::Text))
            .about("The steps that must have been taken back, in order, paired ones too."),
        may("messages", Form::List(&Form::Text))
            .about("Parts of the messages that must have been passed on, in order."),
        may("timeline", Form::List(&Form::Text))
            .about("Parts of the entries that must stand on the timeline, in order."),
        may("waiting_for", Form::List(&Form::Text))
            .about("What the run must wait for at the end: steps, `verdict` or `invariant/ID`."),
        may("takes", Form::Shape(&TAKES)).about("How long it must take by the clock of the test."),
    ]],
    rules: &[&[Rule::Any(&[
        "outcome",
        "verdict",
        "path",
        "states",
        "gates",
        "outputs",
        "undone",
        "messages",
        "timeline",
        "waiting_for",
        "takes",
    ])]],
};

static TAKES: Shape = Shape {
    noun: "`takes`",
    name: "takes",
    about: "How long something must take.",
    keys: &[&[
        may("at_least", Form::Duration).about("The least that it must take."),
        may("at_most", Form::Duration).about("The most that it may take."),
    ]],
    rules: &[&[Rule::Any(&["at_least", "at_most"])]],
};
