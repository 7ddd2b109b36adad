//! What an action may hold, and what stands for one among the keys of a step.

use crate::document::Shape;
use crate::document::shape::{Form, Key, Rule, may, must};
use crate::runbook::checklist::ITEM;
use crate::runbook::choose::CHOOSE;
use crate::runbook::expect;
use crate::runbook::input::{FIELD, NAME};
use crate::runbook::manual::EVIDENCE_FORM;
use crate::runbook::probe::PROBE;
use crate::runbook::request::REQUEST;
use crate::runbook::script::SETTING;
use crate::runbook::step::{FACETS, STEP};
use crate::runbook::wait::{UNTIL, WATCH};

use super::TEMPLATES;

/// The keys of the actions.
pub(in crate::runbook) static KEYS: &[Key] = &[
    may("run", Form::Script).about(
        "What runs: text is a script for `bash -euo pipefail` (or `shell`), a list is a \
         program and its arguments, without a shell. In a script each `${{ … }}` \
         becomes one quoted word.",
    ),
    may("http", Form::Shape(&REQUEST)).about(
        "Sends a request. Its outputs are `status`, `body` and `json`, without being declared.",
    ),
    may("probe", Form::Shape(&PROBE)).about("Looks at something and changes nothing."),
    may("wait", Form::Either(&[Form::Duration, Form::Shape(&UNTIL)]))
        .about("Lets time pass: so much of it, or until a probe holds."),
    may("watch", Form::Shape(&WATCH)).about("Looks again and again for a while."),
    may("notify", Form::Shape(&NOTIFY)).about("Renders a message that is to be passed on."),
    may("manual", Form::Filled(&Form::Template)).about("What a person is told to do by hand."),
    may("answers", Form::Named(NAME, &Form::Shape(&FIELD)))
        .about("What is asked for when it is done by hand, by name; each becomes an output."),
    may("evidence", EVIDENCE_FORM)
        .about("What must show that it was done by hand: names, or names with their types."),
    may("checklist", Form::Filled(&Form::List(&Form::Shape(&ITEM))))
        .about("Items that a person ticks, one after the other."),
    may("choose", Form::Shape(&CHOOSE)).about("A question with options, which a person answers."),
    may("steps", Form::Filled(&Form::List(&Form::Shape(&STEP))))
        .about("A phase: steps of its own. It has succeeded when they have."),
    may("ladder", Form::Filled(&Form::List(&Form::Shape(&STEP))))
        .about("Rungs, tried in order until one succeeds and verifies."),
    may("include", Form::Text).about(
        "Another runbook, by its path from this file. Its gates, effects and outputs stay what \
         they are.",
    ),
    may("inputs", Form::Map(&Form::Any)).about("What an included runbook is told, by name."),
    may("switch", Form::Expression)
        .about("The value that chooses among `cases`: an expression such as `inputs.platform`."),
    may("cases", Form::Filled(&Form::Map(&Form::Shape(&CASE)))).about(
        "The cases of `switch`, by the text of its value; each is an action and what \
         stands around it.",
    ),
];

/// What the keys of an action and those around it demand of each other.
pub(in crate::runbook) static RULES: &[Rule] = &[
    Rule::OneOr(
        &[
            "run",
            "http",
            "probe",
            "wait",
            "watch",
            "notify",
            "manual",
            "checklist",
            "choose",
            "steps",
            "ladder",
            "switch",
            "include",
        ],
        "gate",
    ),
    Rule::Needs("answers", &["manual"]),
    Rule::Needs("evidence", &["manual"]),
    Rule::Needs("inputs", &["include"]),
    Rule::Needs("tty", &["run"]),
    Rule::Excludes("tty", &["stdin", "outputs"]),
    Rule::Needs("switch", &["cases"]),
    Rule::Needs("cases", &["switch"]),
    Rule::Needs("expect", &["run", "http", "switch"]),
    Rule::Narrows("run", "expect", Form::Shape(&expect::OF_COMMAND)),
    Rule::Narrows("http", "expect", Form::Shape(&expect::OF_ANSWER)),
    Rule::Narrows("switch", "expect", Form::Shape(&expect::OF_COMMAND)),
    Rule::Needs("outputs", &["run", "http", "switch"]),
    Rule::Excludes("http", &["target", "env", "cwd", "shell", "stdin"]),
];

pub(super) static CASE: Shape = Shape {
    noun: "a case",
    name: "case",
    about: "What is done for one value of a `switch`: an action and what stands around it.",
    keys: &[KEYS, FACETS, SETTING],
    rules: &[RULES, &[Rule::Never(&["switch", "cases"])]],
};

pub(super) static NOTIFY: Shape = Shape {
    noun: "`notify`",
    name: "notify",
    about: "A message made from a template and the facts of the run.",
    keys: &[&[
        must("template", Form::Either(&[Form::Words(&TEMPLATES), Form::Text]))
            .about("The name of the template: one of these, or one of the library."),
        may("to", Form::Text).about("Whom it is for."),
    ]],
    rules: &[],
};
